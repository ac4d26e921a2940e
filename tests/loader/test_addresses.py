"""A cell's text becomes a URL that can be sent as it is, or a problem that says what is wrong with it."""

import json
import shutil
import subprocess

import pytest

from importer.addresses import Address, parse_address
from importer.models import Problem


def parsed(text: str) -> Address:
    address = parse_address(text, 255)
    assert isinstance(address, Address), address
    return address


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example/x.jpg", "https://a.example/x.jpg"),
        ("  https://a.example/x.jpg\u200b\ufeff ", "https://a.example/x.jpg"),
        ("HTTPS://A.Example/X.jpg", "https://a.example/X.jpg"),
        ("https://a.example/my mug.jpg", "https://a.example/my%20mug.jpg"),
        ("https://a.example/my%20mug.jpg", "https://a.example/my%20mug.jpg"),
        ("https://a.example/50%.jpg", "https://a.example/50%25.jpg"),
        ("https://a.example/é.jpg?q=ü&r=1", "https://a.example/%C3%A9.jpg?q=%C3%BC&r=1"),
        ("https://a.example/a,b(1)'!.jpg", "https://a.example/a,b(1)'!.jpg"),
        ("https://bücher.example/x.jpg", "https://xn--bcher-kva.example/x.jpg"),
        ("https://a.example:8443/x.jpg#top", "https://a.example:8443/x.jpg"),
        ("https://a.example", "https://a.example/"),
        ("http://[2001:db8::1]/x.jpg", "http://[2001:db8::1]/x.jpg"),
    ],
)
def test_an_address_is_encoded_exactly_once(text: str, url: str) -> None:
    assert parsed(text).url == url
    assert parsed(url).url == url


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "url_missing"),
        (" \u200b ", "url_missing"),
        ("www.a.example/x.jpg", "url_invalid"),
        ("//a.example/x.jpg", "url_invalid"),
        ("/media/x.jpg", "url_invalid"),
        ("x.jpg", "url_invalid"),
        ("https://", "url_invalid"),
        ("https:///x.jpg", "url_invalid"),
        ("https://a b.example/x.jpg", "url_invalid"),
        ("https://a.example:99999/x.jpg", "url_invalid"),
        ("https://[::1/x.jpg", "url_invalid"),
        ("https://a..example/x.jpg", "url_invalid"),
        ("https://a.example/x\x01.jpg", "url_invalid"),
        ("https://a.example/1.jpg, https://a.example/2.jpg", "url_invalid"),
        ("https://a.example/1.jpg|https://a.example/2.jpg", "url_invalid"),
        ("ftp://a.example/x.jpg", "url_scheme"),
        ("file:///C:/x.jpg", "url_scheme"),
        ("C:\\pictures\\x.jpg", "url_scheme"),
        ("data:image/png;base64,AAAA", "url_scheme"),
        ("https://a.example/" + "x" * 238, "url_too_long"),
        ("https://a.example/" + "é" * 60, "url_too_long"),
    ],
)
def test_what_cannot_be_sent_is_a_problem(text: str, code: str) -> None:
    problem = parse_address(text, 255)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert problem.detail
    assert problem.fix


BROWSERS = [
    (r"https://a.example/images\prod\1.jpg", "https://a.example/images/prod/1.jpg"),
    (r"https:\\a.example\1.jpg", "https://a.example/1.jpg"),
    (r"https://a.example\p\1.jpg", "https://a.example/p/1.jpg"),
    ("https:/a.example/1.jpg", "https://a.example/1.jpg"),
    ("https:a.example/1.jpg", "https://a.example/1.jpg"),
    ("https:////a.example/1.jpg", "https://a.example/1.jpg"),
    ("https://a.example?id=5", "https://a.example/?id=5"),
    ("https://a.example/p/a\tb\r\n.jpg", "https://a.example/p/ab.jpg"),
    ("\x00 https://a.example/1.jpg \x1f", "https://a.example/1.jpg"),
    ("https://a.example:443/1.jpg", "https://a.example/1.jpg"),
    ("http://a.example:0080/1.jpg", "http://a.example/1.jpg"),
    ("http://a.example:443/1.jpg", "http://a.example:443/1.jpg"),
    ("https://a.example:/1.jpg", "https://a.example/1.jpg"),
    ("https://a.example./1.jpg", "https://a.example./1.jpg"),
    ("https://a.example//p//1.jpg", "https://a.example//p//1.jpg"),
    ("https://a.example/p/../q/./1.jpg", "https://a.example/q/1.jpg"),
    ("https://a.example/%2e%2E/q/1.jpg", "https://a.example/q/1.jpg"),
    ("https://a.example/p/..", "https://a.example/"),
    ("https://a.example/../../1.jpg?a=/../b", "https://a.example/1.jpg?a=/../b"),
    ("https://u:p%40s@a.example/1.jpg", "https://u:p%40s@a.example/1.jpg"),
    ("https://u@b@a.example/1.jpg", "https://u%40b@a.example/1.jpg"),
    ("https://my_images.bücher.example/1.jpg", "https://my_images.xn--bcher-kva.example/1.jpg"),
    ("https://r6---sn-x.cdn.example/1.jpg", "https://r6---sn-x.cdn.example/1.jpg"),
    ("https://-a-.example/1.jpg", "https://-a-.example/1.jpg"),
    ("https://i❤.example/1.jpg", "https://xn--i-7iq.example/1.jpg"),
    ("https://☕☕.example/1.jpg", "https://xn--53ha.example/1.jpg"),
    ("https://xn--i-7iq.example/1.jpg", "https://xn--i-7iq.example/1.jpg"),
    ("https://faß.example/1.jpg", "https://xn--fa-hia.example/1.jpg"),
    ("https://www.\uff45xample。com/1.jpg", "https://www.example.com/1.jpg"),
    ("https://مثال.example/1.jpg", "https://xn--mgbh0fb.example/1.jpg"),
    ("https://ex%61mple.com/1.jpg", "https://example.com/1.jpg"),
    ("https://0x7f.1/1.jpg", "https://127.0.0.1/1.jpg"),
    ("http://0300.0250.1/1.jpg", "http://192.168.0.1/1.jpg"),
    ("http://3232235521/1.jpg", "http://192.168.0.1/1.jpg"),
    ("https://[2001:DB8:0::1]:8443/1.jpg", "https://[2001:db8::1]:8443/1.jpg"),
    ("https://a.example/e\u0301.jpg", "https://a.example/e%CC%81.jpg"),
    ("https://a.example/%e9.jpg", "https://a.example/%e9.jpg"),
    ("https://a.example/a;b=1,2.jpg", "https://a.example/a;b=1,2.jpg"),
    ("https://a.example/\u2019x\u2019.jpg", "https://a.example/%E2%80%99x%E2%80%99.jpg"),
]
"""Each as `new URL(…).href` of Node.js 18 to 24 has it, without the fragment (WHATWG URL Standard)."""


@pytest.mark.parametrize(("text", "url"), BROWSERS)
def test_addresses_are_read_as_browsers_read_them(text: str, url: str) -> None:
    assert parsed(text).url == url
    assert parsed(url).url == url


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js, which reads addresses as browsers do, is not here")
def test_the_table_is_a_browsers_own() -> None:
    script = "console.log(JSON.stringify(JSON.parse(process.argv[1]).map(text => new URL(text).href)))"
    texts = json.dumps([text for text, _ in BROWSERS])
    told = subprocess.run(["node", "-e", script, texts], check=True, capture_output=True, text=True, timeout=60)
    assert json.loads(told.stdout) == [url for _, url in BROWSERS]


@pytest.mark.parametrize(
    "text",
    [
        "https://1.2.3.4.5/x.jpg",
        "https://256.1.1.1/x.jpg",
        "https://0xg.1/x.jpg",
        "https://a.example:8x/x.jpg",
        "https://xn--zzzz9999999.example/x.jpg",
        "https://[::1%25eth0]/x.jpg",
        "https://a%2fb.example/x.jpg",
        "https://x.jpg",
        "https:1.png",
        "https:///1.webp",
        "https://http/x.jpg",
        "https://https:/1.jpg",
    ],
)
def test_no_host_can_be_called_so(text: str) -> None:
    problem = parse_address(text, 255)
    assert isinstance(problem, Problem)
    assert problem.code == "url_invalid"
    assert text in problem.detail


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ttps://a.example/x.jpg", "https://a.example/x.jpg"),
        ("htp://a.example/x.jpg", "http://a.example/x.jpg"),
        ("hhtps://a.example/x.jpg", "https://a.example/x.jpg"),
        ("hppts://a.example/x.jpg", "https://a.example/x.jpg"),
        ("httos://a.example/x.jpg", "https://a.example/x.jpg"),
        ("hxxp://a.example/x.jpg", "http://a.example/x.jpg"),
        ("http//a.example/x.jpg", "http://a.example/x.jpg"),
        ("https//a.example/x.jpg", "https://a.example/x.jpg"),
        ("https/a.example/x.jpg", "https://a.example/x.jpg"),
        ("https;//a.example/x.jpg", "https://a.example/x.jpg"),
        ("https.//a.example/x.jpg", "https://a.example/x.jpg"),
        ("https:://a.example/x.jpg", "https://a.example/x.jpg"),
        ("https: //a.example/x.jpg", "https://a.example/x.jpg"),
        ("https ://a.example/x.jpg", "https://a.example/x.jpg"),
        ("https:// a.example/x.jpg", "https://a.example/x.jpg"),
        ("://a.example/x.jpg", "https://a.example/x.jpg"),
        ("https://https://a.example/x.jpg", "https://a.example/x.jpg"),
        ("http://https//a.example/x.jpg", "https://a.example/x.jpg"),
        ("http://http://https://a.example/x.jpg", "https://a.example/x.jpg"),
        ("www.a.example/x.jpg", "https://www.a.example/x.jpg"),
        ("cdn.a.example:8443/x.jpg", "https://cdn.a.example:8443/x.jpg"),
    ],
)
def test_a_slip_of_the_keyboard_is_told_with_what_is_meant(text: str, meant: str) -> None:
    problem = parse_address(text, 255)
    assert isinstance(problem, Problem)
    assert problem.code == "url_invalid"
    assert f"{meant} is meant" in problem.fix


@pytest.mark.parametrize(
    "text", ["photos/a.example/x.jpg", "media//a.b/x.jpg", "/m/x.jpg", "x.jpg", "4093-4094", "ps/x.jpg", "http/x.jpg"]
)
def test_what_is_no_slip_is_not_guessed_at(text: str) -> None:
    problem = parse_address(text, 255)
    assert isinstance(problem, Problem)
    assert problem.code == "url_invalid"
    assert text in problem.detail
    assert "is meant" not in problem.fix


@pytest.mark.parametrize("text", [r"\\server\share\1.jpg", "file:c:/1.jpg", "file:///Users/a/1.jpg", "c:/pics/1.jpg"])
def test_files_on_a_computer_are_told(text: str) -> None:
    problem = parse_address(text, 255)
    assert isinstance(problem, Problem)
    assert problem.code == "url_scheme"
    assert "file on a computer" in problem.detail


def test_what_turns_the_direction_of_writing_is_never_sent() -> None:
    problem = parse_address("https://a.example/\u202egpj.live.jpg", 255)
    assert isinstance(problem, Problem)
    assert "U+202E" in problem.detail
    assert "https://a.example/gpj.live.jpg" in problem.fix
    assert parsed("\u202ahttps://a.example/x.jpg\u202c").url == "https://a.example/x.jpg"


def test_the_limit_counts_the_encoded_address() -> None:
    assert len(parsed("https://a.example/" + "x" * 237).url) == 255
