"""The first thread of a run, read and gone on with after all others; and streams that stay open when all is said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from chatkit_conformance.transcript import SAID_BEFORE, Transcript
from tests.suites.build import Data, answer, called, create, get, nonce_of, recall, said, say, transcript, user
from tests.suites.conversations import three_turns
from tests.suites.edits import items

FIRST = nonce_of("discovery")
"""The mark of the message with which the run began."""

HELLO: Data = user("u-first", f"Hello. (ref {FIRST})")
BEFORE = [HELLO, said("a-first", "Hello there.")]


def first_thread_again() -> Transcript:
    """The thread is there, the model is told what was said, and the thread has both turns then."""
    turn = say("turn-2", "What did I say first?", answer("a2", "You said hello."))
    newest: Data = turn.events[0].data or {}
    told = [{"role": "user", "content": HELLO["content"][0]["text"]}, {"role": "assistant", "content": "Hello there."}]
    asked = {"role": "user", "content": newest["item"]["content"][0]["text"]}
    whole = [*BEFORE, newest["item"], said("a2", "You said hello.")]
    replies = [get("reload-1", BEFORE), turn, get("reload-2", whole)]
    calls = [called("turn-2", [*told, asked])]
    return transcript("first_thread_again", replies, calls, **{SAID_BEFORE: [FIRST]})


def restarted() -> Transcript:
    """The same, and gone on with after a restart; then another thread is begun."""
    t = first_thread_again()
    later = say("turn-3", "And now?", answer("a3", "Again."))
    new = create("new", "Something else.", answer("n1", "Yes.", "thr_2"), id="thr_2")
    before: list[Data] = t.reply("reload-2").body["items"]["data"]
    whole = [*before, (later.events[0].data or {})["item"], said("a3", "Again.")]
    replies = [*t.replies, later, new, get("reload-3", whole)]
    return transcript("restarted_first_thread", replies, t.calls, **{SAID_BEFORE: [FIRST]})


def held_again() -> Transcript:
    """The server died under the first attempt, which had said its message already; the second one finds it there."""
    turn = say("turn-2", "What did I say first?", answer("a3", "You said hello, and something more 2 times."))
    newest: Data = turn.events[0].data or {}
    earlier = user("u-earlier", "What did I say first? (ref earlier)")
    before = [*BEFORE, earlier, said("a-earlier", "You said hello, and something more 1 times.")]
    told = [{"role": item["type"].split("_")[0], "content": item["content"][0]["text"]} for item in before]
    asked = {"role": "user", "content": newest["item"]["content"][0]["text"]}
    whole = [*before, newest["item"], said("a3", "You said hello, and something more 2 times.")]
    replies = [get("reload-1", before), turn, get("reload-2", whole)]
    calls = [called("turn-2", [*told, asked])]
    return transcript("first_thread_again", replies, calls, **{SAID_BEFORE: [FIRST, "earlier"]})


def _open_until(t: Transcript, at: float, labels: Collection[str] = ("turn-1", "turn-2", "turn-3")) -> Transcript:
    """The same, its streams closed at that moment; the model's last word came at 2.0."""
    return replace(t, replies=tuple(replace(r, ended_at=at) if r.label in labels else r for r in t.replies))


BREAKS = {
    "persistence.first-thread-kept": [
        items(first_thread_again(), "reload-1", lambda _: []),
        items(first_thread_again(), "reload-2", lambda old: old[2:]),
        items(replace(restarted(), exchange="first_thread_again"), "reload-3", lambda old: old[1:]),
    ],
    "persistence.first-thread-remembered": [
        recall(first_thread_again(), lambda call: replace(call, body={**call.body, "messages": call.messages[2:]})),
    ],
    "stream.closed-when-done": [_open_until(three_turns(), 6.0)],
}


def odd_streams() -> list[Transcript]:
    """One of three streams stays open: a title is made in the background."""
    return [_open_until(_open_until(three_turns(), 2.2), 6.0, ("turn-1",))]
