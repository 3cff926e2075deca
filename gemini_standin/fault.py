"""What a fault needs said before it breaks, and the faults that send something else altogether.

fault_kinds.py tells which keys a kind takes; docs/stand-in-scripts.md tells what each key means.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any

from .arguments import arguments_text
from .asked_fault import Fault
from .errors import Failure, failure
from .fault_kinds import DEFAULTS, KINDS
from .step import Step, ToolCall
from .tool_choice import call_of, declared

BROKEN_TEXT = (
    "Here is the beginning of an answer that the stand-in was told to interrupt. "
    "It goes on for a few chunks so that there is something to lose, and what comes after is the fault."
)
"""What is said around a fault where the script gives no text."""

MARK = "(so much of it that no one would read it)"
"""Stands for the many characters of a huge event until they are written."""

UNKNOWN_TOOL = "tool_that_nobody_declared"

HTML_502 = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 502 (Server Error)!!1</title>
  <p><b>502.</b> <ins>That\u2019s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.
</html>
"""

GARBAGE = "upstream connect error or disconnect/reset before headers. reset reason: overflow\n\x00\x01\x02{{{"

TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"
"""A fatal alert of TLS 1.2, handshake_failure (RFC 5246, section 7.2)."""

WORDLESS = frozenset({"empty", "length", "filtered", "malformed-call"})
"""The kinds that end an answer; before its first token they say no text at all."""

SPOKEN = frozenset(
    name for name, kind in KINDS.items() if "text" in kind.keys | kind.own or kind.at == ("before-first-token",)
) - {"empty", "empty-body", "garbage", "filtered", "length", "malformed-call"}
"""The kinds that say a text before or around the fault."""

CALLING = frozenset({"bad-json-arguments", "endless-tools"})
"""The kinds that need a call, wherever they happen."""

HUGE = frozenset({"huge-chunk", "gzip-bomb"})


def over(fault: Fault, attempt: int, opened: bool) -> bool:
    """Whether the fault has passed: it was met `times` times, or the gate of `until` is open.

    Args:
        attempt: how often this place in the conversation was asked before. opened: whether that gate is open.
    """
    times = fault.keys.get("times")
    return (times is not None and attempt >= times) or ("until" in fault.keys and opened)


def prepare(step: Step, body: Mapping[str, Any]) -> Step:
    """The step with what its fault needs said: a text to break off, a call with arguments to spoil."""
    fault = step.fault
    if fault is None:
        return step
    step = _with_call(_with_text(step, fault), fault, body)
    if fault.kind == "thought-leak":
        thought = fault.keys.get("thought", "The user wants an answer, so I answer.")
        text = f"<thought>{thought}</thought>{step.said}"
        # As it was recorded: the tag in two chunks, neither with a flag.
        return replace(step, text=text, chunks=("<", "thought>", thought, f"</thought>{step.said}"))
    if fault.kind == "bad-json-arguments":
        return replace(step, calls=_spoilt(step, fault))
    if fault.kind == "length" and not step.finish:
        step = replace(step, finish=("length",))
        return step if step.usage else replace(step, usage={"thinking_tokens": 108})
    if fault.kind in HUGE:
        return _huge(step, fault)
    if fault.kind == "repeated-ids":
        again = _earlier_call(body)
        return replace(step, calls=tuple(replace(call, id=again) for call in step.calls))
    return step


def starved(step: Step, body: Mapping[str, Any], thinking: int) -> Step:
    """The step as a thinking model gives it where the request's cap is too low for a word: empty, 200, `length`.

    Args:
        thinking: tokens that it thinks before it says anything, and that the cap counts.
    """
    caps = [body.get(key) for key in ("max_tokens", "max_completion_tokens")]
    cap = next((value for value in caps if isinstance(value, int) and not isinstance(value, bool)), None)
    if cap is None or cap > thinking or body.get("reasoning_effort") == "none" or step.fault or step.finish:
        return step
    usage = step.usage or {"thinking_tokens": max(cap, 0)}
    return replace(step, text="", chunks=(), thought="", calls=(), finish=("length",), usage=usage)


def _with_text(step: Step, fault: Fault) -> Step:
    at = fault.keys.get("at")
    if fault.kind in WORDLESS and at == "before-first-token":
        return replace(step, text="", chunks=())
    if fault.kind != "garbage" and "text" in fault.keys:
        return replace(step, text=fault.keys["text"], chunks=())
    needed = at == "mid-text" or (fault.kind in SPOKEN and not step.calls and at != "mid-call")
    return replace(step, text=BROKEN_TEXT) if needed and not step.said else step


def _with_call(step: Step, fault: Fault, body: Mapping[str, Any]) -> Step:
    given = fault.keys.get("arguments")
    if fault.kind == "unknown-tool":
        arguments = "{}" if given is None else arguments_text(given)
        return replace(step, calls=(ToolCall(name=fault.keys.get("name", UNKNOWN_TOOL), arguments=arguments),))
    if (fault.keys.get("at") == "mid-call" or fault.kind in CALLING) and not step.calls:
        there = declared(body)
        call = call_of(there[0]) if there else ToolCall(name="no_tool_declared", arguments='{"title":"Buy milk"}')
        step = replace(step, calls=(call,))
    if fault.keys.get("inside") == "letter" and step.calls:
        first = step.calls[0]
        if first.arguments.isascii():
            first = replace(first, arguments=_also(first.arguments, "note", "é – 🌿"))
        step = replace(step, calls=(first, *step.calls[1:]))
    return step


def _also(arguments: str, key: str, value: str) -> str:
    """The arguments with one more."""
    try:
        there = json.loads(arguments)
    except ValueError:
        there = {}
    return arguments_text({**(there if isinstance(there, dict) else {}), key: value})


def _huge(step: Step, fault: Fault) -> Step:
    """The step with the mark in its first call, or as a chunk of its text."""
    if fault.keys.get("at") == "mid-call" or (step.calls and not step.said):
        first = replace(step.calls[0], arguments=_also(step.calls[0].arguments, "note", MARK))
        return replace(step, calls=(first, *step.calls[1:]))
    return replace(step, text="", chunks=(step.said + " ", MARK, " That was all."))


def _earlier_call(body: Mapping[str, Any]) -> str:
    """The id of the request's newest call, or one that is always the same."""
    said = body.get("messages")
    for message in reversed(said if isinstance(said, list) else []):
        calls = message.get("tool_calls") if isinstance(message, dict) else None
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, dict) and isinstance(call.get("id"), str):
                return str(call["id"])
    return "repeated"


def _spoilt(step: Step, fault: Fault) -> tuple[ToolCall, ...]:
    """The step's calls with their last brace lost, or the first of them with the arguments that the fault gives."""
    first = step.calls[0]
    name = fault.keys.get("name", first.name)
    if "arguments" in fault.keys:
        return (ToolCall(name=name, arguments=arguments_text(fault.keys["arguments"])),)
    return tuple(replace(call, arguments=call.arguments[:-1]) for call in (replace(first, name=name), *step.calls[1:]))


MALFORMED = "function_call_filter: MALFORMED_FUNCTION_CALL"


def filter_reason(keys: Mapping[str, Any]) -> str:
    """The finish reason of a blocked answer."""
    return f"content_filter: {keys.get('reason', 'PROHIBITED_CONTENT')}"


def asked(keys: Mapping[str, Any], model: str) -> Failure:
    """The failure that a fault's status and body ask for; 503 where they say nothing."""
    body = keys.get("body")
    name = body if isinstance(body, str) else None
    found = failure(name, keys.get("status", 503), model, keys.get("retry_delay"))
    return (
        replace(found, code=keys["status"], status="")
        if name and keys.get("status", found.code) != found.code
        else found
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole HTTP answer; `headers` are those besides the common ones."""

    status: int
    content_type: str
    body: str | bytes
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> bytes:
        """The body as it is sent."""
        return self.body if isinstance(self.body, bytes) else self.body.encode()


def page(fault: Fault | None, model: str, streaming: bool) -> Page | None:
    """The whole answer that this fault sends instead, or None where it breaks an answer or there is no fault."""
    if fault is None:
        return None
    keys = fault.keys
    kind = "text/event-stream" if streaming else "application/json"
    if fault.kind == "http":
        return _error(keys, model)
    if fault.kind == "html":
        return Page(status=keys.get("status", 502), content_type="text/html; charset=UTF-8", body=HTML_502)
    if fault.kind == "garbage":
        return Page(status=200, content_type=kind, body=keys.get("text", GARBAGE))
    if fault.kind == "empty-body":
        return Page(status=200, content_type=kind, body="")
    if fault.kind in ("error-event", "error-event-list", "bare-error") and not streaming:
        return Page(status=asked(keys, model).code, content_type="application/json", body=asked(keys, model).body())
    return None


def _error(keys: Mapping[str, Any], model: str) -> Page:
    found = asked(keys, model)
    body = keys.get("body", "")
    text = found.body() if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False)
    more: list[tuple[str, str]] = []
    if "retry_after_s" in keys:
        more.append(("retry-after", f"{keys['retry_after_s']:g}"))
    if "retry_after_date_s" in keys:
        more.append(("retry-after", formatdate(time.time() + keys["retry_after_date_s"], usegmt=True)))
    return Page(
        status=keys.get("status", found.code),
        content_type=keys.get("content_type", "application/json"),
        body=text,
        headers=tuple(more),
    )


def patience(keys: Mapping[str, Any]) -> float:
    """Seconds that a fault's wait lasts at most."""
    return float(keys.get("max_s", DEFAULTS["max_s"]))
