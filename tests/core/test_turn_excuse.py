"""A turn is excused where a guard had nothing of the model, before the agent that answers or beside it."""

from __future__ import annotations

from typing import Any

import pytest

from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Call, Reply, Sent, Transcript

NONCE = "zq0123456789"
WHOLE = '{"choices": [{"delta": {"content": "Yes.", "role": "assistant"}, "finish_reason": "stop", "index": 0}]}'


def _call(n: int, orders: str = "You help.", **more: Any) -> Call:
    said = [{"role": "system", "content": orders}, {"role": "user", "content": f"Hello. (ref {NONCE})"}]
    made = {"sent": (Sent(at=1.0, data=WHOLE), Sent(at=1.0, data="[DONE]")), "status": 200, **more}
    times = {"at": 1.0, "finished_at": 2.0, **made}
    return Call(n=n, nonce=NONCE, body={"model": "gemini-3.8-flash", "messages": said}, **times)


def _turn(*calls: Call) -> Turn:
    content = [{"type": "input_text", "text": f"Hello. (ref {NONCE})"}]
    message = {"content": content, "attachments": [], "inference_options": {}}
    reply = Reply(
        label="turn",
        request={"type": "threads.create", "params": {"input": message}},
        status=200,
        headers={"content-type": "text/event-stream"},
    )
    (turn,) = turns_in(Transcript(exchange="x", dialect="gemini-3", replies=(reply,), calls=calls))
    return turn


FAILED: dict[str, Any] = {"fault": "http", "status": 503, "sent": ()}
GUARD: dict[str, Any] = {"orders": "Judge the message.", "side": True}
IN_WORDS: dict[str, Any] = {"orders": "Is it safe? One word."}
TITLE: dict[str, Any] = {"orders": "Write a title.", "side": True, "title": True}


@pytest.mark.parametrize(
    ("calls", "excused"),
    [
        ([_call(0)], False),
        ([_call(0, **GUARD), _call(1)], False),
        ([_call(0, **GUARD)], False),
        ([_call(0, **GUARD, **FAILED)], True),
        ([_call(0, **GUARD, **FAILED), _call(1)], True),
        ([_call(0), _call(1, **GUARD, **FAILED)], True),
        ([_call(0, **GUARD, **FAILED), _call(1, **GUARD), _call(2)], False),
        ([_call(0, **TITLE, **FAILED), _call(1)], False),
        ([_call(0, **IN_WORDS, **FAILED), _call(1)], True),
    ],
)
def test_a_guard_that_fails_lets_nothing_through(calls: list[Call], *, excused: bool) -> None:
    """Where a guard failed in the end, the server may well give no answer; where a title did, it has to."""
    assert _turn(*calls).excused is excused


def test_a_guard_that_fails_beside_a_whole_answer_breaks_no_turn() -> None:
    """Nothing need be told of a guard in words that failed beside the answer: a server may let the message pass."""
    turn = _turn(_call(0), _call(1, **IN_WORDS, **FAILED))
    assert turn.broken == ""
    assert turn.last[0].n == 0


def test_who_steps_in_for_a_model_that_failed_answers_the_turn() -> None:
    """A request that another agent makes once the first has failed is the turn's own, and ends it well."""
    turn = _turn(_call(0, **FAILED), _call(1, "You help, briefly.", at=2.0, finished_at=3.0))
    assert turn.broken == ""
    assert turn.last[0].n == 1
