"""The store's request quota: one budget for all workers, drawn down before a request leaves, corrected by answers."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from importer.settings import Reserve
from importer.store.rate_limits import LONGEST_WAIT, Pace, RateLimit, rate_limit, retry_after
from importer.store.traffic_log import TrafficLog

_MARGIN = 0.05
"""Seconds added to every wait, so that a request does not arrive in the last moment of the old window."""
_BARE_429_WAIT = 1.0
"""Seconds that everybody waits after a 429 that names no wait; who met it backs off for longer by itself."""
_TAIL = 4
"""Requests that are left of a window when it is used up with care, because another client may take some unseen."""
_SHARED_TAIL = 10
"""The same where another client was seen to draw on the quota lately, or as many as it took, if those are more; but
never more than a quarter of the quota."""
_ON_ITS_WAY = 1.0
"""Seconds after which a request has reached the store and been counted, even if its answer takes long: the store
downloads pictures in between. A tenth of the window where that is less."""
_PLENTY = 64
"""Requests that are left of a window while nobody thinks of waiting."""
_WEIGHT = 0.2
"""How much one answer counts for the usual time of an answer."""
_WORTH_TELLING = 1.0
"""Seconds; nobody is told of a shorter wait."""


@dataclass(slots=True)
class _Window:
    """What is known of the store's current window.

    Attributes:
        limit: the last answer that was believed; its `left` goes down as news come.
        end: the latest moment at which the window may end, on the quota's clock.
        first: the first ticket given in this window.
        told_by: the ticket whose answer told `left`; what was sent later is not counted in it.
        told_upto: the last ticket given when that answer came; any later ticket's answer is newer for certain.
        base: requests used before the first of ours.
        others: requests that other clients were seen to take.
        assumed: whether no answer of this window has come yet.
    """

    limit: RateLimit
    end: float
    first: int
    told_by: int
    told_upto: int
    base: int = 0
    others: int = 0
    assumed: bool = False


class Quota:
    """A shared budget of requests in the store's current window.

    BigCommerce docs, API rate limits: `X-Rate-Limit-Time-Window-Ms`, `-Time-Reset-Ms`, `-Requests-Quota` and
    `-Requests-Left` come with every answer; the quota differs by plan and changes as other apps come and go.

    Within one window `left` only goes down, so the lowest that was told is the latest, and every request answered
    so far is counted in it. What it may not count yet are requests under way; they are subtracted. Answers may so
    come in any order without a request being counted twice or not at all.

    Args:
        clock: seconds from any start, never going back.
        sleep: waits for a number of seconds.
        stop: once set, nobody waits for a turn any more.
        reserve: what is left alone for other apps.
        waits: told of each wait of a second or more that holds everybody up: its seconds and what it is for.

    Attributes:
        log: when requests left.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        stop: asyncio.Event | None = None,
        reserve: Reserve | None = None,
        waits: Callable[[float, str], None] = lambda *_: None,
    ) -> None:
        self.log = TrafficLog(clock)
        self._waits = waits
        self._told_until = -math.inf
        self._clock = clock
        self._sleep = sleep
        self._stop = stop or asyncio.Event()
        self._keep = reserve or Reserve()
        self._reserve = 0
        self._window: _Window | None = None
        self._metered = True
        self._not_before = -math.inf
        self._issued = 0
        self._under_way: dict[int, float] = {}
        self._latency = 0.0
        self._others_before = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def pace(self) -> Pace | None:
        """The limit as last told, or None while the store has told none."""
        limit = self._window.limit if self._window else None
        return Pace(limit.quota, limit.window, self._reserve) if limit else None

    @property
    def plenty(self) -> bool:
        """Whether a request that is asked for now will most likely leave without waiting for the quota."""
        if not self._metered:
            return True
        left = self._window.limit.left - self._reserve if self._window else 0
        return left - len(self._under_way) > _PLENTY and self._clock() >= self._not_before

    async def take(self) -> int:
        """Wait until one request may leave, and draw it from the budget.

        Until the first answer has told the quota, one request at a time goes out.

        Returns:
            its ticket, from 1 upwards, for `answered` or `unanswered`; 0 where the stop was set while it waited.
        """
        while True:
            now = self._clock()
            wait = self._wait_from(now)
            if wait is None:
                self._issued += 1
                self._under_way[self._issued] = now
                self.log.request()
                return self._issued
            self._announce(now, wait)
            if not await self._waited(wait):
                return 0

    def answered(self, ticket: int, status: int, headers: Mapping[str, str]) -> None:
        """Correct the budget by an answer's headers; a 429 holds everybody until the store may be asked again."""
        now = self._clock()
        sent = self._under_way.pop(ticket, now)
        self._latency += (now - sent - self._latency) * (_WEIGHT if self._latency else 1.0)
        limit = rate_limit(headers)
        if limit is not None:
            self._metered = True
            self._correct(ticket, sent + limit.reset, now + limit.reset, limit)
        elif self._window is None:
            self._metered = False
        if status == 429:
            self.log.refusal()
            wait = retry_after(headers)
            self.hold(_BARE_429_WAIT if wait is None else wait)
        self._tell()

    def unanswered(self, ticket: int, *, arrived: bool = True) -> None:
        """A request ended without an answer; it is taken for used up unless it certainly never `arrived`."""
        self._under_way.pop(ticket, None)
        window = self._window
        if arrived and window is not None and ticket >= window.first and ticket > window.told_by:
            window.limit = replace(window.limit, left=max(0, window.limit.left - 1))
        self._tell()

    def hold(self, seconds: float) -> None:
        """Let no request leave for some seconds (at most 10 minutes), whoever it is for."""
        self._not_before = max(self._not_before, self._clock() + min(seconds, LONGEST_WAIT) + _MARGIN)

    def seconds_for(self, requests: int) -> float:
        """The time, in seconds, until so many more requests can have left; 0 where no limit is known to hold them."""
        now, window = self._clock(), self._window
        held = max(0.0, self._not_before - now)
        if window is None or not self._metered:
            return held
        left, rest = window.limit.left - self._reserve - len(self._under_way), window.end - now
        fresh = max(1, window.limit.quota - self._reserve)
        if rest <= 0:
            left, rest = fresh, window.limit.window
        if requests <= max(0, left):
            return held
        return max(held, rest + (math.ceil((requests - max(0, left)) / fresh) - 1) * window.limit.window)

    def _announce(self, now: float, wait: float) -> None:
        """Tell of a wait, once however many wait."""
        if _WORTH_TELLING <= wait < math.inf and now + wait > self._told_until + _WORTH_TELLING:
            self._told_until = now + wait
            self._waits(wait, "the store" if now < self._not_before else "the store's quota")

    def _wait_from(self, now: float) -> float | None:
        """Seconds to wait, unless there is news before; None where a request may leave at once."""
        if now < self._not_before:
            return self._not_before - now
        if not self._metered:
            return None
        if self._window is None:
            return math.inf if self._under_way else None
        if now >= self._window.end + _MARGIN:
            self._window = self._next(self._window, now)
        return None if self._may_leave(self._window, now) else max(0.001, self._window.end + _MARGIN - now)

    def _may_leave(self, window: _Window, now: float) -> bool:
        """Whether the budget has one more request; the last ones one at a time, where others may draw on it too.

        One at a time is given up as far as the rest of the window would be too short to use up what is left.
        """
        spare = window.limit.left - self._reserve
        seen = max(window.others, self._others_before)
        tail = max(_TAIL, min(max(seen, _SHARED_TAIL), window.limit.quota // 4)) if seen else _TAIL
        if spare - len(self._under_way) > tail:
            return True
        recent = now - min(_ON_ITS_WAY, window.limit.window / 10)
        uncounted = sum(ticket > window.told_by or sent > recent for ticket, sent in self._under_way.items())
        if spare - uncounted > tail:
            return True
        # Half of the time that remains, so that the last one does not miss the window's end.
        needed = spare * self._latency / max(0.001, (window.end - now) / 2)
        return spare > uncounted and uncounted < max(1.0, needed)

    def _next(self, old: _Window, now: float) -> _Window:
        """A new window by our own clock, until an answer tells more. What has just left may be counted in it."""
        self._others_before = max(old.others, self._others_before * 3 // 4)
        fresh = replace(old.limit, left=old.limit.quota)
        return _Window(fresh, now + fresh.window, self._issued + 1, self._issued, self._issued, assumed=True)

    def _correct(self, ticket: int, earliest: float, latest: float, limit: RateLimit) -> None:
        """Take an answer in; it says that its window ends between `earliest` and `latest`."""
        window = self._window
        if window is None or (ticket >= window.first and earliest > window.end + limit.window / 10):
            first = ticket if window is None else window.told_upto + 1
            self._window = _Window(limit, latest, min(first, ticket), ticket, self._issued)
            self._window.base = limit.quota - limit.left - self._ours(self._window)
            self._reserve = self._keep.of(limit.quota)
            return
        newer = ticket > window.told_upto
        old = ticket < window.first or (not newer and latest < window.end - window.limit.window / 2)
        if old or not (newer or limit.left < window.limit.left):
            return
        window.end = latest if window.assumed or earliest > window.end else min(window.end, latest)
        window.assumed = False
        window.limit, window.told_by, window.told_upto = limit, ticket, self._issued
        window.others = max(window.others, limit.quota - limit.left - self._ours(window) - window.base)
        self._reserve = self._keep.of(limit.quota)

    def _ours(self, window: _Window) -> int:
        return self._issued - window.first + 1

    def _tell(self) -> None:
        """Wake everybody who waits, to look again."""
        for news in self._waiting:
            if not news.done():
                news.set_result(None)

    async def _waited(self, seconds: float) -> bool:
        """Wait for some time, for news or for the stop; whether it was not the stop."""
        # Made at once, so that no news between the look at the budget and the wait is missed.
        news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(news)
        waits: list[asyncio.Future[Any]] = [news, asyncio.ensure_future(self._stop.wait())]
        if seconds < math.inf:
            waits.append(asyncio.ensure_future(self._sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting.discard(news)
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return not self._stop.is_set()
