"""What a run of the harness says about one mutant: which checks fired, and whether they were the right ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chatkit_conformance.check import MUST
from chatkit_conformance.judging.judge import Result

from .mutant import Mutant, Wire

FIRED = ("failed", "warned")
"""Outcomes by which a check says that something is wrong. Untestable is not one of them: it has seen nothing."""

SENTINELS = (
    "gemini.request-path",
    "gemini.history-user-messages",
    "security.threads-isolated",
    "security.forged-token-refused",
    "errors.bad-json",
)
"""Checks that judge each lie beside those that are named: one that fires without being named has misjudged.
Three are invariants and judge whatever is held; the others need two short conversations, so that a lie costs little."""


LONGEST = 200
"""Characters of what was expected, and of what was found, that a row keeps."""

TARGET = Path(__file__).with_name("chatkit-target.toml")
"""What the reference server declares, and so every mutant of it."""

CONTROL = Mutant(name="reference", lie="Nothing is changed.", change=Wire(), near_miss=True)
"""The server without a lie: what fires on it is noise, and kills nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One row of the matrix.

    Args:
        name, kind, near_miss, lie, side, named, survives: of the mutant.
        killed: a check fired that is named for it, or the run refused it; of a near miss, any MUST check fired.
        refused: the run refused it with the sentence that is expected, and judged nothing.
        killed_by: every check that fired. stray: sentinels that fired though nothing of theirs was broken.
        silent: named checks that judged it and found nothing.
        told_in: the exchanges in which what is named for it fired.
        found: of what nothing is to catch, a near miss or a liar that is known to survive, what each check found first.
        judged: how many checks came to a verdict. seconds: what the run took, start-up included.
        trouble: why the run proves nothing, or "".
    """

    name: str
    near_miss: bool
    killed: bool
    killed_by: tuple[str, ...]
    named: tuple[str, ...]
    lie: str
    side: str
    kind: str = ""
    refused: bool = False
    survives: str = ""
    stray: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    told_in: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    judged: int = 0
    seconds: float = 0.0
    trouble: str = ""

    @property
    def right(self) -> bool:
        """A lie is killed by what is named for it and by no sentinel; a near miss is not killed.

        A lie that is known to survive is right as long as it does: what kills it is to be named.
        """
        return not self.trouble and not self.stray and self.killed == (not self.near_miss and not self.survives)

    def row(self) -> dict[str, Any]:
        """The row as JSON."""
        return asdict(self)


def target_file(mutant: Mutant) -> Path:
    """The target file that this mutant is judged with."""
    return TARGET.with_name(mutant.target) if mutant.target else TARGET


def sentinels(mutant: Mutant) -> tuple[str, ...]:
    """The sentinels whose promise this mutant keeps."""
    return tuple(id for id in SENTINELS if id not in mutant.named and id not in mutant.also)


def judged(
    mutant: Mutant,
    results: Iterable[Result],
    *,
    seconds: float,
    trouble: str = "",
    noise: Iterable[str] = (),
    told_in: tuple[str, ...] = (),
) -> Verdict:
    """The verdict on a mutant.

    Args:
        results: what became of the checks that judged it. seconds: what the run took.
        trouble: why the run proves nothing, if that is known already.
        noise: checks that fire on the reference server as it is, and so prove nothing here.
        told_in: the exchanges in which what is named for it fired.
    """
    rows = [result for result in results if result.check.id not in noise]
    refused = bool(mutant.refused) and mutant.refused in trouble
    if refused:
        trouble = ""
    elif not trouble and not any(row.outcome in (*FIRED, "passed") for row in rows):
        trouble = "no check came to a verdict"
    fired = tuple(row.check.id for row in rows if row.outcome in FIRED)
    must = tuple(row.check.id for row in rows if row.outcome == "failed" and row.check.level == MUST)
    passed = {row.check.id for row in rows if row.outcome == "passed"}
    return Verdict(
        name=mutant.name,
        kind=mutant.kind,
        survives=mutant.survives,
        near_miss=mutant.near_miss,
        lie=mutant.lie,
        side=mutant.side,
        named=mutant.named,
        killed=bool(must) if mutant.near_miss else refused or any(id in fired for id in mutant.named or fired),
        refused=refused,
        killed_by=must if mutant.near_miss and mutant is not CONTROL else fired,
        stray=() if mutant.near_miss else tuple(id for id in fired if id in sentinels(mutant)),
        silent=tuple(id for id in mutant.named if id in passed),
        told_in=told_in,
        found=tuple(_found(row) for row in rows if row.check.id in must) if mutant.near_miss or mutant.survives else (),
        judged=len(passed) + len(fired),
        seconds=round(seconds, 1),
        trouble=trouble,
    )


def shared(verdict: Verdict, member: Mutant, members: int) -> Verdict:
    """What a bundle's verdict says of one of its members (so many): all of them passed together."""
    return replace(
        verdict,
        name=member.name,
        lie=member.lie,
        kind=member.kind,
        side=member.side,
        seconds=round(verdict.seconds / members, 1),
    )


def _found(result: Result) -> str:
    first = result.findings[0] if result.findings else None
    if first is None:
        return f"{result.check.id}: {result.got[:LONGEST]}"
    finding = first.finding
    where = "/".join(filter(None, (first.exchange, first.dialect, finding.reply)))
    return f"{result.check.id} in {where}: expected {finding.expected[:LONGEST]}, got {finding.got[:LONGEST]}"


def unproven(verdicts: Iterable[Verdict], musts: Sequence[str]) -> list[str]:
    """The MUST checks that have killed no mutant."""
    proved = {id for v in verdicts if not v.near_miss for id in v.killed_by}
    return [id for id in musts if id not in proved]
