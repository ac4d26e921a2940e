"""The lines of a table under known columns become rows to import or rejected rows: one for each, in order."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from importer.addresses import parse_address
from importer.loader import values
from importer.loader.columns import Columns, letters
from importer.models import ImageRow, Problem, ProblemCode, RejectedRow
from importer.problems import problem
from importer.settings import LoaderSettings

_SWALLOWED_ROW = re.compile(r"\n.*[,;\t|]\s*https?://", re.IGNORECASE)


@dataclass(slots=True)
class RowReader:
    """Reads lines and remembers which pictures were asked for, across all sheets of a file."""

    settings: LoaderSettings
    _seen: dict[tuple[int | str, str], str] = field(default_factory=dict)

    def read(
        self, sheet: str, columns: Columns, lines: Iterable[tuple[int, list[str]]]
    ) -> Iterator[ImageRow | RejectedRow]:
        """One result for every line that is not blank."""
        for number, cells in lines:
            if any(cell.strip() for cell in cells):
                yield self._row(sheet, number, columns, cells)

    def _row(self, sheet: str, number: int, columns: Columns, cells: list[str]) -> ImageRow | RejectedRow:
        texts = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.index.items()}
        result = (
            _too_wide(columns, cells)
            or _run_together(columns, texts)
            or self._understood(sheet, number, columns, texts)
        )
        if isinstance(result, ImageRow):
            result = self._repeated(result, columns) or result
        if isinstance(result, ImageRow):
            return result
        return RejectedRow(sheet, number, texts.get("product_id", ""), texts.get("sku", ""), texts["image_url"], result)

    def _understood(self, sheet: str, number: int, columns: Columns, texts: dict[str, str]) -> ImageRow | Problem:
        key = values.product_id(texts.get("product_id", ""), columns.header("product_id"))
        sku = texts.get("sku", "")
        if isinstance(key, Problem):
            return key
        if key is None and not sku:
            return problem(ProblemCode.PRODUCT_MISSING, column=_key_column(columns))
        address = parse_address(texts["image_url"], self.settings.max_url_length)
        if isinstance(address, Problem):
            return problem(address.code, address.detail, fix=address.fix, column=columns.header("image_url"))
        order = values.sort_order(texts.get("sort_order", ""), columns.header("sort_order"))
        if isinstance(order, Problem):
            return order
        thumbnail = values.is_thumbnail(texts.get("is_thumbnail", ""), columns.header("is_thumbnail"))
        if isinstance(thumbnail, Problem):
            return thumbnail
        alt_text, warning = values.description(texts.get("description", ""))
        return ImageRow(
            sheet=sheet,
            row=number,
            product_id=key,
            sku=sku,
            image_url=texts["image_url"],
            sent_url=address.url,
            description=alt_text,
            sort_order=order,
            is_thumbnail=thumbnail,
            warning=warning,
        )

    def _repeated(self, row: ImageRow, columns: Columns) -> Problem | None:
        key = (row.sku if row.product_id is None else row.product_id, row.sent_url)
        here = f"row {row.row}" + (f" of the sheet {row.sheet}" if row.sheet else "")
        first = self._seen.setdefault(key, here)
        if first == here:
            return None
        return problem(
            ProblemCode.URL_DUPLICATE,
            f"The same picture is asked for on the same product in {first} already.",
            column=columns.header("image_url"),
        )


def _too_wide(columns: Columns, cells: list[str]) -> Problem | None:
    width = len(columns.headers)
    extra = [at for at in range(width, len(cells)) if cells[at].strip()]
    if not extra:
        return None
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"The row has a value in column {letters(extra[0])}, but the header ends at column {letters(width - 1)}; "
        "its values may have slipped into the wrong columns.",
        fix="Put quotes around values that hold the separator, or remove the extra cell.",
        column=letters(extra[0]),
    )


def _run_together(columns: Columns, texts: dict[str, str]) -> Problem | None:
    """A stray quotation mark makes one cell of several rows; the rows inside it would be lost without a word."""
    for name in ("product_id", "sku", "description"):
        if _SWALLOWED_ROW.search(texts.get(name, "")):
            lines = texts[name].count("\n") + 1
            return problem(
                ProblemCode.ROW_MALFORMED,
                f"The cell in the column {columns.header(name)} holds {lines} lines with an address among them: "
                "a stray quotation mark seems to have made one cell of several rows.",
                fix="Remove the stray quotation mark in this row; the rows after it come back by themselves.",
                column=columns.header(name),
            )
    return None


def _key_column(columns: Columns) -> str:
    return columns.header("product_id" if "product_id" in columns.index else "sku")
