"""The way to a picture: redirects are followed, named and judged, and what may go wrong in the store is said."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from importer.models import Checked, HostFinding, ImageRow
from importer.settings import CheckSettings, ConnectTo, NetworkSettings
from importer.validator import check
from tests.validator.image_host import ImageHost, checked, code, detail, picture, serving

AUTHORITY = trustme.CA()


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


def tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


async def good(request: web.BaseRequest) -> web.StreamResponse:
    """A picture, `?to=ADDRESS` a redirect."""
    to = request.query.get("to")
    return web.Response(status=302, headers={"Location": to}) if to else picture(request)


async def steps(request: web.BaseRequest) -> web.StreamResponse:
    """`/3` redirects to `/2` and so on, `/0` is the picture; `/a`, `/b` and `/c` lead in a circle."""
    name = request.path.strip("/")
    following = {"a": "b", "b": "c", "c": "a", "self": "self"}.get(name) or (name != "0" and str(int(name) - 1))
    return web.Response(status=307, headers={"Location": f"/{following}"}) if following else picture(request)


def one(url: str, *hosts: ImageHost, **more: object) -> Checked:
    (item,) = checked(hosts, [url], **more)  # type: ignore[arg-type]  # settings of any type
    return item


def test_five_redirects_are_followed_and_a_sixth_is_not() -> None:
    assert code(one("http://a.example/5", ImageHost("a.example", steps))) == "ok"
    host = ImageHost("a.example", steps)
    item = one("http://a.example/6", host)
    assert code(item) == "redirect_loop"
    assert detail(item) == "More than 5 redirects; the last one leads to http://a.example/0."
    assert len(host.asked) == 6


def test_a_circle_is_named() -> None:
    assert detail(one("http://a.example/self", ImageHost("a.example", steps))) == (
        "http://a.example/self redirects back to itself."
    )
    assert detail(one("http://a.example/a", ImageHost("a.example", steps))) == (
        "http://a.example/a redirects back to itself, by way of http://a.example/b, then http://a.example/c."
    )


def test_every_host_on_the_way_is_in_the_finding(ca_file: Path) -> None:
    first, second = ImageHost("first.example", good), ImageHost("second.example", good)
    url = "http://first.example/x.jpg?to=https://second.example/y.jpg"
    item = one(url, first, second, tls={"second.example": tls("second.example")}, ca_file=ca_file)
    assert item.finding is not None
    assert item.finding.hosts == (HostFinding("first.example", 80), HostFinding("second.example", 443, "TLSv1.3"))


def test_the_verdict_on_a_host_is_one_value_for_all_its_addresses(ca_file: Path) -> None:
    urls = [f"https://a.example/{number}.jpg" for number in range(5)]
    host = ImageHost("a.example", good)
    items = checked([host], urls, tls={"a.example": tls("a.example")}, ca_file=ca_file)
    assert len({id(item.finding.hosts[0]) for item in items if item.finding}) == 1


def test_a_host_that_cannot_be_reached_is_in_the_finding_with_its_problem() -> None:
    item = one("http://first.example/?to=http://nowhere.invalid/x.jpg", ImageHost("first.example", good))
    assert item.finding is not None
    assert item.finding.hosts[0] == HostFinding("first.example", 80)
    assert item.finding.hosts[1].host == "nowhere.invalid"
    assert item.finding.hosts[1].problem is not None
    assert detail(item) == (
        "The address redirects to http://nowhere.invalid/x.jpg, and there: nowhere.invalid: there is no such host name."
    )


def test_a_way_from_https_to_http_is_noted(ca_file: Path) -> None:
    plain, secure = ImageHost("plain.example", good), ImageHost("secure.example", good)
    contexts = {"secure.example": tls("secure.example")}
    url = "https://secure.example/x.jpg?to=http://plain.example/y.jpg"
    item = one(url, plain, secure, tls=contexts, ca_file=ca_file)
    assert code(item) == "ok"
    assert item.finding is not None
    assert item.finding.warning == "The address leads from https to http://plain.example/y.jpg, which is not encrypted."
    item = one(
        "http://plain.example/x.jpg?to=https://secure.example/y.jpg", plain, secure, tls=contexts, ca_file=ca_file
    )
    assert item.finding is not None
    assert item.finding.warning == ""


def test_a_port_and_a_password_are_warned_of() -> None:
    host = ImageHost("a.example", good)
    (item,) = checked([host], ["http://me:secret@a.example/x.jpg"])
    assert item.finding is not None
    assert "user name or a password" in item.finding.warning
    assert "secret" not in item.finding.warning


def test_an_odd_port_is_warned_of(pictures: str) -> None:
    port = int(pictures.rpartition(":")[2])
    (item,) = checked([], ["http://a.example:8080/x.jpg"], more=(ConnectTo("a.example", 8080, "127.0.0.1", port),))
    assert code(item) == "ok"
    assert item.finding is not None
    assert "port 8080" in item.finding.warning
    (item,) = checked([], ["http://a.example:80/x.jpg"], more=(ConnectTo("a.example", 80, "127.0.0.1", port),))
    assert item.finding is not None
    assert item.finding.warning == ""


def test_a_share_link_that_refuses_is_told_how_to_mend() -> None:
    async def closed(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=404)

    item = one("http://www.dropbox.com/s/abc123/mug.jpg?dl=0", ImageHost("www.dropbox.com", closed))
    assert code(item) == "http_not_found"
    assert item.problem is not None
    assert "share page of Dropbox" in item.problem.detail
    assert "http://www.dropbox.com/s/abc123/mug.jpg?raw=1" in item.problem.fix


@pytest.mark.parametrize("share", [0.3, 0.75])
def test_a_host_that_takes_its_time_to_greet_passes(ca_file: Path, share: float) -> None:
    """The first request has half of the time for the greeting; a host that needs more is not rejected for it."""
    patience, name = 1.0, "slow.example"

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async def work() -> Checked:
        host = ImageHost(name, good)

        async def delay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(share * patience)
            behind = await asyncio.open_connection("127.0.0.1", host.port)
            with suppress(OSError):
                await asyncio.gather(pump(reader, behind[1]), pump(behind[0], writer))

        async with serving(host, tls(name)), await asyncio.start_server(delay, "127.0.0.1", 0) as front:
            network = NetworkSettings(ca_file, (ConnectTo(name, 443, *front.sockets[0].getsockname()),))
            row = ImageRow("", 2, 1, "", f"https://{name}/x.jpg", f"https://{name}/x.jpg")
            (item,) = await check([row], CheckSettings(timeout=patience), network)
            await asyncio.sleep(0.05)
            return item

    item = asyncio.run(work())
    assert code(item) == "ok", detail(item)
    assert item.finding is not None
    assert item.finding.tls_version == "TLSv1.3"
