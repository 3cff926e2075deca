"""One call of the journal: what was asked, what is answered and when, as it happens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .nesting import read_json

LONGEST_NOTE = 128 * 1024
"""Characters. No event of Gemini's is longer, but for those that a fault makes."""

MOST_VALUES = 100_000
"""Values of a request's body that are kept apart. A conversation of a thousand messages has some 5,000; those who read
a body of 200,000 messages need a gigabyte for it."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One call as it happens. `raw` is the request's body, parsed only when somebody reads it.

    Args:
        closed: whether it ended and its stamps are kept: nothing of it changes any more.
        told: whether somebody was told of it after its end.
    """

    n: int
    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    nonce: str = ""
    position: int = 0
    attempt: int = 0
    side: bool = False
    title: bool = False
    matched: bool = False
    status: int = 0
    profile: str = ""
    sent: list[tuple[float, str]] = field(default_factory=list)
    finished_at: float | None = None
    gone_at: float | None = None
    complaints: tuple[str, ...] = ()
    fault: str = ""
    fault_at: float | None = None
    closed: bool = False
    told: bool = False

    def note(self, data: str) -> None:
        """Keep what is sent now; of a text that nobody would read, its beginning and its length."""
        if len(data) > LONGEST_NOTE:
            data = f"{data[:1000]}… ({len(data)} characters)"
        self.sent.append((time.monotonic(), data))

    @property
    def ended(self) -> bool:
        """Whether nothing more will be written: finished, or the peer went away."""
        return self.finished_at is not None or self.gone_at is not None

    @property
    def size(self) -> int:
        """About how many bytes it keeps."""
        return len(self.raw) + sum(len(data) for _, data in self.sent) + 512

    def to_json(self) -> dict[str, Any]:
        """The call with the fields that a transcript's Call has."""
        body: Any = None
        if self.raw.count(b",") > MOST_VALUES:
            body = f"{self.raw[:1000].decode('utf-8', 'replace')}… ({len(self.raw):,} bytes in too many values)"
        elif self.raw:
            try:
                body = read_json(self.raw)
            except ValueError:
                body = self.raw.decode("utf-8", "replace")
        return {
            "n": self.n,
            "nonce": self.nonce,
            "position": self.position,
            "attempt": self.attempt,
            "side": self.side,
            "title": self.title,
            "matched": self.matched,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "headers": dict(self.headers),
            "body": body,
            "status": self.status,
            "profile": self.profile,
            "sent": [{"at": at, "data": data} for at, data in self.sent],
            "finished_at": self.finished_at,
            "gone_at": self.gone_at,
            "complaints": list(self.complaints),
            "fault": self.fault,
            "fault_at": self.fault_at,
        }
