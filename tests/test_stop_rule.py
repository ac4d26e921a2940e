"""The stop rule: what is counted, where the line is, and how the share may be written."""

import pytest

from importer.errors import UsageError
from importer.models import ImageRow, Outcome, ProblemCode, SkippedRow, Status
from importer.problems import problem
from importer.stop_rule import Rejections, broken_rule, parse_share, rejections

ROW = ImageRow("", 2, 1, "", "https://a.example/x.jpg", "https://a.example/x.jpg")


def test_repeated_and_skipped_rows_are_in_neither_count() -> None:
    outcomes = [
        Outcome(ROW, Status.OK),
        Outcome(ROW, Status.REJECTED, problem(ProblemCode.URL_INVALID, "No address.")),
        Outcome(ROW, Status.REJECTED, problem(ProblemCode.URL_DUPLICATE, "As row 2.")),
        Outcome(SkippedRow("", 5, "1", "", "", "Nothing to do."), Status.SKIPPED),
    ]
    assert rejections(outcomes) == Rejections(1, 2)
    assert rejections([]) == Rejections(0, 0)


@pytest.mark.parametrize("percent", range(101))
def test_exactly_the_share_is_fine_and_one_row_more_is_not_whatever_the_percentage(percent: int) -> None:
    """0.29 * 100 is 28.999999999999996 in binary floating point."""
    share = parse_share(f"{percent}%")
    assert broken_rule(Rejections(percent, 100), share) == ""
    assert percent == 100 or broken_rule(Rejections(percent + 1, 100), share)


@pytest.mark.parametrize("share", [None, 0.0, 0.2, 1.0])
def test_no_rows_break_no_rule(share: float | None) -> None:
    assert broken_rule(Rejections(0, 0), share) == ""


@pytest.mark.parametrize(
    ("found", "share", "start"),
    [
        (Rejections(3, 10), 0.2, "3 of 10 rows are rejected (30%): more than --fail-over 20% allows"),
        (Rejections(1, 1), 0.999, "1 of 1 row is rejected (100%): more than --fail-over 99.9% allows"),
        (Rejections(1, 3), 0.025, "1 of 3 rows is rejected (33.3%): more than --fail-over 2.5% allows"),
        (Rejections(2001, 10_000), 0.2, "2,001 of 10,000 rows are rejected (just over 20%): more than --fail-over 20%"),
        (Rejections(1, 100_000), 0.0, "1 of 100,000 rows is rejected (just over 0%): more than --fail-over 0% allows"),
    ],
)
def test_the_sentence_says_how_many_the_share_the_rule_and_what_to_do(
    found: Rejections, share: float, start: str
) -> None:
    words = broken_rule(found, share)
    assert words.startswith(start)
    assert "nothing was sent" in words
    assert "Mend the rejected rows" in words
    assert words.endswith("a higher --fail-over.")


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("20%", 0.2),
        ("20", 0.2),
        (" 20 % ", 0.2),
        ("2.5%", 0.025),
        ("0.2%", 0.002),
        ("0", 0.0),
        ("1", 0.01),
        ("100%", 1),
    ],
)
def test_a_share_is_written_as_a_percentage(text: str, share: float) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.2", "write 20% or 0.2%"),
        ("0.025", "write 2.5% or 0.025%"),
        ("1.0", "write 100% or 1%"),
        ("20.5", "write 20.5%"),
        ("101%", "between 0% and 100%"),
        ("100.1%", "between 0% and 100%"),
        ("-5%", "between 0% and 100%"),
        ("many", "between 0% and 100%"),
        ("", "between 0% and 100%"),
        ("%", "between 0% and 100%"),
        ("nan%", "between 0% and 100%"),
        ("1e1%", "between 0% and 100%"),
        ("٢٠%", "between 0% and 100%"),
        ("9" * 400, "between 0% and 100%"),
    ],
)
def test_what_could_be_misread_or_means_nothing_is_refused_with_the_way_to_write_it(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_share(text)
