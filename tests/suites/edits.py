"""What can go wrong in a conversation, as edits of a sound one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Call, Transcript
from tests.suites.build import Data, edit, recall, restream

HTML = {"content-type": "text/html"}
CRASH = {"status": 500, "events": (), "headers": HTML, "text": "Internal Server Error"}
"""What an unhandled exception looks like."""


def plus(t: Transcript, label: str, *datas: Data) -> Transcript:
    """The transcript with events added to the end of one reply."""
    return restream(t, label, lambda old: [*old, *datas])


def silent(t: Transcript, label: str) -> Transcript:
    """The transcript with a turn that ends after the user's message."""
    return restream(t, label, lambda old: [d for d in old if d["type"] == "thread.created" or "u-" in str(d)])


def body(t: Transcript, label: str, **changes: Any) -> Transcript:
    """The transcript with fields of one JSON answer changed."""
    return edit(t, label, body={**t.reply(label).body, **changes})


def items(t: Transcript, label: str, change: Callable[[list[Data]], list[Data]]) -> Transcript:
    """The transcript with the items of one reload changed."""
    return body(t, label, items={"data": change(t.reply(label).body["items"]["data"]), "has_more": False})


def rows(t: Transcript, label: str, change: Callable[[list[Data]], list[Data]], **more: Any) -> Transcript:
    """The transcript with the rows of one page changed."""
    return body(t, label, data=change(t.reply(label).body["data"]), **more)


def asked_with(t: Transcript, **changes: Any) -> Transcript:
    """The transcript with fields of every request body to the model changed."""
    return recall(t, lambda call: replace(call, body={**call.body, **changes}))


def spoken(t: Transcript, change: Callable[[list[Data]], list[Data]]) -> Transcript:
    """The transcript with the messages of every request to the model changed."""
    return recall(t, lambda call: replace(call, body={**call.body, "messages": change(call.body["messages"])}))


def complaining(t: Transcript, words: str) -> Transcript:
    """The transcript with a complaint of Gemini's on every request."""
    return recall(t, lambda call: replace(call, complaints=(words,)))


def refused(t: Transcript, words: str = 'Invalid JSON payload received. Unknown name "store"') -> Transcript:
    """The transcript in which Gemini refused every request as the server sent it."""
    return recall(t, lambda call: replace(call, status=400, complaints=(words,)))


def no_results(t: Transcript) -> Transcript:
    """The transcript in which no tool ran: the model was asked once in each turn."""
    return recall(t, lambda call: call if call.position == 0 else None)


def calls_merged(call: Call) -> Call:
    """A request in which the first two calls were glued together."""
    messages = [dict(m) for m in call.body["messages"]]
    for m in messages:
        if len(m.get("tool_calls", ())) == 2:
            m["tool_calls"] = m["tool_calls"][1:]
    return replace(call, body={**call.body, "messages": messages})


def unreadable(t: Transcript, label: str) -> Transcript:
    """The transcript in which one event of a reply is not JSON."""
    first, *rest = t.reply(label).events
    broken = replace(first, data=None, raw="Traceback", problem="not JSON: line 1 column 1")
    return edit(t, label, events=(broken, *rest))
