"""Odd addresses as people's files hold them: what a browser opens is sent so, and the rest is told with what helps."""

from pathlib import Path

import pytest

from importer.loader import load
from importer.models import ImageRow, RejectedRow
from tests.loader.sheets import written

ADDRESSES = [
    ("https://img.shop.example/images\\prod\\1.jpg", "https://img.shop.example/images/prod/1.jpg", ""),
    ("HTTPS://IMG.SHOP.EXAMPLE/P/1.JPG", "https://img.shop.example/P/1.JPG", ""),
    ("https://img.shop.example/p/a b.jpg", "https://img.shop.example/p/a%20b.jpg", ""),
    ("https://img.shop.example/p/a%20b.jpg", "https://img.shop.example/p/a%20b.jpg", ""),
    ("https://img.shop.example/p/a%2520b.jpg", "https://img.shop.example/p/a%2520b.jpg", ""),
    ("https://img.shop.example/p/100%_cotton.jpg", "https://img.shop.example/p/100%25_cotton.jpg", ""),
    ("https://img.shop.example/p/a%2Fb.jpg", "https://img.shop.example/p/a%2Fb.jpg", ""),
    ("https://img.shop.example/p/a+b.jpg", "https://img.shop.example/p/a+b.jpg", ""),
    ("https://img.shop.example/p/a|b[1]{2}^`.jpg", "https://img.shop.example/p/a%7Cb%5B1%5D%7B2%7D%5E%60.jpg", ""),
    ("https://img.shop.example/p/é.jpg", "https://img.shop.example/p/%C3%A9.jpg", ""),
    ("https://img.shop.example/p/e\u0301.jpg", "https://img.shop.example/p/e%CC%81.jpg", ""),
    ("https://img.shop.example./p/1.jpg", "https://img.shop.example./p/1.jpg", ""),
    ("https://[2001:db8::1]/1.jpg", "https://[2001:db8::1]/1.jpg", ""),
    ("https://user:p%40ss@img.shop.example/1.jpg", "https://user:p%40ss@img.shop.example/1.jpg", ""),
    ("https://my_images.bücher.example/1.jpg", "https://my_images.xn--bcher-kva.example/1.jpg", ""),
    ("https://r6---sn-x.cdn.example/1.jpg", "https://r6---sn-x.cdn.example/1.jpg", ""),
    ("https://i❤.example/1.jpg", "https://xn--i-7iq.example/1.jpg", ""),
    ("https://xn--i-7iq.example/1.jpg", "https://xn--i-7iq.example/1.jpg", ""),
    ("https://img.shop.example:443/1.jpg", "https://img.shop.example/1.jpg", ""),
    ("https://img.shop.example/p/1.jpg#main", "https://img.shop.example/p/1.jpg", ""),
    ("https://img.shop.example//p//1.jpg", "https://img.shop.example//p//1.jpg", ""),
    ("https://img.shop.example/p/../q/1.jpg", "https://img.shop.example/q/1.jpg", ""),
    ("https://img.shop.example?id=5", "https://img.shop.example/?id=5", ""),
    ("https://img.shop.example/p/1.jpg?a=1&amp;b=2", "https://img.shop.example/p/1.jpg?a=1&b=2", ""),
    ("https://img.shop.example/p/1.jpg?a=1&copy=2", "https://img.shop.example/p/1.jpg?a=1&copy=2", ""),
    ("https:/img.shop.example/1.jpg", "https://img.shop.example/1.jpg", ""),
    ("https:img.shop.example/1.jpg", "https://img.shop.example/1.jpg", ""),
    ("http//img.shop.example/1.jpg", "url_invalid", "http://img.shop.example/1.jpg is meant"),
    ("https://https://img.shop.example/1.jpg", "url_invalid", "https://img.shop.example/1.jpg is meant"),
    ("ttps://img.shop.example/1.jpg", "url_invalid", "https://img.shop.example/1.jpg is meant"),
    ("https//img.shop.example/1.jpg", "url_invalid", "https://img.shop.example/1.jpg is meant"),
    ("https://img.shop.example/p/1.jpg,", "https://img.shop.example/p/1.jpg", ""),
    ('<img src="https://img.shop.example/1.jpg">', "https://img.shop.example/1.jpg", ""),
    ("https://img.shop.example/1.jpg 800w", "https://img.shop.example/1.jpg", ""),
    ("[1] https://img.shop.example/1.jpg", "https://img.shop.example/1.jpg", ""),
    ("![x](https://img.shop.example/1.jpg)", "https://img.shop.example/1.jpg", ""),
    ("https://img.shop.example/p/%C3%A9.jpg", "https://img.shop.example/p/%C3%A9.jpg", ""),
    ("https://img.shop.example/p/%e9.jpg", "https://img.shop.example/p/%e9.jpg", ""),
    ("https://0x7f.1/1.jpg", "https://127.0.0.1/1.jpg", ""),
    ("https://img.shop.example/a;b=1.jpg", "https://img.shop.example/a;b=1.jpg", ""),
    ("https://img.shop.example/\u2019quote\u2019.jpg", "https://img.shop.example/%E2%80%99quote%E2%80%99.jpg", ""),
    ("https://img.shop.example/\u202eevil.jpg", "url_invalid", "U+202E"),
    ("https://img.shop.example/a\tb.jpg", "https://img.shop.example/ab.jpg", ""),
    ("https://www.dropbox.com/s/abc/x.jpg?dl=0", "https://www.dropbox.com/s/abc/x.jpg?dl=0", ""),
    (
        "https://drive.google.com/file/d/1AbC/view?usp=drive_link",
        "https://drive.google.com/file/d/1AbC/view?usp=drive_link",
        "",
    ),
    (
        "https://img.shop.example/fetch/https://o.example/a.jpg",
        "https://img.shop.example/fetch/https://o.example/a.jpg",
        "",
    ),
    (
        "https://img.shop.example/p/1.jpg?u=https://o.example/a.jpg",
        "https://img.shop.example/p/1.jpg?u=https://o.example/a.jpg",
        "",
    ),
    ("https://bücher.example/ü.jpg", "https://xn--bcher-kva.example/%C3%BC.jpg", ""),
    ("https://www.\uff45xample.com/1.jpg", "https://www.example.com/1.jpg", ""),
    ("https://faß.example/1.jpg", "https://xn--fa-hia.example/1.jpg", ""),
    ("//img.shop.example/1.jpg", "https://img.shop.example/1.jpg", ""),
    ("www.img.example/1.jpg", "url_invalid", "https://www.img.example/1.jpg is meant"),
    ("img.shop.example/p/1.jpg", "url_invalid", "https://img.shop.example/p/1.jpg is meant"),
    ("C:\\pics\\1.jpg", "url_scheme", "file on a computer"),
    ("\\\\server\\share\\1.jpg", "url_scheme", "file on a computer"),
    ("file:///c:/1.jpg", "url_scheme", "file on a computer"),
    ("1.jpg", "url_invalid", "only part"),
]
"""A cell's text, the address that is sent or the problem's code, and what its detail or fix says then."""


@pytest.mark.parametrize(("text", "end", "told"), ADDRESSES)
def test_each_odd_address(tmp_path: Path, text: str, end: str, told: str) -> None:
    quoted = text.replace('"', '""')
    (row,) = load(written(tmp_path, f'SKU,Image URL\nA,"{quoted}"\n')).rows
    if told:
        assert isinstance(row, RejectedRow)
        assert row.problem.code == end
        assert told in f"{row.problem.detail} {row.problem.fix}"
    else:
        assert isinstance(row, ImageRow)
        assert row.sent_url == end
