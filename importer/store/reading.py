"""An HTTP answer of the store as a value, or why there was none: read up to a bound, and without the access token."""

import json
import re
from dataclasses import replace
from typing import Any

import aiohttp

from importer.net import FailureKind, NetFailure, translate
from importer.store.answers import Answer
from importer.store.token_hiding import TokenHider

_MAX_BODY_BYTES = 32 * 1024 * 1024
_MAX_QUOTED = 2_000
_HALF_OF_A_PAIR = re.compile(r"\\ud[89a-f]", re.IGNORECASE)


async def read_answer(response: aiohttp.ClientResponse, hider: TokenHider) -> Answer:
    """Read an answer to its end; should the store repeat the token, in whatever way, it is hidden.

    Raises:
        OSError, aiohttp.ClientError: the answer broke off or did not come in time.
    """
    raw = await _body(response)
    text = raw.decode("utf-8", "replace")
    body = _parsed(text)
    if hider.holds(text):
        body, text = hider.hide_in(body), hider.hide(text)
    request_id = response.headers.get("X-Request-ID", "").encode("utf-8", "replace").decode()
    return Answer(
        status=response.status,
        body=body,
        text=text[:_MAX_QUOTED],
        headers=response.headers,
        request_id=hider.hide(request_id)[:100],
    )


def failed(error: Exception) -> NetFailure:
    """Why there is no answer. Only a connection that was never made says for certain that nothing was sent.

    What breaks on a connection that is there already, its encryption or its network, may have the same name as a
    connection that fails (`ssl.SSLError`, ECONNREFUSED, ETIMEDOUT), but by then the store may have the request.
    """
    failure = translate(error)
    connecting = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL)
    if connecting or failure.kind in {FailureKind.READ_TIMEOUT, FailureKind.LOST, FailureKind.BAD_ANSWER}:
        return failure
    return replace(failure, kind=FailureKind.LOST)


async def _body(response: aiohttp.ClientResponse) -> bytes:
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
        body = json.loads(text.removeprefix("\ufeff"))
        if not _HALF_OF_A_PAIR.search(text):
            return body
        # Half a character, which JSON may name, can be written into no file and no journal.
        return json.loads(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
