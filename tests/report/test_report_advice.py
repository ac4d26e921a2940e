"""What the page and the workbook say first of what to do next, in every kind of ending."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from importer.models import Outcome, ProblemCode, Status
from importer.report import summarize
from importer.report.advice import advice
from tests.report.report_samples import RUN, image_row, troubled, uploaded

SENDING, CHECKING = replace(RUN, command="run", file="mugs.csv"), replace(RUN, command="check", file="mugs.csv")
BAD, REPEATED = troubled(2, ProblemCode.SKU_UNKNOWN), troubled(3, ProblemCode.URL_DUPLICATE)
READY, UNREACHED = Outcome(image_row(4), Status.OK), Outcome(image_row(5), Status.UNSENT)
MEND = (
    "Mend these rows in mugs.csv and run the same command again{}. Or mend them on the sheet “To fix” of results.xlsx, "
    "save it, and run that file with the same options{}."
)
GO_ON = "There is nothing to mend in {}: run the same command again to go on where this run stopped."


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], ["Check that the right file and sheet were chosen."]),
        ([uploaded(2)], ["No row needs a correction."]),
        ([uploaded(2), REPEATED], ["No row needs a correction."]),
        ([BAD, uploaded(3)], [MEND.format(": it sends only what is not in the store yet", "")]),
        (
            [BAD, UNREACHED],
            [
                MEND.format(": it sends only what is not in the store yet", "; it takes all rows that are left"),
                f"1 row was not reached. {GO_ON.format('it')}",
            ],
        ),
        ([uploaded(2), *[UNREACHED] * 1200], [f"1,200 rows were not reached. {GO_ON.format('them')}"]),
    ],
    ids=["no rows", "all fine", "repeats", "to mend", "stopped", "stopped and nothing to mend"],
)
def test_after_a_run(outcomes: Sequence[Outcome], expected: list[str]) -> None:
    assert list(advice(summarize(outcomes, SENDING))) == expected


def test_after_a_check_nothing_was_sent_yet() -> None:
    """Though all is well: whoever stops here has no pictures in the shop."""
    ready = "Nothing has been sent yet: {} ready, and “importer run” sends {}."
    assert advice(summarize([READY] * 2, CHECKING)) == (ready.format("2 pictures are", "them"),)
    assert advice(summarize([READY, BAD], CHECKING)) == (
        MEND.format("", "; it takes all rows that are left"),
        ready.format("1 picture is", "it"),
    )


def test_what_stopped_the_store_is_mended_first() -> None:
    """The same command with the same wrong token would stop again."""
    refused = replace(SENDING, stopped="The store refuses the token.", stopped_fix="Check the access token.")
    assert advice(summarize([UNREACHED] * 300, refused)) == ("300 rows were not reached. Check the access token.",)


def test_a_run_in_a_pretend_store_does_not_go_on() -> None:
    """Each `--sandbox` starts a store of its own, where nothing of the last one is."""
    (told,) = advice(summarize([UNREACHED], replace(SENDING, sandbox=True)))
    assert told.endswith("run the same command again and it starts afresh with a new pretend store.")
