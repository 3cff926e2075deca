"""What a live run found beside its results: how long each turn took, of whom, and what it cost. Frozen, and printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ..stream.timing import times_of
from ..transcript import ASKED_AGAIN, Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTurn:
    """The times of one turn, in seconds.

    Args:
        first_token_s: from the message to the first words. model_s: Gemini's share of it.
        tool_visible_s: from a tool call's arrival until the browser saw something of it, of the slowest call.
        tools: names of the tools that the model called.
    """

    conversation: str
    name: str
    first_token_s: float | None = None
    model_s: float | None = None
    tool_visible_s: float | None = None
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveReport:
    """The whole run.

    Args:
        endpoint, model, origin: who answered. turns: those that were streamed, in order.
        again: conversation -> how often the model was asked again in plainer words.
        checks: outcome and reason of each check, by id. cut: why the run ended early, or "".
        cassettes: names of those that were written. spent: the budget's last line.
        exit_code, headline: the verdict's. report: the path of report.html, or None.
    """

    endpoint: str
    model: str
    origin: str
    turns: tuple[LiveTurn, ...]
    again: dict[str, int]
    checks: dict[str, tuple[str, str]]
    spent: str
    exit_code: int
    headline: str
    cut: str = ""
    cassettes: tuple[str, ...] = ()
    seconds: float = 0.0
    report: Path | None = None

    @property
    def retries(self) -> int:
        """How often the model had to be asked again."""
        return sum(self.again.values())

    def to_json(self) -> dict[str, Any]:
        """The run as JSON values."""
        rows = {id: {"outcome": outcome, "reason": why} for id, (outcome, why) in self.checks.items()}
        known = {name: value for name, value in asdict(self).items() if name != "report"}
        return {"schema": 2, **known, "checks": rows, "retries": self.retries}


def turns_of(transcripts: Iterable[Transcript]) -> tuple[LiveTurn, ...]:
    """The times of every streamed turn, by what the stand-in saw of the model's side."""
    from ..stream.turn import turns_in

    found: list[LiveTurn] = []
    for t in transcripts:
        for turn in turns_in(t):
            if turn.asked.reply.streamed:
                times = times_of(turn.asked.reply, turn.calls)
                tools = tuple(name for answer in turn.answers for _, name, _ in answer.calls)
                found.append(
                    LiveTurn(
                        conversation=t.exchange,
                        name=turn.asked.reply.label,
                        first_token_s=times.first_text_s,
                        model_s=times.model_share_s,
                        tool_visible_s=times.tool_visible_s if tools else None,
                        tools=tools,
                    )
                )
    return tuple(found)


def asked_again(transcripts: Iterable[Transcript]) -> dict[str, int]:
    """How often the model was asked again, by conversation."""
    rows = {t.exchange: len(t.notes.get(ASKED_AGAIN, ())) for t in transcripts}
    return {name: times for name, times in rows.items() if times}


JUDGED = ("passed", "failed", "warned")
"""Outcomes of what was judged."""


def printed(report: LiveReport) -> str:
    """The run as lines."""
    if not report.checks:
        return "\n".join([f"nothing was judged: {report.cut}", report.spent])
    lines = [f"{'conversation':<32}{'turns':>6}{'again':>6}{'first token':>13}{'of it model':>13}{'tool shown':>12}"]
    for name in dict.fromkeys(turn.conversation for turn in report.turns):
        mine = [turn for turn in report.turns if turn.conversation == name]
        figures = "".join(
            f"{_seconds(values):>{width}}"
            for values, width in (
                ([t.first_token_s for t in mine], 13),
                ([t.model_s for t in mine], 13),
                ([t.tool_visible_s for t in mine], 12),
            )
        )
        lines.append(f"{name:<32}{len(mine):>6}{report.again.get(name, 0):>6}{figures}")
    lines.append("")
    lines += [
        f"{outcome}: {id}: {why}" for id, (outcome, why) in report.checks.items() if outcome in ("failed", "warned")
    ]
    again = "retry" if report.retries == 1 else "retries"
    passed = sum(1 for outcome, _ in report.checks.values() if outcome == "passed")
    judged = sum(1 for outcome, _ in report.checks.values() if outcome in JUDGED)
    left = len(report.checks) - judged
    lines.append(
        f"{passed} of {judged} checks passed, {left} more not judged; {report.retries} {again} of the model's choice"
    )
    if used := sorted({name for turn in report.turns for name in turn.tools}):
        lines.append(f"tools that the model called: {', '.join(used)}")
    firsts = [t.first_token_s for t in report.turns if t.first_token_s is not None]
    own = [t.first_token_s - t.model_s for t in report.turns if t.first_token_s is not None and t.model_s is not None]
    if own:
        lines.append(f"first token: median {median(firsts):.2f} s, of which the server's own {median(own):.3f} s")
    lines += [f"recorded: {name}" for name in report.cassettes]
    lines.append(report.spent)
    if report.cut:
        lines.append(f"the run was cut short: {report.cut}")
    lines.append(report.headline)
    return "\n".join(lines)


def _seconds(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{median(known):.3f} s" if known else "-"
