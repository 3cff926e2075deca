"""A conversation before it is held: whether a move is possible in a state, and what the state is after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..target.learnt import Learnt
from ..target.target import CAPABILITIES
from ..target.tools import Tool, missing_roles
from .move import JSON, Move, MoveKind
from .state import ExpectedTurn, Person, State, Task, Thread


def impossible(state: State, kind: MoveKind, move: Move) -> str:
    """What a move wants that the state has not, in words, or "" where it can be held."""
    user = kind.arg(move, "user") if "user" in kind.args else 0
    if user >= len(state.people):
        return "there is no such user"
    if not kind.fits(move):
        return "its arguments do not go together"
    person: Person = state.people[user]
    thread = person.thread(kind.arg(move, "thread")) if "thread" in kind.args else None
    there = {
        "thread": thread is not None,
        "answer": thread is not None and thread.answered,
        "tools": thread is not None and thread.tools,
        "fault": thread is not None and thread.broken,
        "task": bool(person.open_tasks),
        "two": len(state.people) > 1,
    }
    return next((f"there is no {want}" for want in kind.wanted(move) if not there[want]), "")


def foresee(state: State, kind: MoveKind, move: Move) -> None:
    """Put into the state what is there after the move, if all goes well."""
    user = kind.arg(move, "user") if "user" in kind.args else 0
    person = state.people[user]
    makes = kind.made(move)
    if "other-thread" in makes:
        other = state.others(person)[0]
        other.threads.append(Thread(id="planned", turns=[_turn()]))
    if "thread" in makes:
        person.threads.append(Thread(id="planned"))
    index = len(person.threads) - 1 if "thread" in makes else kind.arg(move, "thread") if "thread" in kind.args else -1
    thread = person.thread(index)
    if thread is not None:
        _of_thread(thread, makes)
    if "task" in makes:
        person.tasks.append(Task(title="planned", id="planned"))
    if "task-spent" in makes and person.open_tasks:
        person.open_tasks[0].gone = True


def _of_thread(thread: Thread, makes: tuple[str, ...]) -> None:
    if "turn" in makes:
        thread.turns.append(_turn(sure="fault" not in makes))
        thread.broken = "fault" in makes
    thread.tools = thread.tools or "tools" in makes
    thread.gone = thread.gone or "gone" in makes


def _turn(*, sure: bool = True) -> ExpectedTurn:
    return ExpectedTurn(nonce="planned", item="planned", sure=sure)


def lacking(learnt: Learnt, tools: Mapping[str, Tool], kind: MoveKind, move: Move) -> str:
    """What the server has not that a move needs, in words, or ""."""
    return next((why for need in kind.needed(move) if (why := _lack(learnt, tools, need))), "")


def _lack(learnt: Learnt, tools: Mapping[str, Tool], need: str) -> str:
    if need.startswith("role:"):
        role = need.removeprefix("role:")
        return "" if role in tools else missing_roles([role], tools)
    if need == "any-tool":
        return "" if learnt.declared else "the server declares no tool"
    if need == "side-request":
        return "" if learnt.side_requests else "the server asks the model for nothing beside the conversation"
    there = need not in CAPABILITIES or learnt.capabilities.get(need) is True
    return "" if there else f"the server has no capability {need!r}"


def kinds_of(kinds: Mapping[str, MoveKind], learnt: Learnt, tools: Mapping[str, Tool]) -> dict[str, MoveKind]:
    """The kinds, and of their arguments the values, that this server has what they need for."""
    found = {}
    for name, kind in kinds.items():
        if any(_lack(learnt, tools, need) for need in kind.needs):
            continue
        args: dict[str, tuple[JSON, ...]] = {
            key: tuple(v for v in values if not any(_lack(learnt, tools, n) for n in _needs(kind, key, v)))
            for key, values in kind.args.items()
        }
        if all(args.values()):
            found[name] = replace(kind, args=args)
    return found


def _needs(kind: MoveKind, key: str, value: JSON) -> tuple[str, ...]:
    return kind.needs_by.get(key, {}).get(value, ())
