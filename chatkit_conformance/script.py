"""What the model is to say: the steps of a script, as the JSON that the stand-in takes.

A script is the list of answers that the model gives within one turn: the first to the user's message, the next after
the first round of tool results, and so on. The stand-in picks the step by counting tool-call rounds in the request
itself, so retries and concurrent requests cannot shift it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Step = dict[str, Any]

WORDS = "words"
"""Key of a step: how a user asks a model for it that plays no script. No script has it."""

TELLS = "tells"
"""Key of a step: what the answer has to tell, which a model knows from the conversation alone. No script has it."""


def reply(
    text: str,
    *,
    chunk_chars: int = 40,
    first_s: float = 0.0,
    gap_s: float = 0.0,
    hold_after: int | None = None,
    gate: str = "",
    hold_max_s: float = 5.0,
    tells: str = "",
    words: str = "",
    **more: Any,
) -> Step:
    """Answer with text.

    Args:
        text: the whole answer. chunk_chars: characters in each chunk.
        first_s: seconds before the first chunk. gap_s: seconds between chunks, on an absolute schedule.
        hold_after: after this many chunks wait until the gate is opened (`Talk.open_gate`),
            `hold_max_s` seconds at most.
        words: how a model that plays no script is asked for such an answer; "": to say the text.
        tells: a word of `text` that a model which plays no script has to tell by itself, from the conversation.
        more: further keys of the step, see docs/stand-in-scripts.md.
    """
    step: Step = {"text": text, "chunk_chars": chunk_chars, "first_s": first_s, "gap_s": gap_s, **more}
    step |= {key: value for key, value in ((TELLS, tells), (WORDS, words)) if value}
    if hold_after is not None:
        step["hold"] = {"after": hold_after, "gate": gate, "max_s": hold_max_s}
    return step


def call(name: str, arguments: dict[str, Any] | str, *, id: str | None = None) -> dict[str, Any]:
    """One tool call, for `calls`. A string stands for raw argument text, malformed if you like."""
    made: dict[str, Any] = {"name": name, "arguments": arguments}
    return made if id is None else {**made, "id": id}


def calls(*made: dict[str, Any], text: str = "", layout: str | None = None, **more: Any) -> Step:
    """Answer with tool calls, after `text` if any.

    Args:
        layout: "one-delta" (all calls in one chunk, as 2.5), "one-per-delta" (a chunk each, as 3.x), "beside-text"
            (in the chunk of the last text), or None: the dialect's.
    """
    step: Step = {"calls": list(made), **more}
    if text:
        step["text"] = text
    if layout:
        step["layout"] = layout
    return step


def fault(kind: str, *, then: Step | None = None, times: int = 1, until: str = "", **more: Any) -> Step:
    """Break in a named way.

    Args:
        kind: one of the stand-in's faults ("http", "cut", "stall", "empty", "malformed-call", "filtered", ...).
        then: what to answer once the fault is over; None: it lasts.
        times: how many requests for this position meet it, the server's own retries among them.
        until: a gate (`Talk.open_gate`) that ends it instead, however often the server asks before.
        more: the fault's own keys (at, status, body, retry_delay, text), see docs/stand-in-scripts.md.
    """
    broken: Step = {"fault": {"kind": kind, **more}}
    if then is None:
        return broken
    if until:
        return {**then, "fault": {**broken["fault"], "until": until}}
    return {"attempts": [broken] * times + [then]}


def breaks(steps: Iterable[Step]) -> bool:
    """Whether the model breaks in one of these."""
    return any("fault" in step or breaks(step.get("attempts", ())) for step in steps)
