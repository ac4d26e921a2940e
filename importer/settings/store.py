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
    """Which store, and the right to write to it.

    Raises:
        UsageError: the store hash or API address is malformed, or the token would travel unencrypted.
    """

    store_hash: str
    access_token: AccessToken = field(repr=False)
    api_url: str = DEFAULT_API_URL

    @property
    def identity(self) -> str:
        """Which store this is, for records that outlive the run."""
        return f"{self.api_url}/stores/{self.store_hash}"

    @property
    def encrypted(self) -> bool:
        """Whether requests travel encrypted; plain http is for pretend stores on this computer alone."""
        return urlsplit(self.api_url).scheme == "https"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", self.store_hash):
            raise UsageError(
                f"{self.store_hash!r} is not a store hash. It is the short code after /stores/ in the API path, "
                "for example the abc123 in https://api.bigcommerce.com/stores/abc123/v3/."
            )
        parts = urlsplit(self.api_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise UsageError(f"{self.api_url!r} is not an API address; it looks like {DEFAULT_API_URL}.")
        if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise UsageError(
                f"The API address {self.api_url} would send the access token unencrypted. Use its https:// address."
            )
