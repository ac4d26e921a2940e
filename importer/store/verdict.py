"""What an answer of the store means for the row and for the run: one pure function, tested without a network."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from importer.models import Problem, ProblemCode
from importer.net import FailureKind, NetFailure
from importer.problems import problem
from importer.store.answers import Answer, NotSent, store_words
from importer.store.quota import retry_after


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Tries for one request, and the seconds of the first and the longest wait between them."""

    attempts: int
    first_backoff: float
    longest_backoff: float

    def wait(self, attempt: int, jitter: float) -> float:
        """Seconds before the next try: doubling, capped, and spread by ±20 % with a `jitter` between 0 and 1."""
        doubled = min(self.longest_backoff, self.first_backoff * 2.0 ** min(attempt - 1, 30))
        return doubled * (0.8 + 0.4 * jitter)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The store did what was asked."""


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Ask again after some seconds.

    Where `ambiguous`, the store may have done it, so look before repeating a write. `throttled` is the quota's doing:
    it says nothing about the row, so it does not count as one of its tries.
    """

    seconds: float
    ambiguous: bool
    throttled: bool = False


@dataclass(frozen=True, slots=True)
class RowFails:
    """This row does not make it; where `ambiguous`, the store may have done it all the same."""

    problem: Problem
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class RunStops:
    """No row can make it at the moment; `message` says why and `fix` what to do, in sentences for the person."""

    message: str
    code: ProblemCode
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Tries:
    """Which try this was: the `attempts` so far, from 1, and besides them those that the quota turned away."""

    attempts: int
    throttled: int = 0


Verdict = Accepted | RetryAfter | RowFails | RunStops

_BUSY_ATTEMPTS = 3
"""409 and 423: the product is being changed elsewhere. Not documented for images, so tried only a few times."""
_MOST_THROTTLED = 20
"""One request turned away so often in a row means that waiting does not help."""
_LONGEST_WAIT = 600.0
"""Seconds; the longest window of a documented plan is 30 seconds, so a longer wait is told to the person instead."""
_NEVER_REACHED = {
    FailureKind.DNS,
    FailureKind.PRIVATE,
    FailureKind.REFUSED,
    FailureKind.CONNECT_TIMEOUT,
}
_NO_TRUST = {
    FailureKind.CERTIFICATE_EXPIRED,
    FailureKind.CERTIFICATE_HOSTNAME,
    FailureKind.CERTIFICATE_UNTRUSTED,
    FailureKind.TLS,
    FailureKind.BAD_URL,
}
_RETRIED_SERVER_ERRORS = {408, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524}
"""BigCommerce docs, migration guide: retry 500, 502, 503 and 504; do not retry 501 and 505. 499 and 52x come from
gateways in front of it."""


def judge(  # noqa: PLR0911 - a decision table, read from top to bottom
    result: Answer | NetFailure | NotSent, tries: Tries, policy: RetryPolicy, jitter: float
) -> Verdict:
    """Decide about one try.

    Args:
        result: the store's answer, or why there was none.
        tries: which try this was.
        policy: how often and how patiently to try.
        jitter: a random number between 0 and 1.
    """
    attempt = tries.attempts
    if isinstance(result, NotSent):
        return RetryAfter(0.0, ambiguous=False, throttled=True)
    if isinstance(result, NetFailure):
        return _judge_failure(result, attempt, policy, jitter)
    status = result.status
    if status in {200, 201, 204}:
        return Accepted()
    if status == 429:
        return _throttled(result, tries.throttled + 1, policy, jitter)
    if status in {401, 403}:
        return _refused(result)
    if status in {409, 423}:
        if attempt < min(policy.attempts, _BUSY_ATTEMPTS):
            return RetryAfter(policy.wait(attempt, jitter), ambiguous=False)
        return RowFails(problem(ProblemCode.STORE_REJECTED, _quoted(result)))
    if status in _RETRIED_SERVER_ERRORS:
        if attempt < policy.attempts:
            return RetryAfter(policy.wait(attempt, jitter), ambiguous=True)
        return RowFails(problem(ProblemCode.STORE_UNAVAILABLE, _quoted(result)), ambiguous=True)
    if 300 <= status < 400:
        return RunStops(
            f"The store's API address redirects elsewhere ({_named(status)}). Check --api-url and the store hash.",
            ProblemCode.STORE_REJECTED,
        )
    return RowFails(_row_problem(result))


def _throttled(answer: Answer, times: int, policy: RetryPolicy, jitter: float) -> Verdict:
    named = retry_after(answer.headers)
    if times > _MOST_THROTTLED or (named or 0) > _LONGEST_WAIT:
        wait = f" and asks to wait {named / 60:,.0f} minutes" if named else ""
        return RunStops(
            f"The store keeps answering 429 Too Many Requests{wait}. Other apps may be using up its quota.",
            ProblemCode.STORE_UNAVAILABLE,
        )
    # Where the headers name a wait, the quota holds everybody back already.
    return RetryAfter(0.0 if named else policy.wait(times, jitter), ambiguous=False, throttled=True)


def unreadable(answer: Answer, tries: Tries, policy: RetryPolicy, jitter: float) -> Verdict:
    """Decide about an answer that says yes but cannot be read: the store may have done what was asked."""
    if tries.attempts < policy.attempts:
        return RetryAfter(policy.wait(tries.attempts, jitter), ambiguous=True)
    words = f"The store answered {_named(answer.status)}, but its answer could not be read."
    return RowFails(problem(ProblemCode.STORE_UNAVAILABLE, words), ambiguous=True)


def _judge_failure(failure: NetFailure, attempt: int, policy: RetryPolicy, jitter: float) -> Verdict:
    if failure.kind in _NO_TRUST:
        return RunStops(
            f"No secure connection to the store could be made: {failure.detail}.", ProblemCode.STORE_UNAVAILABLE
        )
    never_reached = failure.kind in _NEVER_REACHED
    if attempt < policy.attempts:
        return RetryAfter(policy.wait(attempt, jitter), ambiguous=not never_reached)
    if never_reached:
        return RunStops(f"The store cannot be reached: {failure.detail}.", ProblemCode.STORE_UNAVAILABLE)
    words = f"The store did not answer properly: {failure.detail}."
    return RowFails(problem(ProblemCode.STORE_UNAVAILABLE, words), ambiguous=True)


def _refused(answer: Answer) -> RunStops:
    words = store_words(answer)
    said = f" The store said: {words}" if words else ""
    if answer.status == 401:
        why = "The store does not accept the access token."
        fix = "Check the access token and the store hash (--credentials or .env), then run the same command again."
    else:
        why = "The access token lacks a right, or the store's plan does."
        fix = "Give the API account the scope Products: modify, then run the same command again."
    return RunStops(f"{why}{said}", ProblemCode.STORE_REJECTED, fix)


_TEXT_RULES: tuple[tuple[ProblemCode, str], ...] = (
    (ProblemCode.IMAGE_TOO_LARGE, r"size limit|too large to upload|maximum of 8 ?mb"),
    (ProblemCode.IMAGE_LIMIT_REACHED, r"1,?000 images|maximum number of (product )?images|image limit"),
    (ProblemCode.URL_TOO_LONG, r"image_url.*(255|too long|length)|url.*(too long|255 character)"),
    (ProblemCode.STORE_REJECTED_IMAGE, r"could not be processed|not (be )?(a )?valid image|unsupported image"),
    (ProblemCode.STORE_COULD_NOT_FETCH, r"could not be downloaded|url restriction"),
    (ProblemCode.STORE_COULD_NOT_FETCH, r"image_url'? is invalid|image_file'? is invalid"),
)
"""The store's texts, matched because its status codes do not tell these apart (facts: 400 and 422 on images)."""


def _row_problem(answer: Answer) -> Problem:
    said = _quoted(answer)
    if answer.status == 404:
        return problem(ProblemCode.PRODUCT_UNKNOWN, said)
    if answer.status in {400, 413, 422}:
        for code, pattern in _TEXT_RULES:
            if re.search(pattern, store_words(answer), re.IGNORECASE):
                return problem(code, said)
    return problem(ProblemCode.STORE_REJECTED, said)


def _quoted(answer: Answer) -> str:
    words = store_words(answer)
    return f"The store answered {_named(answer.status)}" + (f": {words}" if words else ".")


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
