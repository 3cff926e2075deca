"""The expected state: what is there by all that was said, beside the server that should agree.

Plain and mutable. A conversation that is only planned has it too, with placeholders for what a server would name; so a
move's precondition is asked of the same state, whether the move is drawn or held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from ..transcript import Reply

JSON = Any


@dataclass(slots=True, kw_only=True)
class ExpectedTurn:
    """A user's message, and what the model was told to answer.

    Args:
        nonce: the mark in the message. words: the message's text as sent. item: its id, as the stream told it.
        answer: what the model says in the end.
        sure: whether the answer must be there, whole: false where the turn was left, cut off or told an error.
        kept: whether the message must be there: false where nobody acknowledged it.
        quoted, files: what was sent with it. beside: nonces of the turns that were under way in its thread meanwhile.
    """

    nonce: str = ""
    words: str = ""
    item: str = ""
    answer: str = ""
    sure: bool = True
    kept: bool = True
    quoted: str | None = None
    files: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Thread:
    """A thread.

    Args:
        id: "" while it is only planned, or where it never came to be.
        title: the one that a user gave, or None.
        gone: whether it was deleted, or never came to be.
        tools: whether a tool was used in it. broken: whether its newest turn met a fault.
        under_way: nonces of the turns that are being answered.
    """

    id: str = ""
    turns: list[ExpectedTurn] = field(default_factory=list)
    title: str | None = None
    gone: bool = False
    tools: bool = False
    broken: bool = False
    under_way: list[str] = field(default_factory=list)

    def begin(self, turn: ExpectedTurn) -> None:
        """A turn begins, beside those that are under way."""
        for other in self.turns:
            if other.nonce in self.under_way and other.nonce != turn.nonce:
                other.beside.append(turn.nonce)
        turn.beside += [nonce for nonce in self.under_way if nonce != turn.nonce]
        self.under_way.append(turn.nonce)

    def ask_again(self, index: int) -> ExpectedTurn:
        """Take away what followed a message. The answer of a turn beside it may stand behind it, and be gone, too."""
        turn = self.turns[index]
        del self.turns[index + 1 :]
        for other in self.turns:
            if other.nonce in turn.beside:
                other.sure = False
        return turn

    @property
    def answered(self) -> bool:
        """Whether a message of it was answered."""
        return any(turn.sure for turn in self.turns)

    def to_json(self) -> dict[str, JSON]:
        """The thread as JSON."""
        return asdict(self)


@dataclass(slots=True, kw_only=True)
class Task:
    """A task of a user.

    Args:
        id: as the server's tool told it, or "" where it told none. told: under a key that says so.
        sure: whether it must be as it says here: false where a call that may have changed it was cut off.
        gone: whether it was deleted. edits: how often what the other fields do not tell of it was changed.
    """

    title: str
    id: str = ""
    completed: bool = False
    gone: bool = False
    sure: bool = True
    told: bool = True
    edits: int = 0


@dataclass(slots=True, kw_only=True)
class Person:
    """One user: the name whose credentials are sent, and what is theirs."""

    user: str
    threads: list[Thread] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def open_tasks(self) -> list[Task]:
        """The tasks that are there and not done."""
        return [task for task in self.tasks if task.sure and not task.gone and not task.completed]

    def thread(self, index: int) -> Thread | None:
        """The thread of that number, if it is there."""
        there = 0 <= index < len(self.threads) and not self.threads[index].gone
        return self.threads[index] if there else None


@dataclass(slots=True, kw_only=True)
class State:
    """All that is expected of one conversation."""

    people: list[Person]

    @classmethod
    def of(cls, users: Iterable[str]) -> State:
        """Nobody has anything yet."""
        return cls(people=[Person(user=user) for user in users])

    def others(self, person: Person) -> list[Person]:
        """The other users."""
        return [other for other in self.people if other is not person]

    def to_json(self) -> dict[str, JSON]:
        """The state as JSON."""
        return asdict(self)


def settle(turn: ExpectedTurn, reply: Reply) -> None:
    """What a reply that is over tells of its turn: whether the message must be there, and the answer."""
    asked = next((e.item_id for e in reply.items_done("user_message")), "")
    turn.item = turn.item or asked
    turn.kept = turn.kept or bool(asked)
    turn.sure = reply.streamed and reply.ended == "closed" and not reply.errors and bool(turn.answer)
