"""What the stand-in says, as Gemini's own API writes it: GenerateContentResponse, and errors without their list.

Source: ai.google.dev/api/generate-content, GenerateContentResponse, Candidate, FinishReason, UsageMetadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

JSON = Any

FINISH = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
"""Finish reasons of a chat completion, and what Gemini's own API calls them."""

USAGE = {
    "prompt_tokens": "promptTokenCount",
    "completion_tokens": "candidatesTokenCount",
    "total_tokens": "totalTokenCount",
}
"""What a chat completion counts, and what Gemini's own API calls it."""


def native(value: JSON) -> JSON:
    """A chat completion, a chunk of one, or an error, in the native form; anything else is left as it is."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and "error" in value[0]:
        return value[0]
    if not isinstance(value, dict) or not isinstance(value.get("choices"), list):
        return value
    made: dict[str, JSON] = {"candidates": [_candidate(choice, n) for n, choice in enumerate(value["choices"])]}
    if isinstance(usage := value.get("usage"), dict):
        made["usageMetadata"] = _usage(usage)
    made["modelVersion"] = str(value.get("model", "")).removeprefix("models/")
    if value.get("id"):
        made["responseId"] = value["id"]
    return made


def _candidate(choice: JSON, n: int) -> JSON:
    if not isinstance(choice, dict):
        return choice
    said = choice.get("delta", choice.get("message"))
    made: dict[str, JSON] = {"content": {"parts": list(_parts(said)), "role": "model"}, "index": choice.get("index", n)}
    reason = choice.get("finish_reason")
    if reason is not None:
        made["finishReason"] = _finish(reason)
    return made


def _finish(reason: JSON) -> JSON:
    if not isinstance(reason, str):
        return reason
    return FINISH.get(reason) or reason.rpartition(":")[2].strip().upper()


def _parts(said: JSON) -> Iterator[dict[str, JSON]]:
    if not isinstance(said, dict):
        return
    google = _google(said)
    text, thought = said.get("content"), google.get("thought") is True
    if isinstance(text, str):
        # The marks of a thought belong to the other endpoint alone: here a part says what it is.
        text = text.removeprefix("<thought>").removeprefix("</thought>")
    if text is not None or google.get("thought_signature"):
        part: dict[str, JSON] = {"text": "" if text is None else text}
        yield part | ({"thought": True} if thought else {}) | _signed(google)
    calls = said.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if not isinstance(call, dict):
            continue
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        made: dict[str, JSON] = {"name": function.get("name"), "args": _arguments(function.get("arguments"))}
        yield {"functionCall": made | ({"id": call["id"]} if call.get("id") else {})} | _signed(_google(call))


def _google(value: Mapping[str, JSON]) -> Mapping[str, JSON]:
    extra = value.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return google if isinstance(google, dict) else {}


def _signed(google: Mapping[str, JSON]) -> dict[str, JSON]:
    return {"thoughtSignature": google["thought_signature"]} if google.get("thought_signature") else {}


def _arguments(text: JSON) -> JSON:
    """The arguments as the object that they are; what is no JSON stays text, which no client takes."""
    try:
        return json.loads(text or "{}")
    except (TypeError, ValueError):
        return text


def arguments_text(arguments: JSON) -> str:
    """The text that these arguments were, the other way round."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {})


def _usage(usage: Mapping[str, JSON]) -> dict[str, JSON]:
    made = {theirs: usage[ours] for ours, theirs in USAGE.items() if ours in usage}
    numbers = all(isinstance(usage.get(key), int) for key in USAGE)
    thoughts = usage["total_tokens"] - usage["prompt_tokens"] - usage["completion_tokens"] if numbers else 0
    return made | ({"thoughtsTokenCount": thoughts} if thoughts > 0 else {})
