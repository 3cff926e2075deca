"""A result as results.json holds it: with the place of its first finding, and how to see it again."""

from __future__ import annotations

from collections.abc import Callable

from ..judging.judge import LocatedFinding, Result
from ..results.folder import transcript_name
from ..results.model import CheckResult, ExpectedFailure, SavedFinding
from ..results.repro import curl_line, run_line
from ..target.target import Target
from ..transcript import Transcript

CURLS = 20
"""Findings of one check that carry a curl line: the rest are more of the same."""

Held = Callable[[str, str], Transcript | None]
"""The conversation of an exchange and a dialect, or None."""


def check_result(
    result: Result,
    target: Target,
    *,
    seconds: float | None = None,
    whole: bool = True,
    live: bool = False,
    held: Held = lambda *_: None,
) -> CheckResult:
    """One result as results.json holds it.

    Args:
        seconds: how long the check waited and judged. whole: whether it was judged on all that a whole run holds.
        live: whether the conversations were `live`'s. held: finds what curl lines repeat.
    """
    found = tuple(_finding(located, target, held if n < CURLS else None) for n, located in enumerate(result.findings))
    first = found[0] if found else SavedFinding()
    place = (first.exchange, first.dialect) if found else next(iter((*result.judged, *result.transcripts)), ("", ""))
    check = result.check
    return CheckResult(
        id=check.id,
        level=check.level,
        area=check.area,
        outcome=result.outcome,
        requirement=check.requirement,
        expected=first.expected,
        got=result.got,
        transcript=f"transcripts/{transcript_name(*place)}" if place[0] else "",
        event=first.event,
        cause=check.cause,
        fix=check.fix,
        repro=run_line(check.id, target, first.dialect, exchange=first.exchange if check.everywhere else "", live=live),
        curl=first.curl,
        baseline=ExpectedFailure.model_validate(result.baseline) if result.baseline else None,
        clause=check.clause,
        criteria=check.criteria,
        capability=check.capability,
        exchange=place[0],
        dialect=place[1],
        reply=first.reply,
        call=first.call,
        reason=result.reason,
        absence=result.absence,
        seconds=None if seconds is None else round(seconds, 4),
        figure=result.figure,
        whole=whole,
        judged=result.judged,
        findings=found,
    )


def _finding(located: LocatedFinding, target: Target, held: Held | None) -> SavedFinding:
    finding = located.finding
    t = held(located.exchange, located.dialect) if held and finding.reply else None
    reply = next((made for made in t.replies if made.label == finding.reply), None) if t else None
    begun = {made.thread_id: made.user for made in t.replies if made.of("thread.created")} if t else {}
    return SavedFinding(
        expected=finding.expected,
        got=finding.got,
        exchange=located.exchange,
        dialect=located.dialect,
        reply=finding.reply,
        event=finding.event,
        call=finding.call,
        curl=curl_line(reply, target, begun=begun) if reply else "",
    )
