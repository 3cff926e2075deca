"""What shows a tool: something that is there because of it, and so is not there without one."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.event_kinds import kind_of, shows_tool
from chatkit_conformance.stream.model_chunks import tools_called
from chatkit_conformance.stream.timing import answer_of
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import JSON, Call, Transcript

from ..clauses import spec
from ..evidence import shorten

OWN = ("id", "item_id", "thread_id", "created_at")
"""What differs between two signs that look the same."""


def _look(value: JSON) -> JSON:
    """A sign without what makes it this one."""
    if isinstance(value, dict):
        return {key: _look(each) for key, each in value.items() if key not in OWN}
    return [_look(each) for each in value] if isinstance(value, list) else value


def _signs(turn: Turn, since: float) -> Iterator[tuple[str, str]]:
    """What a turn showed from a moment on that could stand for a tool: its kind, and how it looks."""
    for e in turn.asked.reply.events:
        if e.at >= since and shows_tool(e):
            yield kind_of(e.data or {}), json.dumps(_look(e.data), sort_keys=True)


def _declared(call: Call) -> bool:
    """Whether a request is answered by a call of a tool that it declared."""
    made = {name for sent in call.sent for name in tools_called(sent.data)}
    declared = {tool.get("name") for tool in call.tools}
    return bool(made & declared) or not declared


def _sound(t: Transcript) -> list[Turn]:
    return [turn for turn in turns_in(t) if turn.sound and not turn.asked.wrong and turn.asked.reply.streamed]


@check(
    "tools.shown-because-of-tool",
    level=MUST,
    needs=("model",),
    clause=spec("SC-002: a tool's execution is visible within 500 ms of being invoked"),
    capability="tools",
    cause="The same progress is sent in every turn, so that nobody sees whether a tool ran.",
    fix="Send the progress, task or widget from the tool itself, and name the tool in it.",
    criteria=("SC-002",),
)
def shown_because_of_tool(t: Transcript) -> Findings:
    """What shows a tool while it runs is not shown in turns without one, too.

    A turn shows the same at its beginning as often as it likes: what counts is what comes after the model's first word.
    Where the model calls what was never declared, no tool runs, and nothing need show it.
    """
    plain = [turn for turn in _sound(t) if not any(answer.calls for answer in turn.answers)]
    without = {
        sign: turn
        for turn in plain
        if (spoke := [sent.at for call in turn.calls for sent in call.sent[:1]])
        for sign in _signs(turn, min(spoke))
    }
    judged = False
    for turn in _sound(t):
        called = [at for call in turn.calls if (at := answer_of(call).called_at) is not None and _declared(call)]
        signs = set(_signs(turn, min(called))) if called else set()
        judged = judged or (bool(signs) and bool(plain))
        if signs and signs <= set(without) and turn.asked.reply.ended == "closed":  # one that was left shows a part
            sign = min(signs)
            yield Finding(
                expected="something that only a turn with a tool shows",
                got=f"{shorten(sign[1])}, as in {without[sign].asked.reply.label}, where no tool ran",
                reply=turn.asked.reply.label,
            )
    if not judged:
        raise NotJudged(f"No turn of {t.exchange} showed a tool beside a turn without one.")


@check(
    "tools.later-round-visible",
    level=SHOULD,
    needs=("model",),
    clause=spec("SC-002: a tool's execution is visible within 500 ms of being invoked"),
    capability="tools",
    cause="Only the first round of a turn's calls is shown; what the model calls after a result runs unseen.",
    fix="Show each call where it is made, whichever round it belongs to.",
    criteria=("SC-002",),
)
def later_round_visible(t: Transcript) -> Findings:
    """Where the model calls tools in several rounds, and the first is shown, the last one is shown as well.

    What comes late is not held against anybody here: the last round has until the end of the turn.
    """
    judged = False
    for turn in _sound(t):
        called = [at for call in turn.calls if (at := answer_of(call).called_at) is not None]
        first = [at for at in _shown_at(turn) if called and min(called) <= at]
        if len(called) < 2 or not first:
            continue
        judged = True
        if not any(at >= max(called) for at in first):
            got = f"the last sign came {max(called) - max(first):.2f} s before the model called it"
            expected = f"something that shows the tool of round {len(called)}"
            yield Finding(expected=expected, got=got, reply=turn.asked.reply.label)
    if not judged:
        raise Untestable(f"In no turn of {t.exchange} tools were called in several rounds and shown.")


def _shown_at(turn: Turn) -> list[float]:
    return [e.at for e in turn.asked.reply.events if shows_tool(e)]
