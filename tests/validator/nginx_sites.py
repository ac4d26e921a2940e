"""The hosts that nginx plays: each with one property, good or bad, that the check must tell."""

import gzip
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from PIL import Image

from tests.picture_host import PICTURE
from tests.validator.certificates import certificate, der
from tests.validator.nginx import Site

NOW = datetime.now(UTC)
RAN_OUT = NOW - timedelta(days=3)
BEGINS = NOW + timedelta(days=3)
ISSUERS_ADDRESS = "http://issuers.example/intermediate.crt"
_OLD = "ssl_ciphers ALL:@SECLEVEL=0; ssl_protocols"

PROTOCOLS = {
    "tls10.example": f"{_OLD} TLSv1;",
    "tls11.example": f"{_OLD} TLSv1.1;",
    "tls10-and-11.example": f"{_OLD} TLSv1 TLSv1.1;",
    "tls12.example": "ssl_protocols TLSv1.2;",
    "tls13.example": "ssl_protocols TLSv1.3;",
    # It speaks TLS 1.2, but without forward secrecy and with SHA-1 only: what a client refuses is not the version.
    "old-ciphers.example": "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers AECDH-AES128-SHA:@SECLEVEL=0;",
    "other-names-only.example": "ssl_protocols TLSv1.2 TLSv1.3; ssl_reject_handshake on;",
    "wants-certificate.example": "ssl_client_certificate ca.pem; ssl_verify_client on;",
    "many.example": "location / { try_files /picture.jpg =404; }",
    "downgrade.example": "return 302 http://plain.example$request_uri;",
}
"""TLS hosts with a proper certificate."""

PLAIN = {
    "plain.example": "",
    "issuers.example": "",
    "blocks-tools.example": 'if ($http_user_agent !~ "Mozilla") { return 403; }',
    "forbidden.example": "return 403;",
    "missing.example": "return 404;",
    "gone.example": "return 410;",
    "down.example": "return 503;",
    "hangs-up.example": "return 444;",
    "moved.example": "return 301 https://tls12.example$request_uri;",
    "moved-to-old.example": "return 301 https://tls10.example$request_uri;",
    "busy.example": "limit_req zone=busy; limit_req_status 429; add_header Retry-After 1 always;",
    "loop.example": "location = /a.jpg { return 302 /b.jpg; } location = /b.jpg { return 302 /a.jpg; }",
    "chain.example": "".join(f"location = /{n} {{ return 302 /{n - 1}; }}" for n in range(2, 8))
    + "location = /1 { return 302 /picture.jpg; }",
    "inside.example": "location = /loopback.jpg { return 302 http://127.0.0.1/x.jpg; }"
    "location = /intranet.jpg { return 302 http://10.1.2.3/x.jpg; }"
    "location = /metadata.jpg { return 302 http://169.254.169.254/latest/; }",
    "no-ranges.example": "max_ranges 0;",
    "gzipped.example": "gzip_static always;",
    "folder.example": "autoindex on;",
}
"""Hosts without TLS."""


def sites(folder: Path) -> dict[str, Site]:
    """Every site by its host name, its certificates and files written into `folder`."""
    _write_pictures(folder / "www")
    authority = trustme.CA(organization_name="Test Authority")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    # Servers that speak only old versions can do so with RSA keys alone.
    proper = authority.issue_cert(*PROTOCOLS, key_type=trustme.KeyType.RSA)
    stranger = trustme.CA(organization_name="Stranger Authority")
    between = authority.create_child_ca()
    (folder / "www" / "intermediate.crt").write_bytes(der(between))
    certificates = {
        "expired.example": authority.issue_cert(
            "expired.example", not_before=NOW - timedelta(days=90), not_after=RAN_OUT
        ),
        "not-yet.example": authority.issue_cert("not-yet.example", not_before=BEGINS),
        "wrong-name.example": authority.issue_cert("default.hosting.example", "*.hosting.example"),
        "no-authority.example": certificate("no-authority.example", None),
        "stranger.example": stranger.issue_cert("stranger.example"),
        "half-chain.example": certificate("half-chain.example", between, ISSUERS_ADDRESS),
        "whole-chain.example": between.issue_cert("whole-chain.example"),
    }
    written = {name: Site(lines + _identity(folder, name, proper), 443, tls=True) for name, lines in PROTOCOLS.items()}
    written |= {name: Site(_identity(folder, name, leaf), 443, tls=True) for name, leaf in certificates.items()}
    written["no-tls.example"] = Site(port=443)
    return written | {name: Site(lines) for name, lines in PLAIN.items()}


def _identity(folder: Path, name: str, leaf: trustme.LeafCert) -> str:
    leaf.private_key_pem.write_to_path(str(folder / f"{name}.key"))
    (folder / f"{name}.pem").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    return f" ssl_certificate {name}.pem; ssl_certificate_key {name}.key;"


def _write_pictures(folder: Path) -> None:
    (folder / "pictures").mkdir(parents=True)
    noise = random.Random(4)
    image = Image.frombytes("RGB", (300, 300), noise.randbytes(300 * 300 * 3))
    image.save(folder / "large.jpg", quality=95)
    for ending in ("bmp", "gif", "png", "webp"):
        image.save(folder / f"a.{ending}")
    image.convert("1").save(folder / "a.xbm")
    # WAP-237, section 4.5: type 0, fixed header 0, width and height 8, one byte for each line of eight pixels.
    (folder / "a.wbmp").write_bytes(b"\0\0\x08\x08" + bytes(8))
    (folder / "picture.jpg").write_bytes(PICTURE)
    (folder / "empty.jpg").touch()
    (folder / "huge.jpg").write_bytes(PICTURE + bytes(9_000_000))
    for name in ("picture.jpg", "large.jpg"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
