"""What a host's answer means for the URL: from an answer to a finding, without asking anybody."""

import re
from dataclasses import replace
from http import HTTPStatus
from itertools import pairwise
from urllib.parse import urlsplit

from importer.models import Problem, ProblemCode, UrlFinding
from importer.net import retry_after_seconds
from importer.problems import problem
from importer.settings import MAX_IMAGE_BYTES
from importer.validator.answers import Answer
from importer.validator.chains import RedirectChain
from importer.validator.pictures import Extent, Picture, identify
from importer.validator.web_pages import is_web_page, shared_link, web_page_problem

_GONE = {404, 410}
_FORBIDDEN = {401, 402, 403, 407, 451}
_UNPACKED = "Ask whoever runs the host to send pictures as they are: the store may not be able to open them, either."
_USER = re.compile(r"^(https?://)[^/@]*@", re.IGNORECASE)
_USUAL_PORTS = {"http": 80, "https": 443}


def end(
    chain: RedirectChain,
    trouble: Problem | None,
    answer: Answer | None = None,
    picture: Picture | None = None,
) -> UrlFinding:
    """The finding at the end of a URL's way.

    Where redirects led to the trouble, its detail names where: the person knows only the address in the spreadsheet.
    """
    if trouble is not None and len(chain.visited) > 1:
        words = f"The address redirects to {shown(chain.visited[-1])}, and there: {trouble.detail}"
        trouble = replace(trouble, detail=words)
    hosts = tuple(chain.hosts)
    if answer is None:
        return UrlFinding(trouble, tls_version=hosts[-1].tls_version, hosts=hosts)
    return UrlFinding(
        problem=trouble,
        http_status=answer.status,
        tls_version=hosts[-1].tls_version,
        content_type=answer.content_type,
        format=picture.format if picture else "",
        size=None if answer.more else answer.received if answer.broke_off else answer.total,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        warning=_warning(chain, picture) if picture and trouble is None else "",
        hosts=hosts,
    )


def judge(chain: RedirectChain, answer: Answer, data: bytes | None = None) -> Picture | Problem:
    """The picture that an answer holds, or why the store would not take what it holds. Not for redirects.

    Args:
        chain: the URL that was asked for.
        answer: what its host answered.
        data: the whole file, None where no more of it is there than its start.
    """
    if answer.refused:
        return _refused(chain, answer)
    extent = Extent(answer.total, answer.received, answer.end, announced=answer.announced, broke_off=answer.broke_off)
    picture = identify(answer.start if data is None else data, answer.content_type, extent)
    if isinstance(picture, Problem) and answer.packing:
        words = f"The host sends the file compressed ({answer.packing[:40]}), although nobody asked for that."
        return problem(ProblemCode.NOT_AN_IMAGE, words, fix=_UNPACKED)
    strange = isinstance(picture, Problem) and picture.code is ProblemCode.NOT_AN_IMAGE
    if strange and is_web_page(answer.start):
        return web_page_problem(answer.start, chain.address.url, chain.url)
    if strange and answer.broke_off:
        words = f"The host broke off after {answer.received:,} bytes"
        words += f" of {answer.total:,}." if answer.total is not None else "."
        return problem(ProblemCode.IMAGE_TRUNCATED, words)
    size = answer.received if answer.broke_off else answer.total
    # A video that is also too large is told by what it is: shrinking it would not help.
    if isinstance(picture, Picture) and size is not None and size > MAX_IMAGE_BYTES:
        return _too_large(size, more=answer.more)
    return picture


def shown(url: str) -> str:
    """An address without the user name and password that it may hold."""
    return _USER.sub(r"\1…@", url)


def _too_large(size: int, *, more: bool) -> Problem:
    words = f"The file is {'more than ' * more}{size / 1_000_000:,.1f} MB large; BigCommerce takes at most 8 MB."
    return problem(ProblemCode.IMAGE_TOO_LARGE, words)


def status_words(host: str, status: int) -> str:
    """What a host answered, as the beginning of a sentence: `a.example answered 503 Service Unavailable`."""
    try:
        return f"{host} answered {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{host} answered {status}"


def _refused(chain: RedirectChain, answer: Answer) -> Problem:
    words = status_words(chain.address.host, answer.status)
    if answer.challenge:
        words += ": a guard in front of it (Cloudflare) wants to see a human first; the store is hardly let in either"
        return problem(ProblemCode.HTTP_FORBIDDEN, f"{words}.")
    if answer.status in _GONE | _FORBIDDEN:
        link = shared_link(chain.url)
        code = ProblemCode.HTTP_NOT_FOUND if answer.status in _GONE else ProblemCode.HTTP_FORBIDDEN
        words = f"{words}. {link.reason if link else ''}".rstrip()
        return problem(code, words, fix=link.fix if link else "", not_for_host=link is not None)
    wait = retry_after_seconds(answer.retry_after) if answer.status in {429, 503} else None
    if wait:
        words += f" and asks to be left alone for {wait:,.0f} second{'s' * (round(wait) != 1)}"
    if 300 <= answer.status < 400:
        return problem(ProblemCode.HTTP_ERROR, f"{words}, but does not say where to go from there.")
    if answer.status in {204, 205}:
        return problem(ProblemCode.IMAGE_EMPTY, f"{words}.")
    return problem(ProblemCode.HTTP_ERROR, f"{words}.")


def _warning(chain: RedirectChain, picture: Picture) -> str:
    """All that may go wrong in the store although it is well here, as sentences."""
    first = chain.hosts[0]
    sentences = [picture.warning] if picture.warning else []
    if first.port != _USUAL_PORTS[chain.url.partition(":")[0].lower()]:
        sentences.append(
            f"The address names the port {first.port}, and BigCommerce's documents say that the store may refuse "
            "addresses with a port."
        )
    if chain.oddities:
        sentences.append(
            f"The host's answer does not keep the rules of HTTP ({', '.join(dict.fromkeys(chain.oddities))}). Browsers "
            "take it, but the store may not: ask whoever runs the host to mend that."
        )
    if "@" in chain.url and "@" in urlsplit(chain.url).netloc:
        sentences.append(
            "The address holds a user name or a password: the store may refuse it, and whoever sees the report can "
            "read it."
        )
    if len(chain.visited) > 1:
        steps = pairwise(chain.visited)
        plain = next((to for url, to in steps if url.startswith("https:") and to.startswith("http:")), "")
        if plain:
            sentences.append(f"The address leads from https to {shown(plain)}, which is not encrypted.")
    return " ".join(sentences)
