"""The second room: every URL gets a verdict, and with a store every product too, before anything is sent."""

from importer.validator.check import check

__all__ = ["check"]
