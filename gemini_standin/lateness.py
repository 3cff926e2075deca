"""How late the stand-in itself was: each chunk's sending against its schedule, for measurements to subtract."""

from __future__ import annotations

from collections import deque

KEPT = 100_000


class Lateness:
    """The newest lateness figures in seconds, at most 100,000 of them."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=KEPT)

    def add(self, seconds: float) -> None:
        """Note one chunk; early counts as 0."""
        self._seconds.append(max(0.0, seconds))

    def clear(self) -> None:
        """Begin anew."""
        self._seconds.clear()

    def to_json(self) -> dict[str, float | int]:
        """The figures: n, and p50, p99 and max in seconds (nearest rank; 0 where nothing was scheduled)."""
        ranked = sorted(self._seconds) or [0.0]

        def rank(share: float) -> float:
            return ranked[min(len(ranked) - 1, int(share * len(ranked)))]

        return {"n": len(self._seconds), "p50": rank(0.5), "p99": rank(0.99), "max": ranked[-1]}
