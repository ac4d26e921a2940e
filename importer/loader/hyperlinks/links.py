"""From a workbook to what lies behind the values of each of its sheets."""

from pathlib import Path

from importer.loader.hyperlinks.ods import read_ods
from importer.loader.hyperlinks.sheet_links import SheetLinks
from importer.loader.hyperlinks.xls import read_xls
from importer.loader.hyperlinks.xlsb import read_xlsb
from importer.loader.hyperlinks.xlsx import read_xlsx

_READERS = {"xlsx": read_xlsx, "xlsb": read_xlsb, "xls": read_xls, "ods": read_ods}


def read_links(path: Path, file_format: str) -> dict[str, SheetLinks]:
    """What lies behind the values of each sheet, by the sheet's name.

    Args:
        path: the workbook.
        file_format: "xlsx", "xlsb", "xls" or "ods", as its content shows; anything else has no links.

    Raises:
        FileError: the file is damaged or dangerous; the message names it and says what to do.
    """
    reader = _READERS.get(file_format)
    return {} if reader is None else reader(path)
