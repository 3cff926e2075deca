"""What a model knows from the conversation: `$last.id` in a call's arguments is the id that a tool last told it.

So one script can create a thing and then change it, whatever id the server gave it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .conversation import messages, text_of
from .step import Step

LAST_ID = '"$last.id"'
"""As it stands in the arguments' JSON."""

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
    """The step with every `$last.id` replaced; left as it is where no tool has told an id."""
    if not any(LAST_ID in call.arguments for call in step.calls):
        return step
    known = last_id(body)
    if known is None:
        return step
    return replace(
        step, calls=tuple(replace(call, arguments=call.arguments.replace(LAST_ID, known)) for call in step.calls)
    )
