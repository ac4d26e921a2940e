"""How a spreadsheet is read."""

from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import urlsplit

from importer.errors import UsageError
from importer.models import ProblemCode
from importer.settings.limits import LONGEST_URL, MAX_URL_LENGTH

FIELDS = ("product_id", "sku", "image_url", "description", "sort_order", "is_thumbnail")
"""What a spreadsheet's columns can mean to us, as `--map` and the preview name it."""


DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
"""The delimiters of text files by their names."""

LAYOUT_NAMES = (
    "bigcommerce-v3",
    "bigcommerce-v2",
    "shopify",
    "woocommerce",
    "magento2",
    "squarespace",
    "wix",
    "prestashop",
    "google-merchant",
    "results",
    "plain",
)
"""What `--layout` takes."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The person's word on a column: `field` is found under the header `column`, or under that column letter."""

    field: str
    column: str

    @classmethod
    def parse(cls, text: str) -> "ColumnMap":
        """Read `FIELD=COLUMN`.

        Raises:
            UsageError: the text has another form, or the field is not one of ours.
        """
        name, equals, column = text.partition("=")
        field_name = name.strip().lower().replace("-", "_").replace(" ", "_")
        if not equals or not column.strip() or field_name not in FIELDS:
            near = get_close_matches(field_name, FIELDS, 1) if equals and field_name not in FIELDS else []
            guess = f" Did you mean {near[0]}?" if near else ""
            raise UsageError(
                f'--map takes FIELD=COLUMN, for example --map sku="Article no", not {text!r}. '
                f"The fields are {', '.join(FIELDS)}.{guess}"
            )
        return cls(field_name, column.strip())


@dataclass(frozen=True, slots=True)
class LoaderSettings:
    """How a spreadsheet is read; what is empty is found out from the file.

    Attributes:
        max_url_length: the longest address, in characters of its encoded form. BigCommerce's own pages say 255 (the
            API) and 1,024 (the control panel's import).
        layout: the layout's name, such as `shopify`.
        sheet: the one worksheet to read.
        encoding: the text encoding, such as `cp1252`, as Python names it.
        delimiter: the character between the cells of a text file.
        columns: which column is which field, where the person says so.
        header: whether the file has a row with headers.
        base_url: what stands before an address that is only a path.
        variant_images: whether pictures are also set on variants whose product has them in its gallery.
        only: problem codes; of an earlier run's results, only rows with one of these are taken.

    Raises:
        UsageError: the encoding, the delimiter, the base URL or the longest address cannot be one.
    """

    max_url_length: int = MAX_URL_LENGTH
    layout: str = ""
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    columns: tuple[ColumnMap, ...] = ()
    header: bool = True
    base_url: str = ""
    only: tuple[ProblemCode, ...] = ()
    variant_images: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.max_url_length <= LONGEST_URL:
            raise UsageError(f"--max-url-length takes a number between 1 and {LONGEST_URL:,}.")
        if self.encoding:
            try:
                "x".encode(self.encoding)
            except (LookupError, ValueError):
                raise UsageError(
                    f"--encoding {self.encoding} is not known. Usual ones: utf-8, utf-16, cp1252, cp1251, mac-roman."
                ) from None
        if self.delimiter and (len(self.delimiter) != 1 or self.delimiter in '\r\n"'):
            raise UsageError("--delimiter takes one character, for example ';', or the word tab.")
        told = [one.field for one in self.columns if one.field != "image_url"]
        if twice := next((name for name in told if told.count(name) > 1), ""):
            raise UsageError(f"--map names two columns for {twice}; only image_url can have several.")
        if self.base_url:
            try:
                parts = urlsplit(self.base_url)
            except ValueError:
                parts = urlsplit("")
            if parts.scheme.lower() not in {"http", "https"} or not parts.netloc:
                raise UsageError(f"--base-url takes a whole address such as https://shop.example, not {self.base_url}.")
