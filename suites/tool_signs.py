"""Whether a turn showed the tools that ran in it: what is taken as a sign, and what is said where none came."""

from __future__ import annotations

from chatkit_conformance.check import Finding, Findings, Untestable
from chatkit_conformance.stream.event_kinds import kind_of
from chatkit_conformance.stream.timing import TurnTimes
from chatkit_conformance.transcript import Reply

SIGNS = "progress, a workflow, a task, a widget, a client's tool, an effect, a notice, or words of the server's own"
"""What is taken as a sign that a tool runs. event_kinds.py has the table, timing.py whose words count."""


def doubtful(label: str) -> str:
    """Why it is not known whether a tool was shown in that reply."""
    return (
        f"{label} shows words after the tool call that the model did not say, and does not show what the model said as "
        "it was said: they may be the server's own, which show a tool, or the model's, put differently."
    )


def tool_shown(r: Reply, times: TurnTimes, *, where: str = "in the turn") -> Findings:
    """A finding unless something showed a tool. Raises Untestable where only words came that may be anybody's."""
    shown = times.shows_a_tool
    if shown is None:
        raise Untestable(doubtful(r.label))
    if not shown:
        kinds = sorted({kind_of(e.data or {}) for e in r.events})
        yield Finding(expected=f"{SIGNS}, {where}", got=f"only {', '.join(kinds)}", reply=r.label)
