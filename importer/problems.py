"""What each problem code means, an example, and what a person does about it: one table for the rooms and the docs."""

from dataclasses import dataclass

from importer.models import Problem, ProblemCode


@dataclass(frozen=True, slots=True)
class Advice:
    """One code in a merchandiser's words.

    Attributes:
        meaning: what it means.
        example: what a row with it says, as a run of the sample file says it.
        fix: the usual way to mend it.
    """

    meaning: str
    example: str
    fix: str


_C = ProblemCode

ADVICE: dict[ProblemCode, Advice] = {
    _C.ROW_MALFORMED: Advice(
        "A value in the row cannot be used, or the row has more cells than the header.",
        "“first” in the column Sort Order is not a whole number.",
        "Correct the named cell in the spreadsheet and run it again.",
    ),
    _C.PRODUCT_MISSING: Advice(
        "The row names no product.",
        "The row names no product.",
        "Fill in the product id or the SKU of the product that the picture belongs to.",
    ),
    _C.PRODUCT_ID_INVALID: Advice(
        "The product id is not a whole positive number.",
        "“12O4” in the column Product ID is not a product id.",
        "Write the id as BigCommerce shows it in the product's address (digits only), or use the SKU column.",
    ),
    _C.PRODUCT_UNKNOWN: Advice(
        "The store has no product with this id.",
        "The store has no product with the id 999999.",
        "Check the id in the store's product list; the product may have been deleted or belong to another store.",
    ),
    _C.SKU_UNKNOWN: Advice(
        "The store has no product or variant with this SKU.",
        "The store has no product or variant with the SKU NO-SUCH-PACK-60.",
        "Check the SKU in the store's product list, letter by letter, or create the product first.",
    ),
    _C.SKU_AMBIGUOUS: Advice(
        "More than one product of the store has this SKU.",
        "The SKU GIFT-SET belongs to the products 1111, 1112.",
        "Put the product id of the right one into the product id column.",
    ),
    _C.KEY_AMBIGUOUS: Advice(
        "One SKU or product id stands for several products of the file.",
        "The SKU CANTEEN stands for several products in this file: “canteen-blue” in this row, “canteen-green” in "
        "others.",
        "Give each of these products its own SKU, in the store and in the file, or fill in their BigCommerce ids.",
    ),
    _C.PRODUCT_MISMATCH: Advice(
        "The product id and the SKU of the row belong to different products.",
        "The row says product id 1120 and SKU AXE-CAMP. In the store, the product 1120 has the SKU BOWL-SET, and the "
        "SKU AXE-CAMP belongs to the product 1119.",
        "Correct the id or the SKU. If one of the two columns means something else, name the right one alone, and the "
        'other is left out: --map sku="…" or --map product_id="…".',
    ),
    _C.URL_MISSING: Advice(
        "The row has no image address.",
        "The row has no image address.",
        "Fill in the address of the picture, or delete the row.",
    ),
    _C.URL_INVALID: Advice(
        "The address is not a complete web address.",
        "“www.alpine-outfitters.example/products/stove-folded.jpg” is only part of a web address: https:// and the "
        "host name are missing.",
        "Write the whole address, starting with https://, as a browser shows it.",
    ),
    _C.URL_SCHEME: Advice(
        "The address does not start with http:// or https://.",
        "The address starts with ftp:, but the store only follows http and https.",
        "Put the picture on a web host and use its https:// address.",
    ),
    _C.URL_TOO_LONG: Advice(
        "The address is longer than BigCommerce accepts.",
        "The address has 300 characters as it is sent; BigCommerce takes at most 255.",
        # BigCommerce docs: "Create Product Image" (255); support article "Importing Complex Attributes" (1,024).
        "Use a shorter address, for example without the part after the question mark. BigCommerce's own pages name "
        "two limits, 255 characters for its API and 1,024 for the import in its control panel; --max-url-length sets "
        "which one counts here.",
    ),
    _C.URL_PRIVATE: Advice(
        "The address leads into a private network, where the store cannot reach it.",
        "192.168.1.20: this is a private address.",
        "Put the picture on a public web host and use that address.",
    ),
    _C.URL_DUPLICATE: Advice(
        "An earlier row asks for the same picture on the same product.",
        "The same picture is asked for on the same product in row 26 already.",
        "Nothing to do: the earlier row carries it. Delete this row if it was a mistake.",
    ),
    _C.DNS_NOT_FOUND: Advice(
        "The host name in the address cannot be found.",
        "images.closed-outdoor-shop.invalid: there is no such host name.",
        "Check the spelling of the host name; if the old shop is closed, the pictures need a new home first.",
    ),
    _C.CONNECT_REFUSED: Advice(
        "The host exists, but no web server answers on it.",
        "old.campfire-crafts.example: the connection was refused (203.0.113.7 port 443).",
        "Ask whoever runs the host to start the web server, or use another address.",
    ),
    _C.CONNECT_TIMEOUT: Advice(
        "The host did not take the connection in time.",
        "nas.mountain-depot.example: the connection was not taken in time (203.0.113.7 port 443).",
        "Try again later; if it stays so, ask whoever runs the host whether a firewall blocks the store.",
    ),
    _C.READ_TIMEOUT: Advice(
        "The host took the connection but did not send the picture in time.",
        "media.glacier-archive.example took the connection, but sent no answer in time (10 s).",
        "Try again later or with a larger --timeout; a host this slow is likely to fail for the store as well.",
    ),
    _C.CONNECTION_LOST: Advice(
        "The host broke off the connection.",
        "img.harbor-hosting.example: the connection was closed without an answer.",
        "Try again later; if it stays so, ask whoever runs the host why it closes connections.",
    ),
    _C.TLS_TOO_OLD: Advice(
        "The host offers only TLS 1.0 or 1.1, which BigCommerce refuses.",
        "legacy.stoneware-archive.example speaks TLS 1.0 only.",
        "Ask whoever runs the host to turn on TLS 1.2 or newer, or move the pictures to another host.",
    ),
    _C.TLS_CERTIFICATE_EXPIRED: Advice(
        "The host's certificate is out of date.",
        "img.fjord-ceramics.example: the certificate expired on 2026-11-23.",
        "Ask whoever runs the host to renew its certificate.",
    ),
    _C.TLS_CERTIFICATE_HOSTNAME: Advice(
        "The host's certificate belongs to another name.",
        "img.bamboo-basics.example: the certificate is made for default.shared-hosting.example, not for this name.",
        "Use the name that the certificate was made for, or ask whoever runs the host to correct it.",
    ),
    _C.TLS_CERTIFICATE_UNTRUSTED: Advice(
        "The host's certificate comes from an issuer that is not trusted.",
        "photos.village-smithy.example: the certificate comes from the issuer “Nobody's CA”, which is not a trusted "
        "authority, or the host fails to send the certificates in between.",
        "Ask whoever runs the host for a certificate from a public authority, with all intermediates installed.",
    ),
    _C.TLS_HANDSHAKE_FAILED: Advice(
        "No secure connection could be agreed with the host.",
        "cdn.trailmix-foods.example: the TLS handshake failed: the host does not speak TLS on this port.",
        "Ask whoever runs the host to check its TLS set-up, or use another address.",
    ),
    _C.HTTP_NOT_FOUND: Advice(
        "The host says that there is nothing at this address.",
        "images.alpine-outfitters.example answered 404 Not Found.",
        "Open the address in a browser; correct it, or put the picture back.",
    ),
    _C.HTTP_FORBIDDEN: Advice(
        "The host refuses to show the picture.",
        "portal.wholesale-partner.example answered 403 Forbidden.",
        "Ask whoever runs the host to let pictures be downloaded without a login, and by programs as well as by "
        "browsers: where the host blocks ours, it may block BigCommerce's downloads, too.",
    ),
    _C.HTTP_ERROR: Advice(
        "The host answered with an error.",
        "pictures.old-mill-pottery.example answered 503 Service Unavailable.",
        "Try again later; if it stays so, ask whoever runs the host.",
    ),
    _C.REDIRECT_LOOP: Advice(
        "The address redirects in a circle or too many times.",
        "http://shop.riverbend-outlet.example/a/axe-log.jpg redirects back to itself, by way of "
        "http://shop.riverbend-outlet.example/b/axe-log.jpg.",
        "Open the address in a browser and use the address where the picture really is.",
    ),
    _C.NOT_AN_IMAGE: Advice(
        "There is something else than a picture at this address, often a web page.",
        "There is a web page at this address (titled “Basecamp Journal: our favourite mugs”), not a picture.",
        "Open the address in a browser and copy the address of the picture itself.",
    ),
    _C.IMAGE_FORMAT_UNSUPPORTED: Advice(
        "The picture is in a format that BigCommerce does not take.",
        "The file is AVIF, which BigCommerce does not take.",
        "Save the picture as JPEG, PNG, GIF or WebP and use the new address.",
    ),
    _C.IMAGE_TRUNCATED: Advice(
        "The picture's file is cut off or damaged.",
        "The JPEG file ends in the middle of the picture: the host sent all of its 6,000 bytes, so it is the file that "
        "is cut off.",
        "Upload the picture to its host again.",
    ),
    _C.IMAGE_EMPTY: Advice(
        "The file at this address is empty.",
        "The file at this address is empty.",
        "Upload the picture to its host again.",
    ),
    _C.IMAGE_TOO_LARGE: Advice(
        # BigCommerce's support article "Platform Limits".
        "The picture is larger than BigCommerce takes (8 MB; a GIF 150 frames and 5,120 by 5,120 pixels).",
        "The file is 9.1 MB large; BigCommerce takes at most 8 MB.",
        "Save a smaller version (2,000 pixels wide is plenty for a shop) and use its address.",
    ),
    _C.IMAGE_LIMIT_REACHED: Advice(
        "The product would have more than the 1,000 pictures that BigCommerce allows.",
        "The product has 1,000 pictures; with the rows above it reaches the limit of 1,000.",
        "Delete pictures of the product that are no longer needed, or leave this row out.",
    ),
    _C.STORE_COULD_NOT_FETCH: Advice(
        "We could open the picture, but the store could not.",
        "The store answered 400 Bad Request: The field 'image_file' is invalid. The resource at "
        "'https://images.nordic-textiles.example/products/blanket-fjord.jpg' could not be downloaded and may be "
        "invalid. Our own check could open it (status 206, TLSv1.3, image/jpeg).",
        "Ask whoever runs the host to let BigCommerce's servers in (they may be blocked as a robot), or put the "
        "picture on another host.",
    ),
    _C.STORE_REJECTED_IMAGE: Advice(
        "The store fetched the file and does not take it as a picture.",
        "The store answered 400 Bad Request: The field 'image_file' is invalid. The resource at "
        "'https://downloads.studio-berg.example/originals/rope-detail.png' could not be processed and may not be "
        "valid image.",
        "Open the picture, save it anew as JPEG or PNG, and use the new address.",
    ),
    _C.STORE_REJECTED: Advice(
        "The store refused the request.",
        "The store answered 423 Locked: The resource is currently locked.",
        "Read the store's own words in the detail; if they do not help, give BigCommerce's support the request id.",
    ),
    _C.STORE_UNAVAILABLE: Advice(
        "The store did not answer or answered with an error, several times.",
        "The store answered 503 Service Unavailable: Service Unavailable.",
        "Run the same command again later: it carries on with the rows that are left.",
    ),
    _C.UPLOAD_UNCERTAIN: Advice(
        "A request for the picture got no answer, and it cannot be told whether a new picture of the product is this "
        "one.",
        "The store did not say whether it took the picture, and a new picture of the product (id 104) may be it.",
        "Look at the product in the control panel. Delete the named picture if it is not wanted, and run the same "
        "command again: it sends what is missing. If everything is there already, take the row out of the file.",
    ),
}


def problem(
    code: ProblemCode, detail: str = "", *, fix: str = "", column: str = "", not_for_host: bool = False
) -> Problem:
    """A `Problem` with the usual words for its code wherever the caller has none that fit better."""
    advice = ADVICE[code]
    return Problem(code, cleaned(detail) or advice.meaning, cleaned(fix) or advice.fix, column, not_for_host)


def cleaned(text: str) -> str:
    """Strangers' text without what a terminal or a reader's eye would obey: control characters, turns of direction."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else " " if sign.isspace() else "\N{REPLACEMENT CHARACTER}" for sign in text
    )
