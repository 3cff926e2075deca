"""Scenes of what a user does while their thread is answered, and of what is left of it afterwards.

A button that is pressed, and a title that is given before the browser leaves: the answer that was under way must not
put back what it had read when it began.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from ..script import Step, reply
from .changing import TITLES, delete, rename
from .leaving import GONE_S
from .move import Move, MoveKind
from .reading import USERS, WITH, read_list, read_thread
from .scripted_turn import ScriptedTurn, ScriptTurn, answer_of, by_tools, plainly
from .shown import press_first
from .talking import HELD_S, NOTICED_S, held_turn, under_way, while_held
from .tools import created, task_call, title_of

if TYPE_CHECKING:
    from .act import Act, Answering


async def _press_meanwhile(act: Act) -> None:
    """A task is made, and its button pressed in mid-answer; then the thread is read."""
    thread, person = act.thread, act.person
    title = title_of(act.talk.new_nonce())
    rounds = [[task_call(act, "create", title=title)]]
    made = await act.turn(thread, by_tools(lambda _: rounds, n=act.n), suffix="made")
    await created(act, made, person, [title])
    async with held_turn(act, thread, suffix="held", n=act.n + 1) as (answering, gate):
        await while_held(act, gate, answering, press_first(act), NOTICED_S)
    await read_thread(act, thread, person, "after")


async def _rename_and_leave(act: Act) -> None:
    """A title is given in mid-answer, and the browser leaves; then the thread and the list are read."""
    thread, talk = act.thread, act.talk
    async with held_turn(act, thread, suffix="held") as (left, gate):
        # A server may let the rename wait for the answer: then it is done once the browser has left.
        other = asyncio.create_task(rename(act, thread, TITLES[0], "renamed"))
        await asyncio.wait({other}, timeout=NOTICED_S)
    try:
        await talk.calls(left.turn.nonce, timeout_s=GONE_S, finished=True)
        await talk.open_gate(gate)
        await other
    finally:
        other.cancel()
        with suppress(asyncio.CancelledError):
            await other
    await act.turn(thread, plainly(act.n + 1), suffix="again")
    await read_thread(act, thread, act.person, "after")
    await read_list(act, act.person, "list")


IN_ANSWER, IN_TITLE = "in the middle of its first answer", "while the model is asked for its title"
"""When a thread that has just begun is renamed or deleted."""


def _slow_title(act: Act, gate: str) -> ScriptTurn:
    """The model answers, and gives the thread a title once the gate is open."""

    def script_turn(nonce: str) -> ScriptedTurn:
        text = answer_of(nonce, act.n)
        waits: Step = {"wait_gate": {"gate": gate, "max_s": HELD_S}}
        return ScriptedTurn(steps=(reply(text),), answer=text, side=waits)

    return script_turn


@asynccontextmanager
async def _title_held(act: Act) -> AsyncIterator[tuple[Answering, str]]:
    """A thread's first turn, whose answer is shown, and whose title the model holds at a gate: both."""
    gate = act.talk.gate()
    async with act.open_turn(None, _slow_title(act, gate), suffix="begun") as first:
        await under_way(act, first)
        await first.opened.wait_for(lambda event: event.item.get("type") == "assistant_message", NOTICED_S)
        yield first, gate


def _changes_first(move: Move) -> bool:
    """A title that is given while the model makes one: which of the two stays is a race that the SDK loses."""
    return (move.args.get("does"), move.args.get("when")) != ("renames", IN_TITLE)


async def _change_first(act: Act) -> None:
    """A thread is begun, and renamed or deleted by its user before all is done that its first message leads to."""
    talk, person = act.talk, act.person
    begun = _title_held(act) if act.arg("when") == IN_TITLE else held_turn(act, None, suffix="begun")
    async with begun as (first, gate):
        first.thread.id = first.opened.reply.thread_id
        talk.require(first.thread.id, "the thread was not told before its first answer")
        deletes = act.arg("does") == "deletes"
        doing = delete(act, first.thread, "deleted") if deletes else rename(act, first.thread, TITLES[0], "renamed")
        await while_held(act, gate, first, doing, NOTICED_S)
    if not first.thread.gone:
        await read_thread(act, first.thread, person, "after")
        await act.turn(first.thread, plainly(act.n + 1), suffix="then")
    await read_list(act, person, "list")


LEAVES, DELETES = "leaves", "deletes the thread"
"""What a second tab does whose message waits until the first one's is answered."""


async def _wait_behind(act: Act) -> None:
    """Two tabs write in one thread; the second one leaves, or deletes the thread, before the first one is answered."""
    thread = act.thread
    async with held_turn(act, thread, suffix="first") as (first, gate):
        async with act.open_turn(thread, plainly(act.n + 1), suffix="second") as second:
            await second.opened.wait_for(lambda event: True, NOTICED_S)
            if act.arg("end") == DELETES:
                gone = act.stage.play(Move(kind="delete", args={"user": act.arg("user"), "thread": act.arg("thread")}))
                await while_held(act, gate, first, gone, NOTICED_S)
                await second.opened.finish()
        await act.talk.open_gate(gate)
        await first.opened.finish()
    if act.arg("end") == LEAVES:
        await act.turn(thread, plainly(act.n + 2), suffix="then")
        await read_thread(act, thread, act.person, "after")


MEANWHILE_SCENES = (
    MoveKind(
        name="press-meanwhile",
        does="user {user} presses a button in thread {thread} ({how}) while another message in it is answered",
        play=_press_meanwhile,
        who="second tab",
        args={**WITH, "how": ("button", "button-sync")},
        needs=("actions", "role:create"),
        wants=("thread",),
        makes=("turn", "tools", "task"),
    ),
    MoveKind(
        name="rename-and-leave",
        does="user {user} renames thread {thread} in mid-answer, and leaves",
        play=_rename_and_leave,
        who="second tab",
        args=WITH,
        wants=("thread",),
        makes=("turn",),
    ),
    MoveKind(
        name="change-first",
        does="user {user} begins a thread, and {does} it {when}",
        play=_change_first,
        who="second tab",
        args={"user": USERS, "does": ("renames", "deletes"), "when": (IN_ANSWER, IN_TITLE)},
        needs_by={"when": {IN_TITLE: ("side-request",)}},
        makes=("thread", "turn"),
        fits=_changes_first,
    ),
    MoveKind(
        name="wait-behind",
        does="user {user} writes in thread {thread} in a second tab, which {end} before the first one is answered",
        play=_wait_behind,
        who="second tab",
        args={**WITH, "end": (LEAVES, DELETES)},
        wants=("thread",),
        makes=("turn",),
        makes_by={"end": {DELETES: ("gone",)}},
    ),
)
"""The kinds."""
