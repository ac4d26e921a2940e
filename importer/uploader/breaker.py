"""When to stop because the store refuses nearly everything.

BigCommerce docs, migration guide: repeated 422s in a run are "a critical issue. Pause the migration".
"""

from importer.errors import StoreStoppedError
from importer.models import Outcome, ProblemCode, Status

_UNANSWERED_IN_A_ROW = 10
"""So many rows that the store left unanswered, with none taken between them, mean that it is down."""
_SAYS_NOTHING = {ProblemCode.PRODUCT_UNKNOWN, ProblemCode.UPLOAD_UNCERTAIN}
"""A product deleted meanwhile, of which every row fails, and a picture that cannot be told are no signs of trouble."""


class Breaker:
    """Counts failures in a row.

    Args:
        refusals: pictures in a row that the store may refuse; 0 for any number.
    """

    def __init__(self, refusals: int) -> None:
        self._most = refusals
        self._refused = 0
        self._unanswered = 0

    def note(self, outcome: Outcome) -> None:
        """Count one row's end.

        Raises:
            StoreStoppedError: too many in a row have failed.
        """
        if outcome.status == Status.UPLOADED:
            self._refused = self._unanswered = 0
        if outcome.status != Status.FAILED or outcome.problem is None or outcome.problem.code in _SAYS_NOTHING:
            return
        self._refused += 1
        self._unanswered = self._unanswered + 1 if outcome.problem.code == ProblemCode.STORE_UNAVAILABLE else 0
        if self._unanswered >= _UNANSWERED_IN_A_ROW:
            raise StoreStoppedError(
                f"The store failed on {self._unanswered} pictures in a row, so the run was stopped.",
                ProblemCode.STORE_UNAVAILABLE,
            )
        if self._most and self._refused >= self._most:
            raise StoreStoppedError(
                f"The store refused {self._refused} pictures in a row, so the run was stopped.",
                ProblemCode.STORE_REJECTED,
                "Read in the report why they were refused and mend that first. To go on all the same, add "
                "--stop-after 0.",
            )
