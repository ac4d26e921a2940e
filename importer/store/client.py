"""Requests to one store: the only place that knows its address, its headers and the access token."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, assert_never

import aiohttp

from importer.errors import StoreStoppedError, UnansweredError, WaitAbandonedError
from importer.models import Problem, ProblemCode, Traffic
from importer.net import NetFailure, waited
from importer.settings import StoreSettings, UploadSettings
from importer.store.answers import Answer, NotSent
from importer.store.concurrency import Concurrency
from importer.store.outage import Outage
from importer.store.quota import Quota
from importer.store.rate_limits import Pace, rate_limit
from importer.store.reading import failed, read_answer
from importer.store.refusals import named, smells_of_limit
from importer.store.request import Request, answer_in
from importer.store.token_hiding import TokenHider
from importer.store.verdict import (
    NEVER_REACHED,
    Accepted,
    RetryAfter,
    RetryPolicy,
    RowFails,
    RunStops,
    Tries,
    is_trouble,
    judge,
)

_LIMIT_WITHOUT_NUMBERS = 1.0
"""Seconds that everybody waits after a 500 that means the limit; who met it backs off for longer by itself."""


class StoreClient:
    """One store's API, under its quota. Made by `open_store`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: StoreSettings,
        upload: UploadSettings,
        stop: asyncio.Event,
        say: Callable[[str], None],
        waits: Callable[[float, str], None],
    ) -> None:
        self._session = session
        self._base = f"{settings.address}/v3"
        self._token = settings.access_token
        self._hider = TokenHider(settings.access_token)
        self.policy = RetryPolicy(upload.attempts, upload.first_backoff, upload.longest_backoff)
        self._timeout = answer_in(upload.timeout)
        self._stop = stop
        self._waits = waits
        self._quota = Quota(stop=stop, reserve=upload.reserve, waits=waits)
        self._concurrency = Concurrency(upload.concurrency, stop)
        self._outage = Outage(upload.outage, self.policy, say)

    @property
    def pace(self) -> Pace | None:
        """How fast the store lets us go, as last told, or None while it has told nothing."""
        return self._quota.pace

    @property
    def traffic(self) -> Traffic | None:
        """What was asked so far, and when; None where nothing was."""
        return self._quota.log.traffic(self.pace)

    def arrived(self) -> None:
        """Count a picture that a request has brought into the store."""
        self._quota.log.picture()

    def seconds_for(self, requests: int) -> float:
        """The time, in seconds, for which the last of so many further requests is held up: infinite in an outage."""
        return math.inf if self._outage.lasts else self._quota.seconds_for(requests)

    def open(self) -> None:
        """Requests are asked for from now on."""
        self._concurrency.watch()

    async def close(self) -> None:
        """No request is asked for any more."""
        await self._concurrency.close()

    async def pause(self, seconds: float, what: str = "") -> None:
        """Sleep, but no longer than until the run is stopped.

        Args:
            seconds: how long.
            what: what everything waits for, which the person is told; empty where other work goes on.
        """
        if what and seconds >= 1:
            self._waits(seconds, what)
        await waited(asyncio.sleep(seconds), self._stop)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        leaving: Callable[[], Awaitable[None]] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - aiohttp's own timeout tells connecting from answering
    ) -> Answer | NetFailure | NotSent:
        """One request under the quota, sent at most once. Redirects are not followed: the token stays here.

        A store that has answered before and cannot be reached now is waited for (`UploadSettings.outage`); nothing was
        sent in the meantime.

        Args:
            method: the HTTP method.
            path: what comes after `/v3`.
            params: the query.
            body: sent as JSON.
            leaving: awaited before a byte is sent: when the quota has let the request go or, while there is plenty
                of it, already before a place is free; and again where the store could not be reached. What it raises
                comes out, and nothing was sent.
            timeout: seconds for the whole answer, where not those of the settings.

        Returns:
            the store's answer, why there was none, or that the stop came before it was sent.
        """
        request = Request(method, path, params, body, leaving, timeout)
        recorded = leaving is not None and self._quota.plenty
        if leaving is not None and recorded:
            await leaving()
        if not await self._concurrency.enter():
            return NotSent()
        try:
            # A stop lets what is under way be finished, and questions about it be asked, but nothing new be sent.
            while (leaving is None or not self._stop.is_set()) and (ticket := await self._quota.take()):
                result = await self._sent(request, ticket, recorded=recorded)
                recorded = False
                wait = self._outage.wait(result, _jitter()) if isinstance(result, NetFailure) else None
                if wait is None:
                    return result
                self._quota.hold(wait)
            return NotSent()
        finally:
            self._concurrency.leave()

    async def _sent(self, request: Request, ticket: int, *, recorded: bool) -> Answer | NetFailure:
        """Send it; what comes of it is told to everything that governs the next one.

        `recorded` says that what is awaited before a request leaves has been.
        """
        arrived, told = False, False
        begun = time.monotonic()
        try:
            if request.leaving is not None and not recorded:
                await request.leaving()
                begun = time.monotonic()
            arrived = True
            async with self._session.request(
                request.method,
                self._base + request.path,
                params=request.params,
                json=request.body,
                headers={"X-Auth-Token": self._token.reveal()},
                allow_redirects=False,
                timeout=self._timeout if request.timeout is None else answer_in(request.timeout),
            ) as response:
                self._quota.answered(ticket, response.status, response.headers)
                self._outage.over()
                told = True
                answer = await read_answer(response, self._hider)
        except (OSError, aiohttp.ClientError) as error:
            if not arrived:
                raise
            failure = failed(error)
            arrived = failure.kind not in NEVER_REACHED
            if arrived:
                self._concurrency.went_badly(begun)
            return failure
        finally:
            if not told:
                self._quota.unanswered(ticket, arrived=arrived)
        self._judge_store(answer, request.method, begun)
        if answer.status == 429 or smells_of_limit(answer):
            return replace(answer, patience=self._outage.turned_away(named(answer.status)))
        self._outage.let_in()
        return answer

    def _judge_store(self, answer: Answer, kind: str, begun: float) -> None:
        """What an answer says of the store's health."""
        if smells_of_limit(answer):
            self._quota.hold(_LIMIT_WITHOUT_NUMBERS)
        if is_trouble(answer.status) or (answer.status == 429 and rate_limit(answer.headers) is None):
            self._concurrency.went_badly(begun)
        elif answer.status != 429:
            self._concurrency.went_well(kind, begun)

    async def read(self, path: str, params: Mapping[str, str] | None = None) -> Answer | None:
        """GET with retries.

        Returns:
            the answer, or None where the store says 404.

        Raises:
            StoreStoppedError: the store refuses the token or cannot be reached.
            UnansweredError: it keeps failing on this question.
            WaitAbandonedError: the stop was set while it waited.
        """
        answer = await self._insist(Request("GET", path, params))
        if isinstance(answer, Problem):
            raise UnansweredError(
                f"The store could not be asked about its products. {answer.detail}", answer.code, answer.fix
            )
        return None if answer.status == 404 else answer

    async def change(self, method: str, path: str, body: Any = None) -> Answer | Problem:
        """A PUT or DELETE that may be repeated without harm, with retries.

        Returns:
            the answer (of a 404, too), or why the store did not do it. Where a DELETE is answered with a 404 after a
            try that may have been done, that try did it: the answer then has the 204 that was lost.

        Raises:
            StoreStoppedError: the store refuses the token, cannot be reached, or is out of room.
            WaitAbandonedError: the stop was set while it waited; the store may have done it.
        """
        return await self._insist(Request(method, path, body=body))

    async def _insist(self, request: Request) -> Answer | Problem:
        attempts = throttled = 0
        perhaps_done = False
        while True:
            attempts += 1
            result = await self.request(request.method, request.path, params=request.params, body=request.body)
            if isinstance(result, NotSent):
                raise WaitAbandonedError("Stopped while waiting for the store.")
            verdict = self._judged(result, Tries(attempts - throttled, throttled, write=request.method != "GET"))
            match verdict:
                case Answer():
                    deleted = perhaps_done and request.method == "DELETE" and verdict.status == 404
                    return replace(verdict, status=204, body=None, text="") if deleted else verdict
                case RetryAfter():
                    throttled += verdict.throttled
                    perhaps_done = perhaps_done or verdict.ambiguous
                    await self._wait(verdict.seconds)
                case RowFails():
                    return verdict.problem
                case RunStops():
                    raise StoreStoppedError(verdict.message, verdict.code, verdict.fix)
                case _ as never:
                    assert_never(never)

    async def _wait(self, seconds: float) -> None:
        if seconds and not await waited(asyncio.sleep(seconds), self._stop):
            raise WaitAbandonedError("Stopped while waiting for the store.")

    def _judged(self, result: Answer | NetFailure, tries: Tries) -> Answer | RetryAfter | RowFails | RunStops:
        """The answer, or what to do without one; an answer to a question that has no data is as good as none."""
        if isinstance(result, Answer) and result.status == 404:
            return result
        jitter = _jitter()
        verdict = judge(result, tries, self.policy, jitter)
        if not isinstance(verdict, Accepted):
            return verdict
        if isinstance(result, Answer) and (tries.write or result.status == 204 or result.data is not None):
            return result
        if tries.attempts < self.policy.attempts:
            return RetryAfter(self.policy.wait(tries.attempts, jitter), ambiguous=False)
        return RunStops(
            "The store's answers cannot be read.",
            ProblemCode.STORE_UNAVAILABLE,
            "Check --api-url: it should be https://api.bigcommerce.com. Then run the same command again.",
        )


def _jitter() -> float:
    return random.random()  # noqa: S311 - spreads retries, no secret
