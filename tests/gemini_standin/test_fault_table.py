"""Every fault at every moment that the table allows, played on a socket and read byte for byte by a plain client."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from chatkit_conformance.moves.broken_turn import AFTERWARDS, WORDS, pairs, turn
from chatkit_conformance.moves.faults import FAULTS
from chatkit_conformance.moves.model_fault import ModelFault
from chatkit_conformance.moves.moments import MOMENTS, Moment
from gemini_standin.fault import GARBAGE, HTML_502, TLS_ALERT
from gemini_standin.shapes import DEEP
from tests.gemini_standin.plain_client import Answer, ask

CALL = {"name": "get_weather", "arguments": {"city": "Paris"}}
WIRE_CALL = {"arguments": '{"city":"Paris"}', "name": "get_weather"}
BRIEF: Mapping[str, dict[str, Any]] = {
    "stall": {"max_s": 0.05},
    "slow-headers": {"max_s": 0.05},
    "endless-text": {"max_s": 0.05},
    "gzip-bomb": {"size": 2_000_000},
}
"""Keys with which a fault that takes long takes none; one test each plays it as it is."""


def asked(standin: Any, nonce: str, rounds: int, **more: Any) -> dict[str, Any]:
    """The request of a turn after so many rounds of tools."""
    messages = standin.body(nonce)["messages"]
    for n in range(rounds):
        call = {
            "id": f"c{n}",
            "type": "function",
            "function": {"name": "get_weather", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": "c2ln"}},
        }
        messages += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{n}", "content": "18 degrees"},
        ]
    return dict(standin.body(nonce, messages=messages, **more))


def played(
    standin: Any, fault: ModelFault, moment: Moment, accept: str = "identity", **more: Any
) -> tuple[Answer, Any]:
    """What came of the request that the fault breaks, and its call in the journal."""
    short = replace(fault, keys={**fault.keys, **BRIEF.get(fault.kind, {})})
    nonce = standin.script(*turn(short, moment.name, CALL))
    answer = ask(standin.url, asked(standin, nonce, moment.round, **more))
    (call,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    return answer, call


Expect = Callable[[Answer, ModelFault, str], bool]
"""Whether this is what the fault sends at this place of an answer."""


def _cut(a: Answer, fault: ModelFault, at: str) -> bool:
    inside = fault.keys.get("inside", "")
    last = a.frames[-1] if a.frames else b""
    if inside == "frame":
        return a.torn and a.end == "closed"
    tidy = last.endswith(b"\n\n") or not a.frames
    if inside == "letter":
        return _not_utf8(a.body) and not a.ended
    return not a.torn and not a.ended and not a.done and a.end == "closed" and tidy == (inside == "")


def _not_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def _http(a: Answer, fault: ModelFault, at: str) -> bool:
    error = json.loads(a.body)[0]["error"]
    wait = a.headers.get("retry-after", "")
    return (
        a.status == fault.keys["status"] == error["code"]
        and a.headers["content-type"] == fault.keys.get("content_type", "application/json")
        and ("retry_after_s" in fault.keys) == wait.isdigit()
        and ("retry_after_date_s" in fault.keys) == (bool(wait) and not wait.isdigit())
        and (not wait or wait.isdigit() or parsedate_to_datetime(wait) is not None)
        and (fault.name != "429-digits" or error["details"][2]["retryDelay"] == "9" * 400 + "s")
        and (fault.name != "429-day" or error["message"].endswith("Please retry in 19h34m29.8s."))
        and (fault.name != "400-signature" or "missing a thought_signature" in error["message"])
        and (fault.name != "400-field" or 'Unknown name "store"' in error["message"])
    )


def _error(a: Answer, fault: ModelFault, at: str) -> bool:
    shape = {"error-event": b'data: {"error":{"code":503', "error-event-list": b'data: [{"error":{"code":503'}
    return shape.get(fault.kind, b'{\n  "error": {\n    "code": 503') in a.frames[-1] and a.ended and not a.done


def _finish(reason: str) -> Expect:
    def expect(a: Answer, fault: ModelFault, at: str) -> bool:
        spoken = at == "mid-text"
        return a.finishes == [reason] and a.done and bool(a.text) == spoken and WORDS.startswith(a.text)

    return expect


def _malformed(a: Answer, fault: ModelFault, at: str) -> bool:
    return WRONG[fault.keys["shape"]](a) and a.ended


def _arguments(a: Answer, fault: ModelFault, at: str) -> bool:
    arguments = a.calls[0]["function"]["arguments"]
    return arguments == fault.keys.get("arguments", '{"city":"Paris"') and a.done


def _length(a: Answer, fault: ModelFault, at: str) -> bool:
    told = int(a.headers["content-length"])
    # A client with a pool would else take the bytes that are left for the answer to somebody else's request.
    if a.headers["connection"] != "close":
        return False
    return a.end == "closed" and not a.chunked and len(a.payload) == told - fault.keys["by"] and a.done


EXPECT: Mapping[str, Expect] = {
    "http": _http,
    "html": lambda a, f, at: (a.status, a.body.decode()) == (f.keys.get("status", 502), HTML_502),
    "no-answer": lambda a, f, at: (a.raw, a.end) == (b"", "closed"),
    "tls-alert": lambda a, f, at: (a.raw, a.end) == (TLS_ALERT, "closed"),
    "slow-headers": lambda a, f, at: a.text == AFTERWARDS and a.done,
    "reset": lambda a, f, at: a.end == "reset" and not a.done and (at == "before-headers") == (a.status == 0),
    "stall": lambda a, f, at: a.end == "closed" and not a.done and (at == "before-headers") == (a.status == 0),
    "cut": _cut,
    "error-event": _error,
    "error-event-list": _error,
    "bare-error": _error,
    "broken-gzip": lambda a, f, at: b"no gzip" in a.payload and a.headers["content-encoding"] == "gzip" and not a.done,
    "empty-body": lambda a, f, at: (a.status, a.payload) == (200, b""),
    "garbage": lambda a, f, at: a.body.decode() == GARBAGE and a.headers["content-type"] == "text/event-stream",
    "json-as-stream": lambda a, f, at: (
        json.loads(a.body)["object"] == "chat.completion" and a.headers["content-type"] == "text/event-stream"
    ),
    "stream-as-json": lambda a, f, at: a.done and a.headers["content-type"] == "application/json",
    "wrong-length": _length,
    "empty": lambda a, f, at: a.done and not a.text and a.finishes == ["stop"],
    "empty-choices": lambda a, f, at: a.events[-1]["choices"] == [] and bool(a.text) == (at == "mid-text") and a.done,
    "filtered": _finish("content_filter: PROHIBITED_CONTENT"),
    "length": _finish("length"),
    "malformed-call": _finish("function_call_filter: MALFORMED_FUNCTION_CALL"),
    "malformed": _malformed,
    "endless-text": lambda a, f, at: a.end == "closed" and not a.done and a.text.count("And so on.") > 2,
    "thought-leak": lambda a, f, at: a.text.startswith("<thought>") and a.text.endswith(WORDS) and a.done,
    "no-done": lambda a, f, at: a.ended and not a.done and bool(a.finishes),
    "no-finish": lambda a, f, at: a.done and not a.finishes and bool(a.text or a.calls),
    "repeated-ids": lambda a, f, at: a.done and len({e["id"] for e in a.events}) == 1,
    "huge-chunk": lambda a, f, at: a.done and max(map(len, a.body.split(b"\n\n"))) > f.keys["size"],
    "gzip-bomb": lambda a, f, at: a.headers["content-encoding"] == "gzip" and len(a.payload) < 100_000,
    "bad-json-arguments": _arguments,
    "unknown-tool": lambda a, f, at: a.calls[0]["function"]["name"] == "tool_that_nobody_declared" and a.done,
    "endless-tools": lambda a, f, at: (
        a.calls[0]["function"] == {"arguments": '{"city":"Paris"}', "name": "get_weather"}
    ),
}
"""What a plain client sees of each kind."""


def _holds(key: str, kind: type) -> Callable[[Answer], bool]:
    return lambda a: any(isinstance(c.get("delta"), dict) and isinstance(c["delta"].get(key), kind) for c in a.choices)


def _call(test: Callable[[Any], bool]) -> Callable[[Answer], bool]:
    def found(a: Answer) -> bool:
        lists = [c["delta"]["tool_calls"] for c in a.choices if "tool_calls" in c["delta"]]
        return any(test(calls[0]) for calls in lists)

    return found


def _top(test: Callable[[Any], bool]) -> Callable[[Answer], bool]:
    return lambda a: any(test(event) for event in a.events)


WRONG: Mapping[str, Callable[[Answer], bool]] = {
    "content-list": _holds("content", list),
    "content-number": _holds("content", int),
    "content-object": _holds("content", dict),
    "finish-number": lambda a: a.finishes == [7] and a.done,
    "tool-calls-number": _holds("tool_calls", int),
    "tool-calls-object": _holds("tool_calls", dict),
    "arguments-object": _call(lambda call: isinstance(call["function"]["arguments"], dict)),
    "function-null": _call(lambda call: call["function"] is None),
    "name-missing": _call(lambda call: "name" not in call["function"]),
    "name-null": _call(lambda call: call["function"]["name"] is None),
    "call-id-number": _call(lambda call: call["id"] == 7),
    "call-null": _call(lambda call: call is None),
    "delta-null": lambda a: any(c["delta"] is None for c in a.choices),
    "delta-list": lambda a: any(c["delta"] == [] for c in a.choices),
    "choices-object": _top(lambda event: isinstance(event.get("choices"), dict)),
    "choices-null": _top(lambda event: event["choices"] is None),
    "choice-number": _top(lambda event: event["choices"] == [7]),
    "usage-text": _top(lambda event: event.get("usage") == "many"),
    "model-null": _top(lambda event: event["model"] is None),
    "chunk-null": lambda a: b"data: null\n\n" in a.body,
    "chunk-list": lambda a: b"data: []\n\n" in a.body,
    "chunk-number": lambda a: b"data: 7\n\n" in a.body,
    "not-json": lambda a: b'"chat.completion.chunk"\n\n' in a.body,
    "not-utf8": lambda a: b"\xff\xfe" in a.body,
    "deep": lambda a: b"data: " + b"[" * DEEP + b"]" * DEEP + b"\n\n" in a.body,
}
"""What a plain client sees of each wrong shape."""

PAIRS = pairs()


@pytest.mark.parametrize(("fault", "moment"), PAIRS, ids=[f"{f.name}-{m.name}" for f, m in PAIRS])
def test_each_fault_happens_at_each_of_its_moments(standin: Any, fault: ModelFault, moment: Moment) -> None:
    """What comes over the wire is the fault, where the moment says; the journal names it and when it set in."""
    answer, call = played(standin, fault, moment)
    at = moment.at or fault.within[0]
    assert EXPECT[fault.kind](answer, fault, at), (answer.status, answer.end, answer.raw[-600:])
    if fault.kind in BREAKS:
        assert placed(answer, fault, at), answer.raw[-600:]
    assert (call["fault"], call["position"]) == (fault.kind, moment.round)
    assert call["at"] <= call["fault_at"] <= call["finished_at"]


BREAKS = frozenset({"cut", "reset", "stall", "error-event", "error-event-list", "bare-error", "broken-gzip"})
"""The kinds that let an answer begin and end it."""


def placed(answer: Answer, fault: ModelFault, at: str) -> bool:
    """Whether as much of the answer came before the fault as its place says: nothing, some of the text, or the call."""
    if at == "mid-text":
        return 0 < len(answer.text) < len(WORDS) and WORDS.startswith(answer.text) and not answer.calls
    if at == "mid-call" and not fault.keys.get("inside"):
        return [call["function"] for call in answer.calls] == [WIRE_CALL] and not answer.finishes
    return not answer.text and not answer.calls


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_breaks_an_answer_that_is_not_streamed(standin: Any, name: str) -> None:
    """Asked without streaming, a server meets the fault too: what comes is no right answer."""
    fault = FAULTS[name]
    answer, call = played(standin, fault, MOMENTS[fault.within[-1]], stream=False)
    assert call["fault"] == fault.kind
    assert call["finished_at"] is not None
    assert answer.end != "open"
    assert right(answer) == (fault.kind in HARMLESS_WHOLE), answer.raw[-400:]


HARMLESS_WHOLE = frozenset(
    {"no-done", "stream-as-json", "slow-headers", "repeated-ids", "endless-tools", "no-finish", "json-as-stream"}
)
"""Kinds that only streams, or several answers, have a place for, or that leave the answer's JSON as it is."""


def right(answer: Answer) -> bool:
    """Whether it is a whole answer with the text or the call that the script has."""
    if answer.status != 200 or answer.end != "whole":
        return False
    try:
        value = json.loads(answer.body)
        choice = value["choices"][0]
        message = choice["message"]
        made = message.get("tool_calls", ())
        calls = [call["function"] for call in made]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return False
    if not all(isinstance(text, str) for text in (value["model"], *(call["id"] for call in made))):
        return False
    if not isinstance(value["usage"], dict):
        return False
    if choice.get("finish_reason", "stop") not in ("stop", "tool_calls") or set(choice) - {"finish_reason"} != WHOLE:
        return False
    return message.get("content") in (WORDS, AFTERWARDS) or calls == [
        {"arguments": '{"city":"Paris"}', "name": "get_weather"}
    ]


WHOLE = {"index", "message"}
