"""The nine success criteria of a move to ChatKit on Gemini, and what of a run bears on each.

A criterion is met when every MUST check that names it and applies was judged and none failed, and there is a figure to
show for it; it is untestable when one could not be judged, and partial when one was not in the run: standing.py has the
rule in full. Two ask about source code, and one about it, too: `chatkit-conformance audit` answers them, and
`run --audit` puts its answers here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..check import Check
from ..results.outcome import HELD, UNSHOWN, Tone
from .standing import standing

if TYPE_CHECKING:
    from ..results.model import CheckResult, CriterionOutcome, CriterionResult, LevelOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One success criterion.

    Args:
        id, name, target: what is asked. unit: of the figure.
        how: how this run measures it. here: false where no run can. limit: the target as a number, or None.
    """

    id: str
    name: str
    target: str
    unit: str
    how: str
    here: bool = True
    limit: float | None = None


AUDIT = "Not measured here: chatkit-conformance audit BEFORE AFTER."

CRITERIA = (
    Criterion(
        id="SC-001",
        name="First token of the answer",
        target="within 2 s",
        unit="s",
        limit=2.0,
        how="From the request to the first text that a person can read, as the browser's side receives it.",
    ),
    Criterion(
        id="SC-002",
        name="A tool's execution is visible",
        target="within 0.5 s",
        unit="s",
        limit=0.5,
        how="From the model's tool call reaching the server to the first event that shows it.",
    ),
    Criterion(
        id="SC-003",
        name="Model use that is Gemini's",
        target="100 %",
        unit="%",
        limit=100.0,
        how="Share of gemini-* requests among all model requests and connections to OpenAI that were seen.",
    ),
    Criterion(id="SC-004", name="WebSocket code left", target="none", unit="places", how=AUDIT, here=False),
    Criterion(
        id="SC-005",
        name="Conversations that survive a reload",
        target="95 % (a run asks 100 %)",
        unit="%",
        limit=95.0,
        how="Share of the persistence checks that pass: a reload shows what the stream built.",
    ),
    Criterion(
        id="SC-006", name="Lines removed", target="at least 600", unit="lines", how=AUDIT, here=False, limit=600.0
    ),
    Criterion(
        id="SC-007",
        name="Tools that execute",
        target="7 of 7",
        unit="of 7",
        limit=7.0,
        how="Each role in a real turn: its effect is read back, and its result reaches the model.",
    ),
    Criterion(
        id="SC-008",
        name="API errors handled gracefully",
        target="100 %",
        unit="%",
        limit=100.0,
        how="Share of the checks that pass for faults of the model, bad requests and the turns after them.",
    ),
    Criterion(
        id="SC-009",
        name="Session creation",
        target="within 1 s",
        unit="s",
        limit=1.0,
        how="From threads.create to thread.created.",
    ),
)
"""In the order in which reports show them."""

MEASURED = frozenset({"SC-001", "SC-002", "SC-003", "SC-009"})
"""Those whose figure a check measured, and is not a count of checks."""

IDS = frozenset(criterion.id for criterion in CRITERIA)


LIMITS: Mapping[str, float | None] = {criterion.id: criterion.limit for criterion in CRITERIA}
"""The target of each criterion as a number, by id."""

OUTCOME: Mapping[LevelOutcome, CriterionOutcome] = {
    "strict": "met",
    "reached": "met",
    "missed": "missed",
    "not_shown": "untestable",
    "partial": "partial",
    "absent": "not_measured",
}
"""How the server stands on a criterion's checks -> how the criterion came out."""

CRITERION_WORDS: Mapping[CriterionOutcome, tuple[str, str, Tone]] = {
    "met": ("✓", "met", "ok"),
    "missed": ("✕", "missed", "bad"),
    "untestable": ("?", "not shown", "unsure"),
    "partial": ("–", "judged in part", "off"),
    "not_measured": ("–", "not measured here", "off"),
}
"""How a criterion's outcome reads: sign, word, colour."""


def criteria_met(rows: Iterable[CheckResult], known: Iterable[Check]) -> tuple[CriterionResult, ...]:
    """The nine, with their figure and outcome. `known`: all checks that there are."""
    results = {row.id: row for row in rows if row.outcome != "not_judged"}
    all_checks = tuple(known)
    return tuple(_criterion(c, [check for check in all_checks if c.id in check.criteria], results) for c in CRITERIA)


def with_source(rows: Iterable[CriterionResult], source: Iterable[CriterionResult]) -> tuple[CriterionResult, ...]:
    """The nine, with what an audit of source says: its own two are taken over, and SC-003 must be met in both."""
    audited = {row.id: row for row in source}
    return tuple(_joined(row, audited[row.id]) if row.id in audited else row for row in rows)


WORST: tuple[CriterionOutcome, ...] = ("missed", "untestable", "partial", "not_measured", "met")
"""Of two outcomes the one that comes first is that of both."""


def _joined(ran: CriterionResult, read: CriterionResult) -> CriterionResult:
    if ran.outcome == "not_measured" and not ran.checks:
        return ran.model_copy(update={"how": read.how}) if read.outcome == "not_measured" else read
    return ran.model_copy(
        update={
            "outcome": min(ran.outcome, read.outcome, key=WORST.index),
            "how": f"{ran.how} In source: {read.figure or 0} {read.unit} that are not Gemini's.",
            "evidence": (*ran.evidence, *(f"in source: {text}" for text in read.evidence)),
            "command": " && ".join(filter(None, (ran.command, read.command))),
        }
    )


def _criterion(criterion: Criterion, checks: Sequence[Check], results: Mapping[str, CheckResult]) -> CriterionResult:
    from ..results.model import CriterionResult

    there = [results[check.id] for check in checks if check.id in results]
    bearing = [row for row in there if row.outcome != "not_applicable"]
    figure = _figure(criterion, bearing)
    outcome = OUTCOME[standing(checks, results).outcome] if criterion.here and there else "not_measured"
    if outcome == "met" and figure is None:
        outcome = "untestable"
    return CriterionResult(
        id=criterion.id,
        name=criterion.name,
        target=criterion.target,
        unit=criterion.unit,
        figure=figure,
        outcome=outcome,
        how=criterion.how if criterion.here else AUDIT,
        checks=tuple(row.id for row in bearing),
        evidence=tuple(_evidence(criterion, bearing)),
    )


def _evidence(criterion: Criterion, bearing: list[CheckResult]) -> Iterator[str]:
    """How many checks held, and which of them measured the figure."""
    if bearing:
        yield f"{_held(bearing)} of {len(bearing)} checks passed"
    measured = [row for row in bearing if row.figure is not None and row.outcome not in UNSHOWN]
    if criterion.id in MEASURED and measured:
        yield f"measured by {max(measured, key=lambda row: row.figure or 0.0).id}"


def _figure(criterion: Criterion, bearing: list[CheckResult]) -> float | int | None:
    judged = [row for row in bearing if row.outcome not in UNSHOWN]
    if not judged:
        return None
    if criterion.id in MEASURED:
        return max((row.figure for row in judged if row.figure is not None), default=None)
    if criterion.unit == "of 7":
        executed = [row for row in bearing if row.id.endswith("-executes")]
        return _held(executed) if executed else None
    return round(100 * _held(judged) / len(bearing), 1)


def _held(rows: Iterable[CheckResult]) -> int:
    return sum(row.outcome in HELD for row in rows)
