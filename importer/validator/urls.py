"""One URL: every hop of its redirects is judged, then the first bytes of what is there."""

import asyncio
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from importer.addresses import Address, parse_address
from importer.models import Problem, ProblemCode, UrlFinding
from importer.net import Resolver, translate
from importer.problems import problem
from importer.settings import MAX_IMAGE_BYTES, SECOND_LOOK
from importer.validator.hosts import Hosts, failure_problem
from importer.validator.pictures import identify

_START_BYTES = 65_536
_MAX_REDIRECTS = 5
MAX_REDIRECT_URL = 8_192
"""Characters; the limit of the store counts for the address that it is sent, not for where that leads."""
_PASSING = {429, 500, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_GONE = {404, 410}
_FORBIDDEN = {401, 402, 403, 407, 451}


@dataclass(frozen=True, slots=True)
class _Body:
    """The first bytes of an answer, the size of the whole file where known, and whether it broke off early."""

    start: bytes
    total: int | None
    broke_off: bool


class UrlChecker:
    """Checks URLs over one session; `hosts` and `resolver` are shared by all of them."""

    def __init__(self, session: aiohttp.ClientSession, resolver: Resolver, hosts: Hosts) -> None:
        self._session = session
        self._resolver = resolver
        self._hosts = hosts

    async def check(self, url: str) -> UrlFinding:
        """Follow a URL to its picture, or to the reason why the store will not get one.

        What may be a passing trouble of the host (a lost connection, 429, 5xx) is looked at twice.
        """
        finding = await self._follow(url)
        if not _may_pass(finding):
            return finding
        await asyncio.sleep(SECOND_LOOK)
        return await self._follow(url)

    async def _follow(self, url: str) -> UrlFinding:
        address = parse_address(url, MAX_REDIRECT_URL)
        visited: list[str] = []
        while isinstance(address, Address):
            if address.url in visited:
                return UrlFinding(problem(ProblemCode.REDIRECT_LOOP, f"{address.url} redirects back to itself."))
            if len(visited) > _MAX_REDIRECTS:
                return UrlFinding(problem(ProblemCode.REDIRECT_LOOP, f"More than {_MAX_REDIRECTS} redirects."))
            visited.append(address.url)
            result = await self._hop(address)
            if isinstance(result, UrlFinding):
                return _naming_hop(result, visited)
            address = _target(address, result)
        return _naming_hop(UrlFinding(address), visited)

    async def _hop(self, address: Address) -> UrlFinding | str:
        """The finding at one address, or where it redirects to."""
        version = ""
        try:
            await self._resolver.lookup(address.host, address.port)
            if address.scheme == "https":
                verdict = await self._hosts.judge(address.host, address.port)
                version = verdict.version
                if verdict.problem is not None:
                    return UrlFinding(verdict.problem, tls_version=version)
            return await self._get(address, version, ranged=True)
        except (OSError, aiohttp.ClientError, ValueError) as error:
            return UrlFinding(failure_problem(address.host, translate(error)), tls_version=version)

    async def _get(self, address: Address, version: str, *, ranged: bool) -> UrlFinding | str:
        headers = {"Range": f"bytes=0-{_START_BYTES - 1}"} if ranged else {}
        async with self._session.get(URL(address.url, encoded=True), headers=headers, allow_redirects=False) as answer:
            if answer.status in _REDIRECTS and answer.headers.get("Location"):
                return answer.headers["Location"]
            content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip()
            finding = UrlFinding(None, answer.status, version, content_type[:100])
            if answer.status not in {200, 206, 416}:
                return replace(finding, problem=_status_problem(address.host, answer.status))
            if answer.status != 416:
                return _judge_body(finding, await _read(answer))
        if ranged:
            return await self._get(address, version, ranged=False)
        return replace(finding, problem=_status_problem(address.host, 416))


def _target(address: Address, location: str) -> Address | Problem:
    try:
        return parse_address(urljoin(address.url, location), MAX_REDIRECT_URL)
    except ValueError:
        return problem(ProblemCode.URL_INVALID, f"{address.host} redirects to something that is not a web address.")


async def _read(answer: aiohttp.ClientResponse) -> _Body:
    """Read until the start is there, and past it only where nothing else tells whether the file is too large."""
    total = _total(answer)
    enough = _START_BYTES if total is not None else MAX_IMAGE_BYTES + 1
    start = bytearray()
    counted = 0
    try:
        async for chunk in answer.content.iter_any():
            counted += len(chunk)
            start += chunk[: _START_BYTES - len(start)]
            if counted >= enough:
                answer.close()
                break
    except aiohttp.ClientPayloadError:
        if not counted:
            raise
        return _Body(bytes(start), total, broke_off=True)
    if total is None and answer.status == 200:
        total = counted
    return _Body(bytes(start), total, broke_off=False)


def _total(answer: aiohttp.ClientResponse) -> int | None:
    """The size of the whole file (RFC 9110, 14.4 Content-Range and 8.6 Content-Length), in bytes."""
    if answer.status == 206:
        total = answer.headers.get("Content-Range", "").rpartition("/")[2].strip()
        return int(total) if total.isascii() and total.isdigit() else None
    return answer.content_length


def _judge_body(finding: UrlFinding, body: _Body) -> UrlFinding:
    if body.total is not None and body.total > MAX_IMAGE_BYTES:
        words = f"The file is {body.total / 1_000_000:.1f} MB large; BigCommerce takes at most 8 MB."
        picture = identify(body.start, body.total, finding.content_type)
        too_large = problem(ProblemCode.IMAGE_TOO_LARGE, words)
        # A web page or video that is also too large is told by what it is: shrinking it would not help.
        trouble = picture if isinstance(picture, Problem) else too_large
        return replace(finding, problem=trouble, size=body.total)
    if body.broke_off:
        words = f"The host broke off after {len(body.start):,} bytes"
        words += f" of {body.total:,}." if body.total is not None else "."
        return replace(finding, problem=problem(ProblemCode.IMAGE_TRUNCATED, words), size=body.total)
    picture = identify(body.start, body.total, finding.content_type)
    if isinstance(picture, Problem):
        return replace(finding, problem=picture, size=body.total)
    return replace(finding, size=body.total, width=picture.width, height=picture.height, warning=picture.warning)


def _status_problem(host: str, status: int) -> Problem:
    try:
        words = f"{host} answered {status} {HTTPStatus(status).phrase}."
    except ValueError:
        words = f"{host} answered {status}."
    if status in _GONE:
        return problem(ProblemCode.HTTP_NOT_FOUND, words)
    if status in _FORBIDDEN:
        return problem(ProblemCode.HTTP_FORBIDDEN, words)
    if status == 204:
        return problem(ProblemCode.IMAGE_EMPTY, words)
    return problem(ProblemCode.HTTP_ERROR, words)


def _may_pass(finding: UrlFinding) -> bool:
    lost = finding.problem is not None and finding.problem.code == ProblemCode.CONNECTION_LOST
    return lost or finding.http_status in _PASSING


def _naming_hop(finding: UrlFinding, visited: list[str]) -> UrlFinding:
    """Say which redirect led to the trouble: the person knows only the address in the spreadsheet."""
    if finding.problem is None or len(visited) < 2:
        return finding
    detail = f"The address redirects to {visited[-1]}, and there: {finding.problem.detail}"
    return replace(finding, problem=replace(finding.problem, detail=detail))
