"""Wrong requests, drawn from the wire's schema: a sample in every run, two thousand in a thorough one.

Each is sent as one request. What is answered with 500, or not at all, is sent again with each of its changes alone, so
that the finding names one field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import Exchange, exchange
from chatkit_conformance.script import reply
from chatkit_conformance.wrong_requests.sample import Ids

from ..evidence import LIMITED, OTHERS_FAIL

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Reply
    from chatkit_conformance.wrong_requests.wrong_request import WrongRequest

SEED = 0
"""What the requests are drawn from."""

SAMPLE = 100
"""Requests of every run: less than a second of a small server."""

THOROUGH = 2_000
"""Requests of a thorough run: each field of each request in each group once, then several changes together."""

LANES = 4
"""Requests on their way at once."""

ENOUGH = 12
"""Requests that failed, after which no more are sent: a server that fails that often has been told enough."""

ENOUGH_UNANSWERED = 4
"""Requests without an answer, after which no more are sent: each costs its whole deadline."""

ANSWER_S = 10.0
"""Seconds that the answer to a wrong request may take."""

WHO = "careless"
"""A user of their own, where the server takes visitors."""


def broke(made: Reply) -> bool:
    """Whether a request was answered as if the server had a fault, or was never answered to the end."""
    failed = made.status >= 500 and made.status not in OTHERS_FAIL
    return failed or made.ended == "deadline" or (not made.status and made.ended == "cut")


async def _send(talk: Talk, request: WrongRequest, label: str, user: str, ids: Ids) -> Reply:
    from chatkit_conformance.http.pieces import Pieces

    prepared = request.prepared(ids)
    pieces = Pieces(number=prepared.pieces, gap_s=0.0, counted=False) if prepared.pieces else None
    return await talk.raw(
        prepared.body, label=label, user=user, headers=prepared.headers, pieces=pieces, deadline_s=ANSWER_S
    )


async def hold_drawn(talk: Talk, seed: int, number: int) -> None:
    """A thread, so many wrong requests, some about it; then a new thread."""
    from asyncio import gather

    from chatkit_conformance.wrong_requests.drawing import drawn

    user = WHO if talk.learnt.visitors else "a"
    made = await talk.create("Before all that.", reply("I am ready."), label="begin", user=user)
    items = [e.item_id for e in made.items_done("assistant_message")]
    ids = Ids(thread_id=made.thread_id or Ids().thread_id, item_id=items[0] if items else Ids().item_id)
    sent: dict[str, dict[str, Any]] = {}
    talk.note("wrong", sent)
    waiting = enumerate(drawn(seed=seed, number=number))
    await gather(*(_lane(talk, waiting, sent, user, ids) for _ in range(LANES)))
    await talk.create("Are you there?", reply("Yes, I am here."), label="next", user=user)


async def _lane(
    talk: Talk, waiting: Iterator[tuple[int, WrongRequest]], sent: dict[str, dict[str, Any]], user: str, ids: Ids
) -> None:
    for n, request in waiting:
        label = f"wrong-{n:04}"
        row = sent[label] = _row(request)
        made = await _send(talk, request, label, user, ids)
        if made.status == LIMITED:
            return
        if broke(made):
            row |= _broken(request, made)
            for k, smaller in enumerate(request.smaller()):
                again = f"{label}-{k}"
                sent[again] = _row(smaller)
                if broke(alone := await _send(talk, smaller, again, user, ids)):
                    row["smaller"] = again
                    sent[again] |= _broken(smaller, alone)
                    break
        broken = [one for one in sent.values() if "broke" in one]
        if len(broken) >= ENOUGH or sum(one["unanswered"] for one in broken) >= ENOUGH_UNANSWERED:
            return


def _row(request: WrongRequest) -> dict[str, Any]:
    return {"words": request.words, "may_be_closed_on": request.may_be_closed_on}


def _broken(request: WrongRequest, made: Reply) -> dict[str, Any]:
    return {"broke": True, "unanswered": not made.status or made.ended == "deadline", "request": request.to_json()}


@exchange(deadline_s=60)
async def wrong_requests(talk: Talk) -> None:
    """A hundred wrong requests drawn from the schema: fields missing, huge, deep, no JSON; in other encodings."""
    await hold_drawn(talk, SEED, SAMPLE)


@exchange(deadline_s=240, thorough=True, alone=True)
async def many_wrong_requests(talk: Talk) -> None:
    """Two thousand wrong requests drawn from the schema: every field of the sixteen requests in every way once."""
    await hold_drawn(talk, SEED, THOROUGH)


def exchange_of(seed: int, number: int, deadline_s: float = 240.0) -> Exchange:
    """An exchange of another seed and number, for those who have the time; it is not declared.

    Its checks are those of `many_wrong_requests`.
    """

    async def hold(talk: Talk) -> None:
        await hold_drawn(talk, seed, number)

    story = f"{number} wrong requests drawn from the schema, seed {seed}."
    return Exchange(name=f"wrong_requests_{seed}", story=story, hold=hold, deadline_s=deadline_s, alone=True)
