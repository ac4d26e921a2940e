"""Everything that happens to a request around its endpoint: the record, the token, the quota, scripted failures."""

import asyncio
import secrets
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web
from aiohttp.typedefs import Middleware

from importer.sandbox.answers import RefusedError, answer
from importer.sandbox.settings import LATE_SECONDS, Fault, RequestRecord, SandboxSettings
from importer.sandbox.window import Window

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_WRITES = {"POST", "PUT", "DELETE"}
_REQUEST_ID = "X-Request-ID"


def _request_id() -> str:
    """It says where it comes from, so that the results of a rehearsal are never taken for a real store's."""
    return f"sandbox-{uuid.uuid4().hex}"


class Gate:
    """The store's middleware.

    Args:
        settings: quota, latency and faults.
        store_hash: the only store there is.
        token: the only token accepted.
    """

    def __init__(self, settings: SandboxSettings, store_hash: str, token: str) -> None:
        self._faults = {(fault.method, fault.nth): fault for fault in settings.faults}
        self._latency = settings.latency_ms / 1000
        self._prefix = f"/stores/{store_hash}/v3/"
        self._token = token
        self._revoked = False
        self._window = Window(settings.quota, settings.window_ms)
        self._seen: Counter[str] = Counter()
        self._records: list[RequestRecord] = []
        self._in_flight = 0
        self._writes: Counter[int] = Counter()

    def records(self) -> list[RequestRecord]:
        """What came in so far, in order."""
        return list(self._records)

    def middleware(self) -> Middleware:
        """The middleware as aiohttp takes it."""

        @web.middleware
        async def through(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._through(request, handler)

        return through

    async def _through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        text = request.match_info.get("product_id", "")
        product_id = int(text) if text else None
        write = product_id if request.method in _WRITES else None
        self._in_flight += 1
        if write is not None:
            self._writes[write] += 1
        position = len(self._records)
        self._records.append(
            RequestRecord(
                method=request.method,
                path=request.raw_path,
                status=0,
                received=time.monotonic(),
                product_id=product_id,
                in_flight_same_product=0 if write is None else self._writes[write],
                peak=self._in_flight,
            )
        )
        try:
            response = await self._answer(request, handler)
        finally:
            self._in_flight -= 1
            if write is not None:
                self._writes[write] -= 1
        cut = request.transport is None or request.transport.is_closing()
        if not cut:
            self._records[position] = replace(self._records[position], status=response.status)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not await _is_complete(request):
            return RefusedError(400, "Bad Request").response()
        if self._latency:
            await asyncio.sleep(self._latency)
        response: web.StreamResponse
        if not self._is_allowed(request):
            response = _unauthorized()
        elif not self._window.take():
            response = _over_quota()
            response.headers["X-Retry-After"] = self._window.retry_after()
        else:
            self._seen[request.method] += 1
            fault = self._faults.get((request.method, self._seen[request.method]))
            response = await self._with_fault(fault, request, handler)
            if fault is not None and fault.kind == "429_bare":
                response.headers[_REQUEST_ID] = _request_id()
                return response
        response.headers.update(self._window.headers())
        response.headers[_REQUEST_ID] = _request_id()
        return response

    def _is_allowed(self, request: web.Request) -> bool:
        """Whether the token is right; it belongs to one store, so on any other store it is wrong as well."""
        right = secrets.compare_digest(request.headers.get("X-Auth-Token", "").encode(), self._token.encode())
        return right and not self._revoked and request.path.startswith(self._prefix)

    async def _with_fault(self, fault: Fault | None, request: web.Request, handler: Handler) -> web.StreamResponse:
        kind = fault.kind if fault else ""
        if kind == "reset_before":
            _cut(request)
            return web.Response(status=500)
        if kind == "401":
            self._revoked = True
            return _unauthorized()
        if kind in _INSTEAD:
            return _INSTEAD[kind]()
        response = await _endpoint(request, handler)
        if kind == "reset_after":
            _cut(request)
        elif kind == "late":
            await asyncio.sleep(LATE_SECONDS)
        elif kind == "truncated_json":
            body = response.body if isinstance(response, web.Response) else b""
            whole = body if isinstance(body, bytes) else b""
            return web.Response(body=whole[: len(whole) * 2 // 3], content_type="application/json")
        elif kind == "empty_200":
            return web.Response(body=b"", content_type="application/json")
        return response


async def _is_complete(request: web.Request) -> bool:
    """Take the whole request in before anything else, so that a client that goes away later changes nothing.

    A form stays in its stream, because aiohttp parses forms from there only.
    """
    if request.content_type == "multipart/form-data":
        return True
    try:
        await request.read()
    except web.HTTPRequestEntityTooLarge:
        return True  # The endpoint meets the same refusal and answers it.
    except (OSError, web.RequestPayloadError):
        return False
    return True


async def _endpoint(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The endpoint's answer; what it refuses, and what aiohttp itself refuses, as BigCommerce's JSON."""
    try:
        return await handler(request)
    except RefusedError as refused:
        return refused.response()
    except web.HTTPMethodNotAllowed as error:
        return RefusedError(405, "Method Not Allowed", {"detail": str(error)}).response()
    except web.HTTPNotFound:
        return RefusedError(404, "The route is not found", {"instance": request.path}).response()
    except web.HTTPRequestEntityTooLarge:
        return RefusedError(413, "The request payload is too large.").response()


def _unauthorized() -> web.Response:
    return RefusedError(401, "X-Auth-Token header is required and must be valid", {"errors": {}}).response()


def _over_quota() -> web.Response:
    return RefusedError(429, "You have exceeded the request quota of this store").response()


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _bad_gateway() -> web.Response:
    page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return web.Response(text=page, status=502, content_type="text/html")


_INSTEAD: dict[str, Callable[[], web.Response]] = {
    "500": lambda: RefusedError(500, "Internal Server Error").response(),
    "502_html": _bad_gateway,
    "503": lambda: RefusedError(503, "Service Unavailable").response(),
    "504": lambda: RefusedError(504, "", {"errors": {}}).response(),
    "429_bare": lambda: answer({"status": 429, "title": "Too Many Requests", "type": ""}, 429),
    "403": lambda: RefusedError(403, "You don't have a required scope to access the endpoint").response(),
}
"""Answers given instead of doing anything. The 504 is as in bigcommerce-for-wordpress issue 303."""
