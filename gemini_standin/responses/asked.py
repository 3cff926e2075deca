"""A request of the Responses API as the chat completion that asks for the same.

Source of the names: platform.openai.com/docs/api-reference/responses/create.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

JSON = Any

SIGNED = "fc_"
"""Begins the id of a function call; behind it stands the call's thought signature, which comes back with the call."""

_SETTINGS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "max_output_tokens": "max_tokens",
    "parallel_tool_calls": "parallel_tool_calls",
}
"""Keys that a chat completion has, too, and what it calls them."""

_PARTS = {"input_text": "text", "output_text": "text", "text": "text", "refusal": "text"}


def chat_completion(body: Mapping[str, JSON]) -> dict[str, JSON]:
    """The chat completion that asks for what a request for a response asks for."""
    made: dict[str, JSON] = {"model": body.get("model"), "messages": [*_messages(body)]}
    if body.get("stream") is True:
        made |= {"stream": True, "stream_options": {"include_usage": True}}
    if tools := [*_tools(body.get("tools"))]:
        made["tools"] = tools
    made |= _tool_choice(body.get("tool_choice")) if tools else {}
    made |= {ours: body[theirs] for theirs, ours in _SETTINGS.items() if body.get(theirs) is not None}
    text = body.get("text")
    made |= _format(text.get("format")) if isinstance(text, dict) else {}
    return made


def _messages(body: Mapping[str, JSON]) -> Iterator[dict[str, JSON]]:
    if isinstance(instructions := body.get("instructions"), str) and instructions:
        yield {"role": "system", "content": instructions}
    given = body.get("input")
    rows = [{"role": "user", "content": given}] if isinstance(given, str) else given
    calls: list[dict[str, JSON]] = []
    for item in rows if isinstance(rows, list) else ():
        if not isinstance(item, dict):
            continue
        if item.get("type") == "function_call":
            calls.append(_call(item))
            continue
        if calls:
            yield {"role": "assistant", "content": None, "tool_calls": calls}
            calls = []
        if item.get("type") == "function_call_output":
            output = item.get("output")
            content = output if isinstance(output, str) else json.dumps(output)
            yield {"role": "tool", "tool_call_id": str(item.get("call_id", "")), "content": content}
        elif isinstance(item.get("role"), str):
            yield {"role": item["role"], "content": _content(item.get("content"))}
    if calls:
        yield {"role": "assistant", "content": None, "tool_calls": calls}


def _call(item: Mapping[str, JSON]) -> dict[str, JSON]:
    function = {"name": str(item.get("name", "")), "arguments": str(item.get("arguments") or "{}")}
    made: dict[str, JSON] = {"id": str(item.get("call_id", "")), "type": "function", "function": function}
    if signature := str(item.get("id") or "").removeprefix(SIGNED):
        made["extra_content"] = {"google": {"thought_signature": signature}}
    return made


def _content(content: JSON) -> JSON:
    if isinstance(content, str) or content is None:
        return content
    parts = [_part(part) for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    only_text = all(part["type"] == "text" for part in parts)
    return "".join(part["text"] for part in parts) if only_text else parts


def _part(part: Mapping[str, JSON]) -> dict[str, JSON]:
    if part.get("type") == "input_image":
        return {"type": "image_url", "image_url": {"url": str(part.get("image_url", ""))}}
    key = _PARTS.get(str(part.get("type")), "text")
    return {"type": "text", "text": str(part.get(key) or part.get("refusal") or "")}


def _tools(tools: JSON) -> Iterator[dict[str, JSON]]:
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict) and tool.get("type") == "function":
            function = {key: tool[key] for key in ("name", "description", "parameters", "strict") if key in tool}
            yield {"type": "function", "function": function}


def _tool_choice(choice: JSON) -> dict[str, JSON]:
    if isinstance(choice, str):
        return {"tool_choice": choice}
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"tool_choice": {"type": "function", "function": {"name": choice.get("name")}}}
    return {}


def _format(asked: JSON) -> dict[str, JSON]:
    kind = asked.get("type") if isinstance(asked, dict) else None
    if kind == "json_schema":
        named = {key: asked[key] for key in ("name", "schema", "strict") if key in asked}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    return {"response_format": {"type": "json_object"}} if kind == "json_object" else {}
