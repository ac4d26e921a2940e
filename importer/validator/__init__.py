"""The second room: every URL gets a verdict, and with a store every product too, before anything is sent."""

from importer.validator.check import check, check_urls, look_up

__all__ = ["check", "check_urls", "look_up"]
