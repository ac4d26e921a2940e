"""Requests to one store: the only place that knows its paths, its headers and the access token."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, assert_never

import aiohttp

from importer.errors import StoreStoppedError
from importer.models import ProblemCode
from importer.net import NetFailure, Resolver, open_session, translate
from importer.settings import NetworkSettings, StoreSettings, UploadSettings
from importer.store.answers import Answer
from importer.store.quota import Quota
from importer.store.verdict import Accepted, RetryAfter, RetryPolicy, RowFails, RunStops, judge

_MAX_BODY_BYTES = 32 * 1024 * 1024
_MAX_QUOTED = 2_000


class StoreClient:
    """One store's API, under its quota. Made by `open_store`."""

    def __init__(self, session: aiohttp.ClientSession, settings: StoreSettings, policy: RetryPolicy) -> None:
        self._session = session
        self._base = f"{settings.api_url}/stores/{settings.store_hash}/v3"
        self._token = settings.access_token
        self.policy = policy
        self.quota = Quota()
        self.sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        leaving: Callable[[], None] = lambda: None,
    ) -> Answer | NetFailure:
        """One request under the quota, without any retry. Redirects are not followed: the token stays here.

        `leaving` is called when the quota has let the request go, just before it is sent.
        """
        await self.quota.take()
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
                self.quota.answered(response.status, response.headers)
                raw = await _read(response)
        except (OSError, aiohttp.ClientError) as error:
            return translate(error)
        finally:
            self.quota.unanswered()
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
        attempt = 0
        while True:
            attempt += 1
            result = await self.request("GET", path, params=params)
            if isinstance(result, Answer) and result.status == 404:
                return None
            verdict = judge(result, attempt, self.policy, random.random())  # noqa: S311 - spreads retries, no secret
            match verdict:
                case Accepted():
                    if isinstance(result, Answer) and (result.status == 204 or result.data is not None):
                        return result
                    await self._wait_or_stop(attempt)
                case RetryAfter():
                    await self.sleep(verdict.seconds)
                case RowFails():
                    raise StoreStoppedError(
                        f"The store could not be asked about its products. {verdict.problem.detail}",
                        verdict.problem.code,
                    )
                case RunStops():
                    raise StoreStoppedError(verdict.message, verdict.code)
                case _ as never:
                    assert_never(never)

    async def _wait_or_stop(self, attempt: int) -> None:
        if attempt >= self.policy.attempts:
            raise StoreStoppedError(
                "The store's answers cannot be read. Check --api-url: it should be https://api.bigcommerce.com.",
                ProblemCode.STORE_UNAVAILABLE,
            )
        await self.sleep(self.policy.wait(attempt, 0.5))


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
    settings: StoreSettings, network: NetworkSettings | None = None, upload: UploadSettings | None = None
) -> AsyncIterator[StoreClient]:
    """A client for one store; its connections are closed at the end of the block."""
    network, upload = network or NetworkSettings(), upload or UploadSettings()
    resolver = Resolver(network, allow_private=True)
    timeout = aiohttp.ClientTimeout(total=upload.timeout, sock_connect=min(30.0, upload.timeout))
    session = open_session(
        network,
        resolver=resolver,
        connections=upload.concurrency,
        timeout=timeout,
        headers={"Accept": "application/json"},
    )
    try:
        async with session:
            yield StoreClient(
                session, settings, RetryPolicy(upload.attempts, upload.first_backoff, upload.longest_backoff)
            )
    finally:
        await resolver.close()
