"""Picture hosts for the benchmarks: 32 https host names, each on a loopback address of its own, one server process.

nginx, where it is installed, stands for a host that is no bottleneck; the server below stands for one with latency
(and for nginx where there is none). Both show the same files: the last digit of a path names one of ten pictures.
"""

import asyncio
import json
import math
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
HOSTS = 32
ADDRESSES = tuple(f"127.0.0.{number}" for number in range(1, HOSTS + 1))
NAMES = tuple(f"pictures-{number}.example" for number in range(1, HOSTS + 1))
KINDS = {"small": (3_000, 8_000), "ordinary": (64_000, 100_000), "light": (20_000,) * 2, "heavy": (7_900_000,) * 2}
"""Bytes of the least and the largest of ten pictures."""
START_SECONDS = 10.0
_PATH = re.compile(r"/(?P<whole>whole/)?(?P<kind>[a-z]+)/\d*(?P<digit>\d)\.jpg")


@dataclass(frozen=True, slots=True)
class Site:
    """The files of the hosts: `folder` holds the pictures, the authority's `ca.pem` and the servers' `host.pem`."""

    folder: str

    @property
    def ca_file(self) -> Path:
        """The authority that clients must trust, PEM."""
        return Path(self.folder, "ca.pem")

    @property
    def host_file(self) -> Path:
        """Key and certificates of all 32 names and addresses, PEM."""
        return Path(self.folder, "host.pem")


def made(folder: Path) -> Site:
    """Draw the pictures and issue the certificate."""
    import trustme

    site = Site(str(folder))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(site.ca_file))
    authority.issue_cert(*NAMES, *ADDRESSES).private_key_and_cert_chain_pem.write_to_path(str(site.host_file))
    for kind, (least, largest) in KINDS.items():
        (folder / kind).mkdir()
        for digit in range(10):
            path = folder / kind / f"{digit}.jpg"
            if digit and least == largest:
                os.link(folder / kind / "0.jpg", path)
            else:
                path.write_bytes(drawn(least + (largest - least) * digit // 9))
    return site


def drawn(size: int) -> bytes:
    """A valid JPEG of about `size` bytes."""
    import io

    from PIL import Image

    side = max(16, int(math.sqrt(size)))
    for _ in range(3):
        stream = io.BytesIO()
        Image.effect_noise((side, side), 60).convert("RGB").save(stream, "JPEG", quality=85)
        side = max(16, int(side * math.sqrt(size / stream.tell())))
    return stream.getvalue()


@contextmanager
def served(site: Site, nginx: str, latency: float) -> Iterator[int]:
    """The port that all 32 addresses listen on. `nginx` is the program, or empty for the server below."""
    with socket.socket() as probe:
        probe.bind((ADDRESSES[0], 0))
        port = int(probe.getsockname()[1])
    if nginx:
        config = Path(site.folder, "nginx.conf")
        config.write_text(_nginx_config(site, port), encoding="utf-8")
        command = [nginx, "-p", site.folder, "-e", "error.log", "-c", str(config)]
    else:
        given = json.dumps({"port": port, "latency": latency} | asdict(site))
        command = [sys.executable, "-m", "tests.benchmarks.picture_server", given]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait_for(process, port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with socket.create_connection((ADDRESSES[-1], port)):
                return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"The server did not start. It needs Linux, where {ADDRESSES[0]} to {ADDRESSES[-1]} all exist.")


def _nginx_config(site: Site, port: int) -> str:
    listen = "\n    ".join(f"listen {address}:{port} ssl backlog=1024;" for address in ADDRESSES)
    scratch = "\n  ".join(f"{name}_temp_path scratch;" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""\
daemon off;
master_process off;
pid nginx.pid;
events {{ worker_connections 12000; }}
http {{
  access_log off;
  {scratch}
  keepalive_requests 1000000;
  keepalive_timeout 300s;
  open_file_cache max=100;
  default_type image/jpeg;
  server {{
    {listen}
    ssl_certificate "{site.host_file}";
    ssl_certificate_key "{site.host_file}";
    ssl_protocols TLSv1.2 TLSv1.3;
    location ~ "^/whole/(?<kind>[a-z]+)/[0-9]*(?<digit>[0-9])\\.jpg$" {{
      max_ranges 0;
      alias "{site.folder}/$kind/$digit.jpg";
    }}
    location ~ "^/(?<kind>[a-z]+)/[0-9]*(?<digit>[0-9])\\.jpg$" {{ alias "{site.folder}/$kind/$digit.jpg"; }}
  }}
}}
"""


class _Host(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as little as a picture host needs; every answer comes `latency` seconds late."""

    def __init__(self, folder: Path, latency: float) -> None:
        self._folder = folder
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            answer = _answer(self._folder, self._received[:end].decode("latin-1"))
            self._received = self._received[end + 4 :]
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._transport.write, answer)
            else:
                self._transport.write(answer)


_FILES: dict[Path, bytes] = {}


def _answer(folder: Path, request: str) -> bytes:
    method, path, _ = request.partition("\r\n")[0].split(" ")
    match = _PATH.fullmatch(unquote(path))
    if match is None or match["kind"] not in KINDS:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    file = folder / match["kind"] / f"{match['digit']}.jpg"
    if file not in _FILES:
        _FILES[file] = file.read_bytes()
    body = _FILES[file]
    asked = re.search(r"\r\nrange: *bytes=0-(\d+)", request, re.IGNORECASE)
    head = "HTTP/1.1 200 OK\r\n"
    if asked and not match["whole"]:
        last = min(int(asked[1]), len(body) - 1)
        head = f"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-{last}/{len(body)}\r\n"
        body = body[: last + 1]
    head += f"Content-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + (b"" if method == "HEAD" else body)


async def _serve(site: Site, port: int, latency: float) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(site.host_file)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Host(Path(site.folder), latency), ADDRESSES, port, ssl=context, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    asyncio.run(_serve(Site(told["folder"]), told["port"], told["latency"]))
