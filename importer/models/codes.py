"""The closed sets of words that reports and scripts rely on."""

from enum import StrEnum


class ProblemCode(StrEnum):
    """Why a row did not make it. The set is closed: reports and scripts rely on these words."""

    ROW_MALFORMED = "row_malformed"
    PRODUCT_MISSING = "product_missing"
    PRODUCT_ID_INVALID = "product_id_invalid"
    PRODUCT_UNKNOWN = "product_unknown"
    SKU_UNKNOWN = "sku_unknown"
    SKU_AMBIGUOUS = "sku_ambiguous"
    KEY_AMBIGUOUS = "key_ambiguous"
    PRODUCT_MISMATCH = "product_mismatch"
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
    UPLOAD_UNCERTAIN = "upload_uncertain"


class Status(StrEnum):
    """What became of a row.

    `OK` is used by `check` alone, where nothing is sent. `UNSENT` is a row that the run stopped before. `SKIPPED` is a
    row for which there is nothing to do, such as a variant without a picture of its own in another shop's export.
    `PROBABLY_THERE` is a picture of which only the file name tells that the store has it.
    """

    UPLOADED = "uploaded"
    ALREADY_THERE = "already_there"
    PROBABLY_THERE = "probably_there"
    REJECTED = "rejected"
    FAILED = "failed"
    UNSENT = "unsent"
    OK = "ok"
    SKIPPED = "skipped"
