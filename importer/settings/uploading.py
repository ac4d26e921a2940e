"""How pictures are sent."""

import re
from dataclasses import dataclass
from typing import Literal

from importer.errors import UsageError
from importer.settings.numbers import at_least_one


@dataclass(frozen=True, slots=True)
class Reserve:
    """What is left of the store's quota for its other apps: a number of requests in each window, or a share of it.

    Raises:
        UsageError: the share is not below 1, or the number is negative.
    """

    requests: int = 0
    share: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1 or self.requests < 0:
            raise UsageError("--reserve takes a number of requests or a share below 100%, such as 15 or 10%.")

    @classmethod
    def parse(cls, text: str) -> "Reserve":
        """Read `15` (requests) or `10%` (of the quota).

        Raises:
            UsageError: the text has another form.
        """
        match = re.fullmatch(r"(\d{1,9})(\.\d{1,3})?\s*(%?)", text.strip(), re.ASCII)
        if match is None or (match[2] and not match[3]):
            raise UsageError(f"--reserve takes a number of requests or a share, such as 15 or 10%, not {text!r}.")
        return cls(share=float(match[1] + (match[2] or "")) / 100) if match[3] else cls(int(match[1]))

    def of(self, quota: int) -> int:
        """Requests to leave alone in a window of `quota` requests; one is always left to us."""
        return max(0, min(quota - 1, max(self.requests, round(self.share * quota))))


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """How pictures are sent.

    Attributes:
        concurrency: requests under way at once, and products that are written at once; one product never has two
            writes under way.
        attempts: tries for one picture before its row fails.
        first_backoff: seconds before the second try; doubles with each further one.
        longest_backoff: seconds that a wait is capped at.
        timeout: seconds for one answer of the store, which downloads the picture inside the request.
        settle: seconds after an interrupted request during which the store may still be storing its picture.
        outage: seconds that a store which has answered before may be unreachable until the run stops.
        existing: what to do with a picture that the product seems to have already: `skip` it, `add` it again, or
            `replace` all pictures of the product by those of the file.
        variants: where the picture of a row goes whose SKU is a variant's: into the gallery of its `product`, or to
            the variant as its `image`.
        route: `single` (one request for each picture) or `batch` (up to 10 products in one request).
        reserve: what is left of the quota for the store's other apps.
        stop_after: pictures in a row that the store refuses before the run stops; 0 for never.
    """

    concurrency: int = 8
    attempts: int = 5
    first_backoff: float = 1.0
    longest_backoff: float = 60.0
    timeout: float = 90.0
    settle: float = 30.0
    outage: float = 300.0
    existing: Literal["skip", "add", "replace"] = "skip"
    variants: Literal["product", "image"] = "product"
    route: Literal["single", "batch"] = "single"
    reserve: Reserve = Reserve()
    stop_after: int = 50

    @property
    def late(self) -> float:
        """Seconds after which no picture can still come of a request that ended without an answer.

        Longer than `settle`, because BigCommerce does not say how long it tries to download: a product that may get a
        second copy so late is read back only then.
        """
        return 3 * self.settle

    def __post_init__(self) -> None:
        at_least_one("--concurrency", self.concurrency)
        at_least_one("--attempts", self.attempts)
        if not (0 <= self.first_backoff <= 3600 and 0 <= self.settle <= 3600):
            raise UsageError("--retry-wait and --settle take a number of seconds between 0 and 3600.")
        if self.stop_after < 0:
            raise UsageError("--stop-after takes a number from 0 up; 0 never stops.")
