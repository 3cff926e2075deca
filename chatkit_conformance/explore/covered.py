"""What was explored, and what was not: moves, ordered pairs, states and requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..moves.covering import pairs_of
from ..moves.move import JSON, Move, MoveKind
from ..moves.notes import EXPECTED, LEFT_OUT, MOVES, TURNS
from ..transcript import Transcript

MOST_COUNTED = 3
"""Threads, messages and tasks beyond this many make no other state: none, one, two, several."""

State = tuple[JSON, ...]


@dataclass(slots=True, kw_only=True)
class Covered:
    """Counts over conversations; `add` is called with each."""

    conversations: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    states: set[State] = field(default_factory=set)
    requests: Counter[str] = field(default_factory=Counter)
    faults: set[tuple[str, str, str]] = field(default_factory=set)
    left_out: dict[str, str] = field(default_factory=dict)

    def add(self, t: Transcript) -> None:
        """Count a conversation in."""
        self.conversations += 1
        rows = t.notes.get(MOVES, ())
        self.moves.update(row["kind"] for row in rows)
        self.pairs |= set(pairs_of(Move(kind=row["kind"]) for row in rows))
        self.states |= {_state(what["thread"]) for what in t.notes.get(EXPECTED, {}).values() if "thread" in what}
        self.requests.update(reply.type or "(raw)" for reply in t.replies)
        faults = (note["fault"] for note in t.notes.get(TURNS, {}).values())
        self.faults |= {(fault["name"], fault["moment"], fault["place"]) for fault in faults if fault}
        self.left_out |= t.notes.get(LEFT_OUT, {})

    def in_words(self, kinds: Mapping[str, MoveKind]) -> list[str]:
        """What was covered, a line for each."""
        wanted = {(a, b) for a in kinds for b in kinds}
        return [
            f"{self.conversations} conversations, {sum(self.moves.values())} moves of {len(self.moves)} kinds, "
            f"{len(self.pairs & wanted)} of {len(wanted)} ordered pairs, {len(self.states)} states of a thread, "
            f"{len(self.faults)} faults by moment and place",
            f"moves: {_counted(self.moves)}",
            f"requests: {_counted(self.requests)}",
        ]

    def never(self, kinds: Iterable[str]) -> list[str]:
        """What was never reached, a line for each kind of move, with the reason where there is one."""
        reason = "it was not drawn; give it more --seconds"
        return [f"{kind}: {self.left_out.get(kind, reason)}" for kind in kinds if not self.moves[kind]]


def _state(thread: Mapping[str, JSON]) -> State:
    """What of a thread makes one situation another: how much was said, and how the newest of it ended."""
    turns = thread["turns"]
    last = turns[-1] if turns else {"sure": True, "kept": True}
    ends = tuple(bool(last[key]) for key in ("sure", "kept"))
    flags = tuple(bool(thread[key]) for key in ("tools", "broken", "title", "under_way"))
    return (min(len(turns), MOST_COUNTED), *ends, *flags)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in counts.most_common()) or "none"
