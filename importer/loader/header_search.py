"""Finding the header: on which row it is, which layout its names tell, and which of its columns can be relied on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from importer.errors import FileError, MissingColumnError, UsageError
from importer.loader.columns import Columns, Header, mapped, product_column
from importer.loader.layouts import LAYOUTS, PLAIN, Layout, is_blank, named_layout
from importer.loader.layouts.plain import image_columns
from importer.loader.layouts.results import Results
from importer.loader.sampling import refuse_foreign_ids, telling_rows, without_contradictions, without_empty_keys
from importer.loader.shortfall import Shortfall
from importer.loader.tables import Lines, Piece, Table, letters
from importer.settings import LoaderSettings

_HEADER_SEARCH_ROWS = 30
_SAMPLE_ROWS = 300
_WIDEST_TITLE = 256
"""Columns that a merged cell of the header can speak for; each of them is then looked at."""
_MOST_COLUMNS = 16_384
"""Excel's own bound; a damaged line of a text file may have any number."""
_LETTERS = re.compile(r"[A-Za-z]{1,3}")


@dataclass(frozen=True, slots=True)
class Understood:
    """A sheet's header as understood.

    Attributes:
        row: the header's last row number, 0 where there is none.
        layout: how the rows below are laid out.
        reason: how the layout was told, in words.
        columns: the columns that mean something.
        width: the cells of the header row, empty ones too.
    """

    row: int
    layout: Layout
    reason: str
    columns: Columns
    width: int = 0


def understand(table: Table, settings: LoaderSettings, shortfall: Shortfall) -> Understood | None:
    """Find the header of a sheet; what was seen is added to the shortfall where it cannot be understood.

    Raises:
        FileError: two columns could equally well be the product, or `--map` names a column that there is none of.
        UsageError: `--layout` names a layout that there is none of.
    """
    layouts = _candidates(settings)
    shortfall.table = table
    shortfall.layout, shortfall.maps = layouts[0].name if settings.layout else "", settings.columns
    first_number, lines = _beginning(table)
    widest = _widest(table) if any(_LETTERS.fullmatch(one.column) for one in settings.columns) else 0
    if not settings.header:
        return _without_header(lines, settings)
    considered = 0
    above: list[str] = []
    for at, cells in enumerate(lines):
        if is_blank(cells):
            continue
        number = first_number + at
        last, texts = _spread(table, lines, at, first_number)
        mistake: FileError | None = None
        fits = False
        alone = _trimmed(cells) if last > number else None
        for row, candidate in ((last, texts), (number, _joined(above, cells)), (number, alone)):
            if candidate is None:
                continue
            # A column may have a letter and no header, also behind the last header.
            padded = [*candidate, *[""] * (widest - len(candidate))]
            try:
                found = _matched(padded, layouts, settings, _Below(table, row, lines[row - first_number + 1 :]))
            except MissingColumnError as error:
                mistake = error
                continue
            fits = True
            if found is not None:
                _refuse_data(found.columns, settings)
                needed = [image.at + 1 for image in found.columns.images]
                return replace(found, row=row, width=max(len(cells), len(candidate), *needed))
        shortfall.add(texts, last, None if fits else mistake)
        above = cells
        considered += 1
        if considered == _HEADER_SEARCH_ROWS:
            break
    return None


def _refuse_data(columns: Columns, settings: LoaderSettings) -> None:
    """Columns named by their letters fit any row; one with an address in it is no header."""
    if settings.columns and any("://" in columns.headers[image.at] for image in columns.images):
        raise UsageError("The first row holds an address and no headers. Add --no-header, so that it is read as well.")


def _candidates(settings: LoaderSettings) -> Sequence[Layout]:
    if not settings.layout:
        return LAYOUTS
    layout = named_layout(settings.layout)
    if layout is None:
        names = ", ".join(one.name for one in LAYOUTS)
        raise UsageError(f"There is no layout {settings.layout!r}. The layouts: {names}.")
    return (layout,)


def _beginning(table: Table) -> tuple[int, Lines]:
    """The first rows of a sheet, with some rows of data below the header."""
    first, lines, _ = next(table.read(), Piece(1, []))
    return first, lines[: 10 * _HEADER_SEARCH_ROWS + _SAMPLE_ROWS]


def _widest(table: Table) -> int:
    """The cells of the widest row."""
    return min(max((len(cells) for piece in table.read() for cells in piece.lines), default=0), _MOST_COLUMNS)


@dataclass(frozen=True, slots=True)
class _Below:
    """The rows below a row that may be the header; `first` are those of the beginning."""

    table: Table
    header_row: int
    first: Lines

    def telling(self, header: Header) -> Lines:
        """The first rows, and later ones that hold something of another kind under a header that matters."""
        return telling_rows(self.table, self.header_row, self.first[:_SAMPLE_ROWS], header)


def _without_header(lines: Lines, settings: LoaderSettings) -> Understood:
    if settings.layout and settings.layout != PLAIN.name:
        raise UsageError(f"--no-header is for plain sheets, and the layout {settings.layout} is told by its headers.")
    width = max(map(len, lines), default=0)
    columns = mapped(Columns(tuple(letters(at) for at in range(width))), settings.columns)
    if not columns.complete:
        raise UsageError(
            "Without a header, say which columns hold the product and the address, for example "
            "--no-header --map sku=A --map image_url=C."
        )
    return Understood(0, PLAIN, "the columns named by --map", columns, width=width)


def _spread(table: Table, lines: Lines, at: int, first_number: int) -> tuple[int, list[str]]:
    """The header that begins in a row, with merged cells spread out: its last row number, and its texts."""
    number, end = first_number + at, first_number + len(lines) - 1
    # Merged cells may reach below the last row of a sheet, or begin there.
    merged = [(*area[:2], min(area[2], end), area[3]) for area in table.merged if number <= area[0] <= end]
    last = max((bottom for top, _, bottom, _ in merged if top == number and bottom - number < 5), default=number)
    rows = [list(cells) for cells in lines[at : at + max(last - number, 0) + 1]]
    width = max(map(len, rows))
    rows = [cells + [""] * (width - len(cells)) for cells in rows]
    for top, left, bottom, right in merged:
        if top <= bottom <= last and left < width:
            for column in range(left, min(right + 1, width, left + _WIDEST_TITLE)):
                rows[top - number][column] = rows[top - number][left]
    texts = [" ".join(dict.fromkeys(text for row in rows if (text := row[column].strip()))) for column in range(width)]
    return number + len(rows) - 1, _trimmed(texts)


def _joined(above: Sequence[str], cells: Sequence[str]) -> list[str] | None:
    """A row under the group titles of the row above: `Images` over `1`, `2`, `3` gives `Images 1` and so on."""
    if is_blank(above) or len([text for text in above if text.strip()]) > len([text for text in cells if text.strip()]):
        return None
    titles, title = [], ""
    for at in range(len(cells)):
        title = (above[at].strip() if at < len(above) else "") or title
        titles.append(title)
    return _trimmed(
        [f"{over} {text.strip()}".strip() if text.strip() else "" for over, text in zip(titles, cells, strict=True)]
    )


def _matched(texts: list[str], layouts: Sequence[Layout], settings: LoaderSettings, below: _Below) -> Understood | None:
    """The layout and columns that a row tells as a header, or None where it is none."""
    header = Header(texts)
    told_pictures = sum(one.field == "image_url" for one in settings.columns)
    for layout in layouts:
        if told_pictures > 1 and layout is not PLAIN and not settings.layout:
            continue  # told where all the pictures are, no layout knows better
        reason = "--layout" if settings.layout else layout.recognise(header)
        if not reason:
            continue
        if layout is PLAIN and settings.columns:
            reason += " and --map"
        sample: Lines = below.telling(header) if layout is PLAIN and _could_fit(header, settings) else []
        told = without_empty_keys(header, sample) if sample else header
        try:
            columns = layout.columns(told)
        except FileError:
            # Two columns could be the product: the person's word decides, if there is one.
            named = {one.field for one in settings.columns}
            columns = Columns(header.texts, images=image_columns(header))
            if not named & {"product_id", "sku"} and (columns.images or "image_url" in named):
                raise
        columns = mapped(replace(columns, headers=header.texts), settings.columns)
        if layout is PLAIN and not any(one.field == "image_url" for one in settings.columns):
            columns = replace(columns, images=image_columns(header, sample))
            columns = mapped(without_contradictions(columns, sample), settings.columns)
        if columns.complete:
            if layout is PLAIN and not any(one.field == "product_id" for one in settings.columns):
                refuse_foreign_ids(columns, sample)
            chosen = Results(frozenset(settings.only)) if isinstance(layout, Results) else layout
            return Understood(0, chosen, reason, columns)
    return None


def _could_fit(header: Header, settings: LoaderSettings) -> bool:
    """Whether a row has both halves of a plain sheet's header, so that it is worth going through the rows below it."""
    told = {one.field for one in settings.columns}
    product = told & {"product_id", "sku"} or product_column(header) is not None
    return bool(product and ("image_url" in told or image_columns(header)))


def _trimmed(cells: Sequence[str]) -> list[str]:
    """The cells up to the last one that holds something."""
    end = max((at for at, text in enumerate(cells) if text.strip()), default=-1) + 1
    return list(cells[:end])
