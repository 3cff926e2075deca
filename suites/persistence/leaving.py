"""What is left of a turn whose browser went away."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import IN_WORDS, Transcript

from ..clauses import types
from ..evidence import (
    note,
    reloaded,
    reply,
    shorten,
    shown_text,
    text_of,
    times,
)
from .answered import answered_with


@check(
    "persistence.partial-answer-kept",
    level=SHOULD,
    on=("client_leaves",),
    clause="openai-chatkit 1.6.5 chatkit/server.py L387-412: a cancelled stream's pending messages are persisted",
    cause="handle_stream_cancelled runs inside the cancelled scope, and its first await is cancelled again.",
    fix="Shield the save: await asyncio.shield(...) or an anyio.CancelScope(shield=True) around it.",
    criteria=("SC-005",),
)
def partial_answer_kept(t: Transcript) -> Findings:
    """If the connection is lost during an answer, a reload shows the text that the user had already seen."""
    if times(t, reply(t, "left")).first_text_at is None:
        raise Untestable("No text had reached the browser before it disconnected.")
    labels = [r.label for r in t.replies if r.label in ("reload", "reload-next")]
    if not labels:
        raise Untestable("The thread was not reloaded.")
    items = reloaded(t, labels[-1])
    texts = [text_of(i) for i in items if i.get("type") == "assistant_message"]
    said = shown_text(reply(t, "left")).strip() if IN_WORDS in t.notes else str(note(t, "said")).strip()
    if not any(said in text for text in texts):
        yield Finding(expected=f"an answer with {shorten(said)}", got=f"answers {shorten(texts)}", reply=labels[-1])


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
