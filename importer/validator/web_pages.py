"""A web page where a picture should be: what kind of page it is, and how to get to the picture itself.

A hint is given only where whole phrases, the host's name or a certain mark say so: no hint beats a wrong one.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from importer.addresses import Address, parse_address
from importer.models import Problem, ProblemCode
from importer.problems import problem
from importer.settings import MAX_URL_LENGTH
from importer.validator.page_kinds import KINDS, LOGIN, MISSING, PageKind

_OPENING = re.compile(
    r"\ufeff?(?:\s++|<!--(?:(?!-->).)*+-->|<\?xml[^>]*+>)*+<(?:!doctype\s{1,9}html|html|head|title|meta|base|link|style"
    r"|script|noscript|body|frameset|iframe|h1|div|font|table|form|center|a|b|br|p)(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
"""How HTML begins (WHATWG MIME Sniffing, section 7.1), and the other tags that careless servers begin with."""
_TITLE = re.compile(r"<title\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
_HEADING = re.compile(r"<h1\b[^<>]{0,500}>", re.IGNORECASE)
_PARTS = re.compile(r" [-:/\u2013\u2014]+ | ?[|\u00b7\u2022\u00bb] ?|: ")
_CODE_WORDS = " 403 404 410 1 code error errore erreur erro fehler http oops ouch sorry status whoops "
"""Words around the phrase that tells; the 1 is of Google's “Error 404 (Not Found)!!1”."""
_PASSWORD = re.compile(r"<input\b[^<>]{0,500}?\btype\s{0,3}=\s{0,3}[\"']?password\b")
_PRODUCT = re.compile(r"schema\.org/product|\"@type\"\s{0,3}:\s{0,3}\"product\"|content=\"(?:og:)?product\"")
_LOGIN_PATH = re.compile(r"/(?:wp-)?(?:log[-_]?in|sign[-_]?in|logon|anmelden|connexion|inloggen|authenticate)(?![\w-])")
_LOGIN_HOSTS = "accounts.google.com login.microsoftonline.com login.live.com account.box.com okta.com auth0.com"
_CLOUD_MARKS = ("data-requesttoken=", 'og:site_name" content="nextcloud', 'og:site_name" content="owncloud')
_HOST = "Put the picture on a web host (your store's own WebDAV folder will do) and use its address there."


@dataclass(frozen=True, slots=True)
class SharedLink:
    """A link of a service that shows files to people; `direct` is the file's own address, empty where not known."""

    service: str
    reason: str
    fix: str
    direct: str = ""


_SHARE = "It is a share page of {}, which shows the file instead of being the file."
_PASSING = "It is a download page of {}, whose links stop working after some days."
_AROUND = "It is a page of {} around the picture, not the picture itself."
_COPY = "Open the page, right-click the picture, choose “Copy image address” and use that; it begins with https://{}/."
_OPEN = "Share the file with “Anyone with the link” and use this address"


class _Direct(NamedTuple):
    """How to compute a file's address: from path and query, the parameters to keep, and what to do first."""

    found: str
    made: str
    kept: str = "(?!)"
    first: str = _OPEN


class _Service(NamedTuple):
    name: str
    domains: str
    reason: str = _SHARE
    fix: str = _HOST
    direct: _Direct | None = None


# Dropbox forum, “Shared link scl to s”: raw=1 is the file, and the rlkey must stay.
_DROPBOX = _Direct(r"(/(?:s|scl/fi)/[^?]++)(?!.*[?&](?:dl|raw)=1)", r"\1?raw=1", r"(?!dl$|raw$).+")
# Google Drive API, “Resource keys”: older files open only with the resourcekey of their link.
_DRIVE = _Direct(
    r"/(?:file/(?:u/\d{1,2}/)?d/|open\?(?:.*&)?id=)([\w-]{10,100})",
    r"https://drive.google.com/uc?export=download&id=\1",
    "resourcekey",
    f"Google Drive may refuse many downloads, so a web host is safer. For a few: {_OPEN[0].lower()}{_OPEN[1:]}",
)
# In a link of SharePoint `:i:` is a picture and `:u:` another file; `/r/` opens only for people with an account.
_SHAREPOINT = _Direct(r"(/:[iu]:/[gspt]/[^?]++)(?!.*[?&]download=1)", r"\1?download=1", r"(?!web$|download$).+")
_FILE_PAGE = r"/wiki/(?:File|Image|Datei|Fichier|Archivo|Bestand|Plik|Ficheiro):([^?]+)"
_WIKI = _Direct(_FILE_PAGE, r"/wiki/Special:FilePath/\1", first="Use this address")
_SERVICES = (
    _Service("Dropbox", "dropbox.com db.tt", direct=_DROPBOX),
    _Service("Google Drive", "drive.google.com docs.google.com drive.usercontent.google.com", direct=_DRIVE),
    _Service("Google Photos", "photos.google.com photos.app.goo.gl"),
    _Service("OneDrive", "1drv.ms onedrive.live.com onedrive.com"),
    _Service("SharePoint", "sharepoint.com", direct=_SHAREPOINT),
    _Service("WeTransfer", "we.tl wetransfer.com", _PASSING),
    _Service("Box", "box.com"),
    _Service("iCloud", "icloud.com"),
    _Service("MEGA", "mega.nz mega.io mega.co.nz"),
    _Service("pCloud", "pcloud.link pcloud.com"),
    _Service("Canva", "canva.com canva.link", _SHARE, f"Download the picture from Canva. {_HOST}"),
    _Service("Imgur", "imgur.com", _AROUND, _COPY.format("i.imgur.com")),
    _Service("Flickr", "flickr.com flic.kr", _AROUND, _COPY.format("live.staticflickr.com")),
    _Service("ImgBB", "ibb.co", _AROUND, _COPY.format("i.ibb.co")),
    _Service("Postimages", "postimg.cc", _AROUND, _COPY.format("i.postimg.cc")),
    _Service("Pinterest", "pinterest.com pin.it", _AROUND, _COPY.format("i.pinimg.com")),
    _Service("Wikimedia", "wikimedia.org wikipedia.org", _AROUND, _COPY.format("upload.wikimedia.org"), _WIKI),
)
# Nextcloud and ownCloud have no domain; their maintainers say that the file is at the link with /download behind it.
_LINK_PATH = r"((?:/[^/?]{1,80}){0,3}/s/[A-Za-z0-9]{8,32})/?(?:\?|$)"
_CLOUD = _Service("Nextcloud or ownCloud", "", direct=_Direct(_LINK_PATH, r"\1/download"))


class _Page(NamedTuple):
    text: str
    title: str
    whole: str
    parts: set[str]


def is_web_page(start: bytes) -> bool:
    """Whether the first bytes of a file are HTML; comments and an XML declaration may stand before its first tag."""
    return _OPENING.match(start.decode("utf-8", "replace")) is not None


def web_page_problem(start: bytes, url: str, asked: str) -> Problem:
    """Say what kind of web page stands where a picture should be.

    Args:
        start: the first bytes of the page.
        url: where it was found, after redirects.
        asked: the address in the spreadsheet, as it was sent.
    """
    page = _read(start)
    title = page.title if len(page.title) <= 80 else page.title[:79] + "…"
    words = f" (titled “{title}”)" if title else ""
    hint, fix, not_for_host = _hint(page, url, asked)
    detail = f"There is a web page at this address{words}, not a picture.{hint}"
    return problem(ProblemCode.NOT_AN_IMAGE, detail, fix=fix, not_for_host=not_for_host)


def shared_link(url: str) -> SharedLink | None:
    """The service whose link a complete URL is, as its host (for a Nextcloud: its path) tells, and how to mend it."""
    link = urlsplit(url)
    host = link.hostname or ""
    service = next((one for one in _SERVICES if _within(host, one.domains)), None)
    if service is None:
        return _link(_CLOUD, url) if "/index.php/s/" in link.path else None
    return None if service.reason == _AROUND and host.startswith("i.") else _link(service, url)


def _link(service: _Service, url: str) -> SharedLink | None:
    """The link of a service; None where only links with a direct address are links for people."""
    link, rule, direct = urlsplit(url), service.direct, ""
    found = re.match(rule.found, f"{link.path}?{link.query}") if rule else None
    if rule and found:
        kept = [part for part in link.query.split("&") if re.fullmatch(rule.kept, part.partition("=")[0])]
        made = "&".join([found.expand(rule.made), *kept])
        whole = made if made.startswith("https:") else f"{link.scheme}://{link.netloc.rpartition('@')[2]}{made}"
        address = parse_address(whole, MAX_URL_LENGTH)
        direct = address.url if isinstance(address, Address) else ""
    elif rule in (_CLOUD.direct, _WIKI):
        return None
    fix = f"{rule.first}: {direct}" if rule and direct else service.fix
    return SharedLink(service.name, service.reason.format(service.name), fix, direct)


def _hint(page: _Page, url: str, asked: str) -> tuple[str, str, bool]:
    """What kind of page it is, with a space before, the fix, and `not_for_host`; empty where it is not certain."""
    if _says(page, MISSING):
        return f" {MISSING.words}", MISSING.fix, False
    cloud = _link(_CLOUD, asked) if any(mark in page.text for mark in _CLOUD_MARKS) else None
    link = shared_link(asked) or shared_link(url) or cloud
    login = _asks_for_login(page, url, asked)
    if link is not None:
        return f" {link.reason}" + (f" {LOGIN.words}" if login else ""), link.fix, True
    kind = next((one for one in KINDS if _says(page, one) or (one is LOGIN and login)), None)
    return (f" {kind.words}", kind.fix, kind.not_for_host) if kind else ("", "", False)


def _says(page: _Page, kind: PageKind) -> bool:
    said = any(re.fullmatch(kind.part, part) for part in page.parts)
    return said or bool(re.fullmatch(kind.whole, page.whole or " ")) or any(mark in page.text for mark in kind.marks)


def _asks_for_login(page: _Page, url: str, asked: str) -> bool:
    led = _LOGIN_PATH.search(urlsplit(url).path.lower())
    if _within(urlsplit(url).hostname or "", _LOGIN_HOSTS) or (led and led[0] not in urlsplit(asked).path.lower()):
        return True
    if _says(page, LOGIN):
        return True
    # Many ordinary pages, above all of shops, have a box for logins as well: they are told by their links.
    return bool(_PASSWORD.search(page.text)) and page.text.count("<a ") <= 12 and not _PRODUCT.search(page.text)


def _within(host: str, domains: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains.split())


def _read(start: bytes) -> _Page:
    text = start.decode("utf-8", "replace")
    title, heading = _inner(text, _TITLE, "</title"), _inner(text, _HEADING, "</h1")
    parts = {_phrase(part, alone=part == title) for part in [*_PARTS.split(title), title]}
    return _Page(text.lower(), title, _phrase(title, alone=True), parts | {_phrase(heading, alone=True)})


def _inner(text: str, opening: re.Pattern[str], closing: str) -> str:
    """The text of an element, one line without tags and control characters; empty where it is unclosed or too long."""
    tag = opening.search(text)
    end = re.compile(closing, re.IGNORECASE).search(text, tag.end(), tag.end() + 1000) if tag else None
    inner = html.unescape(_TAG.sub(" ", text[tag.end() : end.start()])) if tag and end else ""
    return "".join(letter for letter in " ".join(inner.split()) if letter.isprintable())


def _phrase(said: str, *, alone: bool) -> str:
    """The words of a text without accents, punctuation and the words of an error code around them."""
    plain = unicodedata.normalize("NFKD", said.casefold().replace("ł", "l").replace("\u2019", "'"))
    words = re.findall(r"[\w']+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    told = [at for at, word in enumerate(words) if f" {word} " not in _CODE_WORDS]
    if not told:
        return "not found" if {"404", "410"} & set(words) and (alone or len(words) > 1) else ""
    return " ".join(words[told[0] : told[-1] + 1])
