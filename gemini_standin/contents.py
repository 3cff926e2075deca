"""A request's messages as Gemini counts them: its own list of contents, on which its order rules and positions rest.

System messages are no content; the results of one round of tools are one content; everything else is one each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["user", "answer", "call", "result"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One content: its kind and the messages that it is made of."""

    kind: Kind
    messages: tuple[Mapping[str, Any], ...]

    @property
    def calls(self) -> list[Mapping[str, Any]]:
        """The tool calls in it."""
        found = self.messages[0].get("tool_calls")
        return [call for call in found if isinstance(call, dict)] if isinstance(found, list) else []


def contents(messages: Sequence[Mapping[str, Any]]) -> tuple[Content, ...]:
    """The messages as contents, in order. Messages of an unknown role are left out."""
    made: list[Content] = []
    for message in messages:
        kind = _kind(message)
        if kind is None:
            continue
        if kind == "result" and made and made[-1].kind == "result":
            made[-1] = Content(kind="result", messages=(*made[-1].messages, message))
        else:
            made.append(Content(kind=kind, messages=(message,)))
    return tuple(made)


def _kind(message: Mapping[str, Any]) -> Kind | None:
    role = message.get("role")
    if role == "user":
        return "user"
    if role in ("tool", "function"):
        return "result"
    if role in ("assistant", "model"):
        return "call" if message.get("tool_calls") else "answer"
    return None


def current_turn(found: Sequence[Content]) -> int:
    """The index at which the current turn begins: just after the last user content."""
    return max((n + 1 for n, content in enumerate(found) if content.kind == "user"), default=0)
