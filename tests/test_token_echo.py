"""A store that repeats the access token, however it writes it: it is in no output, no report and no journal."""

import base64
import html
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.settings import AccessToken
from importer.store.token_hiding import HIDDEN, TokenHider
from tests.conftest import Program
from tests.serving import Quiet, serving

TOKEN = "xq7Kz0-secret/4711+Tok=en"


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def percent(text: str) -> str:
    return "".join(f"%{ord(letter):02X}" for letter in text)


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WAYS = {
    "plain": TOKEN,
    "JSON escapes": escaped(TOKEN),
    "JSON escapes, upper case": "".join(f"\\u{ord(letter):04X}" for letter in TOKEN),
    "some JSON escapes": TOKEN[:5] + escaped(TOKEN[5:9]) + TOKEN[9:],
    "JSON in JSON": json.dumps(escaped(TOKEN))[1:-1],
    "JSON in JSON in JSON": json.dumps(json.dumps(escaped(TOKEN)))[3:-3],
    "PHP's slashes": TOKEN.replace("/", "\\/"),
    "percent": percent(TOKEN),
    "percent twice": quote(percent(TOKEN)),
    "percent where it must be": quote(TOKEN, safe=""),
    "entities": "".join(f"&#{ord(letter)};" for letter in TOKEN),
    "entities in hexadecimal": "".join(f"&#x{ord(letter):X};" for letter in TOKEN),
    "entities twice": html.escape("".join(f"&#0{ord(letter)};" for letter in TOKEN)),
    "entities in JSON escapes": escaped("".join(f"&#{ord(letter)};" for letter in TOKEN)),
    "percent of JSON escapes": percent(escaped(TOKEN)),
    "hexadecimal": TOKEN.encode().hex(),
    "bytes of Python": "".join(f"\\\\x{ord(letter):02x}" for letter in TOKEN),
    "base64": coded(TOKEN),
    "base64 of more": coded(f"user:{TOKEN}:more"),
    "base64 of one more": coded(f"u{TOKEN}"),
    "base64 of two more": coded(f"uu{TOKEN}!"),
    "base64 for addresses": base64.urlsafe_b64encode(f"??>>{TOKEN}".encode()).decode(),
    "base64 in percent": percent(coded(TOKEN)),
    "spread": "\\u200b".join(TOKEN),
    "broken over lines": f"{TOKEN[:9]}\\n{TOKEN[9:]}",
    "other case": TOKEN.upper(),
}


def whole(way: str) -> bytes:
    return f'{{"status": 422, "title": "Bad token {way} given", "errors": {{"{way}": "{way}"}}}}'.encode()


SHAPES: dict[str, Callable[[str], bytes]] = {
    "JSON": whole,
    "cut off": lambda way: whole(way)[:-20],
    "no JSON": lambda way: f"<html><body>Bad token {way}</body></html>".encode(),
    "UTF-16": lambda way: f"Bad token {way}".encode("utf-16"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_token_is_found_in_every_shape_and_what_is_left_shows_nothing_of_it(way: str) -> None:
    hider = TokenHider(AccessToken(TOKEN))
    for shape in SHAPES.values():
        text = shape(way).decode("utf-8", "replace")
        assert hider.holds(text)
        hidden = hider.hide(text)
        assert not hider.holds(hidden)
        assert way not in hidden
    body = hider.hide_in(json.loads(whole(way)))
    assert not hider.holds(json.dumps(body))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a product with 100 % cotton & more \\ than that",
        "https://a.example/%7B%22a%22%3A1%7D?x=&amp;y",
        TOKEN[:-1],
        TOKEN[1:],
    ],
)
def test_what_holds_no_token_stays_as_it_is(text: str) -> None:
    assert TokenHider(AccessToken(TOKEN)).hide(text) == text


@given(st.text(max_size=200), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=40))
def test_hiding_never_fails_and_leaves_no_token(text: str, token: str) -> None:
    hider = TokenHider(AccessToken(token))
    for said in (text, text + token, token + text, percent(token) + text, text + escaped(token)):
        assert not hider.holds(hider.hide(said))
    assert hider.hide(f"a {token} b") == f"a {HIDDEN} b"


@contextmanager
def echoing(answers: list[tuple[bytes, str]]) -> Iterator[str]:
    """A store with one product, which refuses each picture with the next of these bodies and request ids."""
    left = iter(answers)
    product = {
        "id": 1,
        "sku": f"S-{TOKEN}",
        "images": [{"id": 5, "image_file": f"a/{TOKEN}.jpg", "description": TOKEN}],
    }
    listed = json.dumps({"data": [product], "meta": {"pagination": {"total_pages": 1}}}).replace(TOKEN, escaped(TOKEN))

    class Handler(Quiet, BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = listed if self.path.partition("?")[0].endswith("/catalog/products") else '{"data": []}'
            self.answer(200, body.encode(), "")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(422, *next(left))

        def answer(self, status: int, body: bytes, request_id: str) -> None:
            self.send_response(status)
            self.send_header("X-Request-ID", request_id)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with serving(Handler) as address:
        yield address


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Everything that was written, the parts of workbooks unpacked."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield from (
                    (f"{path.name}/{name}", book.read(name).decode("utf-8", "replace")) for name in book.namelist()
                )
        elif path.is_file():
            yield path.name, path.read_bytes().decode("utf-8", "replace")


@pytest.mark.long
def test_no_output_report_or_journal_has_the_token(program: Program) -> None:
    answers = [(shape(way), way) for way in WAYS.values() for shape in SHAPES.values()]
    ids = [(body, name.encode("ascii", "replace").decode().replace("\\n", "")) for body, name in answers]
    sheet = program.sheet([[1, f"https://host.example/picture-{at}.jpg"] for at in range(len(ids))])
    with echoing(ids) as api:
        store = ["--api-url", api, "--store-hash", "abc"]
        flags = ["--no-check", "--yes", "--stop-after", "0", "--log-json", "log.jsonl", "--settle", "0"]
        done = program.run("run", sheet, *store, *flags, token=TOKEN)
    assert done.returncode == 3, done.stderr
    written = [("stdout", done.stdout), ("stderr", done.stderr), *texts(program.folder)]
    assert len(written) > 10
    hider = TokenHider(AccessToken(TOKEN))
    for name, text in written:
        assert TOKEN.lower() not in text.lower(), name
        assert not hider.holds(text), name
        assert not any(way in text for way in WAYS.values()), name
    assert sum(HIDDEN in text for _, text in written) >= 3
