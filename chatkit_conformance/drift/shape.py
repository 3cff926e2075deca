"""One answer as facts about its shape: pure functions from bytes to `{fact: value}`, every value a short text.

A fact is only there where the answer can show it: an answer without tool calls says nothing of calls. What each fact
means, and what of ours hangs on it, is in facts.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .inside import inside, roles

Facts = dict[str, str]

ID_STYLES = (
    ("empty", re.compile(r"")),
    ("call-digits", re.compile(r"call_\d{5,8}")),
    ("function-call-digits", re.compile(r"function-call-\d{15,22}")),
    ("function-call-uuid", re.compile(r"function-call-[0-9a-f]{8}-[0-9a-f-]{27}")),
    ("alnum8", re.compile(r"[0-9A-Za-z]{8}")),
)
"""How a tool call's id looks; the first that fits whole."""

REPLY_ID = re.compile(r"[0-9A-Za-z_-]{20,28}")
"""A reply's id: base64url, without a prefix."""

KINDS = ("stream", "answer", "error", "models")
"""What an answer can be; the first part of each of its facts."""


def shape_of(text: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Facts:
    """The facts that an answer shows.

    Args:
        text: its body. headers: names in lower case; {} where they are not known.
    """
    made: Facts = {}
    value = _json(text)
    if _STREAM.match(text):
        made |= _stream(text)
        kind = "stream"
    elif _error_in(value) is not None:
        made |= _error(value, status)
        kind = "error"
    elif isinstance(value, dict) and value.get("object") == "list":
        made |= _models(value)
        kind = "models"
    elif isinstance(value, dict) and "choices" in value:
        made |= _whole(value)
        kind = "answer"
    else:
        return {"body.readable": "no"}
    return made | {f"{kind}.{name}": found for name, found in _headers(headers or {})}


_STREAM = re.compile(r"\s*(data|event|id|retry)?:")
"""How an event stream begins."""

_OPENER = {"role", "content"}
"""What OpenAI's first chunk has, which says nothing yet."""


def _stream(text: str) -> Facts:
    lines = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    datas = [_data_of(line) for line in lines]
    objects = [c for c in map(_json, datas) if isinstance(c, dict)]
    chunks = [c for c in objects if "error" not in c]
    made: Facts = {
        "stream.framing": _framing(text, lines),
        "stream.ends-with-done": _yes(datas[-1:] == ["[DONE]"]),
    }
    strays = [data for data in datas if not isinstance(_json(data), dict) and data != "[DONE]"]
    if strays:
        made["stream.stray-text"] = strays[0][:40]
    made |= _inside("stream", objects)
    if not chunks:
        return made
    made["stream.keys"] = _several(_keys(chunk) for chunk in chunks)
    made["stream.keys-sorted"] = _yes(all(_sorted(chunk) for chunk in chunks))
    made["stream.nulls"] = _yes(any(_nulls(chunk) for chunk in chunks))
    made["stream.reply-id"] = _several(_reply_id(chunk) for chunk in chunks)
    made["stream.object"] = _several(str(chunk.get("object")) for chunk in chunks)
    with_usage = [n for n, chunk in enumerate(chunks) if "usage" in chunk]
    if with_usage:
        made["stream.usage-on"] = "every chunk" if len(with_usage) == len(chunks) else "some chunks"
        made["stream.usage-keys"] = _several(_keys(chunks[n]["usage"]) for n in with_usage)
    made["stream.usage-chunk-without-choices"] = _yes(any(c.get("choices") == [] and "usage" in c for c in chunks))
    return made | _choices(chunks)


def _choices(chunks: list[dict[str, Any]]) -> Facts:
    choices = [c["choices"][0] for c in chunks if isinstance(c.get("choices"), list) and c["choices"]]
    deltas = [c.get("delta") or {} for c in choices]
    made: Facts = {}
    if not choices:
        return made
    every = [choice for c in chunks if isinstance(c.get("choices"), list) for choice in c["choices"]]
    made["stream.choices"] = _several(str(len(c["choices"])) for c in chunks if c.get("choices"))
    if given := _several(str(c["finish_reason"]) for c in every if "finish_reason" in c):
        made["stream.reasons"] = given
    made["stream.role-on"] = "every delta" if all("role" in d for d in deltas) else "some deltas"
    made["stream.opens-empty"] = _yes(len(deltas) > 1 and not deltas[0].get("content") and set(deltas[0]) <= _OPENER)
    made["stream.index"] = _several(str(c.get("index", "absent")) for c in choices)
    reasons = [(n, c["finish_reason"]) for n, c in enumerate(choices) if c.get("finish_reason") is not None]
    calling = [n for n, d in enumerate(deltas) if d.get("tool_calls")]
    last = reasons[-1] if reasons else None
    if last and not calling:
        made["stream.finish"] = last[1]
        made["stream.finish-on"] = (
            "a chunk with content" if deltas[last[0]].get("content") else "a chunk without content"
        )
    if calling:
        made |= _calls([d["tool_calls"] for d in deltas if d.get("tool_calls")])
        on_calls = [reason for n, reason in reasons if n in calling]
        made["stream.call-finish"] = (
            f"{on_calls[0]} on the call" if on_calls else (f"{last[1]} on a chunk of its own" if last else "none")
        )
    if any("extra_content" in d and not d.get("tool_calls") for d in deltas):
        made["stream.text-signature"] = "in extra_content"
    return made


def _calls(groups: list[list[dict[str, Any]]]) -> Facts:
    calls = [call for group in groups for call in group]
    made: Facts = {
        "call.keys": _several(_keys({k: v for k, v in c.items() if k != "extra_content"}) for c in calls),
        "call.index": "present" if any("index" in c for c in calls) else "absent",
        "call.id": _several(_id_style(str(c.get("id", ""))) for c in calls),
        "call.arguments": _several(_arguments(c) for c in calls),
        "call.signature": "on the first" if "extra_content" in calls[0] else "none",
    }
    if len(calls) > 1:
        made["call.layout"] = (
            "one delta" if len(groups) == 1 else "a delta each" if len(groups) == len(calls) else "mixed"
        )
        if any("extra_content" in c for c in calls[1:]):
            made["call.signature"] = "on several"
    return made


def _whole(value: Mapping[str, Any]) -> Facts:
    choices = value.get("choices") or [{}]
    choice = choices[0] if isinstance(choices[0], dict) else {}
    message = choice.get("message") or {}
    calls = message.get("tool_calls") or []
    made: Facts = {
        "answer.keys": _keys(value),
        "answer.nulls": _yes(_nulls(value)),
        "answer.reply-id": _reply_id(value),
        "answer.finish": str(choice.get("finish_reason", "absent")),
        "answer.message": "present" if "message" in choice else "absent",
        "answer.choices": str(len(choices)),
        **_inside("answer", [value]),
    }
    if isinstance(value.get("usage"), dict):
        made["answer.usage-keys"] = _keys(value["usage"])
    if calls:
        made |= _calls([calls])
        made.pop("call.layout", None)
        made["answer.content-beside-calls"] = "present" if "content" in message else "absent"
    return made


def _error(value: Any, status: int) -> Facts:
    error = _error_in(value) or {}
    kinds = [str(d.get("@type", "")).rpartition(".")[2] for d in error.get("details", ()) if isinstance(d, dict)]
    made: Facts = {
        "error.wrapping": "a list of one" if isinstance(value, list) else "bare",
        "error.keys": _keys(error),
        "error.code-is-status": _yes(error.get("code") == status),
        **_inside("error", [value]),
    }
    if error.get("code") == 429 and kinds:
        made["error.wait-in"] = "RetryInfo" if "RetryInfo" in kinds else "nowhere"
    return made


def _models(value: Mapping[str, Any]) -> Facts:
    rows = [row for row in value.get("data", ()) if isinstance(row, dict)]
    return {
        "models.keys": _several(_keys(row) for row in rows),
        "models.id-prefix": _yes(all(str(row.get("id", "")).startswith("models/") for row in rows)),
        **_inside("models", [value]),
    }


def _inside(kind: str, values: list[Any]) -> Facts:
    """What the objects of an answer hold, and the roles in it, where there are any."""
    found = _several(roles(values))
    return inside(kind, values) | ({f"{kind}.role": found} if found else {})


def _headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if "content-type" in headers:
        yield "content-type", headers["content-type"]
    if headers:
        yield "request-id", "present" if "x-request-id" in headers else "absent"
        yield "retry-after", "present" if "retry-after" in headers else "absent"
    if "server" in headers:
        yield "server", headers["server"]


def _error_in(value: Any) -> dict[str, Any] | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    error = value.get("error") if isinstance(value, dict) else None
    return error if isinstance(error, dict) else None


def _data_of(block: str) -> str:
    """An event's data; the block as it is where it has none."""
    datas = [line[5:].lstrip(" ") for line in block.split("\n") if line.startswith("data:")]
    return "\n".join(datas) if datas else block


def _framing(text: str, lines: Iterable[str]) -> str:
    if "\r\n" in text:
        return "CRLF"
    extra = sorted({found for line in lines for found in re.findall(r"^(event|id|retry|:)", line, re.MULTILINE)})
    return f"LF with {' '.join(extra)}" if extra else "LF, data lines alone"


def _keys(value: Mapping[str, Any]) -> str:
    return " ".join(value)


def _sorted(value: Any) -> bool:
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(_sorted, value.values()))
    return all(map(_sorted, value)) if isinstance(value, list) else True


def _nulls(value: Any) -> bool:
    if isinstance(value, dict):
        return any(v is None or _nulls(v) for v in value.values())
    return any(map(_nulls, value)) if isinstance(value, list) else False


def _reply_id(value: Mapping[str, Any]) -> str:
    found = value.get("id")
    if found is None:
        return "absent"
    return "base64url" if REPLY_ID.fullmatch(str(found)) else f"other, such as {str(found)[:12]}"


def _id_style(text: str) -> str:
    return next((name for name, pattern in ID_STYLES if pattern.fullmatch(text)), f"other, such as {text[:16]}")


def _arguments(call: Mapping[str, Any]) -> str:
    function = call.get("function")
    text = function.get("arguments") if isinstance(function, dict) else None
    value = _json(text) if isinstance(text, str) else None
    if not isinstance(value, dict):
        return "in pieces"
    return "whole, compact" if json.dumps(value, separators=(",", ":"), ensure_ascii=False) == text else "whole, spaced"


def _several(values: Iterable[str]) -> str:
    """All different values, in the order in which they first came."""
    return " | ".join(dict.fromkeys(values))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _yes(claim: bool) -> str:
    return "yes" if claim else "no"
