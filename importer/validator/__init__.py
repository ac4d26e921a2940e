"""The second room: every URL gets a verdict, and with a store every product too, before anything is sent."""

from importer.validator.check import check, check_urls, look_up
from importer.validator.offline import OFFLINE, OFFLINE_FIX, is_offline
from importer.validator.products import keep_to_limit

__all__ = ["OFFLINE", "OFFLINE_FIX", "check", "check_urls", "is_offline", "keep_to_limit", "look_up"]
