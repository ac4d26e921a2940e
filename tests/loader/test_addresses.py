"""A cell's text becomes a URL that can be sent as it is, or a problem that says what is wrong with it."""

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
        ("https://a.example/x\n.jpg", "url_invalid"),
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


def test_the_limit_counts_the_encoded_address() -> None:
    assert len(parsed("https://a.example/" + "x" * 237).url) == 255
