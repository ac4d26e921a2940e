"""The token is on no screen and in no file, and a rehearsal says which other computers it has asked."""

import json
from pathlib import Path

import openpyxl
import pytest

from importer.errors import FileError
from importer.loader import load
from importer.loader.confidential import harmless
from importer.models import Checked, HostFinding, ImageRow, Problem, ProblemCode, UrlFinding
from importer.pipeline.outside import hosts_outside
from importer.settings import ConnectTo, NetworkSettings
from tests.conftest import Program

TOKEN = "f7a8l3k2m9q4x1z8c5v6b7n0hh41jd9"
DOWNLOAD = f"""ACCOUNT NAME: Pictures
CLIENT NAME: Pictures
ACCESS TOKEN: {TOKEN}
CLIENT ID: 9kq2l5m8x3c1v7b4n6a0s9d8f7g5h2j
CLIENT SECRET: 1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b
API PATH: https://api.bigcommerce.com/stores/abc123/v3/
"""
FORMS = {
    "download.txt": DOWNLOAD.encode(),
    "download.csv": DOWNLOAD.replace(": ", ",").encode(),
    "unicode.txt": DOWNLOAD.encode("utf-16"),
    ".env": f"BIGCOMMERCE_STORE_HASH=abc123\nBIGCOMMERCE_ACCESS_TOKEN={TOKEN}\n".encode(),
    "quoted.csv": f'name,value\n"Access token","{TOKEN}"\n'.encode(),
}


def everything(folder: Path, *given: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path not in given)


@pytest.mark.parametrize("form", FORMS)
def test_credentials_in_place_of_the_spreadsheet_are_recognised_and_not_shown(tmp_path: Path, form: str) -> None:
    path = tmp_path / form
    path.write_bytes(FORMS[form])
    with pytest.raises(FileError, match="holds the credentials of a store") as raised:
        load(path)
    assert TOKEN not in str(raised.value)
    assert "1a2b3c" not in str(raised.value)


def test_credentials_in_a_workbook_are_recognised_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in DOWNLOAD.splitlines():
        sheet.append(line.split(": "))
    book.save(tmp_path / "keys.xlsx")
    with pytest.raises(FileError, match="holds the credentials of a store"):
        load(tmp_path / "keys.xlsx")


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        ["preview"],
        ["preview", "--json"],
        ["preview", "--no-header", "--map", "sku=A", "--map", "image_url=B"],
        ["check", "--log-json", "log.json", "--json"],
        ["run", "--yes", "--sandbox", "--log-json", "-"],
    ],
)
def test_no_output_event_or_file_has_the_token(program: Program, command: list[str]) -> None:
    path = program.folder / "keys.txt"
    path.write_text(DOWNLOAD, encoding="utf-8")
    done = program.run(command[0], path, *command[1:])
    assert done.returncode == 2, done.stdout
    assert "--credentials" in done.stderr
    written = done.stdout.encode() + done.stderr.encode() + everything(program.folder, path)
    assert TOKEN.encode() not in written
    assert b"1a2b3c" not in written


def test_headers_seen_never_quote_what_looks_like_a_secret(program: Program) -> None:
    path = program.folder / "notes.csv"
    path.write_text(f"note,{TOKEN},colour\nours,x,red\n", encoding="utf-8")
    done = program.run("preview", path)
    assert done.returncode == 2
    assert "note, (not shown: it looks like a secret), colour" in done.stderr
    assert TOKEN not in done.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    "rows",
    [
        f"sku,{TOKEN},photo\nMUG-1,https://cdn.shop.example/a.jpg,https://cdn.shop.example/b.jpg\n",
        f"sku,{TOKEN}\nMUG-1,https://cdn.shop.example/a.jpg\nMUG-2,https://cdn.shop.example/b.jpg\n",
        f"{TOKEN},image_url\nMUG-1,https://cdn.shop.example/a.jpg\nMUG-2,https://cdn.shop.example/b.jpg\n",
        f"JETON D'ACCES: {TOKEN}\nIDENTIFIANT CLIENT: 9kq2\nCHEMIN API: https://api.shop.example/v3/\n",
        f"sku,image_url,{TOKEN} alt\nMUG-1,,https://cdn.shop.example/a.jpg\n",
    ],
)
def test_no_sentence_quotes_a_header_that_looks_like_a_secret(program: Program, rows: str) -> None:
    path = program.folder / "notes.csv"
    path.write_text(rows, encoding="utf-8")
    for command in (["preview"], ["preview", "--json"], ["check", "--log-json", "log.json"]):
        done = program.run(command[0], path, *command[1:])
        assert TOKEN.encode() not in done.stdout.encode() + done.stderr.encode() + everything(program.folder, path)
    done = program.run("preview", path, "--map", f"sku={TOKEN}s", "--map", "image_url=B")
    assert "headers are" in done.stderr
    assert TOKEN not in done.stderr.replace(f"{TOKEN}s", "")


@pytest.mark.parametrize(
    "header",
    [
        "product.metafields.custom.back_image_2",
        "Attribute 1 value(s) visible on the product page",
        "Delete existing images (0 = No, 1 = Yes)",
        "https://img.shop.example/a1b2c3d4e5f6a7b8c9d0.jpg",
        "Product Image Description - 12",
        "additional_image_link_10_1024x768",
    ],
)
def test_usual_headers_are_quoted(header: str) -> None:
    assert harmless(header) == header


@pytest.mark.long
def test_a_rehearsal_names_the_hosts_that_it_asked(program: Program) -> None:
    sheet = program.sheet(
        [
            ["A", "https://pictures.shop-of-mine.test/a.jpg"],
            ["A", "https://images.alpine-outfitters.example/products/stove-front.jpg"],
            ["A", "https://closed.invalid/a.jpg"],
        ],
        header="sku,image_url",
    )
    done = program.run("run", sheet, "--sandbox")
    assert "no real store was asked. The pictures were asked for at pictures.shop-of-mine.test." in done.stdout
    assert "nothing has left" not in done.stdout
    page = (program.folder / "rows-results" / "results.html").read_text(encoding="utf-8")
    assert "The pictures were asked for at pictures.shop-of-mine.test." in page
    summary = program.run("run", sheet, "--sandbox", "--json", "--quiet")
    assert json.loads(summary.stdout)["hosts_outside"] == ["pictures.shop-of-mine.test"]


def test_pretended_private_and_local_hosts_are_not_outside() -> None:
    def checked(url: str, code: ProblemCode | None = None, *hosts: str) -> Checked:
        problem = Problem(code, "", "") if code else None
        finding = UrlFinding(problem, hosts=tuple(HostFinding(host, 443) for host in hosts))
        return Checked(ImageRow("", 2, 1, "", url, url), finding=finding, problem=problem)

    rows = [
        checked("https://pretend.example/a.jpg"),
        checked("https://192.168.1.20/a.jpg", ProblemCode.URL_PRIVATE),
        checked("http://127.0.0.1:80/a.jpg"),
        checked("https://one.example/a.jpg", None, "one.example", "cdn.two.example"),
        Checked(ImageRow("", 3, 1, "", "https://never.example/", "https://never.example/"), skipped=True),
    ]
    network = NetworkSettings(connect_to=(ConnectTo("pretend.example", 443, "127.0.0.1", 9),))
    assert hosts_outside(rows, network) == ("one.example", "cdn.two.example")
