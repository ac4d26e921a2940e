"""What an answer of the store means for the row and for the run: one pure function, tested without a network."""

from dataclasses import dataclass

from importer.models import Problem, ProblemCode
from importer.net import FailureKind, NetFailure
from importer.problems import problem
from importer.store.answers import Answer, NotSent, store_words
from importer.store.rate_limits import LONGEST_WAIT, retry_after
from importer.store.refusals import named, quoted, row_problem, smells_of_limit


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Tries for one request, and the seconds of the first and the longest wait between them."""

    attempts: int
    first_backoff: float
    longest_backoff: float

    def wait(self, attempt: int, jitter: float, *, longer: float = 1.0) -> float:
        """Seconds before the next try: doubling, capped, and spread by ±20 %.

        Args:
            attempt: which try has failed, from 1.
            jitter: a random number between 0 and 1.
            longer: a factor for the wait before it is capped.
        """
        doubled = min(self.longest_backoff, longer * self.first_backoff * 2.0 ** min(attempt - 1, 30))
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
    """No row can make it at the moment; `message` says why and `fix` what to do, in sentences for the person.

    Where `ambiguous`, the store may have done it all the same.
    """

    message: str
    code: ProblemCode
    fix: str = ""
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Tries:
    """Which try this was.

    Attributes:
        attempts: the tries so far, from 1.
        throttled: besides them, those that the quota turned away.
        write: whether it changes something; a store in trouble is spared writes for longer than reads.
    """

    attempts: int
    throttled: int = 0
    write: bool = True


Verdict = Accepted | RetryAfter | RowFails | RunStops

_BUSY_ATTEMPTS = 3
"""409 and 423: the product is being changed elsewhere. Not documented for images, so tried only a few times."""
_MOST_THROTTLED = 20
"""One request turned away so often means that waiting does not help."""
_WRITE_LONGER = 3.0
"""BigCommerce docs, integration design: wait longer before a write is tried again after a 500 than before a read."""
NEVER_REACHED = frozenset(
    {FailureKind.COMPUTER, FailureKind.DNS, FailureKind.PRIVATE, FailureKind.REFUSED, FailureKind.CONNECT_TIMEOUT}
)
"""Failures before anything was sent."""
_NO_TRUST = {
    FailureKind.CERTIFICATE_EXPIRED,
    FailureKind.CERTIFICATE_HOSTNAME,
    FailureKind.CERTIFICATE_UNTRUSTED,
    FailureKind.TLS,
    FailureKind.BAD_URL,
}
_FINAL_SERVER_ERRORS = {501, 505, 507}
"""BigCommerce docs, migration guide: retry 500, 502, 503 and 504; do not retry 501 and 505. 507 is the plan's limit.
All others (499, 52x) come from gateways in front of it."""
_AGAIN = "Run the same command again: it carries on with the rows that are left."


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
    if isinstance(result, NotSent):
        return RetryAfter(0.0, ambiguous=False, throttled=True)
    if isinstance(result, NetFailure):
        return _judge_failure(result, tries.attempts, policy, jitter)
    status = result.status
    if status in {200, 201, 204}:
        return Accepted()
    if status == 429 or smells_of_limit(result):
        return _throttled(result, tries.throttled + 1, policy, jitter)
    if status in {401, 403, 507}:
        return _refused(result)
    if status in {409, 423}:
        if tries.attempts < min(policy.attempts, _BUSY_ATTEMPTS):
            return RetryAfter(policy.wait(tries.attempts, jitter), ambiguous=False)
        return RowFails(problem(ProblemCode.STORE_REJECTED, quoted(result)))
    if is_trouble(status) or 200 <= status < 300 or status == 304:
        return _unclear(result, tries, policy, jitter)
    if 300 <= status < 400:
        return RunStops(
            f"The store's API address redirects elsewhere ({named(status)}).",
            ProblemCode.STORE_REJECTED,
            "Check --api-url and the store hash, then run the same command again.",
        )
    return RowFails(row_problem(result))


def is_trouble(status: int) -> bool:
    """Whether a status says that the store, or a gateway in front of it, is not well: it may pass."""
    return status in {408, 499} or (500 <= status < 600 and status not in _FINAL_SERVER_ERRORS)


def _unclear(answer: Answer, tries: Tries, policy: RetryPolicy, jitter: float) -> Verdict:
    """An answer that leaves open whether it was done: a server error, or a yes that says something else than yes.

    207 is partial success of a bulk request, and 304 no answer to a question of ours.
    """
    failed = is_trouble(answer.status)
    if tries.attempts < policy.attempts:
        longer = _WRITE_LONGER if tries.write and answer.status == 500 else 1.0
        return RetryAfter(policy.wait(tries.attempts, jitter, longer=longer), ambiguous=True)
    trouble = problem(ProblemCode.STORE_UNAVAILABLE, quoted(answer)) if failed else row_problem(answer)
    return RowFails(trouble, ambiguous=True)


def _throttled(answer: Answer, times: int, policy: RetryPolicy, jitter: float) -> Verdict:
    wait = retry_after(answer.headers)
    if times > _MOST_THROTTLED or (wait or 0) > LONGEST_WAIT or answer.patience <= 0:
        asks = f" and asks to wait {wait / 60:,.0f} minutes" if wait and wait > LONGEST_WAIT else ""
        return RunStops(
            f"The store keeps answering {named(answer.status)}{asks}. Other apps may be using up its "
            "quota, and so does an import of yours that is running.",
            ProblemCode.STORE_UNAVAILABLE,
            "Let a running import end, pause other apps that use the store's API, or wait a while. " + _AGAIN,
            ambiguous=answer.status != 429,
        )
    held = answer.status == 429 and wait
    # Where the headers of a 429 name a wait, the quota holds everybody back already.
    seconds = 0.0 if held else min(policy.wait(times, jitter), answer.patience)
    return RetryAfter(seconds, ambiguous=answer.status != 429, throttled=True)


def unreadable(answer: Answer, tries: Tries, policy: RetryPolicy, jitter: float) -> Verdict:
    """Decide about an answer that says yes but cannot be read: the store may have done what was asked."""
    if tries.attempts < policy.attempts:
        return RetryAfter(policy.wait(tries.attempts, jitter), ambiguous=True)
    words = f"The store answered {named(answer.status)}, but its answer could not be read."
    return RowFails(problem(ProblemCode.STORE_UNAVAILABLE, words), ambiguous=True)


def _judge_failure(failure: NetFailure, attempt: int, policy: RetryPolicy, jitter: float) -> Verdict:
    if failure.kind in _NO_TRUST:
        return RunStops(
            f"No secure connection to the store could be made: {failure.detail}.", ProblemCode.STORE_UNAVAILABLE
        )
    never_reached = failure.kind in NEVER_REACHED
    if attempt < policy.attempts:
        return RetryAfter(policy.wait(attempt, jitter), ambiguous=not never_reached)
    if failure.kind is FailureKind.COMPUTER:
        words = f"The store was not asked: {failure.detail}."
        return RunStops(words, ProblemCode.STORE_UNAVAILABLE, f"Close other programs. {_AGAIN}")
    if never_reached:
        return RunStops(
            f"The store cannot be reached: {failure.detail}.",
            ProblemCode.STORE_UNAVAILABLE,
            "Check this computer's connection to the internet. " + _AGAIN,
        )
    words = f"The store did not answer properly: {failure.detail}."
    return RowFails(problem(ProblemCode.STORE_UNAVAILABLE, words), ambiguous=True)


def _refused(answer: Answer) -> RunStops:
    words = store_words(answer)
    said = f" The store said: {words if words.endswith('.') else f'{words}.'}" if words else ""
    if answer.status == 401:
        why = "The store does not accept the access token."
        fix = "Check the access token and the store hash (--credentials or .env), then run the same command again."
    elif answer.status == 403:
        why = "The access token lacks a right, or the store's plan does."
        fix = "Give the API account the scope Products: modify, then run the same command again."
    else:  # 507; BigCommerce docs, status codes: a limit of the store's plan is reached
        why = "The store has reached a limit of its BigCommerce plan and takes nothing more."
        fix = "Delete what the store no longer needs, or move it to a larger plan, then run the same command again."
    return RunStops(f"{why}{said}", ProblemCode.STORE_REJECTED, fix)
