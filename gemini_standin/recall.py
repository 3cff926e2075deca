"""What a model knows from the conversation: `$last.id` in a call's arguments is the id that a tool last told it.

So one script can create a thing and then change it, whatever id the server gave it. And `$after:the user's id is ` is
what follows these words in the request, as a model reads who it speaks with in its instructions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .conversation import messages, text_of
from .step import Step

LAST_ID = '"$last.id"'
"""As it stands in the arguments' JSON."""

AFTER = "$after:"
"""Begins an argument that is looked up in the request, by the words in front of it."""

_BEHIND = re.compile(r'"\$after:(?:[^"\\]|\\.)*"')
_VALUE = re.compile(r"[\w@+:-][\w@.+:-]*")
_ID = re.compile(r"""["'](?:\w*_)?id["']\s*:\s*(?:"([^"]+)"|'([^']+)'|(\d+))""")
"""An `id` or `..._id` in JSON, or in a Python object's text, which is how some servers write tool results."""


def last_id(body: Mapping[str, Any]) -> str | None:
    """The first id in the newest tool result that has one, as JSON: a quoted text or a number."""
    for message in reversed(messages(body)):
        found = _ID.search(text_of(message)) if message.get("role") == "tool" else None
        if found:
            return found[3] or f'"{found[1] or found[2]}"'
    return None


def recall(step: Step, body: Mapping[str, Any]) -> Step:
    """The step with every `$last.id` and `$after:...` replaced; those stay for which the request has nothing."""
    known = last_id(body) if any(LAST_ID in call.arguments for call in step.calls) else None
    if known is not None:
        step = _with(step, lambda text: text.replace(LAST_ID, known))
    if any(AFTER in call.arguments for call in step.calls):
        step = _with(step, lambda text: _BEHIND.sub(lambda found: _told(found[0], body), text))
    return step


def _with(step: Step, change: Callable[[str], str]) -> Step:
    return replace(step, calls=tuple(replace(call, arguments=change(call.arguments)) for call in step.calls))


def _told(asked: str, body: Mapping[str, Any]) -> str:
    """What follows the words in the request, as JSON; the text that asked for it where they are not there."""
    front = str(json.loads(asked)).removeprefix(AFTER)
    for message in messages(body):
        _, there, rest = text_of(message).partition(front)
        if there and (value := _VALUE.match(rest)):
            return json.dumps(value[0].rstrip(".:"))
    return asked
