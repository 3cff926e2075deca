"""Two messages of one thread at once: either turn may tell the model both, and show what it says to the newer one."""

from __future__ import annotations

from dataclasses import replace

from chatkit_conformance.check import CHECKS, Finding
from chatkit_conformance.judging.catalogue import load_suites
from chatkit_conformance.moves.notes import TURNS
from chatkit_conformance.transcript import Transcript
from tests.suites.build import answer, noted, said, say
from tests.suites.edits import items
from tests.suites.moved import HERE, moved

ONE, OTHER = "4-bulk-tool", "5-misuse-tool"


def _answered_alike(*, beside: bool) -> Transcript:
    """Both messages have the answer to the second. `beside`: whether they were sent at once."""
    t = items(
        moved(), "8-read", lambda old: [said(i["id"], f"Answer {OTHER}.") if i["id"] == f"a-{ONE}" else i for i in old]
    )
    shown = say(ONE, "Yes?", answer(f"a-{ONE}", f"Answer {OTHER}."), user=HERE)
    t = replace(t, replies=tuple(shown if r.label == ONE else r for r in t.replies))
    pair = {ONE: [OTHER], OTHER: [ONE]} if beside else {}
    turns = {label: {**row, "beside": pair.get(label, [])} for label, row in t.notes[TURNS].items()}
    return noted(t, turns=turns)


def _found(t: Transcript) -> list[Finding]:
    load_suites()
    return list(CHECKS["persistence.thread-as-expected"].judge(t))


def _read(t: Transcript, more: int) -> Transcript:
    """The conversation in which the second answer is read so many times more, behind all else."""
    again = [said(f"again-{n}", f"Answer {OTHER}.") for n in range(more)]
    return items(t, "8-read", lambda old: [*old, *again])


def test_an_answer_may_stand_as_often_as_it_was_shown() -> None:
    """Twice where two turns at once showed it, and not three times; once where they came one after the other."""
    assert _found(_read(_answered_alike(beside=True), 1)) == []
    assert [f.got for f in _found(_read(_answered_alike(beside=True), 2))] == ["3 times"]
    assert [f.got for f in _found(_read(_answered_alike(beside=False), 1))] == ["2 times"]
