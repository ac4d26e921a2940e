"""Web pages under a spreadsheet's name whose cells show pictures, or lead to them."""

from pathlib import Path

import pytest

from importer.loader import load
from importer.settings import LoaderSettings
from tests.loader.sheets import images, rejected, written

CDN = "https://cdn.example"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (f'<img src="{CDN}/1.jpg">', [f"{CDN}/1.jpg"]),
        (f"<IMG alt=Front SRC='{CDN}/1.jpg'><br>Front", [f"{CDN}/1.jpg"]),
        (f'<img src="{CDN}/1.jpg"> <img src="{CDN}/2.jpg">', [f"{CDN}/1.jpg", f"{CDN}/2.jpg"]),
        (f'<p><img src="{CDN}/a b.jpg"/></p>', [f"{CDN}/a%20b.jpg"]),
        (f'<a href="{CDN}/1.jpg">view</a>', [f"{CDN}/1.jpg"]),
        (f'<a href="{CDN}/1.jpg">1</a> <a href="{CDN}/2.jpg">2</a>', [f"{CDN}/1.jpg", f"{CDN}/2.jpg"]),
        (f'<a href="{CDN}/1.jpg"><img src="{CDN}/small.jpg"></a>', [f"{CDN}/1.jpg"]),
        (f'<a href="{CDN}/mug"><img src="{CDN}/1.jpg"></a>', [f"{CDN}/1.jpg"]),
        (f'<img src="data:image/gif;base64,AA" data-src="{CDN}/1.jpg">', [f"{CDN}/1.jpg"]),
        (f'<img srcset="{CDN}/s.jpg 1x, {CDN}/1.jpg 2x">', [f"{CDN}/1.jpg"]),
        (f'<img src="data:image/gif;base64,AA" data-srcset="{CDN}/1.jpg 800w, {CDN}/s.jpg 90w">', [f"{CDN}/1.jpg"]),
        ('<img src="//cdn.example/1.jpg">', [f"{CDN}/1.jpg"]),
        ('<img src="/m/1.jpg">', ["https://s.example/m/1.jpg"]),
        (f"{CDN}/1.jpg", [f"{CDN}/1.jpg"]),
        (f'<a href="{CDN}/get?id=1&amp;b=2">view</a>', [f"{CDN}/get?id=1&b=2"]),
    ],
)
def test_pictures_of_a_cell(tmp_path: Path, cell: str, found: list[str]) -> None:
    page = (
        "<html><table><tr><th>SKU</th><th>Name</th><th>Image</th></tr>"
        f'<tr><td><img src="{CDN}/icon.gif">M1</td><td>Mug</td><td>{cell}</td></tr>'
        "<tr><td>M2</td><td>Pot</td><td></td></tr></table>"
    )
    loaded = load(written(tmp_path, page, "export.xls"), LoaderSettings(base_url="https://s.example"))
    assert [(row.sku, row.sent_url) for row in images(loaded)] == [("M1", url) for url in found]
    assert [(row.sku, row.problem.code) for row in rejected(loaded)] == [("M2", "url_missing")]
