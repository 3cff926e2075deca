"""Requests that mean harm, or come from elsewhere: hostile bodies, foreign origins, wrong methods, too many at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.wrong_requests.hostile import HOSTILE

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

BIG = 2 * 1024 * 1024
"""Bytes of the large body if no limit is declared: twice what servers accept by default."""


@exchange(asks=0)
async def hostile_bodies(talk: Talk) -> None:
    """Deeply nested, huge, malformed and malicious bodies, a limit of minus one; then a normal request."""
    for label, body in HOSTILE.items():
        await talk.raw(body, label=label)
    most = talk.target.limits.get("max_body_bytes")
    talk.note("max_body_bytes", most)
    pad = (most or BIG) + 1
    await talk.raw(b'{"type":"threads.list","params":{"limit":1},"pad":"' + b"x" * pad + b'"}', label="huge-body")
    await talk.ask("threads.list", {"limit": -1, "order": "desc"}, label="minus-limit")
    await talk.ask("threads.list", {"limit": 1, "order": "desc"}, label="next")


ORIGIN = "http://localhost:5173"
"""The origin of a front end in development (Vite's port)."""

STRANGE_ORIGIN = "https://elsewhere.example"

LIST = json.dumps({"type": "threads.list", "params": {"limit": 1, "order": "desc"}})


@exchange(asks=0)
async def other_origin(talk: Talk) -> None:
    """Valid and invalid requests from another origin, and requests with other methods and media types."""
    origin = {"origin": ORIGIN}
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    await talk.raw(b"", label="preflight", user="", method="OPTIONS", headers={**origin, **asks})
    await talk.raw(LIST, label="good", headers=origin)
    missing: dict[str, Any] = {"type": "threads.get_by_id", "params": {"thread_id": "thr_nowhere_4f1d9c"}}
    await talk.raw('{"type": ', label="bad-json", headers=origin)
    await talk.raw(json.dumps(missing), label="bad-thread", headers=origin)
    await talk.raw(LIST, label="bad-nobody", user="", headers=origin)
    await talk.raw(LIST, label="strange", headers={"origin": STRANGE_ORIGIN})
    await talk.raw(b"", label="get", method="GET")
    await talk.raw(LIST, label="put", method="PUT")
    for label, kind in (("charset", "application/json; charset=utf-8"), ("text", "text/plain"), ("form", FORM)):
        await talk.raw(LIST, label=label, headers={"content-type": kind})


FORM = "application/x-www-form-urlencoded"

MOST_BURST = 1000
"""Maximum number of requests that are sent to reach a declared rate limit."""


@exchange(capability="rate_limit", alone=True, deadline_s=40)
async def rate_limit(talk: Talk) -> None:
    """User b sends requests until one is refused with 429; then user a sends one."""
    most = talk.target.limits.get("requests_per_minute")
    talk.require(most, "the rate limit is unknown: write requests_per_minute under [limits] in the target file.")
    talk.note("limit", most)
    talk.comes_again = False
    params = {"limit": 1, "order": "desc"}
    for n in range(min(int(most or 0) + 5, MOST_BURST)):
        made = await talk.ask("threads.list", params, label=f"burst-{n}", user="b")
        if not made.accepted:
            break
    await talk.ask("threads.list", params, label="other-user")
