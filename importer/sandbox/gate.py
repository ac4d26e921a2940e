"""Everything that happens to a request around its endpoint: the record, the token, the quota, failures."""

import asyncio
import secrets
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from importer.sandbox.answers import RefusedError
from importer.sandbox.faults import INSTEAD, Faults, over_quota, truncated, unauthorized
from importer.sandbox.other_client import OtherClient
from importer.sandbox.records import RequestRecord
from importer.sandbox.routes import Route, Routes
from importer.sandbox.settings import SandboxSettings
from importer.sandbox.window import Window

_WRITES = {"POST", "PUT", "DELETE"}
_REQUEST_ID = "X-Request-ID"


@dataclass(slots=True)
class _Seen:
    """The fields of a `RequestRecord`, whose status is known later; a record is made only when it is asked for."""

    method: str
    path: str
    status: int
    received: float
    product_id: int | None
    in_flight_same_product: int
    peak: int

    def record(self) -> RequestRecord:
        """As it stands now."""
        return RequestRecord(
            self.method,
            self.path,
            self.status,
            self.received,
            self.product_id,
            self.in_flight_same_product,
            self.peak,
        )


class Gate:
    """The store's front door.

    Args:
        settings: quota, latency, failures and the other client.
        store_hash: the only store there is.
        token: the only token accepted.

    Attributes:
        window: the quota.
    """

    def __init__(self, settings: SandboxSettings, store_hash: str, token: str) -> None:
        self._faults = Faults(settings)
        self._late = settings.late_seconds
        self._half_latency = settings.latency_ms / 2000
        self._prefix = f"/stores/{store_hash}/v3/"
        self._token = token.encode()
        self._revoked = False
        other = OtherClient(settings.other_share, settings.other_seed) if settings.other_share else None
        self.window = Window(settings.quota, settings.window_ms, other=other)
        self._passed = 0
        self._afterwards: dict[int, list[Callable[[], None]]] = {}
        self._seen: list[_Seen] = []
        self._in_flight = 0
        self._writes: Counter[int] = Counter()

    def after(self, nth: int, action: Callable[[], None]) -> None:
        """Have something happen once the nth request (from 1) past token and quota is about to be answered."""
        self._afterwards.setdefault(nth, []).append(action)

    def records(self) -> list[RequestRecord]:
        """What came in so far, in order."""
        return [seen.record() for seen in list(self._seen)]

    async def handle(self, request: web.BaseRequest, routes: Routes) -> web.StreamResponse:
        """One request from the first byte to the answer."""
        method = request.method
        route = routes.find(method, request.raw_path)
        product_id = route.ids[0] if route.ids else None
        write = product_id if method in _WRITES else None
        self._in_flight += 1
        if write is not None:
            self._writes[write] += 1
        at_once = 0 if write is None else self._writes[write]
        seen = _Seen(method, request.raw_path, 0, time.monotonic(), product_id, at_once, self._in_flight)
        self._seen.append(seen)
        try:
            response = await self._answer(request, route)
        finally:
            self._in_flight -= 1
            if write is not None:
                self._writes[write] -= 1
                if not self._writes[write]:
                    del self._writes[write]
        if request.transport is not None and not request.transport.is_closing():
            seen.status = response.status
        return response

    async def _answer(self, request: web.BaseRequest, route: Route) -> web.StreamResponse:
        if not await _is_complete(request):
            return RefusedError(400, "Bad Request").response()
        if self._half_latency:
            await asyncio.sleep(self._half_latency)
        nth, kind = 0, ""
        response: web.StreamResponse
        if not self._is_allowed(request):
            response = unauthorized()
        elif not self.window.take():
            response = over_quota(self.window.retry_after())
        else:
            self._passed += 1
            nth, kind = self._passed, self._faults.next(request.method)
            response = await self._with_fault(kind, request, route)
        if self._half_latency:
            await asyncio.sleep(self._half_latency)
        for action in self._afterwards.pop(nth, ()):
            action()
        if kind != "429_bare":
            response.headers.update(self.window.headers())
        response.headers[_REQUEST_ID] = _request_id()
        return response

    def _is_allowed(self, request: web.BaseRequest) -> bool:
        """Whether the token is right; it belongs to one store, so on any other store it is wrong as well."""
        right = secrets.compare_digest(request.headers.get("X-Auth-Token", "").encode(), self._token)
        return right and not self._revoked and request.raw_path.startswith(self._prefix)

    async def _with_fault(self, kind: str, request: web.BaseRequest, route: Route) -> web.StreamResponse:
        if kind == "reset_before":
            _cut(request)
            return web.Response(status=500)
        if kind == "429_headers":
            self.window.give_back()
            return over_quota(self.window.retry_after())
        if kind in INSTEAD:
            self._revoked = self._revoked or kind == "401"
            return INSTEAD[kind]()
        response = await _endpoint(request, route)
        if kind == "reset_after":
            _cut(request)
        elif kind == "late":
            await asyncio.sleep(self._late)
        elif kind == "truncated_json":
            return truncated(response)
        elif kind == "empty_200":
            return web.Response(body=b"", content_type="application/json")
        return response


def _request_id() -> str:
    """It says where it comes from, so that the results of a rehearsal are never taken for a real store's."""
    return f"sandbox-{uuid.uuid4().hex}"


async def _is_complete(request: web.BaseRequest) -> bool:
    """Take the whole request in before anything else, so that a client that goes away later changes nothing.

    A form stays in its stream, because aiohttp parses forms from there only.
    """
    if request.headers.get("Expect", "").lower() == "100-continue":
        # RFC 9110, 10.1.1: the client holds its body back until it is told to go on.
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
    if not request.can_read_body or request.headers.get("Content-Type", "").lower().startswith("multipart/"):
        return True
    try:
        await request.read()
    except web.HTTPRequestEntityTooLarge:
        return True  # The endpoint meets the same refusal and answers it.
    except (OSError, web.RequestPayloadError):
        return False
    return True


async def _endpoint(request: web.BaseRequest, route: Route) -> web.StreamResponse:
    """The endpoint's answer; what it refuses, and what aiohttp itself refuses, as BigCommerce's JSON."""
    try:
        return await route.endpoint(request, route.ids)
    except RefusedError as refused:
        return refused.response()
    except web.HTTPRequestEntityTooLarge:
        return RefusedError(413, "The request payload is too large.").response()


def _cut(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()
