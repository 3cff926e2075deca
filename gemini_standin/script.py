"""A script: what the model says within one turn, validated when it is handed in so that a typing error never waits.

    {"profile": "gemini-3", "turn": [STEP, ...], "side": STEP}

The first step answers the user's message, the next one answers the first round of tool results, and so on. A step:

    text          the answer. Without `chunks` and `chunk_chars` its first chunk is small, as in recordings.
    chunks        the answer as the exact list of chunks
    chunk_chars   code points in each chunk (40)
    first_s       seconds before the first chunk; gap_s  seconds between chunks, on an absolute schedule
    hold          {"after": chunks, "gate": name, "max_s": seconds}: wait there, then go on
    wait_gate     name or {"gate", "max_s"}: nothing at all is sent before it opens
    calls         [{"name", "arguments": object or raw text, "id"?}], where a value "$last.id" is the id in the newest
                  tool result; layout  "one-delta" or "one-per-delta"
    thought       text sent as <thought>...</thought> before the answer, flagged as Gemini flags it
    finish        finish_reason of the last chunk instead of the dialect's; null leaves it out
    usage         {"prompt_tokens", "completion_tokens", "thinking_tokens", "cached_tokens"}, for our estimates
    fault         {"kind", ...}, see fault.py
    attempts      [STEP, ...]: the nth request for this step gets the nth, the last repeats
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .dialect import DIALECTS, Layout
from .errors import NAMES
from .nearest import hint
from .step import DEFAULT_WAIT_S, Fault, Hold, Script, Step, ToolCall

LONGEST_WAIT_S = 600.0
"""No wait lasts longer, whatever a script asks for, so that a forgotten gate cannot keep a connection for ever."""


class ScriptError(ValueError):
    """A script that cannot be played. The message names the key, the value and what was meant."""


FAULT_KEYS: Mapping[str, frozenset[str]] = {
    "http": frozenset({"status", "body", "retry_delay", "content_type"}),
    "cut": frozenset({"after", "text"}),
    "stall": frozenset({"after", "max_s", "gate", "text"}),
    "no-answer": frozenset(),
    "no-done": frozenset({"text"}),
    "error-event": frozenset({"after", "text", "status", "body"}),
    "error-event-list": frozenset({"after", "text", "status", "body"}),
    "bare-error": frozenset({"after", "text", "status", "body"}),
    "empty": frozenset(),
    "empty-choices": frozenset({"text"}),
    "malformed-call": frozenset({"text"}),
    "filtered": frozenset({"reason", "text", "after"}),
    "length": frozenset({"text"}),
    "thought-leak": frozenset({"text", "thought"}),
    "bad-json-arguments": frozenset({"name", "arguments"}),
    "garbage": frozenset({"text"}),
    "html": frozenset({"status"}),
    "slow-headers": frozenset({"max_s", "gate", "text"}),
}
"""Every kind of fault and the keys it takes besides `kind`."""

_FAULT_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "status": int,
    "after": int,
    "max_s": (int, float),
    "gate": str,
    "text": str,
    "thought": str,
    "reason": str,
    "name": str,
    "arguments": (str, dict),
    "retry_delay": str,
    "content_type": str,
    "body": (str, dict, list, type(None)),
}


def parse(value: Any) -> Script:
    """The script that this JSON value describes.

    Raises:
        ScriptError: a key is unknown or a value has the wrong type.
    """
    value = _object(value, "script", {"profile", "turn", "side"})
    profile = value.get("profile")
    if profile is not None and profile not in DIALECTS:
        raise ScriptError(
            f"script: no profile {profile!r}{hint(str(profile), DIALECTS)}; profiles: {', '.join(DIALECTS)}"
        )
    turn = _list(value.get("turn", []), "script: turn")
    if not turn and "side" not in value:
        raise ScriptError('script: "turn" is empty; give it at least one step, such as {"turn": [{"text": "Hello."}]}')
    return Script(
        profile=profile,
        turn=tuple(parse_step(step, f"step {n}") for n, step in enumerate(turn)),
        side=parse_step(value["side"], "side") if value.get("side") is not None else None,
    )


def parse_step(value: Any, where: str) -> Step:
    """The step that this JSON value describes; `where` names it in messages. Raises ScriptError."""
    value = _object(value, where, _READERS)
    made = {key: _READERS[key](item, f"{where}: {key}") for key, item in value.items()}
    if "attempts" in value and len(value) > 1:
        others = ", ".join(sorted(set(value) - {"attempts"}))
        raise ScriptError(f'{where}: "attempts" stands alone, put {others} into its steps')
    if made.get("chunks") and made.get("text") and "".join(made["chunks"]) != made["text"]:
        raise ScriptError(f'{where}: "chunks" and "text" differ; give one of them')
    return Step(**made)


def _object(value: Any, where: str, keys: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScriptError(f"{where}: {_short(value)} is not a JSON object")
    for key in value:
        if key not in keys:
            raise ScriptError(f'{where}: unknown key "{key}"{hint(key, keys)}; keys: {", ".join(sorted(keys))}')
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise ScriptError(f"{where}: {_short(value)} is not a list")
    return value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else text[:57] + "..."


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ScriptError(f"{where}: {_short(value)} is not text")
    return value


def _seconds(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_WAIT_S:
        raise ScriptError(f"{where}: {_short(value)} is not a number of seconds from 0 to {LONGEST_WAIT_S:g}")
    return float(value)


def _count(value: Any, where: str, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ScriptError(f"{where}: {_short(value)} is not a whole number of at least {least}")
    return value


def _optional_seconds(value: Any, where: str) -> float | None:
    return None if value is None else _seconds(value, where)


def _chunks(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_text(chunk, f"{where}[{n}]") for n, chunk in enumerate(_list(value, where)))


def _chunk_chars(value: Any, where: str) -> int | None:
    return None if value is None else _count(value, where, 1)


def _hold(value: Any, where: str) -> Hold:
    value = _object(value, where, {"after", "gate", "max_s"})
    return Hold(
        after=_count(value.get("after", 0), f"{where}.after"),
        gate=_text(value.get("gate", ""), f"{where}.gate"),
        max_s=_seconds(value.get("max_s", DEFAULT_WAIT_S), f"{where}.max_s"),
    )


def _wait_gate(value: Any, where: str) -> Hold | None:
    if value is None:
        return None
    return _hold({"gate": value} if isinstance(value, str) else value, where)


def _calls(value: Any, where: str) -> tuple[ToolCall, ...]:
    return tuple(_call(call, f"{where}[{n}]") for n, call in enumerate(_list(value, where)))


def _call(value: Any, where: str) -> ToolCall:
    value = _object(value, where, {"name", "arguments", "id"})
    if "name" not in value:
        raise ScriptError(f'{where}: a call needs a "name"')
    return ToolCall(
        name=_text(value["name"], f"{where}.name"),
        arguments=arguments_text(value.get("arguments", {}), f"{where}.arguments"),
        id=None if value.get("id") is None else _text(value["id"], f"{where}.id"),
    )


def arguments_text(value: Any, where: str) -> str:
    """A call's arguments as they go out: compact JSON in the script's own key order, or the raw text given."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise ScriptError(f"{where}: {_short(value)} is neither an object nor raw text")
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _layout(value: Any, where: str) -> Layout | None:
    if value not in (None, "one-delta", "one-per-delta"):
        raise ScriptError(f'{where}: {_short(value)} is neither "one-delta" nor "one-per-delta"')
    return value  # type: ignore[no-any-return]  # narrowed by the line above


def _finish(value: Any, where: str) -> tuple[str | None, ...]:
    return (None if value is None else _text(value, where),)


def _usage(value: Any, where: str) -> dict[str, int]:
    keys = {"prompt_tokens", "completion_tokens", "thinking_tokens", "cached_tokens"}
    return {key: _count(item, f"{where}.{key}") for key, item in _object(value, where, keys).items()}


def _attempts(value: Any, where: str) -> tuple[Step, ...]:
    steps = tuple(parse_step(step, f"{where}[{n}]") for n, step in enumerate(_list(value, where)))
    if not steps or any(step.attempts for step in steps):
        raise ScriptError(f"{where}: needs at least one step, and none of them with attempts of its own")
    return steps


def _fault(value: Any, where: str) -> Fault | None:
    if value is None:
        return None
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in FAULT_KEYS:
        raise ScriptError(f"{where}: no fault {kind!r}{hint(str(kind), FAULT_KEYS)}; kinds: {', '.join(FAULT_KEYS)}")
    value = _object(value, f"{where} {kind}", {"kind", *FAULT_KEYS[kind]})
    keys = {key: item for key, item in value.items() if key != "kind"}
    for key, item in keys.items():
        if not isinstance(item, _FAULT_TYPES[key]) or isinstance(item, bool):
            raise ScriptError(f"{where} {kind}: {key} is {_short(item)}, which it cannot be")
    _fault_values(keys, f"{where} {kind}")
    return Fault(kind=kind, keys=keys)


def _fault_values(keys: Mapping[str, Any], where: str) -> None:
    body = keys.get("body")
    if isinstance(body, str) and body not in NAMES:
        raise ScriptError(f"{where}: no error body {body!r}{hint(body, NAMES)}; bodies: {', '.join(NAMES)}")
    if "max_s" in keys:
        _seconds(keys["max_s"], f"{where}: max_s")
    if "after" in keys:
        _count(keys["after"], f"{where}: after")
    if not 200 <= keys.get("status", 500) <= 599:
        raise ScriptError(f"{where}: status {keys['status']} is not from 200 to 599")
    delay = keys.get("retry_delay", "1s")
    if not delay.endswith("s") or not delay[:-1].replace(".", "", 1).isdigit():
        raise ScriptError(f'{where}: retry_delay {delay!r} is not seconds such as "1s" or "41.7s"')


_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "text": _text,
    "chunks": _chunks,
    "chunk_chars": _chunk_chars,
    "first_s": _optional_seconds,
    "gap_s": _optional_seconds,
    "hold": _hold,
    "wait_gate": _wait_gate,
    "calls": _calls,
    "layout": _layout,
    "thought": _text,
    "finish": _finish,
    "usage": _usage,
    "fault": _fault,
    "attempts": _attempts,
}
