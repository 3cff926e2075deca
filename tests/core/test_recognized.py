"""A stream of another protocol is known for what it is, and ChatKit's own is never taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatkit_conformance.stream.recognized import not_chatkit, wrapping
from chatkit_conformance.wire.sse import read_events

CREATED = {"type": "thread.created", "thread": {"id": "t"}}
DONE = {"type": "thread.item.done", "item": {"id": "m", "type": "user_message"}}


def events(*values: Any) -> Any:
    """These objects as they would come in a stream."""
    return read_events(b"".join(b"data: " + json.dumps(v).encode() + b"\n\n" for v in values))[0]


@pytest.mark.parametrize(
    ("came", "said"),
    [
        ([{"choices": [{"delta": {"content": "Hi"}}]}], "Chat Completions"),
        ([{"type": "response.output_text.delta", "delta": "Hi"}], "Responses API"),
        ([{"type": "RUN_STARTED"}, {"type": "RUN_FINISHED"}], "AG-UI"),
        ([{"type": "content_block_delta"}], "Anthropic"),
        ([{"type": "text-delta"}], "AI SDK"),
        ([{"candidates": []}], "Gemini's own"),
        (
            [CREATED, {"type": "chat.started"}, {"type": "chat.text"}],
            "another protocol (it sent chat.started, chat.text)",
        ),
        ([CREATED, {"type": "assistant_message.content_part.text_delta"}], '"update": {"type": "assistant_message'),
        ([CREATED, {"type": "assistant_message", "id": "m"}], '{"type": "thread.item.done", "item"'),
        ([[CREATED], [DONE]], "each event is sent in a list: send the object alone"),
        ([json.dumps(CREATED), json.dumps(DONE)], "each event is encoded twice"),
        ([{"event": CREATED}, {"event": DONE}], "wrapped in an object, under 'event'"),
        ([{"type": "message", "data": json.dumps(DONE)}], "wrapped in an object, under 'data'"),
    ],
)
def test_another_protocol_is_named(came: list[Any], said: str) -> None:
    """What came is named, and what ChatKit sends, or how to wrap it."""
    assert said in not_chatkit(events(*came))


@pytest.mark.parametrize(
    "came",
    [[], [CREATED], [CREATED, DONE], [CREATED, DONE, {"type": "vendor.trace"}], [{"type": "error", "code": "custom"}]],
)
def test_chatkits_own_stream_is_never_another(came: list[dict[str, Any]]) -> None:
    """A stream that is empty, breaks off, fails, or has a vendor's events beside ChatKit's own, is ChatKit's."""
    assert not_chatkit(events(*came)) == ""


@pytest.mark.parametrize("raw", ["[" * 50_000, '{"a":' * 50_000, json.dumps("[" * 50_000)])
def test_what_is_nested_without_end_is_wrapped_in_nothing(raw: str) -> None:
    """Depth that nobody can read is no fault of whoever looks."""
    assert wrapping(raw) == ""
