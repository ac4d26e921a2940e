"""What each documented answer of the store means, without a network."""

from typing import Any

import pytest

from importer.models import ProblemCode
from importer.net import FailureKind, NetFailure
from importer.store import Accepted, Answer, NotSent, RetryAfter, RetryPolicy, RowFails, RunStops, Tries, judge
from importer.store.answers import store_words

POLICY = RetryPolicy(attempts=5, first_backoff=1.0, longest_backoff=60.0)


NOT_DOWNLOADED = {
    "invalid_reason": "The resource at 'https://a.example/x.jpg' could not be downloaded and may be invalid."
}
NOT_PROCESSED = {"image_file": "x.jpg could not be processed and may not be valid image"}


def decided(
    status: int, body: Any = None, attempt: int = 1, headers: dict[str, str] | None = None, throttled: int = 0
) -> Any:
    return judge(Answer(status, body, headers=headers or {}), Tries(attempt, throttled), POLICY, 0.5)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_done(status: int) -> None:
    assert decided(status) == Accepted()


@pytest.mark.parametrize("status", [408, 499, 500, 502, 503, 504])
def test_a_server_error_is_tried_again_after_looking_and_fails_the_row_in_the_end(status: int) -> None:
    assert decided(status) == RetryAfter(1.0, ambiguous=True)
    assert decided(status, attempt=3) == RetryAfter(4.0, ambiguous=True)
    last = decided(status, attempt=5)
    assert isinstance(last, RowFails)
    assert (last.problem.code, last.ambiguous) == (ProblemCode.STORE_UNAVAILABLE, True)


@pytest.mark.parametrize("status", [409, 423])
def test_a_busy_product_is_tried_three_times(status: int) -> None:
    assert decided(status, attempt=2) == RetryAfter(2.0, ambiguous=False)
    last = decided(status, attempt=3)
    assert isinstance(last, RowFails)
    assert last.problem.code == ProblemCode.STORE_REJECTED


def test_429_never_fails_a_row() -> None:
    held = RetryAfter(0.0, ambiguous=False, throttled=True)
    assert decided(429, attempt=5, headers={"X-Retry-After": "3"}) == held
    assert decided(429, throttled=0) == RetryAfter(1.0, ambiguous=False, throttled=True)
    assert decided(429, throttled=3) == RetryAfter(8.0, ambiguous=False, throttled=True)


@pytest.mark.parametrize(
    ("headers", "throttled"), [({}, 20), ({"X-Retry-After": "3"}, 20), ({"Retry-After": "86400"}, 0)]
)
def test_a_store_that_throttles_for_good_stops_the_run(headers: dict[str, str], throttled: int) -> None:
    stop = decided(429, headers=headers, throttled=throttled)
    assert isinstance(stop, RunStops)
    assert "429" in stop.message


def test_a_request_that_never_left_decides_nothing() -> None:
    assert judge(NotSent(), Tries(5), POLICY, 0.5) == RetryAfter(0.0, ambiguous=False, throttled=True)


@pytest.mark.parametrize(
    ("status", "words"), [(401, "access token"), (403, "scope"), (301, "redirects"), (304, "redirects")]
)
def test_what_stops_the_run(status: int, words: str) -> None:
    stop = decided(status)
    assert isinstance(stop, RunStops)
    assert words in stop.message + stop.fix


@pytest.mark.parametrize(
    ("status", "title", "errors", "code"),
    [
        (400, "The field 'image_file' is invalid.", NOT_DOWNLOADED, "store_could_not_fetch"),
        (400, "could not be completed due to a URL restriction. Check the URL for ports", {}, "store_could_not_fetch"),
        (422, "The field 'image_url' is invalid.", {}, "store_could_not_fetch"),
        (422, "The field 'image_file' is invalid.", NOT_PROCESSED, "store_rejected_image"),
        (422, "The maximum of 8 MB size limit for upload image is exceeded", {}, "image_too_large"),
        (422, "image_url must be at most 255 characters", {}, "url_too_long"),
        (422, "A product can have up to 1000 images", {}, "image_limit_reached"),
        (422, "description is wrong", {}, "store_rejected"),
        (404, "The requested resource was not found.", {}, "product_unknown"),
        (413, "The request payload is too large.", {}, "store_rejected"),
        (415, "Unsupported media type", {}, "store_rejected"),
        (501, "", {}, "store_rejected"),
        (505, "", {}, "store_rejected"),
        (507, "plan limit reached", {}, "store_rejected"),
        (207, "partial", {}, "store_rejected"),
    ],
)
def test_what_fails_the_row_and_why(status: int, title: str, errors: dict[str, str], code: str) -> None:
    verdict = decided(status, {"status": status, "title": title, "errors": errors})
    assert isinstance(verdict, RowFails)
    assert verdict.problem.code == code
    assert title in verdict.problem.detail
    assert all(error in verdict.problem.detail for error in errors.values())


def test_an_answer_that_is_no_json_still_gives_a_reason() -> None:
    verdict = decided(422, None)
    assert isinstance(verdict, RowFails)
    assert "422" in verdict.problem.detail


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_failure_to_answer_has_a_verdict(kind: FailureKind) -> None:
    first, last = (judge(NetFailure(kind, "words"), Tries(attempt), POLICY, 0.5) for attempt in (1, 5))
    certain = {FailureKind.DNS, FailureKind.PRIVATE, FailureKind.REFUSED, FailureKind.CONNECT_TIMEOUT}
    if kind in certain:
        assert first == RetryAfter(1.0, ambiguous=False)
        assert isinstance(last, RunStops)
    elif kind in {FailureKind.READ_TIMEOUT, FailureKind.LOST, FailureKind.BAD_ANSWER}:
        assert first == RetryAfter(1.0, ambiguous=True)
        assert isinstance(last, RowFails)
        assert last.ambiguous
    else:
        assert isinstance(first, RunStops)


def test_waits_double_up_to_the_cap_and_are_spread() -> None:
    assert [POLICY.wait(attempt, 0.5) for attempt in (1, 2, 3, 7, 40)] == [1, 2, 4, 60, 60]
    assert POLICY.wait(1, 0.0) == pytest.approx(0.8)
    assert POLICY.wait(1, 1.0) == pytest.approx(1.2)


def test_the_stores_words_are_quoted_whole_and_on_one_line() -> None:
    body = {"title": "Bad\n request", "errors": {"a": "one", "b": "two", "c": 3}}
    assert store_words(Answer(422, body)) == "Bad request one two"
    assert store_words(Answer(422, ["odd"])) == ""
