"""A row of the spreadsheet as it was read."""

from dataclasses import dataclass

from importer.models.codes import ProblemCode


@dataclass(frozen=True, slots=True)
class Problem:
    """One row's trouble: a code for scripts, a sentence of what happened and a sentence of what to do next.

    Attributes:
        column: the spreadsheet's header of the cell at fault, empty where the trouble is not in one cell.
        not_for_host: whether whoever runs the picture's host cannot mend it, though others with this code they could.
    """

    code: ProblemCode
    detail: str
    fix: str
    column: str = ""
    not_for_host: bool = False


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One picture that the spreadsheet asks for.

    Attributes:
        sheet: the worksheet's name, empty for a CSV file.
        row: the row number as the spreadsheet program shows it (the first row is 1).
        product_id: BigCommerce's product id, or None where the row names its product by SKU.
        sku: the SKU as written, empty where there is none.
        image_url: the address as the person wrote it.
        sent_url: the same address as it goes over the wire (percent-encoded, punycode host).
        description: the picture's alt text, at most 255 characters.
        sort_order: the position among the product's pictures, or None to follow the file.
        is_thumbnail: whether this picture is to be the product's thumbnail, or None where the file does not say.
        warning: what was changed in a value on the way in, empty where nothing was.
        in_gallery: whether the file shows the picture in the product's gallery, so that it is no picture of a variant
            even where the row's SKU belongs to one.
        of_variant: whether the file names the picture for the variant with the row's SKU alone, because the product or
            another variant has it by another row or cell.
        family: what the file itself calls the row's product (a handle, say), empty where it goes by the SKU.
        main_sku: the product's own SKU where `family` is not empty; empty where the file tells none.
    """

    sheet: str
    row: int
    product_id: int | None
    sku: str
    image_url: str
    sent_url: str
    description: str = ""
    sort_order: int | None = None
    is_thumbnail: bool | None = None
    warning: str = ""
    in_gallery: bool = False
    of_variant: bool = False
    family: str = ""
    main_sku: str = ""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that the loader could not make an `ImageRow` of; values are as the person wrote them."""

    sheet: str
    row: int
    product_id: str
    sku: str
    image_url: str
    problem: Problem
    description: str = ""
    sort_order: str = ""
    is_thumbnail: str = ""


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that asks for nothing: no fault of anybody's, but the report accounts for it all the same.

    `reason` says why, as a sentence; values are as the person wrote them. `family` and `main_sku` are as in `ImageRow`.
    """

    sheet: str
    row: int
    product_id: str
    sku: str
    image_url: str
    reason: str
    family: str = ""
    main_sku: str = ""


LoadedRow = ImageRow | RejectedRow | SkippedRow
