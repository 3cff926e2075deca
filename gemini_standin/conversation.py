"""What a request holds of its conversation: its messages, the tools it declares, and where in a turn it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NONCE = re.compile(r"\bzq[0-9a-z]{10}\b")
"""A word like zq0123456789."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptPosition:
    """Where in its conversation a request stands: see `place`."""

    nonce: str
    position: int


def messages(body: Any) -> list[dict[str, Any]]:
    """The request's messages that are objects."""
    found = body.get("messages") if isinstance(body, dict) else None
    return [m for m in found if isinstance(m, dict)] if isinstance(found, list) else []


def text_of(message: Mapping[str, Any]) -> str:
    """The message's text, its parts joined."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(p["text"] for p in parts if isinstance(p, dict) and isinstance(p.get("text"), str))


def tool_names(body: Any) -> tuple[str, ...]:
    """The names of the tools that the request declares."""
    tools = body.get("tools") if isinstance(body, dict) else None
    functions = [t.get("function") for t in tools if isinstance(t, dict)] if isinstance(tools, list) else []
    return tuple(f["name"] for f in functions if isinstance(f, dict) and isinstance(f.get("name"), str))


def place(body: Any) -> ScriptPosition:
    """The last nonce of the last user message that has one (else of any message), and the tool rounds after it."""
    said = messages(body)
    users = [n for n, message in enumerate(said) if message.get("role") == "user"]
    others = [n for n, message in enumerate(said) if message.get("role") != "user"]
    for n in (*reversed(users), *reversed(others)):
        found = NONCE.findall(text_of(said[n]))
        if found:
            return ScriptPosition(nonce=found[-1], position=_rounds(said[n + 1 :]))
    return ScriptPosition(nonce="", position=_rounds(said[users[-1] + 1 :] if users else said))


def nonces(body: Any) -> tuple[str, ...]:
    """The nonces of the user's messages, in their order."""
    said = (text_of(message) for message in messages(body) if message.get("role") == "user")
    return tuple(nonce for text in said for nonce in NONCE.findall(text))


def _rounds(said: list[dict[str, Any]]) -> int:
    return sum(1 for m in said if m.get("role") in ("assistant", "model") and m.get("tool_calls"))
