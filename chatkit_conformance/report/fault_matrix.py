"""The faults of the model as a matrix: a row for each fault, a column for each moment, a square for each place.

Drawn from the notes of generated conversations (moves/notes.py) and the findings of the run. A finding belongs to a
square where it was seen in the turn that met the fault, or in a reply after it and before the next fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..moves.moments import MOMENTS
from ..moves.places import PLACES
from ..results.folder import transcript_name
from ..results.model import CheckResult
from ..results.outcome import OUTCOMES
from ..transcript import Transcript
from .plain import plain

Findings = Mapping[tuple[str, str, str], tuple[str, ...]]
"""Exchange, dialect and reply -> ids of the checks that found something there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """One fault at one moment in one place. `found`: ids of the checks that failed there; `file`: its transcript."""

    place: str
    found: tuple[str, ...]
    file: str
    label: str

    @property
    def tone(self) -> str:
        """How it is coloured."""
        return "bad" if self.found else "ok"

    @property
    def words(self) -> str:
        """What it says to those who point at it, or have it read to them."""
        return plain(f"{self.place}: {', '.join(self.found) if self.found else 'passed'}", 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    """One fault: for each column, its squares."""

    fault: str
    columns: tuple[tuple[Square, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultMatrix:
    """The picture's content. `met` of them `broken` have a finding."""

    moments: tuple[str, ...]
    rows: tuple[FaultRow, ...]
    met: int
    broken: int


def fault_matrix(transcripts: Iterable[Transcript], results: Iterable[CheckResult]) -> FaultMatrix | None:
    """The matrix, or None where no generated conversation met a fault."""
    found = _findings(results)
    squares: dict[tuple[str, str], dict[str, Square]] = {}
    moments: dict[str, None] = dict.fromkeys(MOMENTS)
    for t in transcripts:
        for fault, square in _squares(t, found):
            moments.setdefault(fault["moment"])
            by_place = squares.setdefault((fault["name"], fault["moment"]), {})
            if square.found or square.place not in by_place:
                by_place[square.place] = square
    if not squares:
        return None
    rows = tuple(
        FaultRow(fault=plain(name, 40), columns=tuple(_sorted(squares.get((name, moment), {})) for moment in moments))
        for name in dict.fromkeys(name for name, _ in squares)
    )
    shown = [square for row in rows for column in row.columns for square in column]
    return FaultMatrix(
        moments=tuple(moments), rows=rows, met=len(shown), broken=sum(bool(square.found) for square in shown)
    )


def _findings(results: Iterable[CheckResult]) -> Findings:
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for result in results:
        for finding in result.findings if OUTCOMES[result.outcome].breach else ():
            place = (finding.exchange, finding.dialect, finding.reply)
            found[place] = tuple(dict.fromkeys((*found.get(place, ()), result.id)))
    return found


def _squares(t: Transcript, found: Findings) -> Iterator[tuple[Mapping[str, Any], Square]]:
    """Each fault of a conversation, with what was found from its turn up to the next fault."""
    turns = t.notes.get("turns")
    labels = [reply.label for reply in t.replies]
    faults = {label: note["fault"] for label, note in turns.items() if note["fault"]} if isinstance(turns, dict) else {}
    starts = [n for n, label in enumerate(labels) if label in faults]
    for start, end in zip(starts, [*starts[1:], len(labels)], strict=False):
        fault = faults[labels[start]]
        ids = [id for label in labels[start:end] for id in found.get((t.exchange, t.dialect, label), ())]
        yield (
            fault,
            Square(
                place=plain(fault["place"], 40),
                found=tuple(dict.fromkeys(ids)),
                file=f"transcripts/{transcript_name(t.exchange, t.dialect)}",
                label=plain(labels[start], 60),
            ),
        )


def _sorted(squares: Mapping[str, Square]) -> tuple[Square, ...]:
    known = {place: n for n, place in enumerate(PLACES)}
    return tuple(sorted(squares.values(), key=lambda square: known.get(square.place, len(known))))
