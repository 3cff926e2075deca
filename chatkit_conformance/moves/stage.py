"""The stage: holds moves with a real server through a Talk, beside the expected state, and writes down what was meant.

What it writes is in `notes.py`, so that checks stay pure functions of a saved transcript:

    await Stage(talk, KINDS).hold([Move(kind="begin"), Move(kind="say", args={"with": "quote"})])
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Mapping, Sequence

from ..check import Untestable
from ..talk import Talk
from ..target.credentials import subject_of
from .act import Act
from .move import JSON, Move, MoveKind
from .notes import EXPECTED, LEFT_OUT, MOVES, PEOPLE, TURNS, MoveNote, TurnNote
from .planning import impossible, lacking
from .reading import look
from .state import State

MOST_PEOPLE = 3

ALIKE = ("ann", "Ann", "ANN")
"""Ends of the names of users who are told apart by capital letters alone."""

ENDS = (("1", "12", "123"), ("_1", "-1", "%1"))
"""Ends of the names of others: one begins another, or matches it where `_` and `%` stand for anything (SQL's LIKE)."""


class Stage:
    """One conversation of moves.

    Args:
        talk: what it is held with. kinds: every kind of move by name. people: how many users take part.
        alike: whether their names differ in one capital letter alone, where they are not given: a `sub` is a
            case-sensitive string (RFC 7519, section 4.1.2).
    """

    def __init__(self, talk: Talk, kinds: Mapping[str, MoveKind], *, people: int = 2, alike: bool = False) -> None:
        self.talk = talk
        self.kinds = kinds
        users, self.own = _users(talk, (ALIKE if alike else _ends(talk.exchange))[:people])
        self.state = State.of(users)
        self.open: set[str] = set()
        """Labels of the turns that are being answered."""
        self.rows: list[MoveNote] = []
        self.turns: dict[str, TurnNote] = {}
        self.expected: dict[str, JSON] = {}
        self.left_out: dict[str, str] = {}
        for key, value in (
            (MOVES, self.rows),
            (TURNS, self.turns),
            (EXPECTED, self.expected),
            (LEFT_OUT, self.left_out),
            (PEOPLE, {"users": users, "own": self.own, "others": _others(talk) if self.own else []}),
        ):
            talk.note(key, value)

    async def hold(self, moves: Sequence[Move], *, patient: bool = True) -> None:
        """Hold them one after another, then look at all that is there.

        Args:
            patient: whether to go on where the server did not answer a request at all; else that is the end.

        Raises:
            Untestable: none of them could be held.
        """
        for move in moves:
            await self.play(move)
            if not patient and any(r.ended == "deadline" and not r.status for r in self.talk.replies):
                return
        self.talk.require(self.rows, f"none of its moves could be made: {self.left_out}")
        await look(Act.last(self))

    async def play(self, move: Move) -> None:
        """Hold one move; one that cannot be held is left out, with the reason."""
        kind = self.kinds[move.kind]
        if why := lacking(self.talk.learnt, self.talk.tools, kind, move) or impossible(self.state, kind, move):
            self.left_out[move.kind] = why
            return
        row: MoveNote = {
            "n": len(self.rows) + 1,
            "kind": move.kind,
            "args": dict(move.args),
            "who": kind.who,
            "user": "",
            "thread": "",
            "replies": [],
            "began": time.monotonic(),
            "ended": None,
        }
        self.rows.append(row)
        act = Act(stage=self, kind=kind, move=move, row=row)
        try:
            await kind.play(act)
        except Untestable as why:
            self.left_out[move.kind] = str(why)
            if not act.labels:
                self.rows.remove(row)
        finally:
            row["user"], row["thread"] = act.whose
            row["replies"] = act.labels
            row["ended"] = time.monotonic()


def _ends(exchange: str) -> tuple[str, ...]:
    """Ends of the names of a conversation's users, the same each time."""
    return random.Random(exchange).choice(ENDS)


def _others(talk: Talk) -> list[str]:
    """Who the users of the target file are, by their tokens: they take no part where a conversation has its own."""
    named = (subject_of(talk.user_headers(name)) for name in sorted({"a", *talk.target.users}))
    return [name for name in named if name]


def _users(talk: Talk, ends: tuple[str, ...]) -> tuple[list[str], bool]:
    """The names of the conversation's users, with these ends, and whether nobody else acts in their name."""
    if talk.learnt.visitors:
        fresh = secrets.token_hex(3)
        return [f"{talk.exchange}-{fresh}-{end}" for end in ends], True
    named = [name for name in talk.target.users if name != "a"]
    known: dict[str, str] = {}
    for name in ("a", *named):
        known.setdefault(str(sorted(talk.user_headers(name).items())), name)
    return list(known.values())[: len(ends)], False
