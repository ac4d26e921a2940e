"""What the loader understood of a spreadsheet: the file, its sheets, and their rows or the sum of them."""

from dataclasses import dataclass

from importer.models import ImageRow, LoadedRow, ProblemCode, RejectedRow


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was understood of one worksheet (a CSV file is one sheet without a name).

    Attributes:
        name: the worksheet's name, empty for a CSV file.
        header_row: the row number of the header as the spreadsheet program counts, 0 where there is none.
        rows: the data rows that are not blank.
        columns: our field names (`product_id`, `sku`, `image_url`, …) and the headers they were found under; several
            headers of one field stand side by side, separated by commas.
        layout: the name of the layout.
        reason: how the layout was told.
    """

    name: str
    header_row: int
    rows: int
    columns: dict[str, str]
    layout: str = "plain"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SheetLeftOut:
    """A worksheet that was not read: its name, and why, as the rest of a sentence that begins with the sheet."""

    name: str
    reason: str

    @property
    def sentence(self) -> str:
        """The same for a person."""
        return f"The sheet {self.name!r} {self.reason}"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """How a file was read.

    Attributes:
        name: the file's name, without its folder.
        format: such as `CSV` or `Excel workbook (.xlsx)`, with the archive it was packed in.
        encoding: of a text file, such as `utf-8`; empty for a workbook.
        delimiter: of a text file; empty for a workbook.
    """

    name: str
    format: str
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A spreadsheet as understood: every data row, in order, as one or more of the three kinds of rows.

    `notes` are sentences for the person about what was left out or changed, and why (a hidden sheet, say).
    `variants_left` is the number of pictures that are named for variants and were left out, because the product or
    another variant has them (`LoaderSettings.variant_images`).
    """

    facts: FileFacts
    sheets: tuple[Sheet, ...]
    rows: tuple[LoadedRow, ...]
    notes: tuple[str, ...] = ()
    variants_left: int = 0
    left_out: tuple[SheetLeftOut, ...] = ()

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self.facts.name

    @property
    def layout(self) -> str:
        """The layout's name; several, where the sheets differ."""
        return ", ".join(dict.fromkeys(sheet.layout for sheet in self.sheets))


@dataclass(frozen=True, slots=True)
class RowProblems:
    """The rows that share a problem code: how many, the first few of them, and what happened to the first."""

    code: ProblemCode
    count: int
    first: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A spreadsheet as understood, summed up without keeping its rows.

    Attributes:
        rows: the data rows that are not blank.
        images: the pictures to import.
        products: the products among them, as far as the file tells; rows of one handle are one product.
        first: the first pictures.
        problems: the rows that cannot be imported, most first.
        skipped: how many rows ask for nothing, by reason.
    """

    facts: FileFacts
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...]
    rows: int
    images: int
    products: int
    first: tuple[ImageRow, ...]
    problems: tuple[RowProblems, ...]
    skipped: dict[str, int]
