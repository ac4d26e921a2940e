"""Requests to one store: the only place that knows its paths, its headers and the access token."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, assert_never

import aiohttp

from importer.errors import StoreStoppedError, WaitAbandonedError
from importer.models import ProblemCode
from importer.net import NetFailure, Resolver, modern_context, open_session, translate, waited
from importer.settings import NetworkSettings, StoreSettings, UploadSettings
from importer.store.answers import Answer, NotSent
from importer.store.quota import Quota
from importer.store.verdict import Accepted, RetryAfter, RetryPolicy, RowFails, RunStops, Tries, judge

_MAX_BODY_BYTES = 32 * 1024 * 1024
_MAX_QUOTED = 2_000


class StoreClient:
    """One store's API, under its quota. Made by `open_store`."""

    def __init__(
        self, session: aiohttp.ClientSession, settings: StoreSettings, policy: RetryPolicy, stop: asyncio.Event
    ) -> None:
        self._session = session
        self._base = f"{settings.identity}/v3"
        self._token = settings.access_token
        self.policy = policy
        self._stop = stop
        self._quota = Quota(stop=stop)

    async def pause(self, seconds: float) -> None:
        """Sleep, but no longer than until the run is stopped."""
        await waited(asyncio.sleep(seconds), self._stop)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        leaving: Callable[[], None] = lambda: None,
    ) -> Answer | NetFailure | NotSent:
        """One request under the quota, without any retry. Redirects are not followed: the token stays here.

        `leaving` is called when the quota has let the request go, just before it is sent.
        """
        if not await self._quota.take():
            return NotSent()
        try:
            leaving()
            async with self._session.request(
                method,
                self._base + path,
                params=params,
                json=body,
                headers={"X-Auth-Token": self._token.reveal()},
                allow_redirects=False,
            ) as response:
                self._quota.answered(response.status, response.headers)
                raw = await _read(response)
        except (OSError, aiohttp.ClientError) as error:
            return translate(error)
        finally:
            self._quota.unanswered()
        text = raw.decode("utf-8", "replace").replace(self._token.reveal(), "(access token hidden)")
        return Answer(
            status=response.status,
            body=_parsed(text),
            text=text[:_MAX_QUOTED],
            headers=response.headers,
            request_id=response.headers.get("X-Request-ID", "")[:100],
        )

    async def read(self, path: str, params: Mapping[str, str] | None = None) -> Answer | None:
        """GET with retries.

        Returns:
            the answer, or None where the store says 404.

        Raises:
            StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
        """
        attempts = throttled = 0
        while True:
            attempts += 1
            result = await self.request("GET", path, params=params)
            if isinstance(result, NotSent):
                raise WaitAbandonedError("Stopped while waiting for the store.")
            if isinstance(result, Answer) and result.status == 404:
                return None
            verdict = self._judged(result, Tries(attempts - throttled, throttled))
            match verdict:
                case Answer():
                    return verdict
                case RetryAfter():
                    throttled += verdict.throttled
                    await self.pause(verdict.seconds)
                case RowFails():
                    raise StoreStoppedError(
                        f"The store could not be asked about its products. {verdict.problem.detail}",
                        verdict.problem.code,
                    )
                case RunStops():
                    raise StoreStoppedError(verdict.message, verdict.code, verdict.fix)
                case _ as never:
                    assert_never(never)

    def _judged(self, result: Answer | NetFailure, tries: Tries) -> Answer | RetryAfter | RowFails | RunStops:
        """The answer to a read, or what to do without one; an answer without data is as good as none."""
        jitter = random.random()  # noqa: S311 - spreads retries, no secret
        verdict = judge(result, tries, self.policy, jitter)
        if not isinstance(verdict, Accepted):
            return verdict
        if isinstance(result, Answer) and (result.status == 204 or result.data is not None):
            return result
        if tries.attempts < self.policy.attempts:
            return RetryAfter(self.policy.wait(tries.attempts, jitter), ambiguous=False)
        return RunStops(
            "The store's answers cannot be read.",
            ProblemCode.STORE_UNAVAILABLE,
            "Check --api-url: it should be https://api.bigcommerce.com. Then run the same command again.",
        )


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body up to a bound that no honest answer reaches; what lies beyond it makes the JSON unreadable."""
    raw = bytearray()
    async for chunk in response.content.iter_any():
        raw += chunk
        if len(raw) > _MAX_BODY_BYTES:
            response.close()
            break
    return bytes(raw)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@asynccontextmanager
async def open_store(
    settings: StoreSettings,
    network: NetworkSettings | None = None,
    upload: UploadSettings | None = None,
    *,
    stop: asyncio.Event | None = None,
) -> AsyncIterator[StoreClient]:
    """A client for one store; its connections are closed at the end of the block.

    Args:
        settings: which store.
        network: trusted authorities and redirected connections.
        upload: how patient to be.
        stop: once set, nothing waits for its turn or for another try any more.
    """
    network, upload = network or NetworkSettings(), upload or UploadSettings()
    resolver = Resolver(network, allow_private=True)
    timeout = aiohttp.ClientTimeout(total=upload.timeout, sock_connect=min(30.0, upload.timeout))
    session = open_session(
        modern_context(network),
        resolver=resolver,
        connections=upload.concurrency,
        timeout=timeout,
        headers={"Accept": "application/json"},
    )
    try:
        async with session:
            policy = RetryPolicy(upload.attempts, upload.first_backoff, upload.longest_backoff)
            yield StoreClient(session, settings, policy, stop or asyncio.Event())
    finally:
        await resolver.close()
