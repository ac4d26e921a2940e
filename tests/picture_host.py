"""A real web server on this computer with a picture under every path.

`?delay=0.5` takes half a second, `?to=URL` redirects.
"""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from tests.serving import Quiet, serving

_STREAM = io.BytesIO()
Image.new("RGB", (320, 256), "teal").save(_STREAM, "JPEG")
PICTURE = _STREAM.getvalue()


class _Handler(Quiet, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        time.sleep(float(query.get("delay", ["0"])[0]))
        if "to" in query:
            self.send_response(302)
            self.send_header("Location", query["to"][0])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(PICTURE)))
        self.end_headers()
        self.wfile.write(PICTURE)


@contextmanager
def picture_host() -> Iterator[str]:
    """The address of a running server, such as `http://127.0.0.1:40001`."""
    with serving(_Handler) as address:
        yield address
