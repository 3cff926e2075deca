"""The move in which the model or its connection fails: fault K at moment M in place P."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from ..script import call, reply
from ..target.tools import call_of
from ..transcript import Reply
from .broken_turn import title as broken_title
from .broken_turn import turn as broken_turn
from .faults import FAULTS
from .marks import mark
from .model_fault import ModelFault
from .moments import MOMENTS
from .move import JSON, Move, MoveKind
from .notes import FaultNote
from .places import PLACES, Cell, can_be
from .reading import THREADS, USERS
from .scripted_turn import ScriptedTurn, ScriptTurn, answer_of
from .talking import held_turn, while_held

if TYPE_CHECKING:
    from .act import Act

TEXT = (
    "Ferns {mark} have no flowers 🌿. They like shade, and their leaves – fiddleheads at first – unroll in the spring."
)
"""What the model says before it breaks in mid-text; letters of two, three and four bytes are in it."""

BESIDE_S = 2.0
"""Seconds for which the model of the answer beside it is held at most: a slow fault takes longer than a server may wait
for a model that is well."""


def fits(move: Move) -> bool:
    """Whether the fault of a move can happen at its moment in its place."""
    fault, moment, place = (FAULT.arg(move, name) for name in ("fault", "moment", "place"))
    return can_be(FAULTS[fault], moment, PLACES[place])


async def _break(act: Act) -> None:
    fault, moment, place = FAULTS[act.arg("fault")], act.arg("moment"), PLACES[act.arg("place")]
    script_turn = _title_breaks(fault, moment, act.n) if place.name == "title" else _breaks(act, fault, moment)
    note: FaultNote = {
        "name": fault.name,
        "moment": moment,
        "place": place.name,
        "ends": "answer" if place.name == "title" else fault.ends,
        "allow_retry": fault.allow_retry,
        "passing": fault.passing,
        "text": "",
        "times": act.arg("times"),
    }
    if place.name == "retry":
        thread = act.thread
        asked = [i for i, turn in enumerate(thread.turns) if turn.item]
        act.talk.require(asked, "no stream told the id of a message that could be asked again")
        await act.retry(thread, asked[-1], script_turn, fault=note)
        return
    breaking = partial(act.turn, None if place.begins else act.thread, script_turn, fault=note)
    await (_beside(act, breaking) if place.name == "beside" else breaking())


async def _beside(act: Act, breaking: Callable[[], Coroutine[Any, Any, Reply]]) -> None:
    """Have a turn break while another user's answer is under way, whose model then goes on."""
    other = act.stage.state.people[1 - min(1, act.arg("user"))]
    async with held_turn(act, None, person=other, suffix="beside") as (beside, gate):
        await while_held(act, gate, beside, breaking(), BESIDE_S)


def _breaks(act: Act, fault: ModelFault, moment: str) -> ScriptTurn:
    times = act.arg("times")

    def script_turn(nonce: str) -> ScriptedTurn:
        text, then = TEXT.format(mark=mark(nonce, "answer")), answer_of(nonce, act.n)
        made = some_call(act, nonce)
        steps = broken_turn(
            fault, moment, {k: v for k, v in made.items() if k != "role"}, text=text, then=then, times=times
        )
        rounds = MOMENTS[moment].round + (moment == "mid-call")
        return ScriptedTurn(steps=tuple(steps), answer=then, tools=(made,) * rounds, text=text)

    return script_turn


def _title_breaks(fault: ModelFault, moment: str, n: int) -> ScriptTurn:
    def script_turn(nonce: str) -> ScriptedTurn:
        text = answer_of(nonce, n)
        return ScriptedTurn(steps=(reply(text),), answer=text, side=broken_title(fault, moment))

    return script_turn


def some_call(act: Act, nonce: str) -> dict[str, JSON]:
    """A call that reads (or draws) or, in every other move, one that creates; else one of any tool that it declares."""
    tools, declared = act.talk.tools, act.talk.learnt.declared
    if "create" in tools and (act.n % 2 or "read" not in tools):
        return {"role": "create", **act.talk.tool_call("create", title=f"Look at the ferns {mark(nonce, 'task')}")}
    if "read" in tools:
        role = "widgets" if "widgets" in tools and act.n % 4 == 0 else "read"
        return {"role": role, **act.talk.tool_call(role)}
    return {"role": "", **(call_of(declared[0], {}) if declared else call("list_tasks", {}))}


FAULT = MoveKind(
    name="fault",
    does="the model fails in a turn of user {user}, thread {thread}: {fault}, {moment}, {place}",
    play=_break,
    who="model",
    args={
        "user": USERS,
        "thread": THREADS,
        "fault": tuple(FAULTS),
        "moment": tuple(MOMENTS),
        "place": tuple(PLACES),
        "times": (None, 1),
    },
    needs_by={"place": {place.name: place.needs for place in PLACES.values()}},
    wants_by={"place": {place.name: place.wants for place in PLACES.values()}},
    makes=("turn", "fault"),
    makes_by={"place": {place.name: place.makes for place in PLACES.values()}},
    fits=fits,
)


def of_cell(cell: Cell, *, user: int = 0, thread: int = 0) -> Move:
    """The move of a cell."""
    args = {"user": user, "thread": thread, "fault": cell.fault, "moment": cell.moment, "place": cell.place}
    return Move(kind=FAULT.name, args=args)


def cell_of(move: Move) -> Cell | None:
    """The cell of a move, or None where it is no fault."""
    if move.kind != FAULT.name:
        return None
    return Cell(**{name: FAULT.arg(move, name) for name in ("fault", "moment", "place")})
