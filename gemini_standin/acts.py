"""An answer as acts on the wire, and the faults that break it while it is sent as what they do to those acts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .asked_fault import Fault
from .chunk import Chunk
from .fault import MALFORMED, MARK, asked, filter_reason, patience
from .fault_kinds import DEFAULT_SIZE, DEFAULTS
from .shapes import SHAPES
from .step import Hold, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Send a chunk, or raw text, `due` seconds after the answer's beginning (and after all holds).

    Args:
        shape: of shapes.SHAPES, the chunk's.
        keep: how much of it is sent: "" all, else a place inside it at which it ends (see fault_kinds.INSIDE).
    """

    chunk: Chunk | None = None
    raw: str = ""
    due: float = 0.0
    shape: str = ""
    keep: str = ""

    @property
    def calls(self) -> bool:
        """Whether it is a chunk with a tool call."""
        return self.chunk is not None and "tool_calls" in self.chunk.delta


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Nothing is sent: from here on the answer is broken, which the journal notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoil:
    """Send bytes that are no gzip where gzip is announced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Send it again and again, every `gap_s` seconds for `max_s` seconds."""

    say: Say
    gap_s: float
    max_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """Send something with `size` characters in the place of its MARK, in pieces of a bounded size."""

    say: Say
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Close the connection without ending the transfer; `reset`: with a TCP reset."""

    reset: bool = False


Act = Say | Hold | Break | Spoil | Repeat | Fill | Drop

DONE = "data: [DONE]\n\n"


def acts(step: Step, chunks: Sequence[Chunk], due: Sequence[float], model: str) -> tuple[Act, ...]:
    """The streamed answer as acts: its chunks at their times, its hold, its fault, and its end."""
    says: list[Act] = [Say(chunk=chunk, due=at) for chunk, at in zip(chunks, due, strict=True)]
    end: list[Act] = [Say(raw=DONE, due=due[-1] if due else 0.0)]
    if step.fault and step.fault.kind in _BROKEN:
        kept, rest = parted(says, step.fault)
        says, end = _BROKEN[step.fault.kind](kept, rest, step.fault.keys, model)
        if Break() not in (*says, *end):
            end.insert(0, Break())
    if step.hold:
        says.insert(min(step.hold.after, len(says)), step.hold)
    return (*says, *end)


def parted(says: Sequence[Act], fault: Fault) -> tuple[list[Act], list[Act]]:
    """What is sent before the fault sets in, and what the answer would have gone on with.

    In mid-text that is after half of the text's chunks; in mid-call with the first call, whose chunk does not end the
    answer; elsewhere after as many chunks as `after` says.
    """
    at = fault.keys.get("at")
    if at in ("before-headers", "before-first-token"):
        number = 0
    elif at == "mid-text":
        texts = [n for n, say in enumerate(says) if isinstance(say, Say) and say.chunk and say.chunk.text]
        number = texts[(len(texts) - 1) // 2] + 1 if texts else 0
    elif at == "mid-call":
        number = next((n + 1 for n, say in enumerate(says) if isinstance(say, Say) and say.calls), len(says))
    else:
        number = int(fault.keys.get("after", DEFAULTS["after"]))
    kept = list(says[:number])
    return (_unfinished(kept) if at == "mid-call" else kept), list(says[number:])


def _unfinished(says: Sequence[Act]) -> list[Act]:
    return [
        replace(say, chunk=replace(say.chunk, finish=None)) if isinstance(say, Say) and say.chunk else say
        for say in says
    ]


def _last(says: Sequence[Act]) -> float:
    return next((say.due for say in reversed(says) if isinstance(say, Say)), 0.0)


_Broken = tuple[list[Act], list[Act]]
_Breaks = Callable[[list[Act], list[Act], Mapping[str, Any], str], _Broken]


def _cut(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    inside = keys.get("inside", "")
    if not inside:
        return kept, [Drop()]
    if keys.get("at") != "mid-call":
        torn = _with_letter(rest) if inside == "letter" else (rest or kept)[:1]
    else:
        torn, kept = kept[-1:], kept[:-1]
    return kept, [*(replace(say, keep=inside) for say in torn if isinstance(say, Say)), Drop()]


def _with_letter(rest: list[Act]) -> list[Act]:
    """The first of these chunks with a letter of several bytes in it, or the next one with such a letter put in."""
    texts = [say for say in rest if isinstance(say, Say) and say.chunk and say.chunk.text]
    found = next((say for say in texts if say.chunk and not say.chunk.text.isascii()), None)
    return [found or Say(chunk=Chunk(delta={"content": LETTERS}), due=_last(texts[:1]))]


LETTERS = "é – 🌿"
"""Letters of two, three and four bytes, for answers that have none to cut."""


def _stall(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return kept, [Break(), Hold(gate=keys.get("gate", ""), max_s=patience(keys)), Drop()]


def _reset(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return kept, [Drop(reset=True)]


def _no_done(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return [*kept, *rest], []


def _no_finish(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return _unfinished([*kept, *rest]), [Say(raw=DONE, due=_last(rest))]


def _event(wrap: Callable[[dict[str, Any]], str]) -> _Breaks:
    def broken(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
        return kept, [Say(raw=wrap(asked(keys, model).error()), due=_last(kept))]

    return broken


def _empty(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return [], [Say(chunk=Chunk(finish="stop")), Say(raw=DONE)]


def _empty_choices(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    before = kept if keys.get("at") == "mid-text" else []
    return before, [Say(chunk=Chunk(choices=False), due=_last(before)), Say(raw=DONE)]


def _ends_with(finish: Callable[[Mapping[str, Any]], str], tokens: int) -> _Breaks:
    """Text, if any, and a finish_reason of Gemini's own in place of the answer's."""

    def broken(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
        texts = [say for say in (*kept, *rest) if isinstance(say, Say) and say.chunk and say.chunk.text]
        number = len(texts)
        if keys.get("at") == "mid-text":
            number = (number + 1) // 2
        spoken = _unfinished(texts[: keys.get("after", number)])
        last = Chunk(finish=finish(keys), tokens=tokens)
        return spoken, [Say(chunk=last, due=_last(spoken)), Say(raw=DONE, due=_last(spoken))]

    return broken


def _malformed(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    """One chunk of a wrong shape: in mid-call the call's, elsewhere the next one."""
    name = keys.get("shape", next(iter(SHAPES)))
    if keys.get("at") == "mid-call":
        *kept, spoilt = kept
    else:
        spoilt, *rest = rest or [Say(chunk=Chunk(finish="stop"))]
    wrong: list[Act] = [replace(spoilt, shape=name)] if isinstance(spoilt, Say) else []
    done = Say(raw=DONE, due=_last(rest))
    return kept, [Break(), *wrong, *([] if SHAPES[name].ends else rest), done]


def _endless_text(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    again = Repeat(
        say=Say(chunk=Chunk(delta={"content": " And so on."})),
        gap_s=keys.get("gap_s", DEFAULTS["gap_s"]),
        max_s=patience(keys),
    )
    return kept, [again, Drop()]


def _broken_gzip(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
    return kept, [Spoil()]


def _filled(kind: str) -> _Breaks:
    def broken(kept: list[Act], rest: list[Act], keys: Mapping[str, Any], model: str) -> _Broken:
        size = keys.get("size", DEFAULT_SIZE[kind])
        made: list[Act] = []
        for say in (*kept, *rest):
            marked = isinstance(say, Say) and say.chunk is not None and MARK in json.dumps(dict(say.chunk.delta))
            made += [Break(), Fill(say=say, size=size)] if marked and isinstance(say, Say) else [say]
        return made, [Say(raw=DONE, due=_last(rest))]

    return broken


_BROKEN: Mapping[str, _Breaks] = {
    "cut": _cut,
    "reset": _reset,
    "stall": _stall,
    "no-done": _no_done,
    "no-finish": _no_finish,
    "error-event": _event(lambda e: f"data: {json.dumps(e, separators=(',', ':'))}\n\n"),
    "error-event-list": _event(lambda e: f"data: {json.dumps([e], separators=(',', ':'))}\n\n"),
    "bare-error": _event(lambda e: json.dumps(e, indent=2) + "\n"),
    "empty": _empty,
    "empty-choices": _empty_choices,
    "malformed-call": _ends_with(lambda keys: MALFORMED, 14),
    "filtered": _ends_with(filter_reason, 0),
    "malformed": _malformed,
    "endless-text": _endless_text,
    "broken-gzip": _broken_gzip,
    "huge-chunk": _filled("huge-chunk"),
    "gzip-bomb": _filled("gzip-bomb"),
}
"""What each kind makes of an answer: what is sent before it sets in, and what instead of the end."""

BREAKING = frozenset(_BROKEN)
"""The kinds that set in while an answer is sent; the others are in it from its beginning."""
