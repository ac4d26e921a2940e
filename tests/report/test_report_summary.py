"""What the outcomes add up to."""

import json
from dataclasses import replace

import pytest

from importer.models import Outcome, ProblemCode, Status
from importer.problems import ADVICE, problem
from importer.report import as_dict, summarize
from importer.report.summary import row_references
from importer.report.verdict import STATUS_WORDS
from tests.report.report_samples import RUN, every_kind, image_row, troubled, uploaded

CHECK = replace(RUN, command="check")


def many(status: Status, count: int) -> list[Outcome]:
    """Rows that ended so."""
    return [Outcome(image_row(row), status) for row in range(2, count + 2)]


def test_every_status_has_words() -> None:
    """A new status must not break the report."""
    assert set(STATUS_WORDS) == set(Status)


def test_the_counts_add_up_to_the_rows() -> None:
    """Only what occurs is counted, and everything that occurs."""
    outcomes = every_kind()
    summary = summarize(outcomes, RUN)
    assert summary.lines == sum(summary.counts.values()) == len(outcomes)
    assert set(summary.counts) == set(Status)
    assert sum(summary.codes.values()) == sum(group.count for group in summary.groups) == len(ProblemCode) + 1
    assert list(summarize([uploaded(2)], RUN).counts) == [Status.UPLOADED]


def test_rows_and_lines_are_told_apart() -> None:
    """A row with three pictures is one row of the file and three lines of the report."""
    summary = summarize([uploaded(2), uploaded(2), uploaded(2), uploaded(3)], RUN)
    assert (summary.rows, summary.lines) == (2, 4)
    assert summary.tally == "The file has 2 rows; the report has 4 lines, one for each picture that a row names."
    assert summarize([uploaded(2), uploaded(3)], RUN).tally == ""


def test_the_commonest_problem_comes_first() -> None:
    """With its meaning, its remedy, its rows and an example."""
    outcomes = [
        troubled(2, ProblemCode.SKU_UNKNOWN),
        troubled(3, ProblemCode.HTTP_NOT_FOUND),
        troubled(9, ProblemCode.HTTP_NOT_FOUND),
    ]
    first, second = summarize(outcomes, RUN).groups
    assert (first.code, first.count, first.rows) == (ProblemCode.HTTP_NOT_FOUND, 2, "3, 9")
    assert (first.meaning, first.fix) == (ADVICE[first.code].meaning, ADVICE[first.code].fix)
    assert second.example == ADVICE[ProblemCode.SKU_UNKNOWN].meaning


def test_rows_that_each_need_something_of_their_own_are_not_told_the_usual_fix() -> None:
    """Share links, of which each row has the direct address."""
    rows = [
        replace(troubled(row, ProblemCode.NOT_AN_IMAGE), problem=problem(ProblemCode.NOT_AN_IMAGE, fix=f"Use {row}."))
        for row in (2, 3)
    ]
    usual = troubled(4, ProblemCode.NOT_AN_IMAGE)
    assert fixes(rows) == fixes([*rows, usual]) == ["Each row says what to do, for example: Use 2."]
    assert fixes(rows[:1]) == ["Use 2."]
    assert fixes([*rows, usual, usual]) == [ADVICE[ProblemCode.NOT_AN_IMAGE].fix]


def fixes(outcomes: list[Outcome]) -> list[str]:
    return [group.fix for group in summarize(outcomes, RUN).groups]


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([("", 2)], "2"),
        ([("", 2), ("", 3)], "2, 3"),
        ([("", 2), ("", 3), ("", 4), ("", 9)], "2\N{EN DASH}4, 9"),
        ([("", row) for row in range(2, 42, 2)], "2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24 and 8 more"),
        ([("Mugs", 2), ("Mugs", 5), ("Hats", 6)], "Mugs: 2, 5, Hats: 6"),
        ([("", row) for row in (2, 3, 4, 5, 6, 6, 6, 7, 8, 8)], "2\N{EN DASH}8"),
        ([("", 6), ("", 9), ("", 6)], "6, 9"),
        ([("", row) for row in range(2, 42, 2) for _ in "ab"], "2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24 and 8 more"),
        ([("Mugs", 2), ("Hats", 2), ("Hats", 2)], "Mugs: 2, Hats: 2"),
    ],
)
def test_row_numbers_are_short(places: list[tuple[str, int]], words: str) -> None:
    """Neighbours are joined, a long list is counted, sheets are named, and a row with several pictures stands once."""
    assert row_references(places) == words


def test_the_sheet_is_named_only_where_there_are_several() -> None:
    """A file with one sheet needs no name before each number."""
    one = [troubled(2, ProblemCode.SKU_UNKNOWN, sheet="Mugs"), uploaded(3, sheet="Mugs")]
    two = [*one, uploaded(2, sheet="Hats")]
    assert summarize(one, RUN).groups[0].rows == "2"
    assert summarize(two, RUN).groups[0].rows == "Mugs: 2"


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([], "The file has no rows with pictures."),
        (many(Status.UPLOADED, 1), "The one picture is in the store."),
        (many(Status.FAILED, 1), "The one picture is not in the store; it needs attention."),
        (many(Status.UPLOADED, 1200), "All 1,200 pictures are in the store."),
        (
            many(Status.UPLOADED, 28) + many(Status.ALREADY_THERE, 3) + many(Status.REJECTED, 27),
            "31 of 58 pictures are in the store; 27 need attention.",
        ),
        (
            many(Status.PROBABLY_THERE, 1),
            "The one picture is not in the store; it is only probably there (same file name).",
        ),
        (
            many(Status.UPLOADED, 1) + many(Status.ALREADY_THERE, 2) + many(Status.PROBABLY_THERE, 3),
            "3 of 6 pictures are in the store; 3 are only probably there (same file name).",
        ),
        (
            [uploaded(2), troubled(3, ProblemCode.URL_DUPLICATE), troubled(4, ProblemCode.SKU_UNKNOWN)],
            "1 of 3 pictures is in the store; 1 needs attention and 1 only repeats an earlier one.",
        ),
    ],
)
def test_the_verdict_of_a_run(outcomes: list[Outcome], verdict: str) -> None:
    """Plain words whose numbers add up."""
    assert summarize(outcomes, RUN).verdict == verdict


def test_the_verdict_of_a_check() -> None:
    """Nothing was sent, so nothing is claimed to be in the store but what was there before."""
    outcomes = many(Status.OK, 31) + many(Status.ALREADY_THERE, 2) + many(Status.REJECTED, 25)
    assert summarize(outcomes, CHECK).verdict == (
        "31 of 58 pictures are ready to send; 2 are already in the store and 25 need attention."
    )
    assert summarize(many(Status.OK, 1) + many(Status.PROBABLY_THERE, 1), CHECK).verdict == (
        "1 of 2 pictures is ready to send; 1 is only probably there (same file name)."
    )


def test_the_verdict_of_a_run_that_stopped() -> None:
    """The rows that nobody came to are counted apart."""
    stopped = replace(RUN, stopped="The store refuses the token.")
    summary = summarize(many(Status.UPLOADED, 5) + many(Status.FAILED, 1) + many(Status.UNSENT, 4), stopped)
    assert summary.verdict == (
        "5 of 10 pictures are in the store; 1 needs attention and 4 were not reached. The run stopped early."
    )


def test_an_unsent_repetition_is_counted_once() -> None:
    """The clauses add up even where a repeated row was not reached."""
    outcomes = [uploaded(2), troubled(3, ProblemCode.URL_DUPLICATE, Status.UNSENT)]
    assert summarize(outcomes, RUN).verdict == "1 of 2 pictures is in the store; 1 was not reached."


def test_the_summary_is_json() -> None:
    """What `--json` prints can be read back, with plain words as keys."""
    data = json.loads(json.dumps(as_dict(summarize(every_kind(), RUN))))
    assert list(data)[:8] == ["command", "file", "store", "sandbox", "started", "seconds", "stopped", "stopped_fix"]
    assert data["lines"] == sum(data["counts"].values())
    assert data["counts"]["uploaded"] == 2
    assert data["codes"]["product_id_invalid"] == 2
    (host,) = data["hosts"]
    assert list(host) == ["host", "port", "urls", "pictures", "tls_version", "problems", "codes", "verdict", "letter"]
    assert (host["host"], host["urls"], host["tls_version"]) == ("cdn.example.com", 44, "TLSv1.3")
    assert "url_private" in host["codes"]
    assert host["verdict"].endswith("other kinds of trouble.")


def test_rows_that_were_not_reached_are_not_among_those_to_mend() -> None:
    """The reason why the run stopped is told once, and not as a fault of each row."""
    refused = troubled(4, ProblemCode.STORE_REJECTED, Status.UNSENT)
    summary = summarize(
        [troubled(2, ProblemCode.SKU_UNKNOWN), refused, troubled(5, ProblemCode.STORE_REJECTED, Status.UNSENT)], RUN
    )
    assert [(group.code, group.count) for group in summary.groups] == [(ProblemCode.SKU_UNKNOWN, 1)]
    assert dict(summary.codes) == {ProblemCode.STORE_REJECTED: 2, ProblemCode.SKU_UNKNOWN: 1}
