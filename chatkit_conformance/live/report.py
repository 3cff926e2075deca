"""What a live run found: frozen values, their JSON, and the lines that are printed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What came of one step.

    Args:
        tries: how often it was asked for. done: whether it came in the end. why: why not, or "".
        first_token_s: seconds from the message to the first words, of the try that counts; model_s: Gemini's share.
        tool_visible_s: seconds from a tool call's arrival until the browser saw something of it, of the slowest call.
    """

    conversation: str
    name: str
    tries: int
    done: bool
    why: str = ""
    first_token_s: float | None = None
    model_s: float | None = None
    tool_visible_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveReport:
    """The whole run.

    Args:
        steps: in order. checks: outcome and reason of each check, by id. cut: why the run ended early, or "".
        refused: whether that was because Gemini refuses each request: then no check says anything.
        cassettes: names of those that were written. spent: the budget's last line.
        exit_code, headline: the verdict's. report: the path of report.html, or None.
    """

    endpoint: str
    model: str
    steps: tuple[StepResult, ...]
    checks: dict[str, tuple[str, str]]
    spent: str
    exit_code: int
    headline: str
    cut: str = ""
    refused: bool = False
    cassettes: tuple[str, ...] = ()
    seconds: float = 0.0
    report: Path | None = None

    @property
    def retries(self) -> int:
        """How often the model had to be asked again."""
        return sum(step.tries - 1 for step in self.steps)

    def to_json(self) -> dict[str, Any]:
        """The run as JSON values."""
        rows = {id: {"outcome": outcome, "reason": why} for id, (outcome, why) in self.checks.items()}
        known = {name: value for name, value in asdict(self).items() if name != "report"}
        return {"schema": 1, **known, "checks": rows, "retries": self.retries}


def printed(report: LiveReport) -> str:
    """The run as lines."""
    if report.refused:
        return "\n".join([f"nothing was judged: {report.cut}", report.spent])
    lines = [f"{'step':<32}{'tries':>6}{'first token':>13}{'of it model':>13}{'tool shown':>12}"]
    for step in report.steps:
        figures = "".join(
            f"{_seconds(value):>{width}}"
            for value, width in ((step.first_token_s, 13), (step.model_s, 13), (step.tool_visible_s, 12))
        )
        mark = "" if step.done else f"  NOT DONE: {step.why}"
        lines.append(f"{step.conversation + ' ' + step.name:<32}{step.tries:>6}{figures}{mark}")
    lines.append("")
    lines += [f"{outcome}: {id}: {why}" for id, (outcome, why) in report.checks.items() if outcome != "passed"]
    again = "retry" if report.retries == 1 else "retries"
    passed = sum(1 for outcome, _ in report.checks.values() if outcome == "passed")
    lines.append(f"{passed} of {len(report.checks)} checks passed; {report.retries} {again} of the model's choice")
    firsts = [s.first_token_s for s in report.steps if s.first_token_s is not None]
    own = [s.first_token_s - s.model_s for s in report.steps if s.first_token_s is not None and s.model_s is not None]
    if own:
        lines.append(f"first token: median {median(firsts):.2f} s, of which the server's own {median(own):.3f} s")
    lines += [f"recorded: {name}" for name in report.cassettes]
    lines.append(report.spent)
    if report.cut:
        lines.append(f"the run was cut short: {report.cut}")
    lines.append(report.headline)
    return "\n".join(lines)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f} s"
