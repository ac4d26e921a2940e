"""What a sheet lacks that could not be understood, as one clear error: which half, and what was nearly right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from importer.errors import FileError
from importer.loader.advice import Judged, told_by_cells, without_header
from importer.loader.columns import Header, nearest, product_column, seen, what_would_do
from importer.loader.headers import IDENTIFIER_NAMES, PRODUCT_ID_NAMES, SKU_NAMES, USUAL_IMAGE_NAMES, squash
from importer.loader.layouts import LAYOUTS, PLAIN, could_be_key
from importer.loader.layouts.plain import image_columns
from importer.loader.tables import Table
from importer.settings import ColumnMap

_MISTYPED = 0.85
"""How like a name that we know a header must be to be one mistyped (`difflib`'s ratio): `Product name` is no
`Product No`, and a letter too many makes no other word of `SKU`."""
_WIDEST = 500
"""Columns that are looked at: a header that is wider and lacks one of ours there is not worth the seconds."""
_DOUBTED = 60
_LIKELIEST = 8
"""Rows that may be the header: further down, a row of data is."""
_ENOUGH_TO_JUDGE = 2
"""Columns among these that are held against every name that we know."""
_PRODUCT = (
    *(("product_id", name) for names in PRODUCT_ID_NAMES for name in names),
    *(("sku", name) for names in SKU_NAMES for name in names),
)
_PICTURE = tuple(("image_url", name) for name in USUAL_IMAGE_NAMES)
_PROPER = {"product_id": "Product ID", "sku": "SKU", "image_url": "Image URL"}


@dataclass(frozen=True, slots=True)
class _Half:
    """What a header row has of the product or of the pictures.

    Attributes:
        column: the header of the column, empty where there is none.
        guess: the field and the header that may be meant for it, where there is no column.
    """

    column: str = ""
    guess: tuple[str, str] | None = None

    @property
    def near(self) -> bool:
        """Whether there is a column, or one that may be meant."""
        return bool(self.column) or self.guess is not None


@dataclass(slots=True)
class Shortfall:
    """What was seen of a sheet that could not be understood.

    Attributes:
        maps: the person's word on columns.
        layout: the layout that the person named.
        table: the sheet.
        rows: the rows that were looked at, as headers, where `maps` names columns of theirs.
        numbers: their row numbers, of the last row of each header.
        mistake: what is wrong with `maps`, by the row that looks most like a header: the one with most cells filled.
        filled: how many these are.
    """

    maps: tuple[ColumnMap, ...] = ()
    layout: str = ""
    table: Table | None = None
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    mistake: FileError | None = None
    filled: int = 0

    def add(self, texts: list[str], number: int, mistake: FileError | None) -> None:
        """Remember a row that is no header, and what `maps` names that is not in it."""
        filled = _filled(texts)
        if filled > self.filled:
            self.mistake, self.filled = mistake, filled
        if mistake is None:
            self.rows.append(texts)
            self.numbers.append(number)

    def telling(self) -> tuple[bool, int, int]:
        """How much this says of what the person meant, for the choice between several sheets."""
        headers = self._headers()
        halves = sum(half.near for half in self._halves(headers))
        # A sheet that has the columns of `maps` is nearer to what was meant than one that has not.
        return (bool(self.rows), halves, _filled(headers))

    def about_the_left_out(self) -> str:
        """What may be wrong with the sheet, to be put after the sentence that it was left out; empty if not known."""
        if self.mistake is not None:
            return f" ({self.mistake})."
        halves = self._halves(self._headers())
        if not all(half.near for half in halves):
            return "."
        doubts = [
            f" Should its column {half.guess[1]!r} be called {_PROPER[half.guess[0]]}?" for half in halves if half.guess
        ]
        return "." + "".join(doubts)

    def error(self, path: str) -> FileError:
        """The sentence for the person."""
        if self.mistake is not None:
            return self.mistake
        headers = self._headers()
        told = f"Headers seen: {seen(headers)}."
        if self.layout:
            better = next((one.name for one in LAYOUTS if one is not PLAIN and one.recognise(Header(headers))), "")
            hint = f"They look like {better}: leave --layout out." if better else "Leave --layout out."
            return FileError(f"{path} has not the columns of the layout {self.layout}. {told} {hint}")
        if self.table is not None and self.rows and not self.maps:
            data = without_header(self.table, self.numbers[0], self.rows[0])
            if data:
                return FileError(f"{path} cannot be read as it is. {data}")
        judged = self._judged(headers)
        product, pictures = (_borne_out(half, judged) for half in self._halves(headers))
        keys = [key for key in could_be_key(Header(headers)) if not judged.holds_names(_place(key, headers))]
        if pictures.column and keys and not product.near:
            return FileError(f"{path} {_unclear(pictures.column, keys, judged)} {told}")
        fault = "has no usable columns"
        if product.column and not pictures.column:
            fault = f"names the product in {product.column!r}, but no column has the pictures' addresses"
        elif pictures.column and not product.column:
            fault = f"names pictures in {pictures.column!r}, but no column names the product"
        return FileError(f"{path} {fault}. {told}{_by_cells(judged, product, pictures)}{_remedy(product, pictures)}")

    def _judged(self, headers: list[str]) -> Judged:
        number = self.numbers[self.rows.index(headers)] if headers in self.rows else 0
        return Judged(self.table or Table("", lambda: iter(())), number, headers)

    def _headers(self) -> list[str]:
        """The row that is most likely the header: one that has both halves, or nearly; otherwise the first."""
        for texts in self.rows[:_LIKELIEST]:
            product, pictures = self._halves(texts)
            if pictures.near and (product.near or could_be_key(Header(texts))):
                return texts
        return self.rows[0] if self.rows else []

    def _halves(self, texts: Sequence[str]) -> tuple[_Half, _Half]:
        """What a row has of the product, and what of the pictures."""
        texts = texts[:_WIDEST]
        header = Header(texts)
        told = {one.field: one.column for one in self.maps}
        key, images = product_column(header), image_columns(header)
        product = told.get("sku") or told.get("product_id") or ("" if key is None else _tidy(texts[key]))
        picture = told.get("image_url") or (_tidy(texts[images[0].at]) if images else "")
        return (
            _Half(product, None if product else _guess(_PRODUCT, texts)),
            _Half(picture, None if picture else _guess(_PICTURE, texts)),
        )


def _place(header: str, headers: Sequence[str]) -> int:
    """The column of a header that is told tidied up."""
    return next((at for at, text in enumerate(headers) if header in {text.strip(), _tidy(text)}), 0)


def _borne_out(half: _Half, judged: Judged) -> _Half:
    """The half without a guess that the cells speak against: names are no ids and no SKUs."""
    if half.guess is None or half.guess[0] == "image_url":
        return half
    at = _place(half.guess[1], judged.headers)
    against = judged.holds_names(at) or (half.guess[0] == "product_id" and judged[at].filled != judged[at].digits)
    return _Half() if against and judged.rows >= _ENOUGH_TO_JUDGE else half


def _by_cells(judged: Judged, product: _Half, pictures: _Half) -> str:
    """What the cells say of the halves of which the headers say nothing."""
    told = list(told_by_cells(judged, product=not product.near, pictures=not pictures.near))
    if not told and not product.near:
        names = [judged.header(at) for at in range(len(judged.headers)) if judged.header(at) and judged.holds_names(at)]
        told = [f"{names[0]!r} holds names, which are neither ids nor SKUs."] if names else []
    return "".join(f" {sentence}" for sentence in told)


def _tidy(header: str) -> str:
    """The header as it can be typed again: `--map` minds neither spaces nor punctuation."""
    return " ".join(header.replace('"', " ").split())


def _filled(texts: Sequence[str]) -> int:
    return sum(1 for text in texts if text.strip())


@lru_cache(maxsize=1024)
def _letters(name: str) -> Counter[str]:
    return Counter(squash(name))


def _guess(names: Sequence[tuple[str, str]], texts: Sequence[str]) -> tuple[str, str] | None:
    """The field and the header that is one of its names mistyped; the most telling name wins."""
    doubted = texts[:_DOUBTED]
    open_to_doubt = [
        (text, Counter(name)) for text in doubted if (name := squash(text)) and name not in IDENTIFIER_NAMES
    ]
    for field_name, name in names:
        letters_of = _letters(name)
        # The ratio is at most this, and is reckoned in a hundredth of the time.
        possible = [
            text
            for text, others in open_to_doubt
            if 2 * (letters_of & others).total() >= _MISTYPED * (letters_of.total() + others.total())
        ]
        near = nearest(name, possible, _MISTYPED) if possible else ""
        # The beginning of a name is another word: `Product` is no `Product ID`.
        if near and not (name.startswith(squash(near)) and len(name) > len(squash(near)) + 1):
            return field_name, _tidy(near)
    return None


def _unclear(images: str, keys: Sequence[str], judged: Judged) -> str:
    """The question which column is the product; a column is proposed as ids only where it holds numbers."""
    sure = [key for key in keys if judged.rows < _ENOUGH_TO_JUDGE or judged.holds_ids(_place(key, judged.headers))]
    example = f' or --map product_id="{sure[0]}"' if sure else ""
    named = " and ".join(f"{name!r}" for name in keys[:4])
    return (
        f"names pictures in {images!r}, but it is not clear what names the product: {named} may be BigCommerce's "
        "product id or a number of your own. Say which, for example "
        f'--map sku="{keys[0]}"{example}.'
    )


def _remedy(product: _Half, pictures: _Half) -> str:
    """What to do, as sentences."""
    guesses = [half.guess for half in (product, pictures) if half.guess]
    words = ""
    if guesses:
        meant = " and ".join(f"{header!r}" for _, header in guesses)
        words = f" Did you mean {meant}? Then add " + " ".join(f'--map {name}="{header}"' for name, header in guesses)
        words += "."
    if product.near and pictures.near and guesses:
        return words
    return f"{words} {what_would_do(product=not product.column, pictures=not pictures.column)}"
