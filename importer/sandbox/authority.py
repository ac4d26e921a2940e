"""Throw-away certificate authorities, and the TLS contexts of the pretend servers."""

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import trustme


class Authority:
    """Two authorities made anew at each start: one that clients are told to trust, and one that nobody knows."""

    def __init__(self) -> None:
        self._trusted = trustme.CA(organization_name="Sandbox CA", organization_unit_name="Throw-away")
        self._unknown = trustme.CA(organization_name="Nobody's CA", organization_unit_name="Unknown")

    def write(self, path: Path) -> None:
        """Write the trusted authority's certificate to `path` in PEM.

        Raises:
            OSError: the file cannot be written.
        """
        self._trusted.cert_pem.write_to_path(str(path))

    def good(self, *names: str) -> ssl.SSLContext:
        """A server with a proper certificate for `names`, TLS 1.2 or newer."""
        return self._server(self._trusted.issue_cert(*names))

    def expired(self, name: str) -> ssl.SSLContext:
        """A server whose certificate ran out yesterday."""
        now = datetime.now(UTC)
        leaf = self._trusted.issue_cert(name, not_before=now - timedelta(days=90), not_after=now - timedelta(days=1))
        return self._server(leaf)

    def wrong_name(self) -> ssl.SSLContext:
        """A server with the certificate of quite another host."""
        return self._server(self._trusted.issue_cert("default.shared-hosting.example"))

    def untrusted(self, name: str) -> ssl.SSLContext:
        """A server whose certificate comes from the authority that nobody knows."""
        return self._server(self._unknown.issue_cert(name))

    def old(self, name: str, version: ssl.TLSVersion) -> ssl.SSLContext | None:
        """A server that speaks one old TLS version only, or None where this Python's OpenSSL cannot."""
        context = self._server(self._trusted.issue_cert(name, key_type=trustme.KeyType.RSA))
        try:
            with warnings.catch_warnings():
                # Python deprecates the very versions that this server is here to speak.
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = version
                context.maximum_version = version
            context.set_ciphers("ALL:@SECLEVEL=0")
        except (ValueError, ssl.SSLError):
            return None
        return context

    def client(self) -> ssl.SSLContext:
        """The store's own view when it downloads: TLS 1.2 or newer, the system's authorities and ours."""
        context = ssl.create_default_context()
        paths = ssl.get_default_verify_paths()
        if not (context.get_ca_certs() or paths.cafile or paths.capath):
            # python.org's macOS build ships without authorities, and every public host would look untrusted.
            context.load_verify_locations(certifi.where())
        self._trusted.configure_trust(context)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    @staticmethod
    def _server(leaf: trustme.LeafCert) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        leaf.configure_cert(context)
        return context
