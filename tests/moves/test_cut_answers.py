"""The bytes of what the model says come cut, in every way and with every text, and what is said stays the same."""

from __future__ import annotations

from chatkit_conformance.moves.marks import ANSWERS
from chatkit_conformance.moves.scripted_turn import CUTS, by_tools, cut, plainly
from gemini_standin.split import SPLITS

NONCE = "zq0000000001"


def test_every_text_comes_in_every_way() -> None:
    """Of as many answers as there are texts and ways, no two have both alike."""
    steps = [plainly(n)(NONCE).steps[0] for n in range(len(ANSWERS) * len(CUTS))]
    ways = {(n % len(ANSWERS), *step.get("split", ())) for n, step in enumerate(steps)}
    assert len(ways) == len(steps)
    assert {way for step in steps for way in step.get("split", ())} == set(CUTS) - {""} <= set(SPLITS)


def test_what_is_said_stays_the_same() -> None:
    """A cut changes no text, and a step's own word on it is kept."""
    scripted = plainly(0, split=["crlf"])(NONCE)
    assert scripted.steps[0]["split"] == ["crlf"]
    assert scripted.answer == plainly(0)(NONCE).answer == scripted.steps[0]["text"]


def test_calls_and_the_answer_after_them_are_cut_too() -> None:
    """Each round of calls, and the answer, come as the number says that they have."""
    rounds = [[{"role": "", "name": "list_tasks", "arguments": {}}]] * 2
    steps = by_tools(lambda _: rounds, n=4)(NONCE).steps
    assert [step.get("split", []) for step in steps] == [cut(n).get("split", []) for n in (4, 5, 6)]
