"""An answer that is not streamed, and the faults that break it: one JSON body, whole, half, wrong, huge or endless."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .acts import Act, Break, Drop, Fill, Repeat, Say, Spoil
from .asked_fault import Fault
from .compact import dumps
from .fault import HUGE, MALFORMED, filter_reason, patience
from .fault_kinds import DEFAULT_SIZE, DEFAULTS
from .shapes import SHAPES
from .step import Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is sent of it.

    Args:
        acts: how, in order. length: the Content-Length that is told, None where the transfer is in chunks.
    """

    acts: tuple[Act, ...]
    length: int | None = None


def choices(fault: Fault | None, text: str) -> list[dict[str, Any]] | None:
    """The `choices` of an answer, for the faults that only change those; else None.

    Args:
        text: what the model said before, sent in mid-text alone.
    """
    if fault is None or fault.kind not in _CHOICES:
        return None
    found: list[dict[str, Any]] = _CHOICES[fault.kind](fault.keys)
    if text and fault.keys.get("at") == "mid-text" and found:
        return [{**found[0], "message": {"content": text, "role": "assistant"}}]
    return found


_CHOICES: Mapping[str, Any] = {
    "empty": lambda keys: [{"index": 0, "message": {"role": "assistant"}}],
    "empty-choices": lambda keys: [],
    "malformed-call": lambda keys: [
        {"finish_reason": MALFORMED, "index": 0, "message": {"role": "assistant", "extra_content": {"google": {}}}}
    ],
    "filtered": lambda keys: [{"finish_reason": filter_reason(keys), "index": 0}],
}


def text_of(value: dict[str, Any], fault: Fault | None) -> bytes:
    """The answer's JSON, in the wrong shape that the fault asks for."""
    if fault is not None and fault.kind == "no-finish":
        value["choices"][0].pop("finish_reason", None)
    if fault is None or fault.kind != "malformed":
        return dumps(value).encode()
    made = SHAPES[fault.keys.get("shape", next(iter(SHAPES)))].wrong(value)
    return made.encode() if isinstance(made, str) else made


def broken(text: str, fault: Fault) -> Body | None:
    """How this fault breaks the body while it is sent, or None where it does not."""
    keys = fault.keys
    early = keys.get("at") == "before-first-token"
    half = Say(raw=text[: len(text) // 2])
    if fault.kind in ("cut", "reset", "stall"):
        torn = () if early else (Say(raw=text, keep="letter" if keys.get("inside") == "letter" else "event"),)
        wait = (Hold(gate=keys.get("gate", ""), max_s=patience(keys)),) if fault.kind == "stall" else ()
        end = Drop(reset=fault.kind == "reset")
        return Body(acts=(*torn, Break(), *wait, end), length=len(text.encode()))
    if fault.kind == "broken-gzip":
        return Body(acts=(*(() if early else (half,)), Break(), Spoil()))
    if fault.kind in HUGE:
        return Body(acts=(Break(), Fill(say=Say(raw=text), size=keys.get("size", DEFAULT_SIZE[fault.kind]))))
    if fault.kind == "endless-text":
        more = Repeat(
            say=Say(raw=json.dumps(" And so on.")[1:-1]),
            gap_s=keys.get("gap_s", DEFAULTS["gap_s"]),
            max_s=patience(keys),
        )
        return Body(acts=(half, Break(), more, Drop()))
    return None
