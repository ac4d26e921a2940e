"""What a host's answer means for the URL: pure functions from an answer to a finding."""

from dataclasses import replace
from http import HTTPStatus
from itertools import pairwise
from urllib.parse import urlsplit

from importer.models import Problem, ProblemCode, UrlFinding
from importer.net import retry_after_seconds
from importer.problems import problem
from importer.settings import MAX_IMAGE_BYTES
from importer.validator.answers import Answer
from importer.validator.journeys import Journey
from importer.validator.pictures import Picture, identify
from importer.validator.web_pages import is_web_page, shared_link, web_page_problem

_GONE = {404, 410}
_FORBIDDEN = {401, 402, 403, 407, 451}
_USUAL_PORTS = {"http": 80, "https": 443}


def end(
    journey: Journey,
    trouble: Problem | None,
    answer: Answer | None = None,
    picture: Picture | None = None,
) -> UrlFinding:
    """The finding at the end of a URL's way.

    Where redirects led to the trouble, its detail names where: the person knows only the address in the spreadsheet.
    """
    if trouble is not None and len(journey.visited) > 1:
        words = f"The address redirects to {journey.visited[-1]}, and there: {trouble.detail}"
        trouble = replace(trouble, detail=words)
    hosts = tuple(journey.hosts)
    if answer is None:
        return UrlFinding(trouble, tls_version=hosts[-1].tls_version, hosts=hosts)
    return UrlFinding(
        problem=trouble,
        http_status=answer.status,
        tls_version=hosts[-1].tls_version,
        content_type=answer.content_type,
        size=None if answer.more else answer.total,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        warning=_warning(journey, picture) if picture and trouble is None else "",
        hosts=hosts,
    )


def judge(journey: Journey, answer: Answer) -> Picture | Problem:
    """The picture that an answer holds, or why the store would not take what it holds. Not for redirects."""
    if answer.status not in {200, 206}:
        return _refused(journey, answer)
    picture = identify(answer.start, answer.total, answer.content_type)
    strange = isinstance(picture, Problem) and picture.code is ProblemCode.NOT_AN_IMAGE
    if strange and is_web_page(answer.start):
        return web_page_problem(answer.start, journey.address.url, journey.url)
    if answer.broke_off:
        words = f"The host broke off after {len(answer.start):,} bytes"
        words += f" of {answer.total:,}." if answer.total is not None else "."
        return problem(ProblemCode.IMAGE_TRUNCATED, words)
    # A video that is also too large is told by what it is: shrinking it would not help.
    if isinstance(picture, Picture) and answer.total is not None and answer.total > MAX_IMAGE_BYTES:
        return _too_large(answer.total, more=answer.more)
    return picture


def _too_large(size: int, *, more: bool) -> Problem:
    words = f"The file is {'more than ' * more}{size / 1_000_000:,.1f} MB large; BigCommerce takes at most 8 MB."
    return problem(ProblemCode.IMAGE_TOO_LARGE, words)


def status_words(host: str, status: int) -> str:
    """What a host answered, as the beginning of a sentence: `a.example answered 503 Service Unavailable`."""
    try:
        return f"{host} answered {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{host} answered {status}"


def _refused(journey: Journey, answer: Answer) -> Problem:
    words = status_words(journey.address.host, answer.status)
    if answer.challenge:
        words += ": a guard in front of it (Cloudflare) wants to see a human first; the store is hardly let in either"
        return problem(ProblemCode.HTTP_FORBIDDEN, f"{words}.")
    if answer.status in _GONE | _FORBIDDEN:
        link = shared_link(journey.url)
        code = ProblemCode.HTTP_NOT_FOUND if answer.status in _GONE else ProblemCode.HTTP_FORBIDDEN
        return problem(code, f"{words}. {link.reason if link else ''}".rstrip(), fix=link.fix if link else "")
    wait = retry_after_seconds(answer.retry_after) if answer.status in {429, 503} else None
    if wait:
        words += f" and asks to be left alone for {wait:,.0f} seconds"
    if answer.status == 204:
        return problem(ProblemCode.IMAGE_EMPTY, f"{words}.")
    return problem(ProblemCode.HTTP_ERROR, f"{words}.")


def _warning(journey: Journey, picture: Picture) -> str:
    """All that may go wrong in the store although it is well here, as sentences."""
    address = journey.address
    sentences = [picture.warning] if picture.warning else []
    if address.port != _USUAL_PORTS[address.scheme]:
        sentences.append(
            f"The address names the port {address.port}, and BigCommerce's documents say that the store may refuse "
            "addresses with a port."
        )
    if "@" in journey.url and "@" in urlsplit(journey.url).netloc:
        sentences.append(
            "The address holds a user name or a password: the store may refuse it, and whoever sees the report can "
            "read it."
        )
    if len(journey.visited) > 1:
        steps = pairwise(journey.visited)
        plain = next((to for url, to in steps if url.startswith("https:") and to.startswith("http:")), "")
        if plain:
            sentences.append(f"The address leads from https to {plain}, which is not encrypted.")
    return " ".join(sentences)
