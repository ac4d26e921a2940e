"""Making spreadsheets for tests, and looking at what was loaded of them."""

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from importer.loaded import LoadedFile
from importer.loader import load
from importer.models import ImageRow, RejectedRow, SkippedRow
from importer.settings import ColumnMap, LoaderSettings

URL = "https://a.example/x.jpg"


def written(folder: Path, text: str, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
    """A text file."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(folder: Path, sheets: dict[str, list[list[object]]], name: str = "rows.xlsx") -> Path:
    """A workbook with these sheets."""
    book = Workbook()
    del book["Sheet"]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / name
    book.save(path)
    return path


def mapping(*maps: str, **settings: object) -> LoaderSettings:
    """Settings with `--map` as typed on the command line."""
    return LoaderSettings(columns=tuple(ColumnMap.parse(text) for text in maps), **settings)  # type: ignore[arg-type]


def image_rows(path: Path, settings: LoaderSettings | None = None) -> list[ImageRow]:
    """The rows of a file in which every row is to be imported."""
    rows = load(path, settings).rows
    assert all(isinstance(row, ImageRow) for row in rows), rows
    return [row for row in rows if isinstance(row, ImageRow)]


def images(loaded: LoadedFile) -> list[ImageRow]:
    """The rows to import."""
    return [row for row in loaded.rows if isinstance(row, ImageRow)]


def rejected(loaded: LoadedFile) -> list[RejectedRow]:
    """The rows with a problem."""
    return [row for row in loaded.rows if isinstance(row, RejectedRow)]


def skipped(loaded: LoadedFile) -> list[SkippedRow]:
    """The rows that ask for nothing."""
    return [row for row in loaded.rows if isinstance(row, SkippedRow)]


def asked(rows: Sequence[ImageRow]) -> list[tuple[int, int | str, str]]:
    """Row number, product and the last part of the address."""
    return [(row.row, row.product_id or row.sku, row.sent_url.rpartition("/")[2]) for row in rows]
