"""Patience with a store that was there a moment ago and cannot be reached now."""

import time
from collections.abc import Callable

from importer.net import FailureKind, NetFailure
from importer.store.verdict import NEVER_REACHED, RetryPolicy

_BETWEEN_LOOKS = 15.0
"""Seconds after which a store that is out of reach is looked for again, at most."""


class Outage:
    """One outage is everybody's: how long it has lasted, and when somebody may look again.

    Args:
        patience: seconds that a store which has answered before may be out of reach.
        policy: how the waits between two looks grow.
        clock: seconds from any start, never going back.
    """

    def __init__(self, patience: float, policy: RetryPolicy, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._policy = policy
        self._clock = clock
        self._known = False
        self._since: float | None = None
        self._looks = 0
        self._next_look = 0.0

    def over(self) -> None:
        """The store has answered."""
        self._known = True
        self._since = None

    def wait(self, failure: NetFailure, jitter: float) -> float | None:
        """Seconds until the store is looked for again; None where this failure is not to be sat out.

        A store that never answered is a wrong address rather than an outage. A TLS handshake that fails where earlier
        ones did not is an outage, too: something in front of the store is being restarted.
        """
        if not self._known or (failure.kind not in NEVER_REACHED and failure.kind is not FailureKind.TLS):
            return None
        now = self._clock()
        if self._since is None:
            self._since, self._looks, self._next_look = now, 0, now
        if now - self._since >= self._patience:
            return None
        if now >= self._next_look:
            self._looks += 1
            wait = min(_BETWEEN_LOOKS, self._policy.wait(self._looks, jitter))
            self._next_look = min(now + wait, self._since + self._patience)
        return self._next_look - now
