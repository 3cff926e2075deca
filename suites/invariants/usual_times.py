"""Times as a user usually meets them: of all turns, where latency's own checks judge the best of a few quiet ones.

Many conversations go on side by side here, so these are SHOULDs, three turns in four must keep the limit, and a
conversation in which the machine held up the harness or the server says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from chatkit_conformance.check import SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.timing import TurnTimes, times_of
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import HELD_UP, STARVED, Transcript

from ..clauses import spec

SHARE = 0.75
"""The quantile: so many of the turns keep the limit."""

FEWEST = 5
"""Turns below which a quantile is a single turn's chance."""

HELD = 0.02
"""Share of a conversation's time for which the harness may have been held up."""

STARVING = 0.5
"""Share of a conversation's time for which the server may have waited for a processor: beside the harness it always
waits a little, where there are two."""

Time = Callable[[TurnTimes], float | None]


def _times(t: Transcript, of: Time) -> list[tuple[float, str]]:
    """The time of each turn in place in which nothing was wrong, with its label."""
    found = []
    for turn in turns_in(t):
        r = turn.asked.reply
        if turn.sound and not turn.asked.wrong and not turn.asked.overlaps and r.ended == "closed":
            value = of(times_of(r, turn.calls))
            if value is not None:
                found.append((value, r.label))
    return sorted(found)


def unless_busy(t: Transcript) -> None:
    """Raise NotJudged where the machine held up the harness or the server: then no time in it says anything."""
    lasted = t.ended_at - t.started_at
    for note, who, most in (
        (HELD_UP, "harness was held up", HELD),
        (STARVED, "server waited for a processor", STARVING),
    ):
        if (waited := t.notes.get(note, 0.0)) > most * lasted:
            raise NotJudged(f"The machine was busy: the {who} for {waited:g} s of {lasted:.1f} s in {t.exchange}.")


def _usual(t: Transcript, of: Time, limit_s: float, what: str) -> Findings:
    unless_busy(t)
    found = _times(t, of)
    if len(found) < FEWEST:
        raise Untestable(f"{len(found)} turns of {t.exchange} had that time; {FEWEST} are wanted.")
    value, label = found[ceil(SHARE * len(found)) - 1]
    if value > limit_s:
        slow = sum(each > limit_s for each, _ in found)
        got = f"later in {slow} of {len(found)} turns; {value:.3f} s at the quantile {SHARE:g}"
        yield Finding(expected=f"{what} within {limit_s:g} s in {SHARE:.0%} of the turns", got=got, reply=label)


@check(
    "latency.usual-own-share",
    level=SHOULD,
    needs=("model",),
    clause=spec("SC-001: first token of the answer within 2 s"),
    cause="Some turns wait for a lock, for a place in a pool, for a title or for another turn.",
    fix="Time the steps of a slow turn; hold no lock and no connection while the model answers.",
    criteria=("SC-001",),
)
def usual_own_share(t: Transcript) -> Findings:
    """In three of four turns, the server's own share of the time to the first text is two seconds at most."""
    yield from _usual(t, lambda times: times.own_share_s, 2.0, "the first text, without the model's own time,")


@check(
    "latency.usual-tool-visible",
    level=SHOULD,
    needs=("model",),
    clause=spec("SC-002: a tool's execution is visible within 500 ms of being invoked"),
    capability="tools",
    cause="Some tools, or some of their calls, are shown with the answer only.",
    fix="Show every tool when it begins, in one place that all of them go through.",
    criteria=("SC-002",),
)
def usual_tool_visible(t: Transcript) -> Findings:
    """In three of four turns with a tool, the browser sees within half a second that it runs."""
    yield from _usual(t, lambda times: times.tool_visible_s, 0.5, "the first event that shows the tool")
