"""What the doctor found: one row for each thing that was looked at, and the root cause above them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..diagnosis.diagnosis import Diagnosis

State = Literal["right", "wrong", "note", "unseen"]

SIGNS: dict[State, str] = {"right": "ok", "wrong": "WRONG", "note": "note", "unseen": "-"}
"""How a row's state is printed."""

WELL = "Nothing is wrong with this set-up. Type: chatkit-conformance run, with the same options"
"""The first line where nothing is wrong, without its end."""

UNREACHED = frozenset({"start", "endpoint"})
"""Rows without which there is no server to speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """One thing that was looked at.

    Args:
        name: what. state: how it is. says: what was seen, in words. cause: what is wrong, or in the way of seeing it.
    """

    name: str
    state: State
    says: str
    cause: Diagnosis | None = None


@dataclass(slots=True, kw_only=True)
class Chart:
    """Everything that was looked at, in the order in which one thing depends on another."""

    target: str
    exams: list[Exam] = field(default_factory=list)
    seconds: float = 0.0
    path: str = ""
    """Where ChatKit answers, if not where it was asked."""

    def right(self, name: str, says: str) -> None:
        """Note that it is as it should be."""
        self.exams.append(Exam(name=name, state="right", says=says))

    def note(self, name: str, says: str) -> None:
        """Note what is no fault, and worth knowing."""
        self.exams.append(Exam(name=name, state="note", says=says))

    def wrong(self, name: str, cause: Diagnosis) -> None:
        """Note what is wrong."""
        self.exams.append(Exam(name=name, state="wrong", says=str(cause), cause=cause))

    def over(self, name: str, cause: Diagnosis) -> None:
        """Note what the time did not suffice for: no all-clear, and nothing wrong either."""
        self.exams.append(Exam(name=name, state="unseen", says=str(cause), cause=cause))

    def unseen(self, names: Iterable[str], why: str) -> None:
        """Note what was not looked at, of these names, and why."""
        seen = {exam.name for exam in self.exams}
        self.exams += [Exam(name=name, state="unseen", says=why) for name in names if name not in seen]

    @property
    def cause(self) -> Diagnosis | None:
        """The root cause: that of the first row which has one, for what comes after it depends on it."""
        return next((exam.cause for exam in self.exams if exam.cause is not None), None)

    @property
    def code(self) -> int:
        """The exit code: 0 well, 3 not reached, 1 reached and not well."""
        first = next((exam for exam in self.exams if exam.cause is not None), None)
        return 0 if first is None else 3 if first.name in UNREACHED else 1

    @property
    def headline(self) -> str:
        """The root cause and what to type, or that all is well."""
        well = f"{WELL} and the path {self.path} (--path {self.path})." if self.path else f"{WELL}."
        return " ".join(str(self.cause or well).split())

    def lines(self) -> list[str]:
        """As it is printed: the root cause first."""
        width = max((len(exam.name) for exam in self.exams), default=0)
        rows = [f"  {SIGNS[e.state]:<6} {e.name:<{width}}  {' '.join(e.says.split())}" for e in self.exams]
        return [self.headline, *rows, f"looked at {self.target} for {self.seconds:.1f} s"]

    def to_json(self) -> dict[str, Any]:
        """As a JSON value."""
        cause = self.cause
        return {
            "target": self.target,
            "well": cause is None,
            "cause": {"id": cause.id, "says": cause.says, "do": cause.do} if cause else None,
            "seconds": round(self.seconds, 2),
            "exams": [
                {"name": e.name, "state": e.state, "says": e.says, "cause": e.cause.id if e.cause else None}
                for e in self.exams
            ],
        }
