"""The check against nginx, because a server that we wrote could share our misunderstanding."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest

from importer.models import Checked, ImageRow, UrlFinding
from importer.settings import USER_AGENT, CheckSettings, NetworkSettings
from importer.validator import check
from tests.picture_host import PICTURE
from tests.validator.nginx import PROGRAM, Nginx, serving
from tests.validator.nginx_sites import BEGINS, RAN_OUT, sites

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="nginx is not on this computer (on Debian and Ubuntu: apt-get install nginx)"
)

PASSING = {
    "https://tls12.example/picture.jpg": "picture.jpg",
    "https://tls13.example/picture.jpg": "picture.jpg",
    "https://whole-chain.example/picture.jpg": "picture.jpg",
    "https://downgrade.example/picture.jpg": "picture.jpg",
    "http://moved.example/picture.jpg": "picture.jpg",
    "http://plain.example/picture.jpg": "picture.jpg",
    "http://plain.example/large.jpg": "large.jpg",
    "http://plain.example/a.bmp": "a.bmp",
    "http://plain.example/a.gif": "a.gif",
    "http://plain.example/a.png": "a.png",
    "http://plain.example/a.wbmp": "a.wbmp",
    "http://plain.example/a.webp": "a.webp",
    "http://plain.example/a.xbm": "a.xbm",
    "http://chain.example/5": "picture.jpg",
    "http://no-ranges.example/picture.jpg": "picture.jpg",
    "http://no-ranges.example/large.jpg": "large.jpg",
}
"""Addresses that the store takes, and the file that is there."""
GZIPPED = {"http://gzipped.example/picture.jpg": 320, "http://gzipped.example/large.jpg": 300}
"""The same, packed by the host although nobody asked it to, and their width."""
FAILING = """
https://tls10.example/picture.jpg              | tls_too_old               | tls10.example speaks TLS 1.0 only
https://tls11.example/picture.jpg              | tls_too_old               | tls11.example speaks TLS 1.1 only
https://tls10-and-11.example/picture.jpg       | tls_too_old               | TLS 1.1
https://old-ciphers.example/picture.jpg        | tls_handshake_failed      | old-ciphers.example
https://other-names-only.example/picture.jpg   | tls_handshake_failed      | other-names-only.example
https://no-tls.example/picture.jpg             | tls_handshake_failed      | no-tls.example
https://wants-certificate.example/picture.jpg  | http_error                | 400
https://expired.example/picture.jpg            | tls_certificate_expired   | {RAN_OUT:%Y-%m-%d}
https://not-yet.example/picture.jpg            | tls_certificate_expired   | {BEGINS:%Y-%m-%d}
https://wrong-name.example/picture.jpg         | tls_certificate_hostname  | default.hosting.example
https://wrong-name.example/picture.jpg         | tls_certificate_hostname  | *.hosting.example
https://no-authority.example/picture.jpg       | tls_certificate_untrusted | self-signed
https://stranger.example/picture.jpg           | tls_certificate_untrusted | Stranger Authority
https://half-chain.example/picture.jpg         | tls_certificate_untrusted | intermediate certificate
http://moved-to-old.example/picture.jpg        | tls_too_old               | tls10.example speaks TLS 1.0 only
http://blocks-tools.example/picture.jpg        | http_forbidden            | browser
http://forbidden.example/picture.jpg           | http_forbidden            | 403 Forbidden
http://missing.example/picture.jpg             | http_not_found            | 404 Not Found
http://gone.example/picture.jpg                | http_not_found            | 410 Gone
http://down.example/picture.jpg                | http_error                | 503 Service
http://hangs-up.example/picture.jpg            | connection_lost           | hangs-up.example
http://loop.example/a.jpg                      | redirect_loop             | back to itself
http://chain.example/6                         | redirect_loop             | More than 5
http://inside.example/loopback.jpg             | url_private               | 127.0.0.1
http://inside.example/intranet.jpg             | url_private               | 10.1.2.3
http://inside.example/metadata.jpg             | url_private               | 169.254.169.254
http://folder.example/pictures/                | not_an_image              | Index of /pictures/
http://plain.example/empty.jpg                 | image_empty               | empty
http://plain.example/huge.jpg                  | image_too_large           | 9.0 MB
"""
"""address | code | words of the detail"""


def cases() -> list[tuple[str, str, str]]:
    found = [tuple(cell.strip() for cell in line.split("|")) for line in FAILING.strip().splitlines()]
    return [(url, code, words) for url, code, words in found]


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    folder = tmp_path_factory.mktemp("nginx")
    with serving(folder, sites(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def verdicts(nginx: Nginx) -> dict[str, Checked]:
    """What one check says of every address in the tables above."""
    return checked(nginx, *dict.fromkeys([*PASSING, *GZIPPED, *(url for url, _, _ in cases())]))


def checked(nginx: Nginx, *urls: str, **settings: Any) -> dict[str, Checked]:
    rows = [ImageRow("", number, 1, "", url, url) for number, url in enumerate(urls, start=2)]
    network = NetworkSettings(nginx.folder / "ca.pem", nginx.connect_to)
    items = asyncio.run(check(rows, CheckSettings(**({"timeout": 2.0} | settings)), network))
    return {item.row.image_url: item for item in items}


def passed(verdicts: dict[str, Checked], url: str) -> UrlFinding:
    """The finding on an address without a problem."""
    item = verdicts[url]
    assert item.problem is None
    assert item.finding is not None
    return item.finding


@pytest.mark.parametrize(("url", "file"), PASSING.items())
def test_a_picture_that_the_store_takes_passes(nginx: Nginx, verdicts: dict[str, Checked], url: str, file: str) -> None:
    finding = passed(verdicts, url)
    assert finding.size == (nginx.folder / "www" / file).stat().st_size
    assert finding.width or file.endswith(".wbmp")  # which Pillow does not read


@pytest.mark.parametrize(("url", "width"), GZIPPED.items())
def test_a_picture_that_comes_packed_passes(nginx: Nginx, verdicts: dict[str, Checked], url: str, width: int) -> None:
    finding = passed(verdicts, url)
    assert finding.width == width
    # The host names the packed size alone, which is not the picture's.
    assert finding.size in {None, (nginx.folder / "www" / url.rpartition("/")[2]).stat().st_size}


@pytest.mark.parametrize(("url", "code", "words"), cases())
def test_each_defect_has_its_verdict(verdicts: dict[str, Checked], url: str, code: str, words: str) -> None:
    problem = verdicts[url].problem
    assert problem is not None
    expected = words.format(RAN_OUT=RAN_OUT, BEGINS=BEGINS)
    assert (problem.code.value, expected in problem.detail) == (code, True), problem


@pytest.mark.parametrize(
    ("url", "version"),
    [
        ("https://tls12.example/picture.jpg", "TLSv1.2"),
        ("https://tls13.example/picture.jpg", "TLSv1.3"),
        ("http://moved.example/picture.jpg", "TLSv1.2"),
        ("http://plain.example/picture.jpg", ""),
    ],
)
def test_the_version_is_the_best_that_both_speak(verdicts: dict[str, Checked], url: str, version: str) -> None:
    assert passed(verdicts, url).tls_version == version


def test_a_way_from_https_to_http_is_worth_a_warning(verdicts: dict[str, Checked]) -> None:
    assert "http://plain.example/" in passed(verdicts, "https://downgrade.example/picture.jpg").warning
    assert passed(verdicts, "http://moved.example/picture.jpg").warning == ""


def test_a_host_that_refuses_everybody_is_not_said_to_block_tools(nginx: Nginx, verdicts: dict[str, Checked]) -> None:
    everybody = verdicts["http://forbidden.example/picture.jpg"].problem
    tools = verdicts["http://blocks-tools.example/picture.jpg"].problem
    assert everybody is not None
    assert tools is not None
    assert "browser" in tools.detail
    assert "browser" not in everybody.detail
    first, second, *others = nginx.requests("blocks-tools.example", lambda found: len(found) >= 3)
    assert (first.agent, second.agent) == (USER_AGENT, USER_AGENT)
    assert [other.agent.startswith("Mozilla/") for other in others] == [True]


@pytest.mark.parametrize(("host", "status"), [("plain.example", 206), ("no-ranges.example", 200)])
def test_a_part_is_taken_where_the_host_gives_one_and_the_file_where_it_does_not(
    verdicts: dict[str, Checked], host: str, status: int
) -> None:
    assert passed(verdicts, f"http://{host}/large.jpg").http_status == status


def test_the_bytes_decide_and_not_what_the_host_calls_them(verdicts: dict[str, Checked]) -> None:
    finding = passed(verdicts, "http://plain.example/picture.jpg")
    assert (finding.content_type, finding.size, finding.width) == ("text/plain", len(PICTURE), 320)


def test_fifty_urls_of_a_host_share_few_connections_and_are_asked_for_once(nginx: Nginx) -> None:
    paths = [f"/{number}.jpg" for number in range(50)]
    verdicts = checked(nginx, *(f"https://many.example{path}" for path in paths), per_host=4)
    assert [item.problem for item in verdicts.values()] == [None] * 50
    requests = nginx.requests("many.example", lambda found: len(found) >= 50)
    assert sorted(request.path for request in requests) == sorted(paths)
    assert {request.method for request in requests} == {"GET"}
    assert all(re.fullmatch(r"bytes=0-\d+", request.range) for request in requests)
    assert len({request.connection for request in requests}) <= 4


def test_a_busy_host_is_asked_again_when_it_says_so(nginx: Nginx) -> None:
    """It takes one request in a second here, and says "Retry-After: 1" to the others."""
    verdicts = checked(nginx, "http://busy.example/picture.jpg?1", "http://busy.example/picture.jpg?2")
    assert [item.problem for item in verdicts.values()] == [None, None]
    requests = nginx.requests("busy.example", lambda found: [item.status for item in found].count(206) >= 2)
    assert [item.status for item in requests] == [206, 429, 206]
    assert requests[2].at - requests[1].at > 0.95


def test_a_host_that_stays_down_is_asked_twice_and_no_more(nginx: Nginx) -> None:
    before = len(nginx.requests("down.example"))
    checked(nginx, "http://down.example/x.jpg?twice")
    assert len(nginx.requests("down.example", lambda found: len(found) >= before + 2)) == before + 2


def test_every_request_says_who_asks(nginx: Nginx) -> None:
    checked(nginx, "http://plain.example/picture.jpg?who", user_agent="Testing/1.0")
    (asked,) = (item for item in nginx.requests("plain.example", bool) if item.path.endswith("?who"))
    assert asked.agent == "Testing/1.0"
