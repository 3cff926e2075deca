"""What is left of a turn whose browser went away."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import types
from ..evidence import (
    reloaded,
    reply,
)
from .answered import answered_with


@check(
    "persistence.turn-after-disconnect-works",
    level=MUST,
    on=("client_leaves",),
    clause="user specification SC-008, never a broken thread; edge cases: a lost connection",
    cause="The abandoned turn leaves a lock, a session or an unfinished call behind that blocks the next turn.",
    fix="Release everything in `finally`, and leave unfinished calls out of the history.",
    criteria=("SC-008",),
)
def turn_after_disconnect_works(t: Transcript) -> Findings:
    """After the browser disconnects during an answer, the thread's next message is answered."""
    yield from answered_with(t, "next", "Welcome back.")


@check(
    "persistence.disconnect-keeps-message",
    level=MUST,
    on=("client_leaves",),
    clause=types("387-391") + ": an item sent as done is complete; SC-005",
    cause="The turn's transaction is rolled back when the connection is lost.",
    fix="Commit the user's message before its done event is sent.",
    criteria=("SC-005",),
)
def disconnect_keeps_message(t: Transcript) -> Findings:
    """If the connection is lost during an answer, a reload still shows the user's message."""
    items = [i for i in reloaded(t, "reload") if i.get("type") == "user_message"]
    done = [e.item_id for e in reply(t, "left").items_done("user_message")]
    if not done:
        raise Untestable("The user's message had not been sent back when the browser disconnected.")
    if done[0] not in [i.get("id") for i in items]:
        got = f"user messages {[i.get('id') for i in items]}"
        yield Finding(expected=f"user_message {done[0]!r}", got=got, reply="reload")
