"""What the check found."""

from dataclasses import dataclass

from importer.models.rows import ImageRow, Problem
from importer.models.store import Product, Variant


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
        format: what the file is by its first bytes (`JPEG`, `PNG`, `WEBP`, …), empty where it is no picture.
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
    format: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A row after the check. It may be sent when `problem` is None and `product` is known.

    Attributes:
        row: the row.
        product: its product, or None where the store was not asked.
        finding: what the check learnt of the URL, or None where it was not checked.
        problem: why the row cannot be sent, or None.
        skipped: whether the check was interrupted before this row.
        variant: the variant that the row's SKU belongs to, or None where it is the product's own or an id.
        recorded: whether an earlier run put the picture there and the product still has it, so that its URL need not
            be checked again.
        file_name: the name under which the store is expected to keep the picture, empty where that does not tell which
            picture it is (`importer.store.telling_names`).
        nothing: why there is nothing to do for the row, as a sentence; empty where that is not so.
    """

    row: ImageRow
    product: Product | None = None
    finding: UrlFinding | None = None
    problem: Problem | None = None
    skipped: bool = False
    variant: Variant | None = None
    recorded: bool = False
    file_name: str = ""
    nothing: str = ""
