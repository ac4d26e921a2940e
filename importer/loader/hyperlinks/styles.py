"""Which number format each style of a workbook stands for, in the formats whose styles are parts of a zip file."""

import struct
from collections.abc import Mapping

from importer.loader.hyperlinks.archive import Archive
from importer.loader.hyperlinks.markup import number, parse_starts
from importer.loader.hyperlinks.parts import relationships, resolved
from importer.loader.number_formats import BUILT_IN, is_plain


def styles_part(archive: Archive, workbook: str, usual: str) -> str:
    """The part with the styles of a workbook."""
    found = relationships(archive, workbook).values()
    return next((resolved(workbook, one.target) for one in found if one.kind == "styles"), usual)


def cell_formats(archive: Archive, workbook: str) -> dict[str, str]:
    """The `s` of a cell -> its number format, where that is not a plain one.

    Source: ECMA-376 part 1, 18.8.30 numFmt and 18.8.45 xf.
    """
    formats: dict[int, str] = {}
    styles: list[int] = []
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if name == "numFmt":
            formats[number(attributes.get("numFmtId"), -1)] = attributes.get("formatCode", "")
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            styles.append(number(attributes.get("numFmtId"), -1))

    parse_starts(start, archive.part(styles_part(archive, workbook, "xl/styles.xml")))
    return {str(at): code for at, code in codes(styles, formats).items()}


def codes(styles: list[int], formats: Mapping[int, str]) -> dict[int, str]:
    """The place of each style -> its format, where that is not a plain one.

    Args:
        styles: the number of each style's format.
        formats: the formats that the file tells, by their numbers.
    """
    told = {at: formats.get(one) or BUILT_IN.get(one, "") for at, one in enumerate(styles)}
    return {at: code for at, code in told.items() if not is_plain(code)}


def xf_format(data: bytes) -> int:
    """The number of the format in an XF record of .xls and .xlsb ([MS-XLS] 2.4.353, [MS-XLSB] 2.4.876)."""
    (found,) = struct.unpack_from("<2xH", data)
    return int(found)
