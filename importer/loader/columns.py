"""Which column is which, in one header row: by its names, or by the person's word (`--map`)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from importer.errors import FileError, MissingColumnError
from importer.loader.confidential import harmless
from importer.loader.headers import PRODUCT_ID_NAMES, SKU_NAMES, spellings, squash
from importer.loader.tables import column_number, letters
from importer.settings import ColumnMap

_LONGEST_TYPED = 60
_ALIKE = 0.5
"""How like a header a mistyped name must be (`difflib`'s ratio): half a header, misspelt, is like the whole one."""


@dataclass(frozen=True, slots=True)
class ImageColumn:
    """A column with addresses, and the columns that say more of its pictures."""

    at: int
    description: int | None = None
    sort_order: int | None = None
    is_thumbnail: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a sheet that mean something to us, by their index.

    `others` are the columns that only the layout knows, such as Shopify's `Handle`.
    """

    headers: tuple[str, ...]
    product_id: int | None = None
    sku: int | None = None
    images: tuple[ImageColumn, ...] = ()
    others: dict[str, int] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether rows can name a product and a picture."""
        return bool(self.images) and (self.product_id is not None or self.sku is not None)

    def header(self, at: int | None) -> str:
        """The header text of a column as a person is told it: its letter where it is empty, nothing of a secret."""
        if at is None or at >= len(self.headers):
            return ""
        return harmless(" ".join(self.headers[at].split())) or letters(at)

    def named(self) -> dict[str, str]:
        """Field name -> header, or the headers side by side; fields without a column are left out."""
        found: dict[str, list[int]] = {
            "product_id": [] if self.product_id is None else [self.product_id],
            "sku": [] if self.sku is None else [self.sku],
            "image_url": [image.at for image in self.images],
        }
        for name in ("description", "sort_order", "is_thumbnail"):
            columns = (getattr(image, name) for image in self.images)
            found[name] = [at for at in dict.fromkeys(columns) if at is not None]
        return {name: ", ".join(self.header(at) for at in columns) for name, columns in found.items() if columns}


def image_column(at: int | None, **about: int | None) -> tuple[ImageColumn, ...]:
    """The column with what is said of its pictures; none where there is no such column."""
    return () if at is None else (ImageColumn(at, **about),)


class Header:
    """One header row.

    Args:
        texts: the cells as written.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = tuple(texts)
        self.names = tuple(squash(text) for text in texts)
        self._at: dict[str, list[int]] = {}
        self._remarked: dict[str, list[int]] = {}
        for at, text in enumerate(texts):
            name, *others = spellings(text)
            if name:
                self._at.setdefault(name, []).append(at)
            for other in others:
                self._remarked.setdefault(other, []).append(at)

    def find(self, *names: str) -> int | None:
        """The first column under the first of these names that there is, or None."""
        return next((self._at[name][0] for name in map(squash, names) if name in self._at), None)

    def all(self, *names: str) -> list[int]:
        """Every column under any of these names, in the sheet's order; with a remark where there is none without."""
        for where in (self._at, self._remarked):
            if found := {at for name in map(squash, names) for at in where.get(name, ())}:
                return sorted(found)
        return []

    def has(self, *names: str) -> bool:
        """Whether every one of these names is there."""
        return all(squash(name) in self._at for name in names)

    def places(self, **names: tuple[str, ...]) -> dict[str, int]:
        """Where the columns are that only a layout knows: its own word -> the index, for those that there are."""
        found = {word: self.find(*headers) for word, headers in names.items()}
        return {word: at for word, at in found.items() if at is not None}

    def family(self, pattern: str) -> dict[int, list[int]]:
        """Number -> columns, of the squashed names that match a pattern whose first group is the number."""
        found: dict[int, list[int]] = {}
        for at, name in enumerate(self.names):
            if match := re.fullmatch(pattern, name):
                found.setdefault(int(match[1]), []).append(at)
        return dict(sorted(found.items()))


def find_one(header: Header, names: Iterable[tuple[str, ...]], field_name: str) -> int | None:
    """The column for a field: the most telling name wins, and two that are equally telling are an error.

    Raises:
        FileError: a guess between two columns could put pictures on the wrong products.
    """
    for equals in names:
        found = header.all(*equals)
        if len(found) > 1:
            twins = " and ".join(f"{header.texts[at].strip()!r} (column {letters(at)})" for at in found)
            flags = " or ".join(map_flag(field_name, header.texts, at) for at in found)
            raise FileError(f"Two columns could be the {field_name}: {twins}. Say which one is meant: {flags}.")
        if found:
            return found[0]
    return None


def product_column(header: Header) -> int | None:
    """The first column that is named as one for the product, whether or not others are as well."""
    names = (name for equals in (*PRODUCT_ID_NAMES, *SKU_NAMES) for name in equals)
    return next((found[0] for name in names if (found := header.all(name))), None)


def mapped(columns: Columns, maps: Sequence[ColumnMap]) -> Columns:
    """The columns with the person's word over ours.

    Raises:
        MissingColumnError: there is no such column.
    """
    images = [one for one in maps if one.field == "image_url"]
    fields = {one.field for one in maps}
    # Who names one key alone has the other left out: it may be another shop's number, or no SKU at all.
    if "sku" in fields and "product_id" not in fields:
        columns = replace(columns, product_id=None)
    elif "product_id" in fields and "sku" not in fields:
        columns = replace(columns, sku=None)
    for one in maps:
        if one.field == "product_id":
            columns = replace(columns, product_id=position(columns, one))
        elif one.field == "sku":
            columns = replace(columns, sku=position(columns, one))
    if images:
        old = {image.at: image for image in columns.images}
        places = [position(columns, one) for one in images]
        columns = replace(columns, images=tuple(old.get(at, ImageColumn(at)) for at in places))
    for one in maps:
        if one.field in {"description", "sort_order", "is_thumbnail"}:
            at = position(columns, one)
            alone = one.field != "description"  # one alt text can speak for several pictures, one position cannot
            columns = replace(
                columns,
                images=tuple(
                    image if alone and place else replace(image, **{one.field: at})
                    for place, image in enumerate(columns.images)
                ),
            )
    return columns


def map_flag(field_name: str, headers: Sequence[str], at: int) -> str:
    """What to type to say which column is meant: by its header, or by its letter where that is the clearer way."""
    text = " ".join(headers[at].split()) if at < len(headers) else ""
    alike = sum(squash(other) == squash(text) for other in headers)
    if not squash(text) or alike > 1 or '"' in text or len(text) > _LONGEST_TYPED or harmless(text) != text:
        return f"--map {field_name}={letters(at)}"
    return f'--map {field_name}="{text}"' if re.search(r"[^\w.-]", text) else f"--map {field_name}={text}"


def mapped_again(columns: Columns, more: Iterable[int], *, plain: bool) -> str:
    """The flags under which a sheet is read as now, and further columns of pictures as well.

    Args:
        columns: what is read now.
        more: the further columns.
        plain: whether the sheet is plain, so that the product's column is found without a word.
    """
    flags = [map_flag("image_url", columns.headers, at) for at in (*(image.at for image in columns.images), *more)]
    if not plain:
        keys = (("product_id", columns.product_id), ("sku", columns.sku))
        told = [map_flag(name, columns.headers, at) for name, at in keys if at is not None]
        flags = ["--layout plain", *told, *flags]
    return " ".join(dict.fromkeys(flags))


def position(columns: Columns, one: ColumnMap) -> int:
    """The index of the column that `--map` names: by its header, or else by its letter.

    Raises:
        MissingColumnError: no header and no letter fits, or several headers do.
    """
    header = Header(columns.headers)
    exact = [at for at, text in enumerate(header.texts) if text.strip() == one.column]
    found = exact or header.all(one.column)
    if len(found) > 1:
        raise MissingColumnError(
            f"Several columns are called {one.column!r}. Name the one that is meant by its letter: "
            f"{', '.join(f'--map {one.field}={letters(at)}' for at in found)}."
        )
    if found:
        return found[0]
    if re.fullmatch(r"[A-Za-z]{1,3}", one.column):
        number = column_number(one.column)
        if number <= max(len(columns.headers), 1):
            return number - 1
    near = nearest(one.column, columns.headers, _ALIKE)
    guess = f" Did you mean {near!r}?" if near and harmless(near) == near else ""
    raise MissingColumnError(f"There is no column {one.column!r}. The headers are: {seen(columns.headers)}.{guess}")


def nearest(name: str, headers: Sequence[str], alike: float) -> str:
    """The header most like a name, as written; empty where none is so much like it (`difflib`'s ratio)."""
    written = {squash(text): text.strip() for text in reversed(headers) if text.strip()}
    near = get_close_matches(squash(name), written, 1, alike)
    return written[near[0]] if near else ""


def seen(headers: Iterable[str]) -> str:
    """The headers as a list for a person."""
    texts = [harmless(" ".join(text.split())) for text in headers]
    shown = [text if len(text) <= 40 else f"{text[:40]}…" for text in texts if text]
    more = f" and {len(shown) - 40} more" if len(shown) > 40 else ""
    return ", ".join(shown[:40]) + more or "none"


def what_would_do(*, product: bool, pictures: bool) -> str:
    """What to do about the columns that are missing, by the headers the loader understands.

    Args:
        product: whether the column for the product is missing.
        pictures: whether the column for the pictures is missing.
    """
    template = "`importer template FILE` writes a sheet to fill in."
    image = "Image URL (also: Image Link, Image Src, Image 1, Picture URL, Bild-URL, …)"
    if product and not pictures:
        return f'Name that column Product ID or SKU, or say which one it is: --map sku="…". {template}'
    if pictures and not product:
        return f'Name that column {image}, or say which one it is: --map image_url="…". {template}'
    return (
        f"A usable sheet has a column named Product ID or SKU and a column named {image}; Alt Text, Sort Order and "
        'Is Thumbnail are optional. Name your own columns with --map sku="…" and --map image_url="…"; '
        f"{template}"
    )
