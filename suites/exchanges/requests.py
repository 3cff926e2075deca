"""Requests that are wrong: bad JSON, unknown types, missing and misshapen parameters, ids of nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.wrong_requests.by_hand import BODIES, NOWHERE, UNKNOWN

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk


@exchange(asks=1)
async def bad_requests(talk: Talk) -> None:
    """Ten malformed bodies and five requests about an unknown thread; then a normal conversation."""
    for label, body in BODIES.items():
        await talk.raw(body, label=label, headers={"content-type": "application/json"})
    for label, (type, params) in UNKNOWN.items():
        await talk.ask(type, params, label=label)
    talk.note("nowhere", NOWHERE)
    await talk.ask("threads.get_by_id", {"thread_id": NOWHERE}, label="still-unknown")
    await talk.ask("threads.list", {"limit": 50, "order": "desc"}, label="list")
    await talk.create("Are you there?", reply("Yes, I am here."), label="next")
