"""Which store, and the right to write to it."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from importer.errors import UsageError

DEFAULT_API_URL = "https://api.bigcommerce.com"


class AccessToken:
    """The store's API token. Its text is shown by no repr, log or exception; only `reveal` gives it out.

    Raises:
        UsageError: the text cannot be a token (empty, or with characters that no HTTP header may hold).
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", text):
            raise UsageError(
                "The access token is empty or has spaces or line breaks in it. Copy it again from the API account's "
                "credentials and set BIGCOMMERCE_ACCESS_TOKEN, or use --credentials FILE."
            )
        self._text = text

    def reveal(self) -> str:
        """The token itself, for the X-Auth-Token header alone."""
        return self._text

    def __repr__(self) -> str:
        return "AccessToken(hidden)"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Which store, and the right to write to it; spaces around its parts and slashes after them count for nothing.

    Raises:
        UsageError: the store hash or API address is malformed, or the token would travel unencrypted.
    """

    store_hash: str
    access_token: AccessToken = field(repr=False)
    api_url: str = DEFAULT_API_URL

    @property
    def address(self) -> str:
        """Where its API is, without the version."""
        return f"{self.api_url}/stores/{self.store_hash}"

    @property
    def identity(self) -> str:
        """Which store this is, for records that outlive the run: the same in whatever way its address was written.

        A scheme and a host are the same in any case, and so is an address with its scheme's own port (RFC 3986, 6.2.2.1
        and 6.2.3); BigCommerce's store hashes are in lower case.
        """
        parts = urlsplit(self.api_url)
        host = (parts.hostname or "").rstrip(".")
        host = f"[{host}]" if ":" in host else host
        own = parts.port is None or (parts.scheme, parts.port) in {("https", 443), ("http", 80)}
        port = "" if own else f":{parts.port}"
        return f"{parts.scheme}://{host}{port}{parts.path}/stores/{self.store_hash.lower()}"

    @property
    def encrypted(self) -> bool:
        """Whether requests travel encrypted; plain http is for pretend stores on this computer alone."""
        return urlsplit(self.api_url).scheme == "https"

    def __post_init__(self) -> None:
        object.__setattr__(self, "store_hash", self.store_hash.strip(" \t\r\n/"))
        object.__setattr__(self, "api_url", self.api_url.strip().rstrip("/"))
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", self.store_hash):
            raise UsageError(
                f"{self.store_hash!r} is not a store hash. It is the short code after /stores/ in the API path, "
                "for example the abc123 in https://api.bigcommerce.com/stores/abc123/v3/."
            )
        try:
            parts = urlsplit(self.api_url)
            usable = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None and parts.port != 0
        except ValueError:  # brackets that are not closed, or a port that is none
            usable = False
        if not usable:
            raise UsageError(f"{self.api_url!r} is not an API address; it looks like {DEFAULT_API_URL}.")
        if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise UsageError(
                f"The API address {self.api_url} would send the access token unencrypted. Use its https:// address."
            )
