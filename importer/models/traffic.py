"""What a run asked of the store over time."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traffic:
    """The requests of a run and the pictures that they brought into the store, over time.

    Attributes:
        requests: requests that left for the store in each step of time; the last step may not have been a whole one.
        pictures: pictures that were uploaded in each step, as many steps as `requests` has.
        step: the length of a step in seconds.
        seconds: from the first request to the last event.
        quota: requests that the store allows in each window, as it last told, without those left to other apps; 0
            where it told none.
        window: the length of that window in seconds.
        refused: requests that the store turned away for its quota (429).
    """

    requests: tuple[int, ...]
    pictures: tuple[int, ...]
    step: float
    seconds: float
    quota: int = 0
    window: float = 0.0
    refused: int = 0

    @property
    def allowed(self) -> int:
        """Requests that the quota allowed in the windows that the run saw, the last one counted whole; 0 for none."""
        return self.quota * max(1, math.ceil(self.seconds / self.window)) if self.quota and self.window else 0
