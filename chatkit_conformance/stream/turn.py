"""The turns of a transcript: what was asked, what the server asked the model for it, and what the model said."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from ..transcript import STOPPED, Call, Transcript
from ..wire.schema import streaming_types
from .agents import failed_beside, of_the_answer
from .asked import NONCE, Asked, asked_in
from .model_answers import ModelAnswer, model_answers
from .once import once

ROUNDS = 25
"""Rounds of tools in one turn that a limit in use allows: LangGraph's default; the Agents SDK's is 10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn.

    Args:
        asked: the request that began it.
        nonce: the nonce of the user's message that it answers, or "".
        calls: the requests to the model that it led to, in their order, and what the model `answers` to each.
        side: those outside the conversation (a title, a guard's judgement).
        answering: those of `calls` that led to the answer, which a guard that asks in words did not.
        unguarded: whether a guard of this turn had nothing of the model in the end: it may let nothing through then,
            whether it is asked before the agent that answers, or beside it.
        stopped: whether the server is to stop it: a guardrail trips, an answer does not fit what was asked for.
    """

    asked: Asked
    nonce: str = ""
    calls: tuple[Call, ...] = ()
    answers: tuple[ModelAnswer, ...] = ()
    side: tuple[Call, ...] = ()
    answering: tuple[Call, ...] = ()
    unguarded: bool = False
    stopped: bool = False

    @property
    def last(self) -> tuple[Call, ModelAnswer]:
        """The last request that led to the answer, and what the model said to it. Raises IndexError without any."""
        n = self.answering[-1].n
        return next((call, answer) for call, answer in zip(self.calls, self.answers, strict=True) if call.n == n)

    @property
    def broken(self) -> str:
        """Why the model came to no whole answer in this turn, or "". Where it was never asked, it did not break."""
        own = {call.n for call in self.answering}
        made = zip(reversed(self.calls), reversed(self.answers), strict=True)
        return next((answer.trouble for call, answer in made if answer.known and call.n in own), "")

    @property
    def refused(self) -> bool:
        """Whether there is no whole answer only because the server's own request was wrong."""
        return bool(self.broken) and all(s.refused for s in self.answers if s.known and s.trouble)

    @property
    def excused(self) -> bool:
        """Whether the model did something wrong in this turn, so that the server may have been unable to answer.

        A turn that the server is to stop counts as that.
        """
        return (bool(self.broken) and not self.refused) or self.misled or self.unguarded or self.stopped

    @property
    def sound(self) -> bool:
        """Whether the model was asked and gave a whole answer every time."""
        return bool(self.answers) and all(s.whole for s in self.answers)

    @property
    def misled(self) -> bool:
        """Whether the model called a tool that it was not given, or without the arguments that the tool requires."""
        return any(_wrong(call, answer) for call, answer in zip(self.calls, self.answers, strict=True))

    @property
    def slow(self) -> bool:
        """Whether its time was over while it went on with rounds of tools, and fewer than a right server may allow.

        How many there may be nobody says. So a server that asks on, at its own pace, does not hang.
        """
        r = self.asked.reply
        if r.ended != "deadline" or r.ended_at is None or not 1 < len(self.calls) < ROUNDS:
            return False
        # What it did last is no longer ago than two of its rounds took.
        return (r.ended_at - self.calls[-1].at) * (len(self.calls) - 1) < 2 * (r.ended_at - r.sent_at)

    @property
    def words(self) -> str:
        """All that the model said in this turn, broken answers included."""
        return "".join(s.text for s in self.answers)


def _wrong(call: Call, answer: ModelAnswer) -> bool:
    tools = {str(tool.get("name")): tool.get("parameters") for tool in call.tools}
    for _, name, text in answer.calls:
        try:
            arguments = json.loads(text or "{}")
        except (ValueError, RecursionError):
            return True
        schema = tools.get(name)
        required = schema.get("required") if isinstance(schema, dict) else None
        if name not in tools or not isinstance(arguments, dict) or set(required or ()) - set(arguments):
            return True
    return False


@once
def sound_calls(t: Transcript) -> tuple[Call, ...]:
    """The requests to the model of turns in place, of each thread up to its first turn that did not end well.

    What comes after it may still bear the traces of what went wrong. Where what went wrong is a request that the model
    refused, it is among these: that is the server's own doing.
    """
    failed: set[str] = set()
    found: list[Call] = []
    for turn in turns_in(t):
        if turn.asked.wrong or turn.asked.thread_id in failed:
            continue
        if turn.excused or not all(answer.whole or answer.refused for answer in turn.answers):
            failed.add(turn.asked.thread_id)
            continue
        if turn.refused:
            failed.add(turn.asked.thread_id)
        found += (*turn.calls, *turn.side)
    return tuple(sorted(found, key=lambda call: call.n))


@once
def asked_by(t: Transcript) -> dict[int, str]:
    """For each request to the model, by its `n`: the label of the reply in whose turn it was made."""
    return {call.n: turn.asked.reply.label for turn in turns_in(t) for call in (*turn.calls, *turn.side)}


@once
def turns_in(t: Transcript) -> tuple[Turn, ...]:
    """Every turn of a transcript, in the order in which they were asked for; those that are out of place, too."""
    said = model_answers(t)
    asked = [(a, nonce) for a, nonce in _with_nonces(asked_in(t)) if a.reply.type in streaming_types()]
    sharing: dict[str, list[Asked]] = {}
    for a, nonce in asked:
        if nonce:
            sharing.setdefault(nonce, []).append(a)
    calls: dict[int, list[Call]] = {}
    unmarked = [a for a, nonce in asked if not nonce]
    for call in t.calls:
        if those := sharing.get(call.nonce):
            calls.setdefault(_asker(those, call).n, []).append(call)
        elif not call.nonce and len(open_then := [a for a in unmarked if _open_at(a, call.at)]) == 1:
            calls.setdefault(open_then[0].n, []).append(call)
    stopped = t.notes.get(STOPPED, ())
    return tuple(_turn(a, nonce, calls.get(a.n, ()), said, stopped=a.reply.label in stopped) for a, nonce in asked)


def _turn(a: Asked, nonce: str, made: Iterable[Call], answers: dict[int, ModelAnswer], *, stopped: bool) -> Turn:
    every = tuple(made)
    main = tuple(call for call in every if not call.side)
    answering = of_the_answer(main)
    return Turn(
        asked=a,
        nonce=nonce,
        calls=main,
        answers=tuple(answers[call.n] for call in main),
        side=tuple(call for call in every if call.side),
        answering=answering,
        unguarded=failed_beside(every, answering),
        stopped=stopped,
    )


def _open_at(a: Asked, moment: float) -> bool:
    """Whether a request was being answered at this moment: without a script, time alone says whose a call is."""
    return a.reply.ended_at is not None and 0 < a.reply.sent_at <= moment <= a.reply.ended_at


def _asker(those: list[Asked], call: Call) -> Asked:
    """Which of the requests about one message led to a call: the last that had been sent by then."""
    return next((a for a in reversed(those) if 0 < a.reply.sent_at <= call.at), those[0])


def _with_nonces(asked: Iterable[Asked]) -> Iterable[tuple[Asked, str]]:
    """Each request with the nonce of the message that it answers: its own, or that of an earlier one of its thread."""
    last: dict[str, str] = {}
    by_item: dict[tuple[str, str], str] = {}
    for a in asked:
        item = a.thread_id, str(a.reply.params.get("item_id"))
        nonce = a.nonce or by_item.get(item, "") or last.get(a.thread_id, "")
        for e in a.reply.items_done("user_message"):
            if found := NONCE.search(str(e.item.get("content"))):
                by_item[a.thread_id, e.item_id] = found.group()
        if a.nonce and a.thread_id and a.reply.streamed:
            last[a.thread_id] = a.nonce
        yield a, nonce
