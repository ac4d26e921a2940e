"""The second room: every URL gets a verdict, and with a store every product too, before anything is sent."""

from importer.validator.check import check, check_urls, look_up
from importer.validator.products import keep_to_limit

__all__ = ["check", "check_urls", "keep_to_limit", "look_up"]
