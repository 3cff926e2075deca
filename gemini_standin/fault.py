"""An answer as acts on the wire, and the faults as what they do to those acts.

Kinds, with their own keys (`after` counts chunks, 1 where not given; `text` is what is said before it breaks):
    http              status (503), body (a name of errors.FAILURES or "quota", an object, null: none), retry_delay "1s"
    cut               after, text: the connection ends without the transfer's end
    stall             after, text, max_s (30), gate: nothing more until the peer leaves, then cut
    no-answer         the connection closes before any byte of an answer
    no-done           text: whole answer, no [DONE]
    error-event       after, text, status, body: `data: {"error": ...}` and the end; error-event-list: `data: [...]`
    bare-error        the same, as bare pretty-printed JSON between events
    empty             a role and "stop", no token; empty-choices: a chunk whose choices are []
    malformed-call    finish_reason "function_call_filter: MALFORMED_FUNCTION_CALL"
    filtered          finish_reason "content_filter: PROHIBITED_CONTENT" (reason: another, such as OTHER)
    length            thinking ate the tokens: text, if any, then finish_reason "length"
    thought-leak      the thought is in the answer's text, unflagged
    bad-json-arguments  a call whose arguments are no JSON (those of the step's calls, or name and arguments)
    garbage           200 and no event stream; html: a front end's page, status 502
    slow-headers      max_s (30), gate: not even headers until then; then the answer
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .arguments import arguments_text
from .asked_fault import Fault
from .chunk import Chunk
from .errors import Failure, failure
from .step import Hold, Step, ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Send a chunk, or raw text, `due` seconds after the answer's beginning (and after all holds)."""

    chunk: Chunk | None = None
    raw: str = ""
    due: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Close the connection without ending the transfer."""


Act = Say | Hold | Drop

BROKEN_TEXT = (
    "Here is the beginning of an answer that the stand-in was told to break. "
    "It goes on for a few chunks so that there is something to lose, and what comes after is the fault."
)
"""What is said around a fault where the script gives no text."""

DONE = "data: [DONE]\n\n"

HTML_502 = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 502 (Server Error)!!1</title>
  <p><b>502.</b> <ins>That\u2019s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.
</html>
"""

GARBAGE = "upstream connect error or disconnect/reset before headers. reset reason: overflow\n\x00\x01\x02{{{"


def prepare(step: Step, tools: Sequence[str]) -> Step:
    """The step with what its fault needs said: a text to break off, a call with arguments to spoil.

    Args:
        tools: names of the tools that the request declares.
    """
    fault = step.fault
    if fault is None:
        return step
    if not step.said:
        unsaid = BROKEN_TEXT if fault.kind in SPOKEN and not step.calls else ""
        step = replace(step, text=fault.keys.get("text", unsaid))
    if fault.kind == "thought-leak":
        thought = fault.keys.get("thought", "The user wants an answer, so I answer.")
        return replace(step, text=f"<thought>{thought}</thought>{step.said}", chunks=())
    if fault.kind == "bad-json-arguments":
        return replace(step, calls=_spoilt(step, fault, tools))
    if fault.kind == "length" and not step.finish:
        step = replace(step, finish=("length",))
        return step if step.usage else replace(step, usage={"thinking_tokens": 108})
    return step


SPOKEN = frozenset(
    {
        "cut",
        "stall",
        "no-done",
        "error-event",
        "error-event-list",
        "bare-error",
        "empty-choices",
        "thought-leak",
        "slow-headers",
    }
)
"""The kinds that say a text before or around the fault."""


def _spoilt(step: Step, fault: Fault, tools: Sequence[str]) -> tuple[ToolCall, ...]:
    if step.calls and "arguments" not in fault.keys:
        return tuple(replace(call, arguments=call.arguments[:-1]) for call in step.calls)
    name = fault.keys.get("name") or (step.calls[0].name if step.calls else next(iter(tools), "no_tool_declared"))
    given = fault.keys.get("arguments", '{"title": "Buy mi')
    return (ToolCall(name=name, arguments=arguments_text(given)),)


def acts(step: Step, chunks: Sequence[Chunk], due: Sequence[float], model: str) -> tuple[Act, ...]:
    """The streamed answer as acts: its chunks at their times, its hold, its fault, and its end."""
    says: list[Act] = [Say(chunk=chunk, due=at) for chunk, at in zip(chunks, due, strict=True)]
    end: list[Act] = [Say(raw=DONE, due=due[-1] if due else 0.0)]
    if step.fault and step.fault.kind in _STREAMED:
        says, end = _STREAMED[step.fault.kind](says, step.fault.keys, model)
    if step.hold:
        says.insert(min(step.hold.after, len(says)), step.hold)
    return (*says, *end)


_Broken = tuple[list[Act], list[Act]]
_Streamed = Callable[[list[Act], Mapping[str, Any], str], _Broken]


def _cut(says: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return says[: keys.get("after", 1)], [Drop()]


def _stall(says: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return says[: keys.get("after", 1)], [Hold(gate=keys.get("gate", ""), max_s=keys.get("max_s", 30.0)), Drop()]


def _no_done(says: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return says, []


def _event(wrap: Callable[[dict[str, Any]], str]) -> _Streamed:
    def broken(says: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
        kept = says[: keys.get("after", 1)]
        last = kept[-1].due if kept and isinstance(kept[-1], Say) else 0.0
        return kept, [Say(raw=wrap(asked(keys, model).error()), due=last)]

    return broken


def _empty(says: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return [Say(chunk=Chunk(finish="stop"))], [Say(raw=DONE)]


def _empty_choices(says: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return [Say(chunk=Chunk(choices=False))], [Say(raw=DONE)]


def _malformed(says: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return _ending(_spoken(says), MALFORMED, 14)


def _filtered(says: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    spoken = _spoken(says)
    return _ending(spoken[: keys.get("after", len(spoken))], filter_reason(keys), 0)


def _spoken(says: list[Act]) -> list[Act]:
    return [say for say in says if isinstance(say, Say) and say.chunk and say.chunk.text]


def _ending(says: list[Act], finish: str, tokens: int) -> _Broken:
    kept: list[Act] = [
        replace(say, chunk=replace(say.chunk, finish=None)) if isinstance(say, Say) and say.chunk else say
        for say in says
    ]
    return [*kept, Say(chunk=Chunk(finish=finish, tokens=tokens))], [Say(raw=DONE)]


MALFORMED = "function_call_filter: MALFORMED_FUNCTION_CALL"


def filter_reason(keys: Mapping[str, Any]) -> str:
    """The finish reason of a blocked answer."""
    return f"content_filter: {keys.get('reason', 'PROHIBITED_CONTENT')}"


def asked(keys: Mapping[str, Any], model: str) -> Failure:
    """The failure that a fault's status and body ask for; 503 where they say nothing."""
    body = keys.get("body")
    name = body if isinstance(body, str) else None
    found = failure(name, keys.get("status", 503), model, keys.get("retry_delay"))
    return replace(found, code=keys["status"], status="") if name and "status" in keys else found


_STREAMED: Mapping[str, _Streamed] = {
    "cut": _cut,
    "stall": _stall,
    "no-done": _no_done,
    "error-event": _event(lambda e: f"data: {json.dumps(e, separators=(',', ':'))}\n\n"),
    "error-event-list": _event(lambda e: f"data: {json.dumps([e], separators=(',', ':'))}\n\n"),
    "bare-error": _event(lambda e: json.dumps(e, indent=2) + "\n"),
    "empty": _empty,
    "empty-choices": _empty_choices,
    "malformed-call": _malformed,
    "filtered": _filtered,
}


def choices(fault: Fault | None) -> list[dict[str, Any]] | None:
    """The `choices` of an answer that is not streamed, for the faults that only change those; else None."""
    empty: dict[str, Any] = {"index": 0, "message": {"role": "assistant"}}
    if fault is None:
        return None
    if fault.kind == "empty":
        return [empty]
    if fault.kind == "empty-choices":
        return []
    if fault.kind == "malformed-call":
        message = {"role": "assistant", "extra_content": {"google": {}}}
        return [{"finish_reason": MALFORMED, "index": 0, "message": message}]
    if fault.kind == "filtered":
        return [{"finish_reason": filter_reason(fault.keys), "index": 0}]
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole HTTP answer: what `http`, `html` and `garbage` send instead of an answer."""

    status: int
    content_type: str
    body: str


def page(fault: Fault | None, model: str, streaming: bool) -> Page | None:
    """The whole answer that this fault sends instead, or None where it breaks an answer or there is no fault."""
    if fault is None:
        return None
    keys = fault.keys
    if fault.kind == "http":
        found = asked(keys, model)
        body = keys.get("body", "")
        text = found.body() if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False)
        status = keys.get("status", found.code)
        return Page(status=status, content_type=keys.get("content_type", "application/json"), body=text)
    if fault.kind == "html":
        return Page(status=keys.get("status", 502), content_type="text/html; charset=UTF-8", body=HTML_502)
    if fault.kind == "garbage":
        kind = "text/event-stream" if streaming else "application/json"
        return Page(status=200, content_type=kind, body=keys.get("text", GARBAGE))
    if fault.kind in ("error-event", "error-event-list", "bare-error") and not streaming:
        return Page(status=asked(keys, model).code, content_type="application/json", body=asked(keys, model).body())
    return None
