"""What stops a whole run. One row's trouble is a `Problem`, never one of these.

    ImporterError
    +-- UsageError          wrong flags, settings or credentials; nothing was sent       (exit 2)
    |   +-- FileError       the spreadsheet cannot be read or understood                 (exit 2)
    |   |   +-- MissingColumnError  --map names a column that is not there               (exit 2)
    |   +-- ResultsError    the results folder or its journal cannot be used             (exit 2)
    +-- StoreStoppedError   the store refuses the whole run or does not answer           (exit 4)
    |   +-- UnansweredError one question was not answered; others may be                 (exit 4)
    +-- JournalLostError    the journal cannot be written any more in the middle of a run (exit 4)
    +-- WaitAbandonedError  Ctrl-C came while waiting for the store; the row stays unsent (exit 130)

Each message is one or two sentences for the person at the keyboard, and never holds the access token.
"""

from importer.models import ProblemCode


class ImporterError(Exception):
    """The root of everything that this tool raises on purpose."""

    @property
    def sentence(self) -> str:
        """What happened, and what the person does about it where that is known."""
        return str(self)


class UsageError(ImporterError):
    """The command cannot start as it was given; nothing was sent."""


class FileError(UsageError):
    """The spreadsheet cannot be read, or no usable columns were found in it."""


class MissingColumnError(FileError):
    """`--map` names a column that a row, taken as the header, does not have; another row may have it."""


class ResultsError(UsageError):
    """The results folder or the journal in it cannot be used."""


class StoreStoppedError(ImporterError):
    """The store refuses everything (401, 403) or cannot be reached; rows not yet sent can be resumed.

    Args:
        message: what happened and what to do, for the person.
        code: the problem code for the rows that were not sent because of it.
        fix: what the person does about it, where running the same command again is not enough.
    """

    def __init__(self, message: str, code: ProblemCode, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.fix = fix

    @property
    def sentence(self) -> str:
        """What happened, and what the person does about it."""
        return f"{self} {self.fix}".strip()


class UnansweredError(StoreStoppedError):
    """The store failed on one question, however often it was asked; it may well answer others."""


class JournalLostError(ImporterError):
    """The journal cannot be written, so nothing more may be sent: a picture is never sent without a record."""


class WaitAbandonedError(ImporterError):
    """Ctrl-C came while a question to the store waited for its turn; nothing was decided."""
