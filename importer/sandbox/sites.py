"""The pretend image hosts: their names, and what each of them serves. Only data and pure functions.

Names end in `.example`, which never exists outside (RFC 2606), so nobody real is ever asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from importer.sandbox import drawings


class Manner(Enum):
    """How a page is handed over: properly, cut off after half of it, or never."""

    WHOLE = auto()
    HALF = auto()
    NEVER = auto()


class Door(Enum):
    """What a client meets before any page: which certificate, which TLS version, or no proper connection at all."""

    PLAIN = auto()
    GOOD = auto()
    TLS_1_0 = auto()
    TLS_1_1 = auto()
    EXPIRED = auto()
    WRONG_NAME = auto()
    UNTRUSTED = auto()
    NOT_TLS = auto()
    REFUSED = auto()
    UNANSWERED = auto()
    LOST = auto()


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a host; `ranges` says whether it honours a Range header."""

    body: bytes = b""
    content_type: str = "image/jpeg"
    status: int = 200
    location: str = ""
    ranges: bool = True
    manner: Manner = Manner.WHOLE


@dataclass(frozen=True, slots=True)
class Site:
    """One host on one port; `serve` gets the decoded path and the client's User-Agent."""

    host: str
    port: int
    door: Door
    serve: Callable[[str, str], Page]


_FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP"}
_SUMMIT = "www.summit-supply.example"
_STONEWARE = "legacy.stoneware-archive.example"
_RIVERBEND = "shop.riverbend-outlet.example"
_CAFE = "/Café crème 1.jpg"


def _error(status: int, title: str) -> Page:
    return Page(drawings.web_page(title), "text/html", status)


def _products(path: str, _agent: str) -> Page:
    """A picture for every path below /products/ that ends like one, 404 for the rest."""
    ending = path.rpartition(".")[2].lower()
    if not path.startswith("/products/") or ending not in _FORMATS:
        return _error(404, "Page not found")
    name = _FORMATS[ending]
    return Page(drawings.drawing(drawings.variant_of(path), name), f"image/{name.lower()}")


def _kitchen(path: str, agent: str) -> Page:
    return Page(drawings.drawing(4)) if path == _CAFE else _products(path, agent)


def _whole_only(path: str, agent: str) -> Page:
    """As `_products`, from a host that ignores Range."""
    page = _products(path, agent)
    return Page(page.body, page.content_type, page.status, ranges=False)


def _to_https(path: str, _agent: str) -> Page:
    return Page(status=301, location=f"https://{_SUMMIT}{path}")


def _to_old_tls(path: str, _agent: str) -> Page:
    return Page(status=301, location=f"https://{_STONEWARE}{path}")


def _no_robots(path: str, agent: str) -> Page:
    """Opens for everybody but the store, as hosts did in bigcommerce/api-specs pull request 398."""
    return _error(403, "Automated access denied") if agent.startswith("Ruby") else _products(path, agent)


def _login(_path: str, _agent: str) -> Page:
    return _error(403, "Partner portal: please log in")


def _failing(path: str, _agent: str) -> Page:
    return _error(500, "Internal error") if path.startswith("/cgi-bin/") else _error(503, "Down for maintenance")


def _journal(_path: str, _agent: str) -> Page:
    return Page(drawings.web_page("Basecamp Journal: our favourite mugs"), "text/html; charset=utf-8")


def _never(_path: str, _agent: str) -> Page:
    return Page(manner=Manner.NEVER)


def _circle(path: str, _agent: str) -> Page:
    other = "/b/" if path.startswith("/a/") else "/a/"
    return Page(status=302, location=f"http://{_RIVERBEND}{other}{path[3:]}")


_ORIGINALS: dict[str, Callable[[], Page]] = {
    "/originals/cast-iron-poster.jpg": lambda: Page(drawings.oversized()),
    "/originals/blank.jpg": lambda: Page(b""),
    "/originals/half-uploaded.jpg": lambda: Page(drawings.cut_off()),
    "/originals/broken-off.jpg": lambda: Page(drawings.drawing(9), manner=Manner.HALF),
    "/originals/rope-detail.png": lambda: Page(drawings.rotten_png(), "image/png"),
    "/originals/mug-print.tif": lambda: Page(drawings.tiff(), "image/tiff"),
    "/originals/kettle.avif": lambda: Page(drawings.iso_media(b"avif"), "image/avif"),
    "/originals/spoon.heic": lambda: Page(drawings.iso_media(b"heic"), "image/heic"),
    "/brand/logo.svg": lambda: Page(drawings.svg(), "image/svg+xml"),
    "/care/skillet-leaflet.pdf": lambda: Page(drawings.pdf(), "application/pdf"),
}
"""A photo studio's hand-over folder: originals that are too big, cut off, rotten or in a format not taken."""


def _studio(path: str, agent: str) -> Page:
    return _ORIGINALS[path]() if path in _ORIGINALS else _products(path, agent)


SITES = (
    Site("images.alpine-outfitters.example", 443, Door.GOOD, _products),
    Site("cdn.kitchen-and-co.example", 443, Door.GOOD, _kitchen),
    Site("media.hearth-home.example", 80, Door.PLAIN, _products),
    Site(_SUMMIT, 80, Door.PLAIN, _to_https),
    Site(_SUMMIT, 443, Door.GOOD, _products),
    Site("static.trailhead-gear.example", 443, Door.GOOD, _whole_only),
    Site("downloads.studio-berg.example", 443, Door.GOOD, _studio),
    Site("images.nordic-textiles.example", 443, Door.GOOD, _no_robots),
    Site("portal.wholesale-partner.example", 443, Door.GOOD, _login),
    Site("pictures.old-mill-pottery.example", 443, Door.GOOD, _failing),
    Site("www.basecamp-journal.example", 443, Door.GOOD, _journal),
    Site("media.glacier-archive.example", 443, Door.GOOD, _never),
    Site(_RIVERBEND, 80, Door.PLAIN, _circle),
    Site("www.stoneware-shop.example", 80, Door.PLAIN, _to_old_tls),
    Site(_STONEWARE, 443, Door.TLS_1_0, _products),
    Site("images.woolen-mill.example", 443, Door.TLS_1_1, _products),
    Site("img.fjord-ceramics.example", 443, Door.EXPIRED, _products),
    Site("img.bamboo-basics.example", 443, Door.WRONG_NAME, _products),
    Site("photos.village-smithy.example", 443, Door.UNTRUSTED, _products),
    Site("cdn.trailmix-foods.example", 443, Door.NOT_TLS, _products),
    Site("old.campfire-crafts.example", 443, Door.REFUSED, _products),
    Site("nas.mountain-depot.example", 443, Door.UNANSWERED, _products),
    Site("img.harbor-hosting.example", 443, Door.LOST, _products),
)
"""Every pretend host and port."""
