"""BigCommerce's limits and our own patience, as constants with their sources."""

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
LARGEST_PRODUCT_ID = 2**31 - 1
"""BigCommerce's ids are numbers of 32 bits, as `sort_order` says of itself; a larger one is a bar code or a slip."""
