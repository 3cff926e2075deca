"""What the model is told to say in one turn of a move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..script import Step, calls, reply
from .marks import ANSWERS, mark, turned

JSON = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedTurn:
    """One turn's script.

    Args:
        steps: as the stand-in takes them. answer: the text of the last one, or "" where none is certain.
        tools: role, name and arguments of the calls in them. side: what answers a request outside the conversation.
        text: what was said before the model breaks, where it does.
    """

    steps: tuple[Step, ...]
    answer: str = ""
    tools: tuple[Mapping[str, JSON], ...] = ()
    side: Step | None = None
    text: str = ""


CUTS = ("half-letter", "many-events", "")
"""How the bytes of a model's answers come, in turn: a network cuts anywhere, and nothing that is read changes."""


def cut(n: int) -> dict[str, JSON]:
    """The key of a step that says how the bytes of the nth answer are cut."""
    way = turned(CUTS, n // len(ANSWERS))  # each text in each way
    return {"split": [way]} if way else {}


ScriptTurn = Callable[[str], ScriptedTurn]
"""Makes a turn's script from the nonce of its message, so that every text in it carries a mark of that turn."""


def answer_of(nonce: str, n: int = 0) -> str:
    """The answer of a turn, in the nth manner; another one for each n, so that a retry never says the same again."""
    return turned(ANSWERS, n).format(mark=mark(nonce, "answer", n))


def plainly(n: int = 0, **more: Any) -> ScriptTurn:
    """The model answers, in the nth manner. `more`: keys of the step."""

    def script_turn(nonce: str) -> ScriptedTurn:
        text = answer_of(nonce, n)
        return ScriptedTurn(steps=(reply(text, **{**cut(n), **more}),), answer=text)

    return script_turn


def differently(n: int, *, again: bool = False) -> ScriptTurn:
    """The model answers a message that is sent twice, each time in other words.

    Args:
        again: whether this is the second time; the script is the same, and which answer is due is not.
    """

    def script_turn(nonce: str) -> ScriptedTurn:
        answers = (answer_of(nonce, n), answer_of(nonce, n + 1000))
        return ScriptedTurn(steps=({"attempts": [reply(text) for text in answers]},), answer=answers[again])

    return script_turn


Rounds = Sequence[Sequence[Mapping[str, JSON]]]
"""Calls of each round: role, name, arguments."""


def by_tools(make: Callable[[str], Rounds], *, n: int = 0, words: str = "", **more: Any) -> ScriptTurn:
    """The model makes rounds of calls, then answers.

    Args:
        make: the rounds, from the nonce. words: what it says before the first. more: keys of the first step.
    """

    def script_turn(nonce: str) -> ScriptedTurn:
        rounds, text = make(nonce), answer_of(nonce, n)
        steps = [
            calls(*(_said(c) for c in round), text="" if i else words, **{**cut(n + i), **({} if i else more)})
            for i, round in enumerate(rounds)
        ]
        used = tuple(dict(c) for round in rounds for c in round)
        return ScriptedTurn(steps=(*steps, reply(text, **cut(n + len(rounds)))), answer=text, tools=used)

    return script_turn


def _said(call: Mapping[str, JSON]) -> dict[str, JSON]:
    return {key: value for key, value in call.items() if key != "role"}
