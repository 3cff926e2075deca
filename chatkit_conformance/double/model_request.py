"""One request that the code under test sent to Gemini, as a test reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..transcript import Call


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request. Args: call: as the stand-in has written it down."""

    call: Call

    @property
    def body(self) -> Mapping[str, Any]:
        """All that was sent."""
        return self.call.fields

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """Its messages, in OpenAI's format."""
        return [m for m in self.body.get("messages") or [] if isinstance(m, dict)]

    @property
    def text(self) -> str:
        """What the user said last."""
        return next((_text(m) for m in reversed(self.messages) if m.get("role") == "user"), "")

    @property
    def tools(self) -> list[str]:
        """The names of the tools that it offers."""
        return [str(tool["function"].get("name")) for tool in self.body.get("tools") or [] if "function" in tool]

    @property
    def results(self) -> list[str]:
        """The results of tools that it hands back since the user's last message."""
        found: list[str] = []
        for message in self.messages:
            if message.get("role") == "user":
                found = []
            elif message.get("role") == "tool":
                found.append(_text(message))
        return found

    @property
    def model(self) -> str:
        """The model that it asks."""
        return self.call.model

    @property
    def status(self) -> int:
        """What it was answered with."""
        return self.call.status

    def __repr__(self) -> str:
        return f"ModelRequest(text={self.text!r}, tools={self.tools}, results={self.results}, status={self.status})"


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")
