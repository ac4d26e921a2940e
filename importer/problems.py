"""What each problem code means and what a person does about it: one table for the rooms and for the docs."""

from dataclasses import dataclass

from importer.models import Problem, ProblemCode


@dataclass(frozen=True, slots=True)
class Advice:
    """What a code means and the usual way to mend it, in a merchandiser's words."""

    meaning: str
    fix: str


_C = ProblemCode

ADVICE: dict[ProblemCode, Advice] = {
    _C.ROW_MALFORMED: Advice(
        "A value in the row cannot be used, or the row has more cells than the header.",
        "Correct the named cell in the spreadsheet and run it again.",
    ),
    _C.PRODUCT_MISSING: Advice(
        "The row names no product.",
        "Fill in the product id or the SKU of the product that the picture belongs to.",
    ),
    _C.PRODUCT_ID_INVALID: Advice(
        "The product id is not a whole positive number.",
        "Write the id as BigCommerce shows it in the product's address (digits only), or use the SKU column.",
    ),
    _C.PRODUCT_UNKNOWN: Advice(
        "The store has no product with this id.",
        "Check the id in the store's product list; the product may have been deleted or belong to another store.",
    ),
    _C.SKU_UNKNOWN: Advice(
        "The store has no product or variant with this SKU.",
        "Check the SKU in the store's product list, letter by letter, or create the product first.",
    ),
    _C.SKU_AMBIGUOUS: Advice(
        "More than one product of the store has this SKU.",
        "Put the product id of the right one into the product id column.",
    ),
    _C.URL_MISSING: Advice("The row has no image address.", "Fill in the address of the picture, or delete the row."),
    _C.URL_INVALID: Advice(
        "The address is not a complete web address.",
        "Write the whole address, starting with https://, as a browser shows it.",
    ),
    _C.URL_SCHEME: Advice(
        "The address does not start with http:// or https://.",
        "Put the picture on a web host and use its https:// address.",
    ),
    _C.URL_TOO_LONG: Advice(
        "The address is longer than BigCommerce accepts.",
        "Use a shorter address (at most 255 characters), for example without the part after the question mark.",
    ),
    _C.URL_PRIVATE: Advice(
        "The address leads into a private network, where the store cannot reach it.",
        "Put the picture on a public web host and use that address.",
    ),
    _C.URL_DUPLICATE: Advice(
        "An earlier row asks for the same picture on the same product.",
        "Nothing to do: the earlier row carries it. Delete this row if it was a mistake.",
    ),
    _C.DNS_NOT_FOUND: Advice(
        "The host name in the address does not exist.",
        "Check the spelling of the host name; if the old shop is closed, the pictures need a new home first.",
    ),
    _C.CONNECT_REFUSED: Advice(
        "The host exists, but no web server answers on it.",
        "Ask whoever runs the host to start the web server, or use another address.",
    ),
    _C.CONNECT_TIMEOUT: Advice(
        "The host did not take the connection in time.",
        "Try again later; if it stays so, ask whoever runs the host whether a firewall blocks the store.",
    ),
    _C.READ_TIMEOUT: Advice(
        "The host took the connection but did not send the picture in time.",
        "Try again later or with a larger --timeout; a host this slow is likely to fail for the store as well.",
    ),
    _C.CONNECTION_LOST: Advice(
        "The host broke off the connection.",
        "Try again later; if it stays so, ask whoever runs the host why it closes connections.",
    ),
    _C.TLS_TOO_OLD: Advice(
        "The host offers only TLS 1.0 or 1.1, which BigCommerce refuses.",
        "Ask whoever runs the host to turn on TLS 1.2 or newer, or move the pictures to another host.",
    ),
    _C.TLS_CERTIFICATE_EXPIRED: Advice(
        "The host's certificate is out of date.", "Ask whoever runs the host to renew its certificate."
    ),
    _C.TLS_CERTIFICATE_HOSTNAME: Advice(
        "The host's certificate belongs to another name.",
        "Use the name that the certificate was made for, or ask whoever runs the host to correct it.",
    ),
    _C.TLS_CERTIFICATE_UNTRUSTED: Advice(
        "The host's certificate comes from an issuer that is not trusted.",
        "Ask whoever runs the host for a certificate from a public authority, with all intermediates installed.",
    ),
    _C.TLS_HANDSHAKE_FAILED: Advice(
        "No secure connection could be agreed with the host.",
        "Ask whoever runs the host to check its TLS set-up, or use another address.",
    ),
    _C.HTTP_NOT_FOUND: Advice(
        "The host says that there is nothing at this address.",
        "Open the address in a browser; correct it, or put the picture back.",
    ),
    _C.HTTP_FORBIDDEN: Advice(
        "The host refuses to show the picture.",
        "Ask whoever runs the host to allow downloads without a login; the store is refused as well.",
    ),
    _C.HTTP_ERROR: Advice(
        "The host answered with an error.", "Try again later; if it stays so, ask whoever runs the host."
    ),
    _C.REDIRECT_LOOP: Advice(
        "The address redirects in a circle or too many times.",
        "Open the address in a browser and use the address where the picture really is.",
    ),
    _C.NOT_AN_IMAGE: Advice(
        "There is something else than a picture at this address, often a web page.",
        "Open the address in a browser and copy the address of the picture itself.",
    ),
    _C.IMAGE_FORMAT_UNSUPPORTED: Advice(
        "The picture is in a format that BigCommerce does not take.",
        "Save the picture as JPEG, PNG, GIF or WebP and use the new address.",
    ),
    _C.IMAGE_TRUNCATED: Advice("The picture's file is cut off or damaged.", "Upload the picture to its host again."),
    _C.IMAGE_EMPTY: Advice("The file at this address is empty.", "Upload the picture to its host again."),
    _C.IMAGE_TOO_LARGE: Advice(
        "The picture is larger than the 8 MB that BigCommerce takes.",
        "Save a smaller version (2,000 pixels wide is plenty for a shop) and use its address.",
    ),
    _C.IMAGE_LIMIT_REACHED: Advice(
        "The product would have more than the 1,000 pictures that BigCommerce allows.",
        "Delete pictures of the product that are no longer needed, or leave this row out.",
    ),
    _C.STORE_COULD_NOT_FETCH: Advice(
        "We could open the picture, but the store could not.",
        "Ask whoever runs the host to let BigCommerce's servers in (they may be blocked as a robot), "
        "or put the picture on another host.",
    ),
    _C.STORE_REJECTED_IMAGE: Advice(
        "The store fetched the file and does not take it as a picture.",
        "Open the picture, save it anew as JPEG or PNG, and use the new address.",
    ),
    _C.STORE_REJECTED: Advice(
        "The store refused the request.",
        "Read the store's own words in the detail; if they do not help, give BigCommerce's support the request id.",
    ),
    _C.STORE_UNAVAILABLE: Advice(
        "The store did not answer or answered with an error, several times.",
        "Run the same command again later: it carries on with the rows that are left.",
    ),
}


def problem(code: ProblemCode, detail: str = "", *, fix: str = "", column: str = "") -> Problem:
    """A `Problem` with the usual words for its code wherever the caller has none that fit better."""
    advice = ADVICE[code]
    return Problem(code=code, detail=detail or advice.meaning, fix=fix or advice.fix, column=column)
