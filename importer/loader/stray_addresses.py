"""Addresses that stand where nobody reads them: in further columns, above the header, inside texts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from importer.loader.columns import Columns, mapped_again
from importer.loader.headers import squash
from importer.loader.tables import Piece, Table, letters

_ADDRESS = re.compile(r"https?:(?://|\\\\|\\?/\\?/)[^\s<>\"']|^\s*(?://|www\.)[\w-]+(?:\.[\w-]+)+/", re.IGNORECASE)
_WHOLE = re.compile(r"[\s\"'\[({<,;|]*+(?:https?:|//|www\.)", re.IGNORECASE)
_WORDS = re.compile(r"<\s*\w+[^>]*>|(?:^|\s)[^\W\d_]{2,}\s+[^\W\d_]{2,}(?:\s|$)")
_PICTURE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|bmp|svg|avif|tiff?|heic|jfif)(?=$|[^\w.-]|\.(?:jpe?g|png|webp)\b)", re.IGNORECASE
)
_NO_PICTURE = re.compile(
    r"\.(?:pdf|html?|php|aspx?|zip|docx?|xlsx?|pptx?|txt|csv|mp4|mov|webm|mp3|stl|step|dwg)(?:$|[?#\s])"
    r"|//(?:www\.|m\.)?(?:youtube\.com|youtu\.be|vimeo\.com|facebook\.com|instagram\.com)/",
    re.IGNORECASE,
)
_PAGES = re.compile(
    "video|download|certificat|zertifikat|manual|anleitung|datasheet|datenblatt|document|dokument|brochure|pdf|page|seite"
    "|website|webseite|homepage|canonical|permalink|checkout|cart|review|vendor|supplier|brand|youtube|vimeo|3dmodel"
    "|swatch|icon|logo|страниц|видео|сертификат|сторінк"
)
_PAGE_NAMES = frozenset(map(squash, (
    "link", "links", "url", "urls", "uri", "href", "product link", "product url", "item url", "item link",
    "web address", "mobile link", "ads redirect", "custom url", "url key", "url path", "produktlink", "produkt-url",
    "external url", "affiliate link", "affiliate url", "lien", "enlace", "ссылка", "посилання", "handle", "slug",
)))  # fmt: skip
_BETWEEN = re.compile(r"[\s,;|]+")
_MOST_NAMED = 30
_MOST_ROWS = 10


class Kind(Enum):
    """What a cell holds that is or contains an address."""

    PICTURE = auto()
    ADDRESS = auto()
    PAGE = auto()
    TEXT = auto()


def address_kind(text: str) -> Kind | None:
    """What the address in a cell looks like: a picture's (by its ending), any, a page's, or part of a running text.

    None where the cell holds no address.
    """
    if ("/" not in text and "\\" not in text) or not _ADDRESS.search(text):
        return None
    if not _WHOLE.match(text) or _WORDS.search(text):
        return Kind.TEXT
    if _PICTURE.search(text):
        return Kind.PICTURE
    return Kind.PAGE if _NO_PICTURE.search(text) else Kind.ADDRESS


def names_pages(header: str) -> bool:
    """Whether a header says that its addresses lead to pages, videos or documents, and not to a product's pictures."""
    name = squash(header)
    return name in _PAGE_NAMES or _PAGES.search(name) is not None


def _listed(cells: Sequence[str], places: Iterable[int]) -> set[str]:
    return {part for at in places if at < len(cells) for part in _BETWEEN.split(cells[at])}


@dataclass(slots=True)
class StrayAddresses:
    """What stands in a sheet beside the columns that are read.

    Args:
        table: the sheet.
        header_row: the number of the header's last row, 0 where there is none.
        columns: the columns that are read; those without pictures for a sheet that is not read at all.
        width: cells from which on a row is a problem of its own, as in text files; None where there is no such width.
    """

    table: Table
    header_row: int = 0
    columns: Columns = field(default_factory=lambda: Columns(()))
    width: int | None = None
    _kinds: dict[int, set[Kind]] = field(default_factory=dict)
    _above: set[int] = field(default_factory=set)
    count: int = 0
    _whole: bool = False

    def watched(self) -> Table:
        """The sheet, whose addresses are counted on the way the first time that its rows are read to the last one."""
        return replace(self.table, read=self._read)

    def read(self) -> "StrayAddresses":
        """Go through the sheet for its addresses alone."""
        for _ in self._read():
            pass
        return self

    def _read(self) -> Iterator[Piece]:
        if self._whole:
            yield from self.table.read()
            return
        self._kinds, self._above, self.count = {}, set(), 0
        read = sorted({image.at for image in self.columns.images})
        for piece in self.table.read():
            for number, cells in enumerate(piece.lines, piece.first):
                self._look(number, cells, read)
            yield piece
        for number, behind in self.table.links.items():
            for at, target in behind.items():
                if at not in read and (kind := address_kind(target)):
                    self._found(number, at, kind)
        self._whole = True

    def _look(self, number: int, cells: Sequence[str], read: Sequence[int]) -> None:
        below = number > self.header_row
        for at, text in enumerate(cells):
            if (below and at in read) or ("/" not in text and "\\" not in text):
                continue
            kind = address_kind(text)
            if kind is None or (self.width is not None and below and at >= self.width):
                continue
            # What a row repeats of its own pictures (a thumbnail, say) is not lost.
            if below and text.strip() in _listed(cells, read):
                continue
            self._found(number, at, kind)

    def _found(self, number: int, at: int, kind: Kind) -> None:
        self.count += 1
        if number <= self.header_row:
            self._above.add(number)
        else:
            self._kinds.setdefault(at, set()).add(kind)

    def notes(self, *, sheet: str, plain: bool) -> Iterator[str]:
        """Where addresses stand that are not read, as sentences; none where there are none.

        Args:
            sheet: the sheet's name where there are several, else empty.
            plain: whether the sheet is a plain one, to which `--map` simply adds columns.
        """
        on = f"On the sheet {sheet!r}, addresses" if sheet else "Addresses"
        pictures, pages, texts = self._groups()
        if pictures:
            flags = mapped_again(self.columns, pictures, plain=plain)
            yield f"{on} also stand in {self._named(pictures)}. They are not read; this reads them as well: {flags}."
        if pages:
            yield f"{on} also stand in {self._named(pages)}. They do not look like pictures and are not read."
        if texts:
            yield f"{on} also stand inside the texts of {self._named(texts)}. They are not read."
        if self._above:
            rows = sorted(self._above)
            more = f" and {len(rows) - _MOST_ROWS:,} more" if len(rows) > _MOST_ROWS else ""
            shown = ", ".join(map(str, rows[:_MOST_ROWS]))
            yield f"{on} also stand above the header, in row{'s' * (len(rows) > 1)} {shown}{more}. They are not read."

    def _groups(self) -> tuple[list[int], list[int], list[int]]:
        """The columns of pictures, of other addresses, and of texts with addresses in or behind them."""
        groups: tuple[list[int], list[int], list[int]] = ([], [], [])
        for at, kinds in sorted(self._kinds.items()):
            header = self.columns.headers[at] if at < len(self.columns.headers) else ""
            if at in {self.columns.product_id, self.columns.sku}:
                groups[2].append(at)  # a link behind a SKU, read as a picture's, would take the SKU's place
            elif Kind.PICTURE in kinds or (Kind.ADDRESS in kinds and Kind.PAGE not in kinds):
                groups[names_pages(header)].append(at)
            else:
                groups[1 if kinds & {Kind.ADDRESS, Kind.PAGE} else 2].append(at)
        return groups

    def _named(self, places: Iterable[int]) -> str:
        places = list(places)
        names = [self._name(at) for at in places[:_MOST_NAMED]]
        if len(places) > _MOST_NAMED:
            names.append(f"{len(places) - _MOST_NAMED:,} more columns up to {letters(places[-1])}")
        return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]

    def _name(self, at: int) -> str:
        text = self.columns.headers[at].strip() if at < len(self.columns.headers) else ""
        if not text:
            return f"column {letters(at)}, without a header"
        return self.columns.header(at)
