"""The third room: checked rows go to the store, one write at a time on each product, with a record of every one."""

from importer.uploader.ends import unsent
from importer.uploader.journal import JOURNAL_NAME, Entry, Journal, OtherJournals
from importer.uploader.journal_stores import plans_of, recorded_elsewhere, recorded_stores, serves
from importer.uploader.likeness import seen_there
from importer.uploader.plan import Plan, make_plan
from importer.uploader.undo import Undo, UndoSurvey, survey_undo
from importer.uploader.undo_plan import UndoLine, UndoStatus
from importer.uploader.upload import upload
from importer.uploader.wishes import RECORDED, Remainder, mark_recorded

__all__ = [
    "JOURNAL_NAME",
    "RECORDED",
    "Entry",
    "Journal",
    "OtherJournals",
    "Plan",
    "Remainder",
    "Undo",
    "UndoLine",
    "UndoStatus",
    "UndoSurvey",
    "make_plan",
    "mark_recorded",
    "plans_of",
    "recorded_elsewhere",
    "recorded_stores",
    "seen_there",
    "serves",
    "survey_undo",
    "unsent",
    "upload",
]
