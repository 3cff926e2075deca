"""The move of a client that errs: bodies that are no request, requests about nothing, requests with a spoilt field."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ..http.pieces import Pieces
from ..wrong_requests.by_hand import BODIES, UNKNOWN, UNKNOWN_ITEM
from ..wrong_requests.drawing import corpus, drawn
from ..wrong_requests.hostile import HOSTILE
from ..wrong_requests.sample import Ids
from ..wrong_requests.wrong_request import WrongRequest
from .move import MoveKind
from .reading import THREADS, USERS, read_thread

if TYPE_CHECKING:
    from .act import Act

AT_ONCE = 12
"""Spoilt requests of one move."""

SEEDS = 8
"""Handfuls of spoilt requests that can be drawn."""

SPOILT = ("spoilt: known", *(f"spoilt: {seed}" for seed in range(1, SEEDS + 1)))
"""Handfuls of spoilt requests: those that some server once broke at, and some that are drawn by a seed."""

HARM = "bodies that mean harm"
"""All of `HOSTILE`, one after another."""

THREAD, THING = "unknown thread: ", "unknown thing: "
"""How requests about nothing are called, with their name in the table behind it."""

HOW = (*BODIES, *(f"{THREAD}{name}" for name in UNKNOWN), *(f"{THING}{name}" for name in UNKNOWN_ITEM), HARM, *SPOILT)

AS_JSON = {"content-type": "application/json"}

ANSWER_S = 10.0
"""Seconds that the answer to one of them may take."""


async def _ask(act: Act) -> None:
    how = act.arg("how")
    if how in BODIES:
        label = act.label()
        act.expect(label, wrong=how)
        await act.talk.raw(BODIES[how], label=label, user=_careless(act), headers=AS_JSON, deadline_s=ANSWER_S)
    elif how.startswith(THREAD):
        type, params = UNKNOWN[how.removeprefix(THREAD)]
        label = act.label()
        act.expect(label, wrong=how)
        await act.talk.ask(type, params, label=label, user=act.person.user)
    elif how.startswith(THING):
        await _about_unknown(act, how)
    elif how == HARM:
        for name, body in HOSTILE.items():
            label = act.label(name)
            act.expect(label, wrong=name)
            await act.talk.raw(body, label=label, user=_careless(act), headers=AS_JSON, deadline_s=ANSWER_S)
    else:
        await _spoilt(act, _handful(how))


async def _about_unknown(act: Act, how: str) -> None:
    """About a call or an item that the thread does not have; the thread is read afterwards."""
    thread, label = act.thread, act.label()
    type, params = UNKNOWN_ITEM[how.removeprefix(THING)]
    if type == "items.feedback":
        act.talk.require(act.talk.learnt.capabilities.get("feedback"), "the server takes no feedback")
        act.expect(label, wrong=how)
    await act.talk.ask(type, {"thread_id": thread.id, **params}, label=label, user=act.person.user)
    await read_thread(act, thread, act.person, "after")


def _handful(how: str) -> Sequence[WrongRequest]:
    known = len(corpus())
    if how == SPOILT[0]:
        return corpus()
    return tuple(islice(drawn(seed=int(how.rpartition(" ")[2]), number=known + AT_ONCE), known, None))


async def _spoilt(act: Act, requests: Sequence[WrongRequest]) -> None:
    """About nothing that is there, by somebody who has nothing: what is taken for right changes nobody's threads."""
    for n, request in enumerate(requests, 1):
        prepared, label = request.prepared(Ids()), act.label(str(n))
        act.expect(label, spoilt=request.words)
        pieces = Pieces(number=prepared.pieces, gap_s=0.0, counted=False) if prepared.pieces else None
        await act.talk.raw(
            prepared.body,
            label=label,
            user=_careless(act),
            headers=prepared.headers,
            pieces=pieces,
            deadline_s=ANSWER_S,
        )


def _careless(act: Act) -> str:
    """A user of their own, where the server takes visitors."""
    return f"{act.stage.state.people[0].user}-careless" if act.stage.own else act.person.user


WRONGLY = MoveKind(
    name="ask-wrongly",
    does="user {user} asks for what there is not, beside thread {thread}: {how}",
    play=_ask,
    args={"user": USERS, "thread": THREADS, "how": HOW},
    wants=("thread",),
)
"""The kind."""
