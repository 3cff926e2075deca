"""The nine success criteria of a move to ChatKit on Gemini, and what of a run bears on each.

A criterion is met when every check that names it was judged and none failed (a SHOULD that is not followed fails no
criterion); it is not shown when any could not be judged. Two ask about source code and are answered by
`chatkit-conformance audit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
"""One result, as results.json holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One success criterion.

    Args:
        id, name, target: what is asked. unit: of the figure.
        how: how this run measures it. here: false where no run can.
    """

    id: str
    name: str
    target: str
    unit: str
    how: str
    here: bool = True


AUDIT = "Not measured here: chatkit-conformance audit BEFORE AFTER."

CRITERIA = (
    Criterion(
        id="SC-001",
        name="First token of the answer",
        target="within 2 s",
        unit="s",
        how="From the request to the first text that a person can read, as the browser's side receives it.",
    ),
    Criterion(
        id="SC-002",
        name="A tool's execution is visible",
        target="within 0.5 s",
        unit="s",
        how="From the model's tool call reaching the server to the first event that shows it.",
    ),
    Criterion(
        id="SC-003",
        name="Model use that is Gemini's",
        target="100 %",
        unit="%",
        how="Of all requests to a model and connections to OpenAI that were seen, the share that asked for gemini-*.",
    ),
    Criterion(id="SC-004", name="WebSocket code left", target="none", unit="places", how=AUDIT, here=False),
    Criterion(
        id="SC-005",
        name="Conversations that survive a reload",
        target="95 % (a run asks 100 %)",
        unit="%",
        how="Share of the persistence checks that hold: what the stream built is what a reload shows.",
    ),
    Criterion(id="SC-006", name="Lines removed", target="at least 600", unit="lines", how=AUDIT, here=False),
    Criterion(
        id="SC-007",
        name="Tools that execute",
        target="7 of 7",
        unit="of 7",
        how="Each role through a real turn, its effect read back and its result seen by the model.",
    ),
    Criterion(
        id="SC-008",
        name="API errors handled gracefully",
        target="100 %",
        unit="%",
        how="Share of the checks that hold on faults of the model, bad requests and what follows them.",
    ),
    Criterion(
        id="SC-009",
        name="Session creation",
        target="within 1 s",
        unit="s",
        how="From threads.create to thread.created.",
    ),
)
"""In the order in which reports show them."""

MEASURED = frozenset({"SC-001", "SC-002", "SC-003", "SC-009"})
"""Those whose figure a check measured, and is not a count of checks."""

IDS = frozenset(criterion.id for criterion in CRITERIA)


def criteria_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The criteria with their figure and outcome, as results.json holds them.

    The outcome is `met`, `missed`, `untestable`, or `not_measured` where no check of the run bears on it.
    """
    judged = [row for row in rows if row["outcome"] != "not_applicable"]
    return [_told(c, [row for row in judged if c.id in row["criteria"]]) for c in CRITERIA]


def _told(criterion: Criterion, bearing: list[Row]) -> dict[str, Any]:
    outcomes = {row["outcome"] for row in bearing}
    if not criterion.here or not bearing:
        outcome = "not_measured"
    elif outcomes & {"failed", "expected_failure"}:
        outcome = "missed"
    else:
        outcome = "met" if outcomes <= {"passed", "warned", "unexpected_pass"} else "untestable"
    return {
        "id": criterion.id,
        "name": criterion.name,
        "target": criterion.target,
        "unit": criterion.unit,
        "figure": _figure(criterion, bearing),
        "outcome": outcome,
        "how": criterion.how if criterion.here else AUDIT,
        "checks": [row["id"] for row in bearing],
    }


def _figure(criterion: Criterion, bearing: list[Row]) -> float | int | None:
    judged = [row for row in bearing if row["outcome"] not in ("untestable", "error")]
    if not judged:
        return None
    if criterion.id in MEASURED:
        figures = [float(row["figure"]) for row in judged if row["figure"] is not None]
        return max(figures) if figures else None
    if criterion.unit == "of 7":
        executed = [row for row in bearing if row["id"].endswith("-executes")]
        return _passed(executed) if executed else None
    return round(100 * _passed(judged) / len(bearing), 1)


def _passed(rows: list[Row]) -> int:
    return len([row for row in rows if row["outcome"] == "passed"])
