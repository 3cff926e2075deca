"""Arguments of tools whose values a model is told in words: "the user's id is u-17" stands in the instructions.

A model would read the value there, for each user anew. Our stand-in does the same: it is given the words in front of
the value (`$after:` and those words), and takes what follows them in the very request that it answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..transcript import Call
from .tools import Tool, needed_arguments
from .vocabulary import words

AFTER = "$after:"
"""Begins the value of an argument that the stand-in looks up (gemini_standin/recall.py)."""

FRONT = 60
"""Characters in front of a value that are kept, at most: enough to know the place again."""


def stated_arguments(tools: Iterable[Tool], calls: Iterable[Call]) -> dict[str, str]:
    """For each required argument that the instructions give a value for: where the stand-in finds it.

    Args:
        calls: requests of one turn, with the server's instructions.
    """
    text = "\n".join(_text(m.get("content")) for call in calls for m in call.messages if m.get("role") in _ORDERS)
    found = {name: front_of(text, name) for tool in tools for name in needed_arguments(tool)}
    return {name: AFTER + front for name, front in found.items() if front}


def front_of(text: str, name: str) -> str:
    """The words in front of the value that a text gives for an argument, "" where it gives none."""
    spelled = r"(?:'s|s)?[\W_]{0,3}".join(map(re.escape, words(name)))
    between = r"\b[\"'`)]*(?:\s*(?:is|=|:|->|are|ist)|\s+of the user is)?\s*[\"'`<(]*"
    for match in re.finditer(rf"{spelled}{between}(?P<value>[\w@+:-][\w@.+:-]*)", text, re.IGNORECASE):
        value = match["value"].rstrip(".:")
        # A value is told by a sign of equality, or it is no plain word: "pass the user id to every tool" tells none.
        front = match.group()[: match.start("value") - match.start()]
        if re.search(r"[=:]|\b(is|are|ist)\b|->", front[len(name) :]) or re.search(r"[\d@_-]", value):
            return text[max(0, match.start("value") - FRONT) : match.start("value")].rpartition("\n")[2].lstrip()
    return ""


_ORDERS = ("system", "developer")


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
