"""Any file becomes tables: what it is shows in its first bytes, whatever its name ends in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from importer.errors import FileError
from importer.loaded import FileFacts, SheetLeftOut
from importer.loader.archives import GZIP_MAGIC, ZIP_MAGIC, unpacked, with_slashes
from importer.loader.hyperlinks.archive import Archive, part_name
from importer.loader.tables import NOT_NAMED, Table, place_of
from importer.loader.text import find_format, text_table
from importer.loader.web_tables import is_spreadsheet_ml, is_web_page, page_tables
from importer.settings import LoaderSettings

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD_BYTES = 65_536
_OTHER_KINDS = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3\x00": "a database",
    b"7z\xbc\xaf'\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"PAR1": "a Parquet file",
}
_WORKBOOK_PARTS = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb"}
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True, slots=True)
class Source:
    """An open spreadsheet: how it was read, its tables, the sheets that were left out, and the file as unpacked."""

    facts: FileFacts
    tables: tuple[Table, ...]
    left_out: tuple[SheetLeftOut, ...]
    unpacked: Path


def refuse_other_files(path: Path) -> None:
    """Look at the beginning of a file.

    Raises:
        FileError: there is no such file, it is empty, or it is of a kind that is no spreadsheet.
    """
    _head(path)


@contextmanager
def open_source(path: Path, settings: LoaderSettings) -> Iterator[Source]:
    """The tables of a file, which can be read as long as the block lasts.

    Raises:
        FileError: the file cannot be read, is empty, locked by a password, or is neither text nor a workbook.
    """
    head = _head(path)
    try:
        with unpacked(path, head) as (inner, packed_name):
            packed = ""
            if inner != path:
                packed = ", in a .gz file" if head.startswith(GZIP_MAGIC) else f" ({packed_name}, in a .zip file)"
                head = _head(inner)
                if head.startswith(GZIP_MAGIC):
                    raise FileError(f"{path} holds an archive inside the archive. Unpack it first.")
            shown = inner
            try:
                with with_slashes(inner, head) as shown:
                    yield _source(path, shown, head, packed, settings)
            except FileError as error:
                raise FileError(str(error).replace(str(shown), str(path)).replace(str(inner), str(path))) from None
            except UnicodeError:
                raise FileError(
                    f"{path} cannot be read in the encoding {settings.encoding}. Name another one."
                ) from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from None


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise FileError(f"{path} is a folder. Name the spreadsheet file in it.")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        raise FileError(f"There is no file {path}. Check the spelling and the folder.") from None
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise FileError(f"{path} is empty.")
    for magic, kind in _OTHER_KINDS.items():
        if head.startswith(magic):
            raise FileError(f"{path} is {kind}, not a spreadsheet. Export the table as .csv or .xlsx.")
    return head


def _source(path: Path, inner: Path, head: bytes, packed: str, settings: LoaderSettings) -> Source:
    workbook = _workbook_format(path, inner, head)
    if workbook:
        from importer.loader.workbooks import FORMATS, workbook_tables

        tables, left_out = workbook_tables(inner, workbook, settings.sheet)
        return Source(FileFacts(path.name, FORMATS[workbook] + packed), tuple(tables), tuple(left_out), inner)
    if is_spreadsheet_ml(head):
        raise FileError(f"{path} is an XML spreadsheet of Excel 2003. Open it in Excel and save it as .xlsx.")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"{", b"[{")):
        raise FileError(f"{path} is an XML or JSON file, not a table. Export the table as .csv or .xlsx.")
    if is_web_page(head):
        tables = page_tables(inner, settings.encoding)
        if settings.sheet and len(tables) == 1:
            raise _without_sheets(path, "a web page with one table")
        others: list[SheetLeftOut] = []
        if settings.sheet:
            chosen = tables[place_of(settings.sheet, [table.name for table in tables], path)]
            others = [SheetLeftOut(table.name, NOT_NAMED) for table in tables if table is not chosen]
            tables = [chosen]
        return Source(FileFacts(path.name, f"HTML table{packed}"), tuple(tables), tuple(others), inner)
    found = find_format(inner, settings.encoding, settings.delimiter)
    kind = "TSV" if found.delimiter == "\t" else "CSV"
    if settings.sheet:
        raise _without_sheets(path, f"a {kind} file")
    facts = FileFacts(path.name, f"{kind}{packed}", found.encoding, found.delimiter)
    return Source(facts, (text_table(inner, found),), (), inner)


def _without_sheets(path: Path, kind: str) -> FileError:
    return FileError(f"{path} is {kind}, which has no sheets. Leave --sheet out.")


def _workbook_format(path: Path, inner: Path, head: bytes) -> str:
    """`xlsx`, `xlsb`, `xls` or `ods`, or an empty text for a file that is no workbook."""
    if head.startswith(_OLE_MAGIC):
        return "xls"
    if not head.startswith(ZIP_MAGIC):
        return ""
    with Archive(inner) as archive:
        names = {part_name(member.filename) for member in archive.members}
        if next(archive.part("mimetype"), b"")[:100].strip().startswith(_ODS_TYPE):
            return "ods"
    found = next((file_format for part, file_format in _WORKBOOK_PARTS.items() if part in names), "")
    if found or any(name.startswith("xl/") for name in names):
        return found or "xlsx"
    kind = "a Word document" if any(name.startswith("word/") for name in names) else "another kind of document"
    raise FileError(f"{path} is {kind}, not a spreadsheet. Export the table as .csv or .xlsx.")
