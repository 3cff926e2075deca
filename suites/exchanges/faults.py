"""Conversations in which the model breaks, one per way to break: the broken turn, the turn after it, a reload.

The fault lasts: every attempt of the broken turn meets it, so that a server which asks again cannot get round it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import Step, call, calls, fault, reply

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

PARTIAL = "This answer has only just begun and will not be finished, because the line goes dead"
"""The model's text before it fails in mid-answer, in the faults that occur after the first text."""

FAULTS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "rate_limited": ("429, with the seconds to wait in the body", {"kind": "http", "status": 429, "retry_delay": "1s"}),
    "internal_error": ("500", {"kind": "http", "status": 500}),
    "overloaded": ("503", {"kind": "http", "status": 503}),
    "refused": ("400", {"kind": "http", "status": 400}),
    "cut": ("the connection is cut in the middle of the text", {"kind": "cut", "after": 2, "text": PARTIAL}),
    "stalled": (
        "the text stops for two seconds, then the connection is cut",
        {"kind": "stall", "after": 2, "max_s": 2.0, "text": PARTIAL},
    ),
    "error_in_stream": (
        "an error object in the middle of the stream",
        {"kind": "error-event", "after": 2, "text": PARTIAL},
    ),
    "empty": ("an answer without content", {"kind": "empty"}),
    "filtered": ("an answer withheld by the content filter", {"kind": "filtered"}),
    "malformed_call": ("a tool call that Gemini reports as malformed", {"kind": "malformed-call"}),
    "garbage": ("200 with a body that is not a stream", {"kind": "garbage"}),
    "rate_limited_long": (
        "429, with 41 seconds to wait in the body",
        {"kind": "http", "status": 429, "retry_delay": "41s"},
    ),
    "key_refused": ("403, the key was reported as leaked", {"kind": "http", "status": 403, "body": "key-leaked"}),
    "key_invalid": ("400, the key is not valid", {"kind": "http", "status": 400, "body": "key-invalid"}),
    "unknown_model": ("404, there is no such model", {"kind": "http", "status": 404}),
    "no_answer": ("the connection is closed before the first byte of a response", {"kind": "no-answer"}),
    "html": ("502 with an HTML page", {"kind": "html"}),
    "error_list": (
        "an error object in a list, in the middle of the stream",
        {"kind": "error-event-list", "after": 2, "text": PARTIAL},
    ),
    "bare_error": (
        "an error that is not an event, in the middle of the stream",
        {"kind": "bare-error", "after": 2, "text": PARTIAL},
    ),
    "length": ("thinking used all tokens: no text, finish_reason length", {"kind": "length", "text": ""}),
    "no_done": ("a complete answer, and the stream ends without [DONE]", {"kind": "no-done"}),
    "slow_headers": ("no response for a second and a half, then an answer", {"kind": "slow-headers", "max_s": 1.5}),
    "cut_in_call": (
        "the connection is cut after a tool call, before the end of the stream",
        {"kind": "cut", "after": 1},
    ),
}
"""Each fault: what happens, in words, and the stand-in's fault. The exchange is called `fault_` and the name."""

NAMES = tuple(f"fault_{name}" for name in FAULTS)

LASTING = ("fault_refused", "fault_key_refused", "fault_key_invalid", "fault_unknown_model")
"""Permanent faults, which the same request meets again: 400, 403, 404."""

PASSING = ("fault_rate_limited", "fault_internal_error", "fault_overloaded", "fault_no_answer", "fault_html")
"""Transient faults, which may be over when the same request is made again."""

CALLED = "list_tasks"
"""The tool that is called where a call is cut off, if the server declares none to read with."""


def _steps(talk: Talk, name: str, keys: dict[str, Any]) -> list[Step]:
    """The model's steps in the failing turn: the fault and, if a call is cut off, an answer to its result."""
    if name != "cut_in_call":
        return [fault(**keys)]
    tool = talk.tools["read"].name if "read" in talk.tools else CALLED
    return [{**calls(call(tool, {})), **fault(**keys)}, reply("These are your tasks.")]


def _declare(name: str, words: str, keys: dict[str, Any]) -> None:
    """Declare the exchange of one fault."""

    async def hold(talk: Talk) -> None:
        talk.note("fault", words)
        talk.note("partial", keys.get("text", ""))
        broken = await talk.create("Tell me about ferns.", *_steps(talk, name, keys), label="fault")
        if broken.thread_id:
            await talk.say(broken.thread_id, "Are you there?", reply("Yes, I am here."), label="next")
            await talk.reload(broken.thread_id, label="reload")

    hold.__name__ = hold.__qualname__ = f"fault_{name}"
    hold.__doc__ = f"The model fails: {words}; then one more turn and a reload."
    exchange(deadline_s=30)(hold)


for _name, (_words, _keys) in FAULTS.items():
    _declare(_name, _words, _keys)


@exchange(capability="retry")
async def fault_retried(talk: Talk) -> None:
    """An answer is cut off in mid-text and then retried; then a reload and one more turn."""
    new = "A fern is a plant without flowers."
    talk.note("new", new)
    talk.note("partial", PARTIAL)
    steps: Step = {"attempts": [fault("cut", after=2, text=PARTIAL), reply(new)]}
    broken = await talk.create("What is a fern?", steps, label="fault")
    asked = next((e.item_id for e in broken.items_done("user_message")), "")
    if not broken.thread_id or not asked:
        return
    params = {"thread_id": broken.thread_id, "item_id": asked}
    await talk.ask("threads.retry_after_item", params, label="retry")
    await talk.reload(broken.thread_id, label="reload")


@exchange()
async def shortened_answers(talk: Talk) -> None:
    """An answer that ends at the limit of tokens, then one that a filter cuts, each after some words; a reload."""
    made = await talk.create("Tell me of ferns.", fault("length", at="mid-text", text=PARTIAL), label="length")
    if made.thread_id:
        cut = fault("filtered", at="mid-text", text=PARTIAL)
        await talk.say(made.thread_id, "And of mosses?", cut, label="filtered")
        await talk.reload(made.thread_id, label="reload")


@exchange()
async def fault_passing(talk: Talk) -> None:
    """503 once, then the answer: a server that retries shows it, another one reports the error; then a reload."""
    said = "Ferns like shade."
    talk.note("said", said)
    talk.note("fault", "503 once")
    step = fault("http", status=503, retry_delay="0.2s", then=reply(said))
    made = await talk.create("Where do ferns grow?", step, label="fault")
    if made.thread_id:
        await talk.reload(made.thread_id, label="reload")
