"""One host's addresses that wait to be asked, and what its answers have taught us about it."""

from collections import deque
from dataclasses import replace

from importer.addresses import Address
from importer.models import Problem, ProblemCode, UrlFinding
from importer.problems import problem
from importer.validator.chains import RedirectChain, Step

_MOST_SILENCES = 3
"""Of a host that has not answered yet: 500 addresses of a dead host would otherwise take 500 times the patience."""
_MOST_SILENCES_OF_THE_LIVING = 8
"""In a row, of a host that has answered before: a few pictures of it may hang while the others are well."""
_MOST_REFUSALS = 3
_MOST_REFUSALS_OF_THE_HEALTHY = 8
"""In a row, each of another address."""
_LATER = 2
"""So many addresses of a row must have been asked after the first was known: what is bad may lie together."""
_MOST_PAUSES = 3
"""In a row, without one good answer between them."""
_LONGEST_PAUSES = 300.0
"""Seconds in all that a host may make us wait."""
_TOO_MUCH = {ProblemCode.CONNECTION_LOST, ProblemCode.CONNECT_REFUSED, ProblemCode.READ_TIMEOUT}
"""What a host does that gets more at once than it can bear."""
_GOOD_ANSWERS_PER_STEP = 10


class _Streak:
    """Different addresses of a host that came to the same bad end, in a row."""

    def __init__(self) -> None:
        self._urls: set[str] = set()
        self._known = 0.0
        self._later = 0

    def add(self, url: str, began: float, now: float) -> None:
        """Another one, asked for and ended at these seconds of the loop's clock."""
        if not self._urls:
            self._known, self._later = now, 0
        self._later += began >= self._known and url not in self._urls
        self._urls.add(url)

    def clear(self) -> None:
        """Something else came between."""
        self._urls.clear()

    def convicts(self, most: int) -> bool:
        """Whether these are so many, and from so many places, that it must be the host."""
        return len(self._urls) >= most and self._later >= _LATER


class HostQueue:
    """The addresses on one host and port, and how many of them may be asked at once.

    A host that has answered nothing yet is asked one address at a time, and each answer lets one more in at a time. One
    that cannot bear it (429, 503, lost connections) gets half as many, and only every tenth good answer lets one more
    in from then on. One that stays silent is put aside (circuit breaker).

    Attributes:
        host: the host's name.
        ports: the queues of all ports of the host, this one among them.
        chains: what waits for a turn.
        busy: requests under way.
        proven: whether the host has answered anything yet.
        healthy: whether it has ever sent what was asked for.
        vain_pauses: addresses in a row that were refused again after pauses that the host had not asked for.
        aside: why nothing more is asked of the host, or None.
        paused_until: the end of a pause that the host asked for, in seconds of the loop's clock; 0 where there is none.
        active: whether it counts among the hosts that share the places, kept by the schedule.
        listed: whether it stands in line for a place, kept by the schedule.
    """

    def __init__(self, host: str, per_host: int, ports: "list[HostQueue] | None" = None) -> None:
        self.host = host
        self.ports = [] if ports is None else ports
        self.ports.append(self)
        self.chains: deque[RedirectChain] = deque()
        self.busy = 0
        self.proven = False
        self.healthy = False
        self.vain_pauses = 0
        self.aside: Problem | None = None
        self.paused_until = 0.0
        self.active = False
        self.listed = False
        self._per_host = per_host
        self._limit = 1
        self._last_cut = -1.0
        self._good = 0
        self._silences = _Streak()
        self._refusals = _Streak()
        self._silent = False
        self._last_answer = -1.0
        self._pauses = 0
        self._paused = 0.0

    def open(self, share: int) -> bool:
        """Whether another address may be asked right now; `share` is a host's fair part of all places."""
        limit = min(self._limit, share) if self.proven else 1
        return bool(self.chains) and not self.paused_until and self.busy < limit

    @property
    def bears_pauses(self) -> bool:
        """Whether it still seems to help to leave the host alone for a while."""
        return self._pauses < _MOST_PAUSES and self._paused < _LONGEST_PAUSES

    def _look_elsewhere(self) -> None:
        """Have another part of the file go first: addresses that hang or are refused often lie together."""
        self.chains.rotate(len(self.chains) // 3)

    def learn(self, chain: RedirectChain, step: Step, began: float, now: float) -> None:
        """Draw the conclusions of an attempt for the host as a whole.

        Args:
            chain: whose present address was asked.
            step: what that came to.
            began: when it began.
            now: when it ended, both in seconds of the loop's clock.
        """
        trouble = None if isinstance(step, Address) else step.problem
        if chain.answered is False and trouble is not None:
            self._learn_of_silence(trouble, chain.address.url, began, now)
            return
        if self._silent:
            self._silent, self.aside = False, None
        if trouble is not None and trouble.code in _TOO_MUCH and self.proven:
            self._cut(began, now)
            return
        self.proven, self._last_answer = True, now
        self._silences.clear()
        if chain.refusal is not None:
            self._learn_of_refusal(chain.refusal, chain.address.url, began, now, final=isinstance(step, UrlFinding))
            return
        self._refusals.clear()
        if isinstance(step, UrlFinding) and trouble is None:
            self.healthy, self._pauses = True, 0
        self._good += 1
        if self._limit < self._per_host and (self._last_cut < 0 or self._good % _GOOD_ANSWERS_PER_STEP == 0):
            self._limit += 1

    def _learn_of_silence(self, trouble: Problem, url: str, began: float, now: float) -> None:
        if began < self._last_answer or self.aside is not None:
            # While this one hung, the host answered another: it is not the host.
            return
        self._silences.add(url, began, now)
        self._look_elsewhere()
        most = _MOST_SILENCES_OF_THE_LIVING if self.proven else _MOST_SILENCES
        if self._silences.convicts(most):
            words = f"{self.host} did not answer {most} times in a row, so this address was not tried."
            self._silent, self.aside = True, problem(trouble.code, words)

    def _learn_of_refusal(self, trouble: Problem, url: str, began: float, now: float, *, final: bool) -> None:
        self._refusals.add(url, began, now)
        self._look_elsewhere()
        if final and self._refusals.convicts(_MOST_REFUSALS_OF_THE_HEALTHY if self.healthy else _MOST_REFUSALS):
            self.aside = replace(trouble, detail=f"{trouble.detail} So this address was not tried.")

    def _cut(self, began: float, now: float) -> None:
        """Ask half as much at once, unless the attempt began before the last time that this was done."""
        if began >= self._last_cut:
            self._limit, self._last_cut, self._good = max(1, self._limit // 2), now, 0

    def pause(self, began: float, now: float, seconds: float) -> float:
        """Ask the host nothing for a while; returns until when, in seconds of the loop's clock.

        Refusals of requests that were under way together count as one.
        """
        until = now + seconds
        if began >= self._last_cut:
            self._pauses += 1
        self._paused += max(0.0, until - max(now, self.paused_until))
        self._cut(began, now)
        self.paused_until = max(self.paused_until, until)
        return until

    def resume(self, until: float) -> bool:
        """End the pause until then, unless the host has asked for a longer one meanwhile; whether it is over."""
        if until < self.paused_until:
            return False
        self.paused_until = 0.0
        return True
