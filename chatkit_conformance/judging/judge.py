"""The one judge: a check and its transcripts in, a result out. Pure.

What a check finds is decided here and nowhere else, so that a live run, a saved transcript and a unit test get the
same answer. The rules, in order:

1. The owner declared the check's capability, or what it needs to tell users apart, absent, or only a thorough run
   holds its conversations: not applicable.
2. It needs what this kind of run does not have, of the model or of users: not judged.
3. The check itself raised: error. That is our fault, never the target's. Where an answer is not of ChatKit's types, it
   is the target's: untestable, for what is wrong with the types is told by the checks of the wire.
4. It found breaches: failed for a MUST, warned for a SHOULD or a MAY. What is excused (excused.py) breaches nothing.
5. No transcript could be judged: untestable, with the reasons; not judged, where a conversation was left out by 2.
6. Else it passed.

A capability that the owner did not declare either way counts as a probe found it (see capabilities.py). Where no probe
could tell, it is judged only where it shows: 4 and 5 become not applicable.
"""

from __future__ import annotations

import math
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..check import MODEL_NEEDS, MUST, NEEDS, TOOL_ROLES, Check, Finding, NotJudged, Untestable
from ..exchange import EXCHANGES
from ..results.outcome import Absence, Outcome
from ..stream.once import once
from ..stream.turn import asked_by
from ..stream.unreadable import unreadable
from ..transcript import CUT, JSON, Transcript
from .excused import excused
from .time_limit import TooLong, time_limit

ABSENT = "absent_capability"
"""Note of a transcript that was not held because the owner declared this capability absent."""

LEFT_OUT = "not_held"
"""Note of a transcript that this kind of run does not hold: the reason. What is judged on it alone is not judged."""

SUITE_ERROR = "suite_error"
"""Note of a transcript whose exchange raised: the traceback. A check of it is an error."""


THOROUGH_ALONE = "its conversations take minutes: `run --thorough` holds them"
"""Why a check does not apply to a usual run."""

LOOK_S = 10.0
"""Seconds that a check may look at one conversation: a hundred times what the longest real one takes."""

MOST_FINDINGS = 1000
"""Findings of one check in one conversation; from there on they are more of the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedFinding:
    """A finding, and the transcript in which it was found."""

    finding: Finding
    exchange: str
    dialect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one check.

    Args:
        check: the check. outcome: see Outcome.
        reason: why it was not judged, or the traceback of an error; else "". absence: why it does not apply, or "".
        seen: all findings. judged: the (exchange, dialect) pairs that could be judged.
        unheld: of its transcripts, those whose conversation could not be held, or was cut.
        figure: the largest measured value, in the unit of its criterion (seconds, percent), where the check names one.
        baseline: the baseline's entry that fits it (id, reason, link, flaky), or None.
    """

    check: Check
    outcome: Outcome
    reason: str = ""
    absence: Absence = ""
    findings: tuple[LocatedFinding, ...] = ()
    judged: tuple[tuple[str, str], ...] = ()
    figure: float | None = None
    transcripts: tuple[tuple[str, str], ...] = ()
    unheld: tuple[tuple[str, str], ...] = ()
    baseline: Mapping[str, JSON] | None = None

    @property
    def got(self) -> str:
        """One sentence: the first finding's `got`, else the reason's first line."""
        if self.findings:
            return self.findings[0].finding.got
        lines = self.reason.strip().splitlines()
        return (lines[-1] if self.outcome == "error" else lines[0]) if lines else ""


def judge(
    check: Check,
    transcripts: Iterable[Transcript],
    capabilities: Mapping[str, bool] | None = None,
    absences: Mapping[str, str] | None = None,
    *,
    until: float = math.inf,
) -> Result:
    """Judge one check by its transcripts.

    Args:
        transcripts: those of the exchanges that the check is on, in any dialects.
        capabilities: what the target's owner declared, and what probes found.
        absences: by capability, why it counts as absent where the owner did not say so.
        until: monotonic seconds after which it looks at nothing more.
    """
    held = tuple(transcripts)
    places = tuple((t.exchange, t.dialect) for t in held)
    known = capabilities or {}
    declared = known.get(check.capability) if check.capability else True
    if lacking := next(
        (name for name in (check.capability, check.role, *_of_users(check)) if name and known.get(name) is False), ""
    ):
        return _not_applicable(check, [lacking], absences or {})
    if not held and _thorough_alone(check):
        return Result(check=check, outcome="not_applicable", reason=THOROUGH_ALONE)
    if held and all(ABSENT in t.notes for t in held):
        return _not_applicable(check, sorted({str(t.notes[ABSENT]) for t in held}), absences or {})
    if unmet := next((need for need in check.needs if need in MODEL_NEEDS and known.get(need) is False), None):
        return Result(check=check, outcome="not_judged", reason=MODEL_NEEDS[unmet])
    findings: list[LocatedFinding] = []
    judged: list[tuple[str, str]] = []
    reasons: list[str] = []
    figures: list[float] = []
    left_out = [str(t.notes[LEFT_OUT]) for t in held if LEFT_OUT in t.notes]
    for t in held:
        if SUITE_ERROR in t.notes:
            return Result(check=check, outcome="error", reason=str(t.notes[SUITE_ERROR]), transcripts=places)
        if t.untestable:
            reasons += [t.untestable] * (not check.everywhere or ABSENT not in t.notes)
            continue
        said = look(check, t, until=until)
        if said.error:
            return Result(check=check, outcome="error", reason=said.error, transcripts=places)
        findings += said.findings
        figures += said.figures
        if said.findings or not said.untestable:
            judged.append((t.exchange, t.dialect))
        else:
            # Of an invariant no conversation is meant: what is said of each of them counts as the same.
            named = said.untestable.replace(t.exchange, "any conversation") if check.everywhere else said.untestable
            reasons.append(named)
            left_out += [said.left_out] if said.left_out else []
    if left_out and not judged:
        why = Counter(left_out).most_common(1)[0][0]
        return Result(check=check, outcome="not_judged", reason=why, transcripts=places)
    outcome, reason = _outcome(check, findings, bool(judged), reasons, declared is None)
    return Result(
        check=check,
        outcome=outcome,
        reason=reason,
        absence="undeclared" if outcome == "not_applicable" else "",
        findings=tuple(findings),
        judged=tuple(judged),
        transcripts=places,
        unheld=tuple((t.exchange, t.dialect) for t in held if t.untestable or CUT in t.notes),
        figure=max(figures, default=None),
    )


def unseen_in_part(result: Result) -> Result:
    """The result in a run that held only some conversations, as it was asked to: what none of them shows is open.

    An invariant is judged on whatever is held. That no chosen conversation shows anything of it is nobody's fault.
    """
    if not result.check.everywhere or result.outcome != "untestable":
        return result
    reason = f"only some conversations were to be held, and they show nothing of it: {result.reason}"
    return replace(result, outcome="not_judged", reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a check says of one transcript. `untestable`, `left_out`, `error`: why it came to no end, or ""."""

    findings: tuple[LocatedFinding, ...] = ()
    figures: tuple[float, ...] = ()
    untestable: str = ""
    left_out: str = ""
    error: str = ""


@once
def _looks(t: Transcript) -> dict[object, Look]:
    """What was said of this transcript so far, by the check's function and figure."""
    return {}


def look(check: Check, t: Transcript, *, until: float = math.inf) -> Look:
    """What a check says of a transcript; said once, however often it is asked, and by whichever thread first."""
    said, key = _looks(t), (check.judge, check.figure)
    if key not in said:
        limit = min(LOOK_S, until - time.monotonic())
        if limit <= 0:
            return Look(untestable="it was not judged: the time for judging was over")
        said[key] = _look(check, t, limit)
    return said[key]


def _placed(finding: Finding, t: Transcript) -> Finding:
    """The finding with the reply in whose turn its request to the model was made, where it names none itself."""
    if finding.reply or finding.call is None:
        return finding
    return replace(finding, reply=asked_by(t).get(finding.call, ""))


def _look(check: Check, t: Transcript, limit_s: float) -> Look:
    findings: list[LocatedFinding] = []
    figures: tuple[float, ...] = ()
    known, excuse = excused(check, t), ""
    try:
        with time_limit(limit_s):
            figures = tuple(_figure(check, t))
            # One by one: what was found before the check ran out of evidence is found.
            for found in check.judge(t):
                finding = _placed(found, t)
                if why := known.get(finding.reply):
                    excuse = why
                    continue
                findings.append(LocatedFinding(finding=finding, exchange=t.exchange, dialect=t.dialect))
                if len(findings) == MOST_FINDINGS:
                    break
    except TooLong:
        events = sum(len(reply.events) for reply in t.replies)
        reason = f"judging it was cut after {limit_s:.1f} s: {t.exchange} has {len(t.replies)} replies, {events} events"
        return Look(findings=tuple(findings), figures=figures, untestable=reason)
    except NotJudged as why:
        return Look(findings=tuple(findings), figures=figures, untestable=str(why), left_out=str(why))
    except Untestable as why:
        reason = str(why) or "the check gave no reason"
        return Look(findings=tuple(findings), figures=figures, untestable=reason)
    except Exception:
        trace = traceback.format_exc()
        if wrong := unreadable(t):
            reason = f"the answer could not be read: {wrong}"
            return Look(findings=tuple(findings), figures=figures, untestable=reason)
        return Look(error=f"{check.id} raised while it judged {t.exchange} ({t.dialect}):\n{trace}")
    if excuse and not findings:
        return Look(figures=figures, untestable=excuse)
    return Look(findings=tuple(findings), figures=figures)


def _outcome(
    check: Check, findings: list[LocatedFinding], judged: bool, reasons: list[str], undeclared: bool
) -> tuple[Outcome, str]:
    if check.everywhere:  # most conversations say nothing of most invariants: the reason met most often stands for all
        reasons = [most for most, _ in Counter(reasons).most_common(1)] if not judged else []
    why = "; ".join(dict.fromkeys(reasons)) or "no transcript of it"
    if undeclared and (findings or not judged):
        shown = findings[0].finding.got if findings else why
        return "not_applicable", f"capability {check.capability!r} is not declared, and was not seen: {shown}"
    if findings:
        return ("failed" if check.level == MUST else "warned"), ""
    if not judged:
        return "untestable", why
    return "passed", ("; ".join(dict.fromkeys(reasons)))


def _of_users(check: Check) -> list[str]:
    return [need for need in check.needs if need in NEEDS]


def _thorough_alone(check: Check) -> bool:
    """Whether only a thorough run holds a conversation that it judges."""
    made_for = [EXCHANGES[name] for name in check.on if name in EXCHANGES]
    return bool(made_for) and all(exchange.thorough for exchange in made_for)


def _not_applicable(check: Check, lacking: list[str], absences: Mapping[str, str]) -> Result:
    """The result of a check that needs what is not there. `absences`: why, where the owner did not say so."""
    known: dict[str, str] = {**NEEDS, **absences}
    roles = {role: f"the target file says that there is no tool to {role}" for role in TOOL_ROLES}
    why = [{**roles, **known}.get(name, f"capability {name!r} declared absent") for name in lacking]
    absence: Absence = "probe" if any(name in absences for name in lacking) else "declared"
    return Result(check=check, outcome="not_applicable", reason="; ".join(why), absence=absence)


def _figure(check: Check, t: Transcript) -> list[float]:
    """What the check measures in this transcript, if anything."""
    try:
        value = check.measure(t)
    except Untestable:
        return []
    return [] if value is None else [value]
