"""What Gemini's own API answered, as the chat completion that says the same: said.py the other way round."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..nesting import read_json
from .said import FINISH, USAGE, arguments_text

JSON = Any

_REASONS = {theirs: ours for ours, theirs in FINISH.items() if ours != "tool_calls"}


def heard(text: str) -> str:
    """A GenerateContentResponse, or an event that holds one, as the text of a chat completion's; else as it is."""
    try:
        value = read_json(text)
    except ValueError:
        return text
    if not isinstance(value, dict) or "candidates" not in value:
        return text
    return json.dumps(completion(value))


def completion(value: Mapping[str, JSON]) -> dict[str, JSON]:
    """The chat completion. What is said stands in `delta`, for whoever reads it takes that or `message`."""
    made: dict[str, JSON] = {
        "choices": [_choice(one, n) for n, one in enumerate(value.get("candidates") or ()) if isinstance(one, dict)],
        "model": value.get("modelVersion", ""),
        "id": value.get("responseId", ""),
    }
    if isinstance(usage := value.get("usageMetadata"), dict):
        made["usage"] = {ours: usage[theirs] for ours, theirs in USAGE.items() if theirs in usage}
    return made


def _choice(candidate: Mapping[str, JSON], n: int) -> dict[str, JSON]:
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    made: dict[str, JSON] = {"index": candidate.get("index", n), "delta": _delta(parts)}
    if isinstance(reason := candidate.get("finishReason"), str):
        made["finish_reason"] = _REASONS.get(reason, f"content_filter: {reason}")
    return made


def _delta(parts: JSON) -> dict[str, JSON]:
    rows = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    made: dict[str, JSON] = {"role": "assistant"}
    texts = [str(part["text"]) for part in rows if isinstance(part.get("text"), str)]
    if texts:
        made["content"] = "".join(texts)
    if texts and all(part.get("thought") is True for part in rows if "text" in part):
        made["extra_content"] = {"google": {"thought": True}}
    elif any(part.get("thought") is True for part in rows):
        made["content"] = "".join(str(part["text"]) for part in rows if "text" in part and not part.get("thought"))
    if calls := list(_calls(rows)):
        made["tool_calls"] = calls
    return made


def _calls(rows: list[dict[str, JSON]]) -> Iterator[dict[str, JSON]]:
    for n, part in enumerate(rows):
        if isinstance(call := part.get("functionCall"), dict):
            signature = part.get("thoughtSignature")
            signed = {"extra_content": {"google": {"thought_signature": signature}}} if signature else {}
            function = {"name": call.get("name", ""), "arguments": arguments_text(call.get("args"))}
            yield {"index": n, "id": call.get("id") or "", "type": "function", "function": function, **signed}
