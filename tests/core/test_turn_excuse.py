"""A turn is excused where a guard's own request to the model failed, and the conversation's was never made."""

from __future__ import annotations

from typing import Any

import pytest

from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import Call, Reply, Sent, Transcript

NONCE = "zq0123456789"
WHOLE = '{"choices": [{"delta": {"content": "Yes.", "role": "assistant"}, "finish_reason": "stop", "index": 0}]}'


def _call(n: int, **more: Any) -> Call:
    body = {"model": "gemini-3.8-flash", "messages": [{"role": "user", "content": f"Hello. (ref {NONCE})"}]}
    made = {"sent": (Sent(at=1.0, data=WHOLE), Sent(at=1.0, data="[DONE]")), "status": 200, **more}
    return Call(n=n, nonce=NONCE, body=body, at=1.0, finished_at=2.0, **made)


GUARD = {"side": True}
BROKEN = {"side": True, "fault": "http", "status": 503, "sent": ()}


@pytest.mark.parametrize(
    ("calls", "excused"),
    [
        ([_call(0)], False),
        ([_call(0, **GUARD), _call(1)], False),
        ([_call(0, **GUARD)], False),
        ([_call(0, **BROKEN)], True),
        ([_call(0, **BROKEN), _call(1)], False),
    ],
)
def test_a_guard_that_fails_lets_nothing_through(calls: list[Call], *, excused: bool) -> None:
    """Only where the guard failed and nothing was asked after it, the server may well give no answer."""
    content = [{"type": "input_text", "text": f"Hello. (ref {NONCE})"}]
    message = {"content": content, "attachments": [], "inference_options": {}}
    reply = Reply(
        label="turn",
        request={"type": "threads.create", "params": {"input": message}},
        status=200,
        headers={"content-type": "text/event-stream"},
    )
    (turn,) = turns_in(Transcript(exchange="x", dialect="gemini-3", replies=(reply,), calls=tuple(calls)))
    assert turn.excused is excused
