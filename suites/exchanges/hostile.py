"""Requests that mean harm, or come from elsewhere: hostile bodies, foreign origins, wrong methods, too many at once."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import IN_WORDS
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
    await talk.raw(LIST, label="plain")
    await talk.raw(b"", label="get", method="GET")
    await talk.raw(LIST, label="put", method="PUT")
    for label, kind in (("charset", "application/json; charset=utf-8"), ("text", "text/plain"), ("form", FORM)):
        await talk.raw(LIST, label=label, headers={"content-type": kind})


PAGES = ("/", "/health", "/healthz", "/ready", "/metrics", "/status", "/info", "/config")
"""Pages that servers show to whoever looks after them, and often to everybody."""


@exchange(asks=0)
async def public_pages(talk: Talk) -> None:
    """A message; then pages that anybody may open are asked for by nobody. What is secret is looked for in each."""
    talk.note("words", "marmalade behind the fern")
    if IN_WORDS not in talk.notes:  # each message costs, and secrets are there without one
        await talk.create("The key is in the marmalade behind the fern.", reply("I see."), label="turn")
    for path in dict.fromkeys((*([talk.target.health] if talk.target.health else []), *PAGES)):
        await talk.raw(b"", label=f"page-{path}", user="", method="GET", path=path)


FORM = "application/x-www-form-urlencoded"

WINDOWS, BEYOND = 2, 5
"""Whole limits that a burst may have to itself at the turn of a minute, and requests that are sent beyond them."""

MOST_BURST = 2500
"""Maximum number of requests that are sent to reach a declared rate limit."""


@exchange(capability="rate_limit", alone=True, deadline_s=40)
async def rate_limit(talk: Talk) -> None:
    """User b sends requests until one is refused with 429; then user a sends one."""
    most = talk.target.limits.get("requests_per_minute")
    talk.require(most, "the rate limit is unknown: write requests_per_minute under [limits] in the target file.")
    talk.note("limit", most)
    talk.comes_again = False
    params = {"limit": 1, "order": "desc"}
    began, told = time.monotonic(), int(most or 0)
    for n in range(MOST_BURST):
        made = await talk.ask("threads.list", params, label=f"burst-{n}", user="b")
        # A new minute may begin meanwhile, or a bucket fill up.
        if not made.accepted or n >= told * (WINDOWS + (time.monotonic() - began) / 60) + BEYOND:
            break
    await talk.ask("threads.list", params, label="other-user")
