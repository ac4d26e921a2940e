"""How long an import takes by the store's quota, in words that are true of short ones, too."""

import pytest

from importer.cli.plan_printing import plan_json, plan_text
from importer.pipeline import Plan


def plan(requests: int, quota: int = 150, window: float = 30.0) -> Plan:
    return Plan(requests, 0, 0, 1, 0, requests, quota, window)


@pytest.mark.parametrize(
    ("requests", "words"),
    [
        (1, "within"),
        (150, "within"),
        (151, "less than a minute at"),
        (300, "less than a minute at"),
        (301, "at least 1 minute at"),
        (599, "at least 1 minute at"),
        (601, "at least 2 minutes at"),
        (10_000, "at least 33 minutes at"),
        (35_851, "at least 119 minutes at"),
        (36_150, "at least 2 hours at"),
        (200_000, "at least 11.1 hours at"),
    ],
)
def test_the_last_window_is_not_waited_out(requests: int, words: str) -> None:
    _, text = plan_text(plan(requests)).split(". This takes ")
    noun = "request" if requests == 1 else "requests"
    assert text == f"{requests:,} {noun}, {words} the store's quota of 150 requests in 30 seconds."


def test_scripts_get_the_seconds_that_the_quota_holds_the_import_up_for() -> None:
    assert [plan_json(plan(requests))["seconds"] for requests in (150, 151, 301)] == [None, 30.0, 60.0]
