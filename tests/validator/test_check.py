"""The check against real hosts with real TLS: each defect has its verdict, each URL is asked for once."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from importer.models import Checked, ImageRow
from importer.sandbox import Sandbox, SandboxSettings
from importer.settings import AccessToken, CheckSettings, ConnectTo, NetworkSettings, StoreSettings, UploadSettings
from importer.store import open_store
from importer.validator import check

GOOD = "https://images.alpine-outfitters.example/products/mug-black-front.jpg"


@pytest.fixture(scope="module")
def hosts() -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(quota=100_000)) as sandbox:
        yield sandbox


DEFECTS = """
legacy.stoneware-archive.example/products/tent-pegs.jpg      | tls_too_old               | speaks TLS 1.0 only
images.woolen-mill.example/products/blanket-fringe.jpg       | tls_too_old               | speaks TLS 1.1 only
img.fjord-ceramics.example/products/bowl-blue.jpg            | tls_certificate_expired   | expired
img.bamboo-basics.example/products/bowl-tray.jpg             | tls_certificate_hostname  | img.bamboo-basics.example
photos.village-smithy.example/products/bowl-rack.jpg         | tls_certificate_untrusted | issuer
cdn.trailmix-foods.example/products/bowl-granola.jpg         | tls_handshake_failed      | handshake
nowhere.invalid/x.jpg                                        | dns_not_found             | no such host name
127.0.0.1:1/x.jpg                                            | url_private               | private address
old.campfire-crafts.example/products/axe-sheath.jpg          | connect_refused           | refused
nas.mountain-depot.example/products/rope-end.jpg             | connect_timeout           | not taken in time
media.glacier-archive.example/rope-coiled.jpg                | read_timeout              | in time
img.harbor-hosting.example/products/axe-edge.jpg             | connection_lost           | closed
images.alpine-outfitters.example/archive/2019/board-oiled.jpg | http_not_found           | 404 Not Found
portal.wholesale-partner.example/media/board-hires.jpg       | http_forbidden            | 403 Forbidden
pictures.old-mill-pottery.example/board-with-bread.jpg       | http_error                | 503 Service Unavailable
www.basecamp-journal.example/2023/steel-bottle.jpg           | not_an_image              | web page
downloads.studio-berg.example/originals/kettle.avif          | image_format_unsupported  | AVIF
downloads.studio-berg.example/originals/cast-iron-poster.jpg | image_too_large           | 9.1 MB
downloads.studio-berg.example/originals/blank.jpg            | image_empty               | empty
downloads.studio-berg.example/originals/half-uploaded.jpg    | image_truncated           | in the middle
downloads.studio-berg.example/originals/broken-off.jpg       | image_truncated           | broke off after
"""
"""https address without its scheme | code | words of the detail"""
PLAIN_DEFECTS = """
192.168.1.20/x.jpg                              | url_private   | private address
localhost:1/x.jpg                               | url_private   | private address
shop.riverbend-outlet.example/a/axe-log.jpg     | redirect_loop | redirects back to itself
www.stoneware-shop.example/products/bowls-stack.jpg | tls_too_old | legacy.stoneware-archive.example speaks TLS 1.0 only
"""
"""The same for http."""


def cases() -> list[tuple[str, str, str]]:
    found = []
    for scheme, table in (("https", DEFECTS), ("http", PLAIN_DEFECTS)):
        for line in table.strip().splitlines():
            address, code, words = (cell.strip() for cell in line.split("|"))
            found.append((f"{scheme}://{address}", code, words))
    return found


def network(sandbox: Sandbox, *more: ConnectTo) -> NetworkSettings:
    return NetworkSettings(sandbox.ca_file, tuple(ConnectTo(*entry) for entry in sandbox.connect_to) + more)


def row(url: str, number: int = 2, product: int | None = None, sku: str = "A") -> ImageRow:
    return ImageRow("", number, product, sku, url, url)


def checked(sandbox: Sandbox, *urls: str, more: tuple[ConnectTo, ...] = (), **settings: Any) -> list[Checked]:
    rows = [row(url, number) for number, url in enumerate(urls, start=2)]
    chosen = CheckSettings(**({"timeout": 2.0} | settings))
    return asyncio.run(check(rows, chosen, network(sandbox, *more)))


def test_a_good_picture_is_known_by_version_status_type_and_size(hosts: Sandbox) -> None:
    (item,) = checked(hosts, GOOD)
    assert item.problem is None
    finding = item.finding
    assert finding is not None
    assert (finding.http_status, finding.tls_version, finding.content_type) == (206, "TLSv1.3", "image/jpeg")
    assert finding.size
    assert finding.width
    assert finding.height


@pytest.mark.parametrize(("url", "code", "words"), cases())
def test_each_defect_has_its_verdict_and_its_mend(hosts: Sandbox, url: str, code: str, words: str) -> None:
    (item,) = checked(hosts, url)
    assert item.problem is not None
    assert item.problem.code == code
    assert words in item.problem.detail
    assert item.problem.fix
    assert ".." not in item.problem.detail


def test_the_detail_names_the_hop_that_fails(hosts: Sandbox) -> None:
    (item,) = checked(hosts, "http://www.stoneware-shop.example/products/bowls-stack.jpg")
    assert item.problem is not None
    assert item.problem.detail == (
        "The address redirects to https://legacy.stoneware-archive.example/products/bowls-stack.jpg, "
        "and there: legacy.stoneware-archive.example speaks TLS 1.0 only."
    )


def test_the_version_of_an_old_host_is_reported(hosts: Sandbox) -> None:
    (item,) = checked(hosts, "https://legacy.stoneware-archive.example/products/tent-pegs.jpg")
    assert item.finding is not None
    assert item.finding.tls_version == "TLSv1"


def test_a_redirect_from_http_to_a_modern_host_is_followed(hosts: Sandbox) -> None:
    (item,) = checked(hosts, "http://www.summit-supply.example/products/ridgeline-tent.jpg")
    assert item.problem is None
    assert item.finding is not None
    assert item.finding.tls_version == "TLSv1.3"


def test_each_url_is_asked_for_once_however_many_rows_share_it() -> None:
    with Sandbox(SandboxSettings()) as sandbox:
        items = checked(sandbox, *[GOOD] * 20)
        assert [item.problem for item in items] == [None] * 20
        asked = [request for request in sandbox.host_requests() if request.path in GOOD]
        assert [request.range_header for request in asked] == ["bytes=0-65535"]


def test_private_addresses_are_allowed_when_asked_for(hosts: Sandbox, pictures: str) -> None:
    (item,) = checked(hosts, f"{pictures}/x.jpg", allow_private=True)
    assert item.problem is None


def test_a_redirect_into_a_private_network_is_refused(pictures: str, hosts: Sandbox) -> None:
    # The redirecting host is a stand-in for a public one; where it leads is not.
    port = int(pictures.rpartition(":")[2])
    more = (ConnectTo("public.example", 80, "127.0.0.1", port),)
    (item,) = checked(hosts, "http://public.example/x.jpg", more=more)
    assert item.problem is None
    (item,) = checked(hosts, f"http://public.example/x.jpg?to={pictures}/y.jpg", more=more)
    assert item.problem is not None
    assert item.problem.code == "url_private"
    assert "redirects to" in item.problem.detail


def test_a_stop_leaves_the_rest_unchecked(hosts: Sandbox) -> None:
    async def work() -> list[Checked]:
        stop = asyncio.Event()
        rows = [row(f"{GOOD}?{number}", number) for number in range(30)]
        settings = CheckSettings(per_host=1)
        return await check(rows, settings, network(hosts), watch=lambda _: stop.set(), stop=stop)

    items = asyncio.run(work())
    assert [item.skipped for item in items].count(True) == 29
    assert len(items) == 30


def test_products_are_looked_up_where_there_is_a_store() -> None:
    products: tuple[tuple[int | None, str], ...] = ((7, "SEVEN"), (8, "COMMA, AND SPACE"))
    rows = [
        row(GOOD, 2, 7, ""),
        row(GOOD, 3, None, "SEVEN"),
        row(GOOD, 4, None, "COMMA, AND SPACE"),
        row(GOOD, 5, None, "PACK-45-GRN"),
        row(GOOD, 6, None, "GIFT-SET"),
        row(GOOD, 7, None, "NO-SUCH-SKU"),
        row(GOOD, 8, 999_999, ""),
        row(GOOD, 9, 1115, ""),
        row(GOOD + "?again", 10, None, "seven"),
    ]

    async def work(sandbox: Sandbox) -> list[Checked]:
        store = StoreSettings(sandbox.store_hash, AccessToken(sandbox.access_token), sandbox.api_url)
        async with open_store(store, network(sandbox), UploadSettings()) as client:
            return await check(rows, CheckSettings(urls=False), network(sandbox), client=client)

    with Sandbox(SandboxSettings(products=products)) as sandbox:
        items = asyncio.run(work(sandbox))
        requests = sandbox.requests()
    found = [(item.problem.code.value if item.problem else item.product and item.product.id) for item in items]
    assert found[:4] == [7, "url_duplicate", 8, 1106]
    # The last SKU differs from the store's in its case alone; there is just one that it can mean.
    assert found[4:] == ["sku_ambiguous", "sku_unknown", "product_unknown", "image_limit_reached", 7]
    assert len(requests) < 15
