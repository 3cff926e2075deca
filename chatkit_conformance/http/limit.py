"""A server's limit on requests: who is turned away with 429 comes again when the server says.

A run asks in a minute what a user asks in a week, so it meets every limit, however right. What was turned away was not
processed (RFC 6585 section 4); it is sent again as late as Retry-After says (RFC 9110 section 10.2.3, seconds or a
date), and all that is measured begins then. From then on the requests of that user leave one after the other.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from ..wire.status import TOO_MANY
from .retry_after import MOST_S, seconds_told

UNTOLD_S = 1.0
"""Seconds after which to come again where a 429 does not say; each time twice as many."""

LEAST_S = 0.05
"""Seconds after which to come again at the earliest: some servers say 0."""

APART_S = 0.5
"""Seconds after which the next in a line leaves, though the one before has no answer yet."""

AT_ONCE = 4
"""Conversations that are held side by side with a server that has turned somebody away."""

GIVEN_S = 900.0
"""Seconds by which a run is lengthened at most by what it was held back."""

VAIN = 3
"""Requests that were turned away after all their time, from which on none is held back: it is no limit that passes."""


@dataclass(slots=True)
class _Line:
    """The requests of one user who was turned away."""

    opens_at: float = 0.0
    untold: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    ahead: asyncio.Event | None = None


class Limit:
    """What a server's limit has cost a run. One for all requests of a client.

    Attributes:
        turned_away: how many requests were sent again. vain: how many were turned away after all their time.
        longest_s: the longest wait that it told and that is waited for.
        ends_at: monotonic seconds from which on nobody waits.
    """

    def __init__(self) -> None:
        self.turned_away = 0
        self.vain = 0
        self.longest_s = 0.0
        self.ends_at: Callable[[], float] = lambda: math.inf
        self._lines: dict[Hashable, _Line] = {}
        self._waiting = 0
        self._since = self._before_s = 0.0

    @property
    def waited_s(self) -> float:
        """Seconds, in all, in which somebody was held back."""
        return self._before_s + (time.monotonic() - self._since if self._waiting else 0.0)

    @property
    def given_s(self) -> float:
        """Seconds by which the run may take longer for it."""
        return min(self.waited_s, GIVEN_S)

    def side_by_side(self, most: int) -> int:
        """How many conversations are held at once."""
        return min(most, AT_ONCE) if self.turned_away else most

    @property
    def notice(self) -> str:
        """What to know of a run that was held back, as a sentence, or ""."""
        if not self.turned_away:
            return ""
        vain = " Some were turned away again and again, and their 429 counts." if self.vain else ""
        return (
            f"the server limits how often it is asked: {self.turned_away} request{'s' * (self.turned_away != 1)} "
            f"turned away with 429 went again when it said, which held the run back for {self.waited_s:.0f} s, with "
            f"{AT_ONCE} conversations at once.{vain} A higher limit for the run makes it quicker."
        )

    def visit(self, who: Hashable, most_s: float) -> Visit:
        """One request. `who`: of which user. `most_s`: see Visit."""
        return Visit(self, who, most_s)

    def line(self, who: Hashable) -> _Line | None:
        """The line in which this user's requests stand, or None: nobody has turned this user away."""
        return self._lines.get(who)

    def close(self, who: Hashable, told_s: float | None) -> float:
        """Let none of this user's requests leave for so many seconds, which are returned. None: it was not told."""
        line = self._lines.setdefault(who, _Line())
        wait_s = max(told_s, LEAST_S) if told_s is not None else UNTOLD_S * 2.0 ** min(line.untold, 10)
        if wait_s <= MOST_S:
            self.longest_s = max(self.longest_s, wait_s)
        line.untold = 0 if told_s is not None else line.untold + 1
        line.opens_at = max(line.opens_at, time.monotonic() + wait_s)
        return wait_s

    async def rest(self) -> None:
        """Let as long a time pass as the server ever told somebody to wait: a window that slides is empty then."""
        with self.held_back():
            await asyncio.sleep(max(0.0, min(self.longest_s, MOST_S, self.ends_at() - time.monotonic())))

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Count the time inside this block."""
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._before_s += time.monotonic() - self._since


class Visit:
    """One request of a user, who may be turned away.

    Args:
        most_s: seconds for which it is held back at most; 0: whatever comes is its answer.
    """

    def __init__(self, limit: Limit, who: Hashable, most_s: float) -> None:
        self._limit, self._who, self._most_s = limit, who, most_s
        self._since: float | None = None
        self._before_s = 0.0
        self._answered = asyncio.Event()
        self.refused = False
        """Whether its answer is a 429 all the same, for it could be held back no longer."""

    @property
    def waiting(self) -> bool:
        """Whether it is being held back now."""
        return self._since is not None

    @property
    def waited_s(self) -> float:
        """Seconds for which it was held back so far."""
        return self._before_s + (time.monotonic() - self._since if self._since is not None else 0.0)

    @property
    def _left_s(self) -> float:
        if self._limit.vain >= VAIN:
            return 0.0
        return min(self._most_s - self.waited_s, self._limit.ends_at() - time.monotonic())

    async def come(self) -> None:
        """Wait until it may leave: at once, where its user was never turned away."""
        line, left_s = self._limit.line(self._who), self._left_s
        if line is None or line.opens_at - time.monotonic() > left_s or left_s <= 0:
            return
        self._since = time.monotonic()
        try:
            with self._limit.held_back():
                async with asyncio.timeout(left_s), line.turn:
                    await _opened(line)
                    line.ahead = self._answered = asyncio.Event()
        except TimeoutError:
            return
        finally:
            self._before_s, self._since = self.waited_s, None

    def turned_away(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether it was, and shall come again; to be asked as soon as the answer's headers are there."""
        self.over()
        if status != TOO_MANY or not self._most_s:
            return False
        wait_s = self._limit.close(self._who, seconds_told(headers.get("retry-after", "")))
        self.refused = wait_s > self._left_s
        if self.refused:
            self._limit.vain += self._most_s >= MOST_S and self.waited_s > 0
            return False
        self._limit.turned_away += 1
        return True

    def over(self) -> None:
        """Let the next one leave."""
        self._answered.set()


async def _opened(line: _Line) -> None:
    if line.ahead is not None:
        with suppress(TimeoutError):
            await asyncio.wait_for(line.ahead.wait(), APART_S)
    await asyncio.sleep(max(0.0, line.opens_at - time.monotonic()))
