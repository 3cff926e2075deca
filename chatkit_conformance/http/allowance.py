"""How much memory the answers of a run may take: what a server sends beyond it is read no further than a glance.

A server that floods each answer would fill the memory of the machine, and judging would take longer than the run. The
first answers of such a server are read whole, and are evidence enough.
"""

from __future__ import annotations

from dataclasses import dataclass, field

RUN_MB = 160
"""Megabytes, as they lie in memory, that a run keeps of what a server sends: four times what the reference server
sends in all. With the rest of the harness that stays below 400 MB."""

THOROUGH_TIMES = 4
"""How many times the memory of a run a thorough one may take: it holds some seven times as many conversations."""

EVENT_BYTES = 1500
"""What an event takes in memory beside its text: its objects, and those of its JSON."""

COPIES = 4
"""How often a text lies in memory: as it came, in its JSON, and in what is made of it."""

GLANCE_EVENTS = 500
"""Events of an answer that are read when nothing is left."""

GLANCE_BYTES = 64 * 1024
"""Bytes of an answer that are read when nothing is left."""


@dataclass(slots=True)
class Allowance:
    """What a run may still keep. One for all answers of a client.

    Args:
        kept_mb: megabytes that it may keep in all.
    """

    kept_mb: int = RUN_MB
    left: int = field(init=False)
    """Bytes that it may keep still."""

    def __post_init__(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """What was kept so far is needed no more, or lies elsewhere: there is room as at the start."""
        self.left = self.kept_mb * 1_000_000

    def spend(self, *, events: int = 0, text: int = 0) -> None:
        """Count what was kept: events, and bytes of text."""
        self.left -= events * EVENT_BYTES + text * COPIES

    def refuses(self, *, events: int, text: int) -> bool:
        """Whether an answer of that many events and bytes is to be read no further."""
        return self.left <= 0 and (events >= GLANCE_EVENTS or text > GLANCE_BYTES)

    @property
    def notice(self) -> str:
        """What to know of a run in which nothing was left, as a sentence, or ""."""
        if self.left > 0:
            return ""
        return (
            f"the server sent more than the {self.kept_mb} MB of memory that a run keeps of it: from then on answers "
            f"were read up to {GLANCE_EVENTS} events or {GLANCE_BYTES // 1024} KB each."
        )
