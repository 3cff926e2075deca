"""At most so many requests a minute for each user, counted in this process."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

from reference_server.refusal import Refusal

_WINDOW_S = 60.0
# Users who have been silent for a window are forgotten whenever this many are remembered.
_MOST_USERS = 10_000


class RateLimit:
    """A sliding window. `per_minute` 0 means no limit; `clock` gives seconds that never run backwards."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._seen: dict[str, deque[float]] = {}

    def check(self, user_id: str) -> None:
        """Count a request. Raises Refusal (429) with Retry-After when it is one too many."""
        if not self._per_minute:
            return
        now = self._clock()
        if len(self._seen) >= _MOST_USERS:
            self._seen = {user: times for user, times in self._seen.items() if times and now - times[-1] < _WINDOW_S}
        times = self._seen.setdefault(user_id, deque())
        while times and now - times[0] >= _WINDOW_S:
            times.popleft()
        if len(times) >= self._per_minute:
            wait_s = max(1, math.ceil(_WINDOW_S - (now - times[0])))
            raise Refusal(
                429,
                "rate_limited",
                f"{self._per_minute} requests a minute are allowed; try again in {wait_s} s",
                headers={"Retry-After": str(wait_s)},
            )
        times.append(now)
