"""A move: one thing that somebody can do in a conversation, as data that is drawn, saved, held again and shrunk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .act import Act

JSON = Any
Who = Literal["user", "second tab", "stranger", "operator", "model"]
Play = Callable[["Act"], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move.

    Args:
        kind: a name of `table.KINDS`.
        args: JSON values by name. `user` counts the conversation's users from 0, `thread` that user's threads in the
            order in which they were begun; an argument that is left out has the simplest value of its kind's list.
    """

    kind: str
    args: Mapping[str, JSON] = field(default_factory=dict)

    def to_json(self) -> dict[str, JSON]:
        """The move as a JSON object."""
        return {"kind": self.kind, **({"args": dict(self.args)} if self.args else {})}

    @classmethod
    def from_json(cls, value: Mapping[str, JSON]) -> Move:
        """The move that `to_json` made. Raises KeyError where it is not one."""
        return cls(kind=str(value["kind"]), args=dict(value.get("args", {})))


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveKind:
    """A kind of move.

    Args:
        name: as tables and files call it.
        does: what happens, in words, with {arguments}.
        play: holds it.
        who: who does it.
        args: its arguments, and for each the values that it can have, the simplest first.
        needs: what the server must have: capabilities, roles of tools as "role:create", "any-tool", "side-request" (it
            asks the model for something beside the conversation).
        needs_by: what it must have besides where an argument has a value.
        wants: what must be there: "thread" (a thread of the user), "answer" (an answered message in it), "tools" (one
            was called in it), "fault" (its newest turn met one), "task" (an open task), "two" (a second user).
        wants_by: what must be there besides where an argument has a value. fits: whether its arguments go together.
        makes: what is there afterwards: "thread", "turn", "tools", "task", "fault", as above; "gone" (the thread is
            deleted), "task-spent" (the open task is not open any more), "other-thread" (another user has one more).
        makes_by: what is there besides where an argument has a value.
        alone: whether it touches the whole server, so that no other conversation may be held beside it.
    """

    name: str
    does: str
    play: Play
    who: Who = "user"
    args: Mapping[str, tuple[JSON, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    needs_by: Mapping[str, Mapping[JSON, tuple[str, ...]]] = field(default_factory=dict)
    wants: tuple[str, ...] = ()
    wants_by: Mapping[str, Mapping[JSON, tuple[str, ...]]] = field(default_factory=dict)
    fits: Callable[[Move], bool] = lambda _: True
    makes: tuple[str, ...] = ()
    makes_by: Mapping[str, Mapping[JSON, tuple[str, ...]]] = field(default_factory=dict)
    alone: bool = False

    def arg(self, move: Move, name: str) -> JSON:
        """The value of an argument, or the simplest that it can have."""
        return move.args.get(name, self.args[name][0])

    def needed(self, move: Move) -> tuple[str, ...]:
        """What the server must have for this move."""
        return (*self.needs, *self._by(self.needs_by, move))

    def wanted(self, move: Move) -> tuple[str, ...]:
        """What must be there for this move."""
        return (*self.wants, *self._by(self.wants_by, move))

    def made(self, move: Move) -> tuple[str, ...]:
        """What is there after this move."""
        return (*self.makes, *self._by(self.makes_by, move))

    def _by(self, table: Mapping[str, Mapping[JSON, tuple[str, ...]]], move: Move) -> tuple[str, ...]:
        return tuple(each for name, by in table.items() for each in by.get(self.arg(move, name), ()))

    def in_words(self, move: Move) -> str:
        """The move as a sentence's predicate."""
        shown = {name: self.arg(move, name) for name in self.args}
        return self.does.format(**shown)
