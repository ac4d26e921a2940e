"""What flows between the rooms: a row of the spreadsheet on its way to one line of the report.

Everything here is a frozen value with no behaviour of its own and no import of ours. A row that cannot go on
carries a `Problem`; only what stops the whole run is an exception (see `importer.errors`).
"""

from dataclasses import dataclass
from enum import StrEnum


class ProblemCode(StrEnum):
    """Why a row did not make it. The set is closed: reports and scripts rely on these words."""

    ROW_MALFORMED = "row_malformed"
    PRODUCT_MISSING = "product_missing"
    PRODUCT_ID_INVALID = "product_id_invalid"
    PRODUCT_UNKNOWN = "product_unknown"
    SKU_UNKNOWN = "sku_unknown"
    SKU_AMBIGUOUS = "sku_ambiguous"
    URL_MISSING = "url_missing"
    URL_INVALID = "url_invalid"
    URL_SCHEME = "url_scheme"
    URL_TOO_LONG = "url_too_long"
    URL_PRIVATE = "url_private"
    URL_DUPLICATE = "url_duplicate"
    DNS_NOT_FOUND = "dns_not_found"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    READ_TIMEOUT = "read_timeout"
    CONNECTION_LOST = "connection_lost"
    TLS_TOO_OLD = "tls_too_old"
    TLS_CERTIFICATE_EXPIRED = "tls_certificate_expired"
    TLS_CERTIFICATE_HOSTNAME = "tls_certificate_hostname"
    TLS_CERTIFICATE_UNTRUSTED = "tls_certificate_untrusted"
    TLS_HANDSHAKE_FAILED = "tls_handshake_failed"
    HTTP_NOT_FOUND = "http_not_found"
    HTTP_FORBIDDEN = "http_forbidden"
    HTTP_ERROR = "http_error"
    REDIRECT_LOOP = "redirect_loop"
    NOT_AN_IMAGE = "not_an_image"
    IMAGE_FORMAT_UNSUPPORTED = "image_format_unsupported"
    IMAGE_TRUNCATED = "image_truncated"
    IMAGE_EMPTY = "image_empty"
    IMAGE_TOO_LARGE = "image_too_large"
    IMAGE_LIMIT_REACHED = "image_limit_reached"
    STORE_COULD_NOT_FETCH = "store_could_not_fetch"
    STORE_REJECTED_IMAGE = "store_rejected_image"
    STORE_REJECTED = "store_rejected"
    STORE_UNAVAILABLE = "store_unavailable"


class Status(StrEnum):
    """What became of a row.

    `OK` is used by `check` alone, where nothing is sent. `UNSENT` is a row that the run stopped before. `SKIPPED` is a
    row for which there is nothing to do, such as a variant without a picture of its own in another shop's export.
    """

    UPLOADED = "uploaded"
    ALREADY_THERE = "already_there"
    REJECTED = "rejected"
    FAILED = "failed"
    UNSENT = "unsent"
    OK = "ok"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Problem:
    """One row's trouble: a code for scripts, a sentence of what happened and a sentence of what to do next.

    `column` is the spreadsheet's header of the cell at fault, empty where the trouble is not in one cell.
    """

    code: ProblemCode
    detail: str
    fix: str
    column: str = ""


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


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that the loader could not make an `ImageRow` of; values are as the person wrote them."""

    sheet: str
    row: int
    product_id: str
    sku: str
    image_url: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that asks for nothing: no fault of anybody's, but the report accounts for it all the same.

    `reason` says why, as a sentence; values are as the person wrote them.
    """

    sheet: str
    row: int
    product_id: str
    sku: str
    image_url: str
    reason: str


LoadedRow = ImageRow | RejectedRow | SkippedRow


@dataclass(frozen=True, slots=True)
class HostFinding:
    """The verdict on one host and port, shared by all URLs that lead there.

    Attributes:
        host: the host name or address, in lower case.
        port: the port connected to.
        tls_version: the best version negotiated (`TLSv1.3`), empty for plain http or where there was no handshake.
        problem: why the store would get nothing from this host, or None.
    """

    host: str
    port: int
    tls_version: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class UrlFinding:
    """What the check learnt about one URL.

    Attributes:
        problem: why the store would not get a picture from here, or None.
        http_status: the last status code that the host answered with, or None where it answered nothing.
        tls_version: the version negotiated with the host (`TLSv1.2`), empty for plain http or no handshake.
        content_type: the Content-Type that the host claims.
        size: the picture's size in bytes, or None where it could not be told.
        width: the picture's width in pixels, or None.
        height: the picture's height in pixels, or None.
        warning: what is worth knowing about a picture that passed, empty where there is nothing.
        hosts: the verdict on each host on the way, in the order of the redirects; the last is where the way ended.
    """

    problem: Problem | None = None
    http_status: int | None = None
    tls_version: str = ""
    content_type: str = ""
    size: int | None = None
    width: int | None = None
    height: int | None = None
    warning: str = ""
    hosts: tuple[HostFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreImage:
    """One picture that a product has in the store (BigCommerce docs: `productImage_Full`)."""

    id: int
    product_id: int
    image_file: str
    description: str
    sort_order: int
    is_thumbnail: bool
    url_standard: str
    date_modified: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the store with the pictures it had when it was looked up."""

    id: int
    sku: str
    images: tuple[StoreImage, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A row after the check. It may be sent when `problem` is None and `product` is known.

    `product` is None where the store was not asked; `finding` is None where the URL was not checked, and
    `skipped` says that the check was interrupted before this row.
    """

    row: ImageRow
    product: Product | None = None
    finding: UrlFinding | None = None
    problem: Problem | None = None
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of the request or requests that carried one row to the store.

    Attributes:
        image_id: BigCommerce's id of the picture, or None where the store did not take it.
        image_file: the store's own name of the file.
        route: how the row went: `single` (one POST for one picture), empty where nothing was sent.
        attempts: requests that tried to write this picture.
        seconds: from the first attempt to the final answer.
        request_id: the store's X-Request-ID of the final answer, for BigCommerce's support.
    """

    image_id: int | None = None
    image_file: str = ""
    route: str = ""
    attempts: int = 0
    seconds: float = 0.0
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one row: one line of the report.

    `problem` says why and how to mend it; `note` is what is worth saying of a row that has no problem.
    """

    source: LoadedRow
    status: Status
    problem: Problem | None = None
    note: str = ""
    product_id: int | None = None
    finding: UrlFinding | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What the report says of the run as a whole.

    Attributes:
        command: `run` or `check`.
        file: the spreadsheet's name, without its folder.
        store: the store hash, empty where no store was asked.
        sandbox: whether the store was the pretend one.
        started: the start in ISO 8601 with its offset.
        seconds: from the start to the writing of the report.
        stopped: why the run ended before its last row, empty where it did not.
    """

    command: str
    file: str
    store: str
    sandbox: bool
    started: str
    seconds: float
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class UploadResult:
    """One outcome for each row that was to be sent, in order, and why the store stopped the run, if it did."""

    outcomes: tuple[Outcome, ...]
    stopped: str = ""
