"""So many requests a minute for each user, counted by all workers together.

Each user has a bucket of a minute's requests, which fills again within a minute. A bucket is one number, the time at
which it will be full: so the buckets of all users fit in a table of a megabyte, in memory that was shared before the
workers were forked. There is no lock for one to die or to be stopped with: two workers that count for the same user
within a microsecond may count one request.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import struct
import time
from collections.abc import Callable

from reference_server.refusal import Refusal

_MINUTE_S = 60.0
# Rows of the table: users who are active within the same minute. A row is a user's mark, and when the bucket is full.
_ROWS = 1 << 16
_ROW = struct.Struct("<Qd")
# Rows in which a user may stand. Where all are taken, the fullest bucket is forgotten.
_NEAR = 16


class RateLimit:
    """A bucket for each user. `per_minute` 0 means no limit; `clock` gives seconds, the same for all processes."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._rows = mmap.mmap(-1, _ROWS * _ROW.size) if per_minute else None

    def check(self, user_id: str) -> None:
        """Count a request. Raises Refusal (429) with Retry-After when it is one too many."""
        if self._rows is None:
            return
        if (wait_s := self._taken(self._rows, user_id)) > 0:
            after = str(max(1, math.ceil(wait_s)))
            raise Refusal(
                429,
                "rate_limited",
                f"{self._per_minute} requests a minute are allowed; try again in {after} s",
                headers={"Retry-After": after},
            )

    def _taken(self, rows: mmap.mmap, user_id: str) -> float:
        """Take a request from the user's bucket; seconds until there is one, where it is empty."""
        now, each_s = self._clock(), _MINUTE_S / self._per_minute
        mark = int.from_bytes(hashlib.blake2b(user_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()) or 1
        place, full_at = _row_of(rows, mark)
        full_at = max(full_at, now) + each_s
        wait_s = full_at - now - _MINUTE_S
        if wait_s < each_s / 1000:  # sums of fractions are a little off
            _ROW.pack_into(rows, place, mark, full_at)
            return 0.0
        return wait_s


def _row_of(rows: mmap.mmap, mark: int) -> tuple[int, float]:
    """The user's row and when its bucket is full; where there is none, the row that may be forgotten."""
    places = [(mark + n) % _ROWS * _ROW.size for n in range(_NEAR)]
    found = [(*_ROW.unpack_from(rows, place), place) for place in places]
    for whose, full_at, place in found:
        if whose == mark:
            return place, full_at
    return min(found, key=lambda row: row[1])[2], 0.0
