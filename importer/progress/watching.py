"""What a listener is told, and the two listeners that show nothing of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Forecast:
    """What tells how long the rest of a stage takes; each is asked with how much of the stage is done.

    Attributes:
        held_up: the seconds, at least, for which the store's quota holds up what is left; infinite where nobody knows.
        share: how much of the work is done, from 0 to 1; None where every row is as much work as the next.
    """

    held_up: Callable[[int], float]
    share: Callable[[int], float] | None = None


class Watcher(Protocol):
    """Told by the pipeline what happens; knows nothing of how it is done."""

    def begin(self, stage: str, total: int | None) -> None:
        """A stage starts, with what is to come where it is known.

        The stages: `load`, `look up`, `check`, `upload`, `report` and `undo`.
        """

    def expect(self, forecast: Forecast) -> None:
        """What tells how long the rest of the stage takes, to be asked whenever it is shown."""

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Some pictures (rows of the file when loading, products when looking up) are done, and `label` says how.

        With 0 rows it is a sign of life: time has passed, and nothing else has happened.
        """

    def wait(self, seconds: float, what: str) -> None:
        """Everything waits from now on for so many seconds for `what`; 0 seconds end a wait before its time."""

    def end(self) -> None:
        """The stage is over."""

    def say(self, text: str) -> None:
        """A sentence for the person, shown at once."""

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Something happened that only machines are told of, such as the end of a row; `facts` are for JSON."""


class Silence:
    """Shows nothing at all."""

    def begin(self, stage: str, total: int | None) -> None:
        """Nothing to show."""

    def expect(self, forecast: Forecast) -> None:
        """Nothing to show."""

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Nothing to show."""

    def wait(self, seconds: float, what: str) -> None:
        """Nothing to show."""

    def end(self) -> None:
        """Nothing to show."""

    def say(self, text: str) -> None:
        """Nothing to show."""

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Nothing to show."""


class Several:
    """Hands everything on to each of several listeners, in their order."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = tuple(watchers)

    def begin(self, stage: str, total: int | None) -> None:
        """Hand it on."""
        for one in self._watchers:
            one.begin(stage, total)

    def expect(self, forecast: Forecast) -> None:
        """Hand it on."""
        for one in self._watchers:
            one.expect(forecast)

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Hand it on."""
        for one in self._watchers:
            one.advance(rows, label)

    def wait(self, seconds: float, what: str) -> None:
        """Hand it on."""
        for one in self._watchers:
            one.wait(seconds, what)

    def end(self) -> None:
        """Hand it on."""
        for one in self._watchers:
            one.end()

    def say(self, text: str) -> None:
        """Hand it on."""
        for one in self._watchers:
            one.say(text)

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Hand it on."""
        for one in self._watchers:
            one.tell(event, facts)
