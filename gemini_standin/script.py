"""A script: what the model says within one turn, validated when it is handed in so that a typing error never waits.

    {"profile": "gemini-3", "turn": [STEP, ...], "side": STEP, "split": SPLIT}

The first step answers the user's message, the next one answers the first round of tool results, and so on. A step:

    text          the answer. Without `chunks` and `chunk_chars` its first chunk is small, as in recordings.
    chunks        the answer as the exact list of chunks
    chunk_chars   code points in each chunk (40)
    first_s       seconds before the first chunk; gap_s  seconds between chunks, on an absolute schedule
    hold          {"after": chunks, "gate": name, "max_s": seconds}: wait there, then go on
    wait_gate     name or {"gate", "max_s"}: nothing at all is sent before it opens
    calls         [{"name", "arguments": object or raw text, "id"?}], where a value "$last.id" is the id in the newest
                  tool result; layout  "one-delta", "one-per-delta" or "beside-text"
    thought       text sent as <thought>...</thought> before the answer, flagged as Gemini flags it
    finish        finish_reason of the last chunk instead of the dialect's; null leaves it out
    usage         {"prompt_tokens", "completion_tokens", "thinking_tokens", "cached_tokens"}, for our estimates
    fault         {"kind", ...}, see fault_kinds.py and fault.py
    split         ways from split.SPLITS, or {"by": ways, "seed": number}; without it the script's
    attempts      [STEP, ...]: the nth request for this step gets the nth, the last repeats
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from .mistake import Way, mistakes
from .step import Script

_SCRIPT: TypeAdapter[Script] = TypeAdapter(Script)


class ScriptError(ValueError):
    """A script that cannot be played. The message names the place, the value and what was meant."""


def parse(value: Any) -> Script:
    """The script that this JSON value describes.

    Raises:
        ScriptError: a key is unknown or a value has the wrong type.
    """
    try:
        return _SCRIPT.validate_python(value)
    except ValidationError as error:
        found = mistakes(error, _SCRIPT)
        raise ScriptError("\n".join(f"{_place(each.place)}: {each.with_example}" for each in found)) from None


def _place(way: Way) -> str:
    """`script`, `step 0: calls[1].name` or `side: text`."""
    if way[:1] != ("turn",) or len(way) == 1:
        first, rest = ("script", way) if way[:1] != ("side",) else ("side", way[1:])
    else:
        first, rest = f"step {way[1]}", way[2:]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
    return f"{first}: {text[1:]}" if text else first
