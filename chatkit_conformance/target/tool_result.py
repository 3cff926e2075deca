"""What the server's tools answered, as it went back to the model in the next request."""

from __future__ import annotations

from typing import Any

from ..transcript import Call


def tool_results(call: Call) -> list[dict[str, str]]:
    """The tool results in a request that came after its last user message: name, call_id and content of each."""
    messages = call.messages
    last_user = max((n for n, m in enumerate(messages) if m.get("role") == "user"), default=-1)
    names: dict[str, str] = {}
    results: list[dict[str, str]] = []
    for message in messages[last_user + 1 :]:
        for made in message.get("tool_calls") or ():
            if isinstance(made, dict) and isinstance(made.get("function"), dict):
                names[str(made.get("id"))] = str(made["function"].get("name", ""))
        if message.get("role") == "tool":
            id = str(message.get("tool_call_id", ""))
            name = names.get(id) or str(message.get("name", ""))
            results.append({"name": name, "call_id": id, "content": content_text(message.get("content"))})
    return results


def content_text(content: Any) -> str:
    """A message's content as one text: itself, or its text parts joined."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
