"""Answers that browsers and curl take, and a strict parser does not: they pass, and the warning names what is odd."""

import asyncio
import io
import ssl

import pytest
from PIL import Image

from tests.picture_host import PICTURE
from tests.validator.raw_host import ANSWER, AUTHORITY, OK, Talk, checked, chunk, code, modern, saying

URL, SECURE_URL = "http://host.example/x.jpg", "https://host.example/x.jpg"
HEAD = OK + b"Content-Type: image/jpeg\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(PICTURE)
END = LENGTH + b"\r\n" + PICTURE
CHUNKED = b"Transfer-Encoding: chunked\r\n"

ODD: dict[str, tuple[bytes, str]] = {
    "a line in quotation marks": (HEAD + b'"X-Served: here"\r\n' + END, '“"X-Served: …”'),
    "a space before the colon": (HEAD + b"X-Served : here\r\n" + END, "“X-Served : …”"),
    "a space in the name": (HEAD + b"X Served: here\r\n" + END, "“X Served: …”"),
    "an empty name": (HEAD + b": here\r\n" + END, "“: …”"),
    "no colon": (HEAD + b"nonsense\r\n" + END, "“nonsense”"),
    "a name in another alphabet": (HEAD + "Größe: 1\r\n".encode() + END, "“Größe: …”"),
    "brackets in the name": (HEAD + b"X[0]: 1\r\n" + END, "“X[0]: …”"),
    "a name of control signs": (HEAD + b"\x1b[31mX: 1\r\n" + END, "“\N{REPLACEMENT CHARACTER}[31mX: …”"),
    "the length twice": (HEAD + LENGTH + END, "Content-Length twice"),
    "the length twice in a line": (
        HEAD + b"Content-Length: %d, %d\r\n\r\n" % (len(PICTURE), len(PICTURE)) + PICTURE,
        "Content-Length twice",
    ),
    "the length with chunks": (
        HEAD + LENGTH + CHUNKED + b"\r\n" + chunk(PICTURE) + b"0\r\n\r\n",
        "Content-Length beside Transfer-Encoding",
    ),
    "a wrong length with chunks": (
        HEAD + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n" + chunk(PICTURE) + b"0\r\n\r\n",
        "Content-Length beside Transfer-Encoding",
    ),
    "an empty length": (HEAD + b"Content-Length: \r\n\r\n" + PICTURE, "Content-Length “”"),
    "a length in words": (HEAD + b"Content-Length: some\r\n\r\n" + PICTURE, "Content-Length “some”"),
    "150 lines": (HEAD + b"".join(b"X-%d: 1\r\n" % n for n in range(150)) + END, "152 header lines"),
    "a header of 100 kB": (HEAD + b"X-Policy: " + b"a" * 100_000 + b"\r\n" + END, "the header X-Policy of 100,0"),
    "bytes behind the body": (HEAD + END + b"<!-- served in 12 ms -->", "bytes behind the end of the file"),
    "bytes behind the last answer": (HEAD + b"Connection: close\r\n" + END + b"\r\n\r\nx", "bytes behind the end"),
    "lower case": (b"http/1.1 200 ok\r\n" + END, "the first line “http/1.1 200 ok”"),
    "HTTP/1.2": (b"HTTP/1.2 200 OK\r\n" + END, "the first line “HTTP/1.2 200 OK”"),
    "two spaces": (b"HTTP/1.1  200 OK\r\n" + END, "the first line"),
    "a folded first line": (OK + b" folded\r\n" + END, "the header line “ folded”"),
    "behind an interim answer": (b"HTTP/1.1 103 Early\r\n\r\n" + HEAD + b"X : 1\r\n" + END, "“X : …”"),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("deep", [False, True])
def test_an_answer_that_browsers_take_passes_and_its_oddity_is_named(name: str, *, deep: bool) -> None:
    answer, words = ODD[name]
    (item,) = checked(saying(answer), URL, deep=deep)
    assert code(item) == "ok", item.problem
    assert item.finding is not None
    assert (item.finding.size, item.finding.width) == (len(PICTURE), 320)
    assert item.finding.warning.startswith("The host's answer does not keep the rules of HTTP (")
    assert words in item.finding.warning
    assert item.finding.warning.isprintable()


def counting(answer: bytes, requests: list[bytes]) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        await asyncio.sleep(0.05)

    return talk


@pytest.mark.parametrize("secure", [False, True])
def test_a_host_that_is_odd_once_is_read_leniently_from_then_on(*, secure: bool) -> None:
    """What is asked the second time is the same GET, and nothing else."""
    requests: list[bytes] = []
    url = (SECURE_URL if secure else URL).replace("/x", "/%d")
    tls = modern() if secure else None
    answer = counting(ODD["a space before the colon"][0], requests)
    items = checked(answer, *(url % n for n in range(5)), port=443 if secure else 80, tls=tls, timeout=1.0, per_host=1)
    assert [code(item) for item in items] == ["ok"] * 5
    assert all(item.finding and "“X-Served : …”" in item.finding.warning for item in items)
    assert len(requests) == 6
    first, second, *_ = requests
    assert first.splitlines()[0] == second.splitlines()[0] == b"GET /0.jpg HTTP/1.1"
    assert second.lower().count(b"user-agent: bigcommerce-image-importer") == 1
    if secure:
        assert {item.finding.tls_version for item in items if item.finding} == {"TLSv1.3"}


def test_a_user_name_in_the_address_is_sent_in_both_looks() -> None:
    requests: list[bytes] = []
    (item,) = checked(
        counting(ODD["a space before the colon"][0], requests), "http://me:secret@host.example/x.jpg", timeout=1.0
    )
    assert code(item) == "ok"
    assert [b"Authorization: Basic bWU6c2VjcmV0" in request for request in requests] == [True, True]


def test_a_redirect_with_an_odd_header_is_followed_and_warned_of() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        moved = b"HTTP/1.1 302 Found\r\nX : 1\r\nLocation: /y.jpg\r\nContent-Length: 0\r\n\r\n"
        writer.write(moved if b"GET /x.jpg" in request else ANSWER)
        await writer.drain()
        await asyncio.sleep(0.05)

    (item,) = checked(talk, URL)
    assert code(item) == "ok"
    assert item.finding is not None
    assert "“X : …”" in item.finding.warning


@pytest.mark.parametrize("status", [404, 403, 429, 500])
def test_an_odd_answer_of_another_status_is_judged_by_its_status(status: int) -> None:
    answer = b"HTTP/1.1 %d Odd\r\nX : 1\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n" % status
    (item,) = checked(saying(answer), URL)
    assert item.finding is not None
    assert item.finding.http_status == status


def large() -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((900, 700), 90).convert("RGB").save(stream, "PNG")
    return stream.getvalue()


def test_a_large_file_of_an_odd_host_is_not_read_to_its_end() -> None:
    data, sent = large() + bytes(5_000_000), 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"X : 1\r\nContent-Length: %d\r\n\r\n" % len(data))
        for at in range(0, len(data), 50_000):
            writer.write(data[at : at + 50_000])
            await writer.drain()
            sent += 50_000

    (item,) = checked(talk, URL)
    assert code(item) == "ok"
    assert item.finding is not None
    assert (item.finding.size, item.finding.width) == (len(data), 900)
    assert sent < 12_000_000


def flood(begin: bytes, again: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(begin)
        while True:
            writer.write(again * 1_000)
            await writer.drain()

    return talk


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (OK + b"X : 1\r\n", b"X: y\r\n"),
        (OK + b"X : 1\r\nY: ", b"y" * 100),
        (b"", b"\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\nX : 1\r\n\r\n"),
        (OK + b"X : 1\r\n" + CHUNKED + b"\r\n", b"\r\n"),
        (OK + b"X : 1\r\n" + CHUNKED + b"\r\n", b"0" * 100),
        (OK + b"X : 1\r\n" + CHUNKED + b"\r\n", b"1;" + b"x" * 100 + b"\r\na\r\n"),
        (OK + b"X : 1\r\n\r\n", b"a" * 100),
    ],
    ids=["headers", "a header", "empty lines", "interim answers", "no chunks", "zeros", "tiny chunks", "a body"],
)
def test_a_flood_after_an_odd_header_ends_in_time(begin: bytes, again: bytes) -> None:
    (item,) = checked(flood(begin, again), URL)
    assert code(item) in {"http_error", "read_timeout", "not_an_image", "connection_lost", "image_truncated"}


@pytest.mark.parametrize("step", [b"HTTP/1.1 200 OK\r\nX : 1\r\n", OK + b"X : 1\r\n" + END[:-300]])
def test_a_host_that_falls_silent_after_an_odd_header_is_left_in_time(step: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(step)
        await asyncio.sleep(60)

    (item,) = checked(talk, URL)
    assert code(item) == "read_timeout"


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 5\r\n" + END,
        HEAD + b"Content-Length: -5\r\n\r\n" + PICTURE,
        HEAD + b"X : a\0b\r\n" + END,
        HEAD + b"X : a\rSet-Cookie: b\r\n" + END,
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        PICTURE,
    ],
    ids=["two lengths", "negative length", "NUL", "bare CR", "SSH", "no head"],
)
def test_what_browsers_refuse_stays_refused(answer: bytes) -> None:
    (item,) = checked(saying(answer), URL)
    assert code(item) == "http_error"


def test_a_certificate_is_verified_in_the_second_look_too() -> None:
    """The first connection is well; the second meets a certificate for another name."""
    contexts = [modern(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)]
    AUTHORITY.issue_cert("other.example").configure_cert(contexts[1])
    calls = 0

    def choose(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        nonlocal calls
        calls += 1
        connection.context = contexts[calls > 1]

    contexts[0].sni_callback = choose
    requests: list[bytes] = []
    answer = counting(ODD["a space before the colon"][0], requests)
    (item,) = checked(answer, SECURE_URL, port=443, tls=contexts[0], timeout=1.0)
    assert code(item).startswith("tls_certificate")
    assert len(requests) == 1
