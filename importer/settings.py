"""Frozen settings, one object per stage, checked when they are built. Nothing here reads a file or the environment."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from importer.errors import UsageError
from importer.models import ProblemCode

DEFAULT_API_URL = "https://api.bigcommerce.com"
USER_AGENT = "bigcommerce-image-importer/0.1 (checks image addresses before an import)"

BROWSER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
"""What a usual browser calls itself, for one look at an address that was refused to us."""

MAX_IMAGE_BYTES = 8 * 1024 * 1024
"""BigCommerce docs, Create a Product Image: "Each image file or image uploaded by URL can be up to 8 MB"."""
MAX_URL_LENGTH = 255
"""BigCommerce docs, Create a Product Image: "`image_url` - `255` character limit"."""
LONGEST_URL = 8192
"""Characters. RFC 9110, 4.1 recommends that everybody support at least 8,000 octets; no picture needs more."""
MAX_DESCRIPTION_LENGTH = 255
RETRY_DELAY = 0.5
"""Seconds until a name, a host or a picture is tried once more after a trouble that may pass."""
MAX_IMAGES_PER_PRODUCT = 1000
"""BigCommerce docs, Create a Product Image: "A product can have up to 1000 images"."""


class AccessToken:
    """The store's API token. Its text is shown by no repr, log or exception; only `reveal` gives it out.

    Raises:
        UsageError: the text cannot be a token (empty, or with characters that no HTTP header may hold).
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", text):
            raise UsageError(
                "The access token is empty or has spaces or line breaks in it. Copy it again from the API account's "
                "credentials and set BIGCOMMERCE_ACCESS_TOKEN, or use --credentials FILE."
            )
        self._text = text

    def reveal(self) -> str:
        """The token itself, for the X-Auth-Token header alone."""
        return self._text

    def __repr__(self) -> str:
        return "AccessToken(hidden)"


@dataclass(frozen=True, slots=True)
class ConnectTo:
    """Connections to `host`:`port` go to `address`:`to_port` instead, as with curl's --connect-to."""

    host: str
    port: int
    address: str
    to_port: int

    @classmethod
    def parse(cls, text: str) -> "ConnectTo":
        """Read `HOST:PORT:ADDRESS:PORT`.

        Raises:
            UsageError: the text has another form.
        """
        match = re.fullmatch(r"([^:\s]+):(\d{1,5}):([^:\s]+|\[[0-9a-fA-F:]+\]):(\d{1,5})", text.strip())
        if match is None:
            raise UsageError(f"--connect-to takes HOST:PORT:ADDRESS:PORT, not {text!r}.")
        host, port, address, to_port = match.groups()
        return cls(host.lower(), int(port), address.strip("[]"), int(to_port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}:{self.address}:{self.to_port}"


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """How connections are made: extra trusted authorities (PEM) and redirected connections."""

    ca_file: Path | None = None
    connect_to: tuple[ConnectTo, ...] = ()

    def __post_init__(self) -> None:
        if self.ca_file is not None and not self.ca_file.is_file():
            raise UsageError(f"SSL_CERT_FILE names {self.ca_file}, but there is no such file.")


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
            raise UsageError(
                f'--map takes FIELD=COLUMN, for example --map sku="Article no", not {text!r}. '
                f"The fields are {', '.join(FIELDS)}."
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


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """The URL check.

    Attributes:
        urls: whether URLs are checked at all (`--no-check` turns it off).
        concurrency: URLs under way at once.
        per_host: URLs under way at once on one host.
        timeout: seconds for a connection, and as many until the answer begins; all requests for a URL together get
            three times that, a file that `deep` downloads twelve times.
        allow_private: whether loopback and private addresses are allowed.
        user_agent: the User-Agent header sent to image hosts.
        deep: whether each file is downloaded whole and opened, to find those that are cut off or damaged inside.

    Raises:
        UsageError: a number is out of range, or the user agent cannot be sent in a header.
    """

    urls: bool = True
    concurrency: int = 32
    per_host: int = 8
    timeout: float = 10.0
    allow_private: bool = False
    user_agent: str = USER_AGENT
    deep: bool = False

    @property
    def whole_timeout(self) -> float:
        """Seconds for all requests for one URL together; waiting for a turn or as a host asks does not count."""
        return 3 * self.timeout

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", self.user_agent):
            raise UsageError("--user-agent takes one line of plain ASCII text.")
        _at_least_one("--check-concurrency", self.concurrency)
        _at_least_one("--per-host", self.per_host)
        if not 0 < self.timeout <= 3600:
            raise UsageError("--timeout takes a number of seconds between 0 and 3600.")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Which store, and the right to write to it.

    Raises:
        UsageError: the store hash or API address is malformed, or the token would travel unencrypted.
    """

    store_hash: str
    access_token: AccessToken = field(repr=False)
    api_url: str = DEFAULT_API_URL

    @property
    def identity(self) -> str:
        """Which store this is, for records that outlive the run."""
        return f"{self.api_url}/stores/{self.store_hash}"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", self.store_hash):
            raise UsageError(
                f"{self.store_hash!r} is not a store hash. It is the short code after /stores/ in the API path, "
                "for example the abc123 in https://api.bigcommerce.com/stores/abc123/v3/."
            )
        parts = urlsplit(self.api_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise UsageError(f"{self.api_url!r} is not an API address; it looks like {DEFAULT_API_URL}.")
        if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise UsageError(
                f"The API address {self.api_url} would send the access token unencrypted. Use its https:// address."
            )


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """How pictures are sent.

    Attributes:
        concurrency: products that are written at once; one product never has two writes under way.
        attempts: tries for one picture before its row fails.
        first_backoff: seconds before the second try; doubles with each further one.
        longest_backoff: seconds that a wait is capped at.
        timeout: seconds for one answer of the store, which downloads the picture inside the request.
        settle: seconds after an interrupted request during which the store may still be storing its picture.
        existing: what to do with a picture that the product seems to have already: `skip` or `add` again.
    """

    concurrency: int = 8
    attempts: int = 5
    first_backoff: float = 1.0
    longest_backoff: float = 60.0
    timeout: float = 90.0
    settle: float = 10.0
    existing: Literal["skip", "add"] = "skip"

    def __post_init__(self) -> None:
        _at_least_one("--concurrency", self.concurrency)


def _at_least_one(flag: str, value: int) -> None:
    if value < 1:
        raise UsageError(f"{flag} takes a number of at least 1.")
