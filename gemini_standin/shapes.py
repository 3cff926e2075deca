"""Chunks and answers of a wrong shape: what each makes of the right one's JSON.

Gemini was seen to send none of these on purpose; proxies, gateways and its own bad days have sent most of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .compact import dumps

Value = dict[str, Any]
Wrong = Callable[[Value], str | bytes]
"""From a chunk (or an answer) to the text or bytes that are sent in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One wrong shape: what it is, in words; what it makes of a chunk; whether the answer ends with it."""

    does: str
    wrong: Wrong
    ends: bool = False


def spoken(value: Value) -> Value:
    """What the choice holds: a chunk's delta or an answer's message."""
    choice = value["choices"][0] if value["choices"] else {}
    found = choice.setdefault("message" if value["object"] == "chat.completion" else "delta", {})
    return found if isinstance(found, dict) else {}


def _of_key(key: str, made: Callable[[Any], Any]) -> Wrong:
    def wrong(value: Value) -> str:
        held = spoken(value)
        held[key] = made(held.get(key))
        return dumps(value)

    return wrong


def _call(made: Callable[[Value], Any]) -> Wrong:
    def wrong(value: Value) -> str:
        held = spoken(value)
        calls = held.get("tool_calls") or [
            {"function": {"arguments": "{}", "name": "none"}, "id": "c", "type": "function"}
        ]
        held["tool_calls"] = [made(calls[0]), *calls[1:]]
        return dumps(value)

    return wrong


def _choice(key: str, made: Any) -> Wrong:
    """Something of the choice is something else; "" is what it holds, its delta or its message."""

    def wrong(value: Value) -> str:
        held = "message" if value["object"] == "chat.completion" else "delta"
        value["choices"][0][key or held] = made
        return dumps(value)

    return wrong


def _top(key: str, made: Callable[[Any], Any]) -> Wrong:
    def wrong(value: Value) -> str:
        return dumps({**value, key: made(value.get(key))})

    return wrong


def _without(key: str) -> Callable[[Value], Value]:
    return lambda call: {**call, "function": {k: v for k, v in call["function"].items() if k != key}}


def _with(key: str, made: Any) -> Callable[[Value], Value]:
    return lambda call: {**call, "function": {**call["function"], key: made}}


DEEP = 100_000
"""Lists within lists. Parsers that call themselves give up at about a thousand."""

SHAPES: Mapping[str, Shape] = {
    "content-list": Shape(
        does="content is a list of parts", wrong=_of_key("content", lambda c: [{"type": "text", "text": c or "Fern"}])
    ),
    "content-number": Shape(does="content is a number", wrong=_of_key("content", lambda c: 7)),
    "content-object": Shape(does="content is an object", wrong=_of_key("content", lambda c: {"text": c or "Fern"})),
    "finish-number": Shape(does="finish_reason is a number", wrong=_choice("finish_reason", 7), ends=True),
    "tool-calls-number": Shape(does="tool_calls is a number", wrong=_of_key("tool_calls", lambda c: 7)),
    "tool-calls-object": Shape(
        does="tool_calls is an object", wrong=_of_key("tool_calls", lambda c: c[0] if c else {"id": "c"})
    ),
    "arguments-object": Shape(
        does="a call's arguments are an object", wrong=_call(_with("arguments", {"city": "Paris"}))
    ),
    "function-null": Shape(does="a call's function is null", wrong=_call(lambda call: {**call, "function": None})),
    "name-missing": Shape(does="a call has no name", wrong=_call(_without("name"))),
    "name-null": Shape(does="a call's name is null", wrong=_call(_with("name", None))),
    "call-id-number": Shape(does="a call's id is a number", wrong=_call(lambda call: {**call, "id": 7})),
    "call-null": Shape(does="tool_calls holds null", wrong=_call(lambda call: None)),
    "delta-null": Shape(does="delta is null", wrong=_choice("", None)),
    "delta-list": Shape(does="delta is a list", wrong=_choice("", [])),
    "choices-object": Shape(does="choices is an object", wrong=_top("choices", lambda c: c[0])),
    "choices-null": Shape(does="choices is null", wrong=_top("choices", lambda c: None)),
    "choice-number": Shape(does="choices holds a number", wrong=_top("choices", lambda c: [7])),
    "usage-text": Shape(does="usage is a text", wrong=_top("usage", lambda c: "many")),
    "model-null": Shape(does="model is null", wrong=_top("model", lambda c: None)),
    "chunk-null": Shape(does="the data is null", wrong=lambda value: "null"),
    "chunk-list": Shape(does="the data is a list", wrong=lambda value: "[]"),
    "chunk-number": Shape(does="the data is a number", wrong=lambda value: "7"),
    "not-json": Shape(does="the data is no JSON", wrong=lambda value: dumps(value)[:-1]),
    "not-utf8": Shape(does="the data is no UTF-8", wrong=lambda value: dumps(value).encode()[:-2] + b'\xff\xfe"}'),
    "deep": Shape(does="the data is 100,000 lists deep", wrong=lambda value: "[" * DEEP + "]" * DEEP),
}
"""Every wrong shape by its name."""
