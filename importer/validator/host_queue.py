"""One host's addresses that wait to be asked, and what its answers have taught us about it."""

from collections import deque

from importer.addresses import Address
from importer.models import Problem, ProblemCode, UrlFinding
from importer.problems import problem
from importer.validator.chains import RedirectChain, Retry, Step

_MOST_SILENCES = 3
"""Of a host that has not answered yet: 500 addresses of a dead host would otherwise take 500 times the patience."""
_MOST_SILENCES_OF_THE_LIVING = 8
"""In a row, of a host that has answered before: a few pictures of it may hang while the others are well."""
_MOST_PAUSES = 3
"""In a row, without one good answer between them."""
_LONGEST_PAUSES = 300.0
"""Seconds in all that a host may make us wait."""
_TOO_MUCH = {ProblemCode.CONNECTION_LOST, ProblemCode.CONNECT_REFUSED, ProblemCode.READ_TIMEOUT}
"""What a host does that gets more at once than it can bear."""
_GOOD_ANSWERS_PER_STEP = 10


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
        self._silences = 0
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

    def learn(self, step: Step, began: float, now: float, *, silent: bool) -> None:
        """Draw the conclusions of an attempt for the host as a whole.

        Args:
            step: what it came to.
            began: when it began.
            now: when it ended, both in seconds of the loop's clock.
            silent: whether the host did not answer in time.
        """
        trouble = None if isinstance(step, Address) else step.problem
        if silent and trouble is not None:
            self._learn_of_silence(trouble, began)
            return
        if self._silent:
            self._silent, self.aside = False, None
        if trouble is not None and trouble.code in _TOO_MUCH and self.proven:
            self._cut(began, now)
            return
        self.proven, self._silences, self._last_answer = True, 0, now
        if isinstance(step, UrlFinding) and trouble is None:
            self.healthy, self._pauses = True, 0
        elif isinstance(step, Retry):
            if step.whole_host:
                return
        elif isinstance(step, UrlFinding) and step.http_status == 429:
            return
        self._good += 1
        if self._limit < self._per_host and (self._last_cut < 0 or self._good % _GOOD_ANSWERS_PER_STEP == 0):
            self._limit += 1

    def _learn_of_silence(self, trouble: Problem, began: float) -> None:
        if began < self._last_answer or self.aside is not None:
            # While this one hung, the host answered another: it is not the host.
            return
        self._silences += 1
        most = _MOST_SILENCES_OF_THE_LIVING if self.proven else _MOST_SILENCES
        if self._silences >= most:
            words = f"{self.host} did not answer {most} times in a row, so this address was not tried."
            self._silent, self.aside = True, problem(trouble.code, words)

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
