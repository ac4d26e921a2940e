"""What each documented answer of the store means, without a network."""

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.models import ProblemCode
from importer.net import FailureKind, NetFailure
from importer.store import Accepted, Answer, NotSent, RetryAfter, RetryPolicy, RowFails, RunStops, Tries, judge
from importer.store.answers import parse_image, store_words

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


DOUBTFUL = {207, 304, 408, 499, 500, 502, 503, 504, 520, 524}
BUSY = {409, 423}
REFUSED = {400, 404, 405, 413, 415, 422, 501, 505}
STOPPING = {301, 302, 308, 401, 403, 507}


@pytest.mark.parametrize("status", sorted({200, 201, 204, 429} | DOUBTFUL | BUSY | REFUSED | STOPPING))
@pytest.mark.parametrize("body", [None, [], {}, {"title": "words", "errors": {}}])
def test_every_documented_status_has_its_kind_of_verdict_whatever_its_body(status: int, body: Any) -> None:
    first, last = decided(status, body), decided(status, body, attempt=5)
    if status in {200, 201, 204}:
        assert first == last == Accepted()
    elif status == 429:
        assert isinstance(last, RetryAfter)
        assert (last.throttled, last.ambiguous) == (True, False)
    elif status in STOPPING:
        assert isinstance(first, RunStops)
        assert first.fix
    elif status in REFUSED:
        assert isinstance(first, RowFails)
        assert not first.ambiguous
    else:
        assert isinstance(first, RetryAfter)
        assert isinstance(last, RowFails)
        assert (first.ambiguous, last.ambiguous) == (status in DOUBTFUL, status in DOUBTFUL)
        assert not first.throttled


@pytest.mark.parametrize("status", [408, 499, 502, 503, 504])
def test_a_server_error_is_tried_again_after_looking_and_fails_the_row_in_the_end(status: int) -> None:
    assert decided(status) == RetryAfter(1.0, ambiguous=True)
    assert decided(status, attempt=3) == RetryAfter(4.0, ambiguous=True)
    last = decided(status, attempt=5)
    assert isinstance(last, RowFails)
    assert (last.problem.code, last.ambiguous) == (ProblemCode.STORE_UNAVAILABLE, True)


def test_after_a_500_a_write_waits_longer_than_a_read() -> None:
    write, read = (judge(Answer(500), Tries(2, 0, write), POLICY, 0.5) for write in (True, False))
    assert (write, read) == (RetryAfter(6.0, ambiguous=True), RetryAfter(2.0, ambiguous=True))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {"title": "Rate limit exceeded"}),
        Answer(500, {"errors": {"reason": "Too many requests, slow down"}}),
        Answer(500, None, text="<h1>request quota used up</h1>"),
        Answer(500, None, headers={"X-Rate-Limit-Requests-Left": "0"}),
    ],
)
def test_a_500_that_smells_of_the_limit_costs_no_try_but_may_have_been_done(answer: Answer) -> None:
    assert judge(answer, Tries(5, 2), POLICY, 0.5) == RetryAfter(4.0, ambiguous=True, throttled=True)
    assert isinstance(judge(answer, Tries(1, 20), POLICY, 0.5), RunStops)
    other = Answer(503, answer.body, answer.text, answer.headers)
    assert judge(other, Tries(1), POLICY, 0.5) == RetryAfter(1.0, ambiguous=True)


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
    ("status", "words"), [(401, "access token"), (403, "scope"), (301, "redirects"), (507, "larger plan")]
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
        (422, "Unprocessable", {"image_url": "must be at most 255 characters"}, "url_too_long"),
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
    certain = {FailureKind.COMPUTER, FailureKind.DNS, FailureKind.PRIVATE, FailureKind.REFUSED}
    if kind in certain | {FailureKind.CONNECT_TIMEOUT}:
        assert first == RetryAfter(1.0, ambiguous=False)
        assert isinstance(last, RunStops)
    elif kind in {FailureKind.READ_TIMEOUT, FailureKind.LOST, FailureKind.BAD_ANSWER}:
        assert first == RetryAfter(1.0, ambiguous=True)
        assert isinstance(last, RowFails)
        assert last.ambiguous
    else:
        assert isinstance(first, RunStops)


def test_what_this_computer_runs_out_of_is_not_the_stores_fault() -> None:
    last = judge(NetFailure(FailureKind.COMPUTER, "this computer has run out of open files"), Tries(5), POLICY, 0.5)
    assert isinstance(last, RunStops)
    assert last.message.startswith("The store was not asked: this computer has run out")


def test_waits_double_up_to_the_cap_and_are_spread() -> None:
    assert [POLICY.wait(attempt, 0.5) for attempt in (1, 2, 3, 7, 40)] == [1, 2, 4, 60, 60]
    assert POLICY.wait(1, 0.0) == pytest.approx(0.8)
    assert POLICY.wait(1, 1.0) == pytest.approx(1.2)


def test_the_stores_words_are_quoted_whole_and_on_one_line() -> None:
    body = {"title": "Bad\n request", "errors": {"a": "one", "b": "two", "c": 3}}
    assert store_words(Answer(422, body)) == "Bad request one two"
    assert store_words(Answer(422, ["odd"])) == ""
    nested = {"errors": [{"title": "first", "errors": {"image_url": ["second", 3]}}, "third"]}
    assert store_words(Answer(422, nested)) == "first second third"


def test_partial_success_is_looked_at_and_fails_in_the_stores_words_in_the_end() -> None:
    last = decided(207, {"errors": {"0": "The resource could not be downloaded"}}, attempt=5)
    assert isinstance(last, RowFails)
    assert (last.problem.code, last.ambiguous) == (ProblemCode.STORE_COULD_NOT_FETCH, True)


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
NAMES = (
    "X-Retry-After",
    "Retry-After",
    "Date",
    *(f"X-Rate-Limit-{name}" for name in ("Time-Reset-Ms", "Requests-Left")),
)
VALUES = st.text(string.printable, max_size=30) | st.integers(-5, 10**9).map(str) | st.datetimes().map(str)
ANSWERS = st.builds(
    Answer,
    st.integers(100, 600),
    NESTED | st.fixed_dictionaries({"title": NESTED, "errors": NESTED}),
    st.binary().map(lambda raw: raw.decode("utf-8", "replace")),
    st.dictionaries(st.sampled_from(NAMES), VALUES),
)
FAILURES = st.builds(NetFailure, st.sampled_from(list(FailureKind)), st.text())


@given(results=st.lists(ANSWERS | FAILURES, min_size=1, max_size=5), jitter=st.floats(0, 1))
def test_whatever_comes_waits_are_bounded_and_tries_end(results: list[Answer | NetFailure], jitter: float) -> None:
    throttled = 0
    for tries in range(1, POLICY.attempts + 22):
        verdict = judge(results[tries % len(results)], Tries(tries - throttled, throttled), POLICY, jitter)
        if not isinstance(verdict, RetryAfter):
            assert not isinstance(verdict, RowFails) or verdict.problem.detail
            return
        assert 0 <= verdict.seconds <= 1.2 * POLICY.longest_backoff
        throttled += verdict.throttled
    raise AssertionError("it would be tried for ever")


@given(body=st.binary(max_size=50) | NESTED.map(lambda value: json.dumps({"data": value}).encode()))
def test_no_picture_is_read_from_what_is_none(body: bytes) -> None:
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    image = parse_image(data)
    assert image is None or (0 < image.id < 2**63 and image.image_file.encode() is not None)


@pytest.mark.parametrize("number", [0, -1, True, "7", 7.0, None, 2**63, 10**40])
def test_a_picture_without_a_usable_id_is_none(number: Any) -> None:
    assert parse_image({"id": number}) is None


def test_text_that_no_file_can_hold_is_mended() -> None:
    image = parse_image({"id": 1, "image_file": json.loads('"a\\ud800.jpg"'), "sort_order": 10**40})
    assert image is not None
    assert (image.image_file, image.sort_order) == ("a?.jpg", 0)
