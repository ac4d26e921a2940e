"""Number formats that show zeros before a number: where Excel stores 123 and shows 00123, a person sees 00123."""

import re

from importer.loader.hyperlinks.archive import Archive
from importer.loader.hyperlinks.markup import number, parse_starts
from importer.loader.hyperlinks.parts import relationships, resolved, workbook_part

_ZEROS = re.compile(r"(?:\[[^\]]*\])*(0{2,20})(?:;.*)?")


def padded_styles(archive: Archive) -> dict[str, int]:
    """The `s` of a cell -> the digits that its number is shown with at least.

    Source: ECMA-376 part 1, 18.8.30 numFmt and 18.8.45 xf; a `0` in a format is a digit that is always shown.
    """
    workbook = workbook_part(archive, "xl/workbook.xml")
    part = next(
        (resolved(workbook, one.target) for one in relationships(archive, workbook).values() if one.kind == "styles"),
        "xl/styles.xml",
    )
    formats: dict[int, int] = {}
    styles: dict[str, int] = {}
    position = -1
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal position, inside
        shown = _ZEROS.fullmatch(attributes.get("formatCode", "")) if name == "numFmt" else None
        if shown:
            formats[number(attributes.get("numFmtId"), -1)] = len(shown[1])
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            position += 1
            width = formats.get(number(attributes.get("numFmtId"), -1))
            if width:
                styles[str(position)] = width

    parse_starts(start, archive.part(part))
    return styles
