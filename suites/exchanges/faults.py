"""Conversations in which the model breaks, one per way to break: the broken turn, the turn after it, a reload.

The fault lasts: every attempt of the broken turn meets it, so that a server which asks again cannot get round it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import fault, reply

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

PARTIAL = "This answer has only just begun and will not be finished, because the line goes dead"
"""What the model says before it breaks in mid-answer, in the faults that let it begin."""

FAULTS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "rate_limited": ("429, with the seconds to wait in the body", {"kind": "http", "status": 429, "retry_delay": "1s"}),
    "internal_error": ("500", {"kind": "http", "status": 500}),
    "overloaded": ("503", {"kind": "http", "status": 503}),
    "refused": ("400", {"kind": "http", "status": 400}),
    "cut": ("the connection is cut in the middle of the text", {"kind": "cut", "after": 2, "text": PARTIAL}),
    "stalled": (
        "the text stops and nothing comes for two seconds, then the line is cut",
        {"kind": "stall", "after": 2, "max_s": 2.0, "text": PARTIAL},
    ),
    "error_in_stream": (
        "an error object in the middle of the stream",
        {"kind": "error-event", "after": 2, "text": PARTIAL},
    ),
    "empty": ("an answer without content", {"kind": "empty"}),
    "filtered": ("an answer withheld by the content filter", {"kind": "filtered"}),
    "malformed_call": ("a tool call that Gemini itself calls malformed", {"kind": "malformed-call"}),
    "garbage": ("200 with something that is not a stream", {"kind": "garbage"}),
}
"""Each way to break: what happens, in words, and the stand-in's fault. The exchange is called `fault_` and the name."""

NAMES = tuple(f"fault_{name}" for name in FAULTS)


def _declare(name: str, words: str, keys: dict[str, Any]) -> None:
    """Declare the exchange of one fault."""

    async def hold(talk: Talk) -> None:
        talk.note("fault", words)
        talk.note("partial", keys.get("text", ""))
        broken = await talk.create("Tell me about ferns.", fault(**keys), label="fault")
        if broken.thread_id:
            await talk.say(broken.thread_id, "Are you there?", reply("Yes, I am here."), label="next")
            await talk.reload(broken.thread_id, label="reload")

    hold.__name__ = hold.__qualname__ = f"fault_{name}"
    hold.__doc__ = f"The model breaks: {words}; then one more turn and a reload."
    exchange(deadline_s=30)(hold)


for _name, (_words, _keys) in FAULTS.items():
    _declare(_name, _words, _keys)
