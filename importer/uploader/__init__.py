"""The third room: checked rows go to the store, one write at a time on each product, with a record of every one."""

from importer.uploader.journal import JOURNAL_NAME, Journal
from importer.uploader.lane import unsent
from importer.uploader.upload import upload

__all__ = ["JOURNAL_NAME", "Journal", "unsent", "upload"]
