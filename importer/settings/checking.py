"""How URLs are checked."""

import re
from dataclasses import dataclass

from importer.errors import UsageError
from importer.settings.numbers import at_least_one

USER_AGENT = "bigcommerce-image-importer/0.1 (checks image addresses before an import)"

BROWSER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
"""What a usual browser calls itself, for one look at an address that was refused to us."""


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """The URL check.

    Attributes:
        urls: whether URLs are checked at all (`--no-check` turns it off).
        concurrency: URLs under way at once.
        per_host: URLs under way at once on one host.
        timeout: seconds for a connection, and as many until the answer begins; all requests for a URL together get
            three times that, a file that `deep` downloads twelve times.
        allow_private: whether loopback and private addresses are allowed.
        user_agent: the User-Agent header sent to image hosts.
        deep: whether each file is downloaded whole and opened, to find those that are cut off or damaged inside.

    Raises:
        UsageError: a number is out of range, or the user agent cannot be sent in a header.
    """

    urls: bool = True
    concurrency: int = 32
    per_host: int = 8
    timeout: float = 10.0
    allow_private: bool = False
    user_agent: str = USER_AGENT
    deep: bool = False

    @property
    def whole_timeout(self) -> float:
        """Seconds for all requests for one URL together; waiting for a turn or as a host asks does not count."""
        return 3 * self.timeout

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", self.user_agent):
            raise UsageError("--user-agent takes one line of plain ASCII text.")
        at_least_one("--check-concurrency", self.concurrency)
        at_least_one("--per-host", self.per_host)
        if not 0 < self.timeout <= 3600:
            raise UsageError("--timeout takes a number of seconds between 0 and 3600.")
