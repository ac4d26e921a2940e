"""Patience with a store that was there a moment ago and cannot be reached now, or that turns every request away."""

import math
import time
from collections.abc import Callable

from importer.net import FailureKind, NetFailure
from importer.store.verdict import NEVER_REACHED, RetryPolicy

_BETWEEN_LOOKS = 15.0
"""Seconds after which a store that is out of reach is looked for again, at most."""
_WORTH_TELLING = 10.0
"""Seconds for which the store turns everything away until that is told: when a window ends, it may for a moment."""
_BETWEEN_WORDS = 60.0
"""Seconds between two announcements, at least: a store that comes and goes must not fill the screen."""


class Outage:
    """One outage is everybody's: how long it has lasted, and when somebody may look again.

    Args:
        patience: seconds that a store which has answered before may be out of reach.
        policy: how the waits between two looks grow.
        say: told in a sentence for the person when the waiting begins, and when the store is back.
        clock: seconds from any start, never going back.
    """

    def __init__(
        self,
        patience: float,
        policy: RetryPolicy,
        say: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience
        self._policy = policy
        self._say = say
        self._clock = clock
        self._known = False
        self._since: float | None = None
        self._looks = 0
        self._next_look = 0.0
        self._told = False
        self._quiet_until = -math.inf
        self._away_since: float | None = None
        self._away_told = False

    def turned_away(self, status: str) -> float:
        """The store has turned a request away for its quota.

        Args:
            status: how the store put it, such as `429 Too Many Requests`.

        Returns:
            the seconds for which it is still worth asking again: counted from the first of such answers, where none of
            another kind came between them.
        """
        now = self._clock()
        if self._away_since is None:
            self._away_since = now
        lasted = now - self._away_since
        if lasted >= _WORTH_TELLING and not self._away_told:
            self._away_told = True
            self._say(
                f"The store turns every request away at the moment ({status}); other apps may be using up its quota. "
                f"Waiting, up to {self._most()}; nothing is lost. Ctrl-C stops."
            )
        return self._patience - lasted

    def let_in(self) -> None:
        """The store has answered a request instead of turning it away."""
        if self._away_since is not None and self._away_told:
            self._say(f"The store takes requests again after {_length(self._clock() - self._away_since)}.")
        self._away_since, self._away_told = None, False

    @property
    def lasts(self) -> bool:
        """Whether the store is out of reach at the moment."""
        return self._since is not None

    def over(self) -> None:
        """The store has answered."""
        self._known = True
        if self._since is not None and self._told:
            self._say(f"The store is back after {_length(self._clock() - self._since)}.")
        self._since, self._told = None, False

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
        self._announce(now, ours=failure.kind is FailureKind.COMPUTER)
        if now >= self._next_look:
            self._looks += 1
            wait = min(_BETWEEN_LOOKS, self._policy.wait(self._looks, jitter))
            self._next_look = min(now + wait, self._since + self._patience)
        return self._next_look - now

    def _announce(self, now: float, *, ours: bool) -> None:
        """Say that the waiting has begun, unless that was said or another such sentence is less than a minute old."""
        if self._told or now < self._quiet_until:
            return
        self._told, self._quiet_until = True, now + _BETWEEN_WORDS
        why, what = "The store cannot be reached at the moment", "for it, "
        if ours:
            why, what = "This computer has run out of open files or connections", ""
        self._say(f"{why}. Waiting {what}up to {self._most()}; nothing is lost. Ctrl-C stops.")

    def _most(self) -> str:
        """What is waited at most: in whole minutes it must not be less."""
        return _length(60 * math.ceil(self._patience / 60) if self._patience >= 60 else self._patience)


def _length(seconds: float) -> str:
    """A length of time for people, in whole seconds or minutes."""
    whole, unit = (round(seconds / 60), "minute") if seconds >= 60 else (round(seconds), "second")
    return f"{whole} {unit}{'s' * (whole != 1)}" if whole else "less than a second"
