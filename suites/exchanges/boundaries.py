"""One turn with a tool, broken off at its boundaries: the browser leaves there, or the server is killed there.

A boundary is an event that reached the browser, or a moment at which the model was asked and has not answered yet. A
first turn that nothing breaks off tells which events there are. After each break the thread is read, gets one more
message and is read again; at last the tasks are listed, between one made before all of them and one made after.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import Step, reply
from chatkit_conformance.stream.event_kinds import is_text, shows_tool

from ..evidence import answer_text
from .side_by_side import is_users
from .tools import fresh, use

if TYPE_CHECKING:
    from chatkit_conformance.http.pending_reply import PendingReply
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Event, Reply

HELD_S = 8.0
"""Seconds that the model waits at most, at a boundary of its own."""

SEEN_S = 2.0
"""Seconds that are waited for a boundary; a turn that does not come to it is broken off all the same."""

SEEN_TIMES = 6
"""Or so many times as long as the whole turn took: on a machine that others use, the next may take longer."""

ASKED_S = 0.2
"""Seconds in which the server may still ask the model after the browser left: it need not any more."""

GONE_S = 2.0
"""Seconds in which a turn without a browser may come to its end, before the next message is sent."""

CHUNK_CHARS, GAP_S = 12, 0.01
"""How the model writes its answer: slowly enough that its deltas are boundaries of their own."""

WHOLE, LAST, LIST = "whole", "last", "list"
"""Labels of the turn before all that are broken off, of one more task made after them, and of the list of all."""

BACK = "I am here, and I am listening."
"""The answer to the message after a break."""

MODEL_SIDE: Mapping[str, int] = {"model-asked": 0, "model-told": 1, "model-speaks": 2}
"""Boundaries at the model: it was asked; it was told the tool's result; it has said its first words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """Where a turn is broken off.

    Args:
        name: ends the labels of its replies. event: the index of the event that the browser has read, or None.
        model: a value of MODEL_SIDE, or None.
    """

    name: str
    event: int | None = None
    model: int | None = None


AT_MODEL = tuple(Boundary(name=name, model=model) for name, model in MODEL_SIDE.items())
"""The boundaries at the model. There the turn is held, so that it can be broken off at this very moment."""


def turning_points(whole: Reply) -> tuple[Boundary, ...]:
    """The events of a turn at which something new has reached the browser, in order: six at most."""
    events = whole.events
    spoken = next((e.index for e in events if is_text(e)), len(events))
    found: dict[str, list[int]] = {
        "created": [e.index for e in events if e.type == "thread.created"][:1],
        "sent": [e.index for e in events if is_users(e)][:1],
        "tool-begun": [e.index for e in events if shows_tool(e)][:1],
        "tool-done": [e.index for e in events if shows_tool(e) and e.index < spoken][-1:],
        "words": [spoken] if spoken < len(events) else [],
        "answered": [e.index for e in whole.items_done("assistant_message")][-1:],
    }
    points = {index: name for name, rows in found.items() for index in rows}
    return tuple(Boundary(name=name, event=index) for index, name in sorted(points.items()))


@exchange(roles=("create", "read"), deadline_s=60)
async def left_at_boundaries(talk: Talk) -> None:
    """Turns with a tool that the browser leaves, each at another boundary; each thread goes on; a list of tasks."""
    whole = await _whole(talk)
    for boundary in (*turning_points(whole), *AT_MODEL):
        async with _begun(talk, boundary, _seen_s(whole)) as turn:
            await turn.opened.leave()
        await _go_on(talk, turn)
    await _list(talk)


@exchange(alone=True, capability="restart", restart="kill", roles=("create", "read"), deadline_s=90)
async def killed_at_boundaries(talk: Talk) -> None:
    """The server is killed at boundaries of turns with a tool, and started again; each thread goes on; a list."""
    talk.require(talk.can_restart, "the server was not started by this run, so it cannot be killed.")
    whole = await _whole(talk)
    at = {boundary.name: boundary for boundary in turning_points(whole)}
    # A turn can be held at the model: one kill, and one start, does for all of these and for one that is not held.
    await _kill(talk, _seen_s(whole), *AT_MODEL, *(at["answered"],) if "answered" in at else ())
    await _list(talk)


@dataclass(slots=True, kw_only=True)
class _Turn:
    """A turn that is to be broken off."""

    boundary: Boundary
    nonce: str
    gate: str
    opened: PendingReply


async def _whole(talk: Talk) -> Reply:
    """The turn that nothing breaks off. It notes what the checks ask for."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    talk.note("boundaries", [])
    talk.note("titles", {})
    title = _title(talk, WHOLE)
    made = await talk.create(_request(title), *_steps(talk, title), label=WHOLE)
    if made.thread_id:
        await talk.reload(made.thread_id, label=f"reload-{WHOLE}")
    return made


async def _list(talk: Talk) -> None:
    """One more task, and the list of all."""
    title = _title(talk, LAST)
    made = await talk.create(_request(title), *_steps(talk, title), label=LAST)
    if made.thread_id:
        await talk.say(made.thread_id, "List them.", use(talk, "read"), reply("That is your list."), label=LIST)


def _seen_s(whole: Reply) -> float:
    """Seconds to wait for a boundary of a turn like this one."""
    return max(SEEN_S, SEEN_TIMES * ((whole.ended_at or whole.sent_at) - whole.sent_at))


async def _kill(talk: Talk, seen_s: float, *boundaries: Boundary) -> None:
    """Bring one turn to each boundary, kill the server and start it again; then each thread goes on."""
    async with AsyncExitStack() as stack:
        turns = [await stack.enter_async_context(_begun(talk, boundary, seen_s)) for boundary in boundaries]
        await talk.restart(kill=True)
    for turn in turns:
        await _go_on(talk, turn)


@asynccontextmanager
async def _begun(talk: Talk, boundary: Boundary, seen_s: float) -> AsyncIterator[_Turn]:
    """A turn that has come to its boundary. Leaving the block drops the connection."""
    title, gate, nonce = _title(talk, boundary.name), talk.gate(), talk.new_nonce()
    await talk.script_again(nonce, *_steps(talk, title, gate=gate, held_at=boundary.model))
    async with talk.open_create(_request(title), label=f"turn-{boundary.name}", nonce=nonce) as opened:
        if boundary.event is not None:
            await opened.wait_for(SPOKEN.get(boundary.name) or _is_nth(boundary.event), seen_s)
        elif boundary.model == MODEL_SIDE["model-speaks"]:
            await opened.wait_for(is_text, seen_s)
        elif boundary.model is not None:
            await talk.calls(nonce, at_least=boundary.model + 1, timeout_s=seen_s)
        talk.note("boundaries", [*talk.notes["boundaries"], boundary.name])
        yield _Turn(boundary=boundary, nonce=nonce, gate=gate, opened=opened)


def _is_answer(event: Event) -> bool:
    return event.type == "thread.item.done" and event.item.get("type") == "assistant_message"


SPOKEN: Mapping[str, Callable[[Event], bool]] = {"words": is_text, "answered": _is_answer}
"""Boundaries that are known by what they are: into how many deltas a text falls differs from turn to turn."""


def _is_nth(index: int) -> Callable[[Event], bool]:
    return lambda event: event.index >= index


async def _go_on(talk: Talk, turn: _Turn) -> None:
    """Read the thread of a turn that was broken off, send one more message, and read it again."""
    at = turn.boundary.name
    await talk.open_gate(turn.gate)
    thread = turn.opened.reply.thread_id
    if not thread:
        return
    # A server may bring the turn to its end without the browser.
    if await talk.calls(turn.nonce, timeout_s=ASKED_S):
        await talk.calls(turn.nonce, timeout_s=GONE_S, finished=True)
    await talk.reload(thread, label=f"reload-{at}")
    again = await talk.say(thread, "Are you still there?", reply(BACK), label=f"next-{at}")
    if BACK not in answer_text(again):
        # It may have been refused because the turn was still going on: what counts is whether that ends.
        await talk.calls(turn.nonce, at_least=2, timeout_s=GONE_S, finished=True)
        await talk.say(thread, "And now?", reply(BACK), label=f"again-{at}")
    await talk.reload(thread, label=f"later-{at}")


def _title(talk: Talk, name: str) -> str:
    """A fresh title for the task of a turn. They begin alike, so that a list sorted by title has them together."""
    titles = talk.notes["titles"]
    title = fresh(f"Mend fence post {len(titles) + 1:02d}")
    talk.note("titles", {**titles, name: title})
    return title


def _request(title: str) -> str:
    return f"Please add the task {title}."


def _steps(talk: Talk, title: str, *, gate: str = "", held_at: int | None = None) -> tuple[Step, Step]:
    """The model makes a task and says so. `held_at`: a value of MODEL_SIDE, where it waits for the gate."""
    after = 1 if held_at == MODEL_SIDE["model-speaks"] else None
    told = f"The task {title} is on your list now."
    call = use(talk, "create", title=title)
    said = reply(told, chunk_chars=CHUNK_CHARS, gap_s=GAP_S, hold_after=after, gate=gate, hold_max_s=HELD_S)
    wait: Step = {"wait_gate": {"gate": gate, "max_s": HELD_S}}
    return (call | wait if held_at == 0 else call), (said | wait if held_at == 1 else said)
