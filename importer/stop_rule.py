"""The stop rule: a sheet of which too much is rejected is mended first, not imported by half. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from importer.errors import UsageError
from importer.models import Outcome, ProblemCode, Status

DOUBTFUL_SHARE = 0.2
"""Where more than this share of the rows is rejected and nobody set a rule, the question's answer is no by default."""


@dataclass(frozen=True, slots=True)
class Rejections:
    """How many of a file's rows are rejected; rows that repeat an earlier one or ask for nothing are in neither count.

    Attributes:
        rejected: rows that the loader or the check rejected.
        rows: all rows, the rejected ones included.
    """

    rejected: int
    rows: int

    def more_than(self, share: float) -> bool:
        """Whether more than this share, 0 to 1, is rejected; exactly that share is not more, and no rows are none."""
        return self.rejected > _exact(share) * self.rows

    def __str__(self) -> str:
        """`3 of 10 rows are rejected`, or the same for one."""
        rows = "row" if self.rows == 1 else "rows"
        return f"{self.rejected:,} of {self.rows:,} {rows} {'is' if self.rejected == 1 else 'are'} rejected"


def rejections(outcomes: Iterable[Outcome]) -> Rejections:
    """Count the rows that the stop rule is about, from one outcome for each row of the file."""
    rejected = rows = 0
    for outcome in outcomes:
        repeats = outcome.problem is not None and outcome.problem.code == ProblemCode.URL_DUPLICATE
        if outcome.status != Status.SKIPPED and not repeats:
            rows += 1
            rejected += outcome.status == Status.REJECTED
    return Rejections(rejected, rows)


def broken_rule(found: Rejections, fail_over: float | None) -> str:
    """Why nothing may be sent and what to do, or an empty text where the rule is kept.

    Args:
        found: the rows of the whole file after the check.
        fail_over: the share, 0 to 1, that may be rejected at most, or None for no rule.
    """
    if fail_over is None or not found.more_than(fail_over):
        return ""
    limit = f"{float(_exact(fail_over) * 100):g}%"
    return (
        f"{found}{_about(found, fail_over, limit)}: more than --fail-over {limit} allows, so nothing was sent. Mend "
        "the rejected rows and run the same command again, or allow more of them with a higher --fail-over."
    )


def _about(found: Rejections, fail_over: float, limit: str) -> str:
    """The share in brackets. Rounding must not make it look as if the rule had been kept."""
    percent = round(100 * found.rejected / found.rows, 1)
    return f" (just over {limit})" if percent <= _exact(fail_over) * 100 else f" ({percent:g}%)"


def _exact(share: float) -> Fraction:
    """The share as it was written: 0.29 * 100 is less than 29 in binary, and 29 of 100 would break a rule of 29%."""
    return Fraction(repr(float(share)))


def parse_share(text: str) -> float:
    """Read the value of `--fail-over`: `20%`, `20` or `2.5%` as a share, 0 to 1.

    Raises:
        UsageError: it is something else, or a number such as 0.2, which could mean 20% or 0.2%.
    """
    match = re.fullmatch(r"([0-9]{1,9})(\.[0-9]{1,9})?\s*(%?)", text.strip())
    if match is None or float(f"{match[1]}{match[2] or ''}") > 100:
        raise UsageError(f"--fail-over takes a share between 0% and 100%, for example 20%, not {text!r}.")
    number = Fraction(f"{match[1]}{match[2] or ''}")
    if match[2] and not match[3]:
        meant = f"{float(number * 100):g}% or {float(number):g}%" if number <= 1 else f"{float(number):g}%"
        raise UsageError(f"--fail-over {text.strip()} could be misread: write {meant}.")
    return float(number / 100)
