"""How the cells of the workbook look."""

from dataclasses import dataclass

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from importer.models import Status

FILLS = {
    Status.UPLOADED: PatternFill("solid", fgColor="C6EFCE"),
    Status.OK: PatternFill("solid", fgColor="C6EFCE"),
    Status.ALREADY_THERE: PatternFill("solid", fgColor="DDEBF7"),
    Status.PROBABLY_THERE: PatternFill("solid", fgColor="EEE5F7"),
    Status.REJECTED: PatternFill("solid", fgColor="FFE699"),
    Status.FAILED: PatternFill("solid", fgColor="F8CBAD"),
    Status.UNSENT: PatternFill("solid", fgColor="D9D9D9"),
    Status.SKIPPED: PatternFill("solid", fgColor="EDEDED"),
}
_FACE = "Calibri"
"""openpyxl's own; a font without a name is another one in LibreOffice."""
BOLD = Font(name=_FACE, size=11, bold=True)
HEADING = Font(name=_FACE, size=14, bold=True)
HEADER_FILL = PatternFill("solid", fgColor="E7E6E6")
WRAPPED = Alignment(wrap_text=True, vertical="top")
TEXT = "@"
"""The number format under which a spreadsheet program leaves `00123` as it is typed (ECMA-376 part 1, 18.8.30)."""
_TOP = Alignment(vertical="top")
_LINK = Font(name=_FACE, size=11, color="0563C1", underline="single")


@dataclass(frozen=True, slots=True)
class Styles:
    """Indices of styles in one workbook.

    Attributes:
        text: of a cell that is text, as SKUs and ids are.
        link: of a cell with a link behind it.
        text_link: of one that is both.
        top: of a cell beside wrapped text.
        wrapped: of a long text.
        statuses: of each status.
    """

    text: int
    link: int
    text_link: int
    top: int
    wrapped: int
    statuses: dict[Status, int]

    @classmethod
    def of(cls, sheet: Worksheet) -> "Styles":
        """Make the styles known to the workbook of a sheet."""
        return cls(
            text=_index(sheet, number_format=TEXT),
            link=_index(sheet, font=_LINK),
            text_link=_index(sheet, font=_LINK, number_format=TEXT),
            top=_index(sheet, alignment=_TOP),
            wrapped=_index(sheet, alignment=WRAPPED),
            statuses={status: _index(sheet, fill=fill) for status, fill in FILLS.items()},
        )


def _index(sheet: Worksheet, **looks: object) -> int:
    cell = WriteOnlyCell(sheet)
    for name, look in looks.items():
        setattr(cell, name, look)
    return int(cell.style_id)
