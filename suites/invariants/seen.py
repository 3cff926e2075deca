"""What is seen while a turn goes on, in every conversation: its first words, and the tools that it runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import MOVES, TURNS
from chatkit_conformance.moves.task_calls import BULK, ROLES
from chatkit_conformance.stream.event_kinds import is_text
from chatkit_conformance.stream.model_chunks import has_words
from chatkit_conformance.stream.timing import times_of
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import HELD_UP, Call, Transcript

from ..clauses import spec
from ..tool_signs import doubtful, tool_shown

LONG_S = 1.0
"""Seconds of the model's silence in the middle of its answer in which a server shows what it has."""

OPEN_S, LEAST = 2.0, 3
"""Seconds for which a stream may stay open when all is said, and turns of which the fastest is judged."""

BUSY_S = 0.3
"""Seconds for which the harness may have been held up, where it judges what came in one second."""


def _placed(t: Transcript) -> Iterator[Turn]:
    """The turns in place that nothing was wrong with, each alone in its thread."""
    for turn in turns_in(t):
        r = turn.asked.reply
        if turn.sound and not (turn.asked.wrong or turn.asked.overlaps) and r.streamed and r.ended == "closed":
            yield turn


def _paused(call: Call) -> tuple[float, float]:
    """When the model, which had said something, fell silent for longest, and when it went on."""
    wrote = [sent.at for sent in call.sent if has_words(sent.data)]
    return max(pairwise(wrote), key=lambda pair: pair[1] - pair[0], default=(0.0, 0.0))


@check(
    "stream.shown-as-it-comes",
    level=SHOULD,
    needs=("model",),
    clause="user specification, features: streaming; types.py L489-495: incremental text output",
    cause="The answer is collected before it is sent: a non-streaming model call, a proxy that buffers.",
    fix="Stream from the model, yield each delta as it comes, and switch off buffering (gzip, proxies).",
    criteria=("SC-001",),
)
def shown_as_it_comes(t: Transcript) -> Findings:
    """Where the model pauses in the middle of an answer, the browser has what it said by then."""
    busy, judged = t.notes.get(HELD_UP, 0.0) > BUSY_S, False
    for turn in _placed(t):
        r, (fell, went_on) = turn.asked.reply, _paused(turn.calls[-1])
        shown = next((e for e in r.events if is_text(e)), None)
        if shown is not None and shown.at < went_on:
            judged = True
        elif went_on - fell >= LONG_S and not busy:
            judged = True
            got, event = f"none in the {went_on - fell:.1f} s until it went on", None if shown is None else shown.index
            expected = "words while the model pauses after its first ones"
            yield Finding(expected=expected, got=got, reply=r.label, event=event)
    if not judged:
        raise Untestable(f"the model paused in no answer of {t.exchange}")


@check(
    "tools.shown-in-every-turn",
    level=MUST,
    needs=("model",),
    clause=spec("SC-002: a tool's execution is visible"),
    capability="tasks",
    cause="Only some tools, or some of the turns that call them, stream something that shows them.",
    fix="Show every tool when it begins, in one place that all of them go through.",
    criteria=("SC-002",),
)
def shown_in_every_turn(t: Transcript) -> Findings:
    """Each turn in which the server's own tools for tasks ran shows that one does, with something to see."""
    misused = {label for row in t.notes.get(MOVES, ()) if row["kind"] == "misuse-tool" for label in row["replies"]}
    notes = t.notes.get(TURNS, {})
    judged = False
    doubts: list[str] = []
    for turn in _placed(t):
        r = turn.asked.reply
        note = notes.get(r.label, {})
        used = [tool["name"] for tool in note.get("tools", ()) if tool["role"] in (*ROLES, *BULK)]
        ran = {name for answer in turn.answers for _, name, _ in answer.calls}
        if turn.misled or note.get("fault") or r.label in misused or not used or not ran & set(used):
            continue
        times = times_of(r, turn.calls)
        if times.shows_a_tool is None:
            doubts.append(doubtful(r.label))
            continue
        judged = True
        yield from tool_shown(r, times, where=f"for {', '.join(sorted(ran & set(used)))}")
    if not judged:
        raise Untestable(*doubts[:1] or (f"no tool for tasks was called in {t.exchange} in a turn that went well",))


@check(
    "stream.closed-when-done",
    level=SHOULD,
    needs=("model",),
    clause="user specification, features: streaming; while a stream is open the client takes no further message",
    cause="The stream waits for something that the user does not see: a commit, a log, a clean-up, a queue's timeout.",
    fix="Return from the generator after the last event, and do in the background what nobody waits for.",
)
def closed_when_done(t: Transcript) -> Findings:
    """A stream is closed within two seconds of its last event, unless the model is still asked for something."""
    idle = []
    for turn in _placed(t):
        r = turn.asked.reply
        last = [e.at for e in r.events] + [at for c in (*turn.calls, *turn.side) for at in (c.at, c.finished_at) if at]
        if r.ended_at is not None and r.events:
            idle.append((r.ended_at - max(last), r.label))
    if len(idle) < LEAST:
        raise Untestable(f"{t.exchange} has {len(idle)} whole turns, and {LEAST} are needed.")
    least, label = min(idle)
    if least > OPEN_S and t.notes.get(HELD_UP, 0.0) <= BUSY_S:
        got = f"{least:.1f} s in the fastest of {len(idle)} turns"
        yield Finding(expected=f"closed within {OPEN_S:g} s of the last event", got=got, reply=label)
