"""Pictures that were inserted into a sheet and lie over its cells: without an address, the store cannot fetch them.

Source: ECMA-376 part 1, 20.5 (SpreadsheetML drawings): a sheet's relationship of the kind `drawing` leads to a part
with one `pic` for each picture. OpenDocument keeps them as `draw:image` inside the sheet's own
`table:table` (1.2, 10.4).
"""

from pathlib import Path

from importer.errors import FileError
from importer.loader.hyperlinks.archive import Archive
from importer.loader.hyperlinks.markup import attribute, parse_starts
from importer.loader.hyperlinks.parts import relationships, resolved, sheet_parts


def inserted_pictures(path: Path, sheet: str) -> int:
    """How many pictures lie over a sheet of an `.xlsx` or `.ods` file; 0 for any other file, or a damaged one.

    Args:
        path: the workbook, unpacked.
        sheet: the sheet's name.
    """
    try:
        with Archive(path) as archive:
            names = {member.filename for member in archive.members}
            return _in_content(archive, sheet) if "content.xml" in names else _in_drawings(archive, sheet)
    except FileError:
        return 0


def _in_drawings(archive: Archive, sheet: str) -> int:
    part = sheet_parts(archive).get(sheet)
    if part is None:
        return 0
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:  # noqa: ARG001 - what the reader calls it with
        nonlocal count
        count += name == "pic"

    for relationship in relationships(archive, part).values():
        if relationship.kind == "drawing":
            parse_starts(start, archive.part(resolved(part, relationship.target)))
    return count


def _in_content(archive: Archive, sheet: str) -> int:
    here = False
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal here, count
        if name == "table":
            here = attribute(attributes, "name") == sheet
        count += here and name == "image"

    parse_starts(start, archive.part("content.xml"))
    return count
