"""Messages that wait for their turn: what was answered before them, while they waited, is known when they are."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.history import history_requests
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_HISTORY
from ..evidence import shorten, text_of

SHORT = 12
"""Characters of an answer from which on it can be told from other words."""


@check(
    "gemini.queued-turn-knows-answers",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_HISTORY + "; what a thread is told in is read when it is told",
    cause="A turn reads the thread's items first, and then waits until the turn before it is over.",
    fix="Read the items once the thread is yours: within the lock.",
)
def queued_turn_knows_answers(t: Transcript) -> Findings:
    """A message that had to wait until another answer was whole is answered by a model that knows that answer."""
    turns = [turn for turn in turns_in(t) if turn.asked.says and turn.asked.thread_id and not turn.asked.wrong]
    if not turns:
        raise Untestable(f"Nothing was said in a thread of {t.exchange}.")
    first = {request.turn.asked.n: request for request in reversed(history_requests(t))}
    for turn in turns:
        if (request := first.get(turn.asked.n)) is None:
            continue
        for before in turns:
            answer = _waited_for(before, turn, request.call.at)
            if answer and not request.heard.has(answer):
                got = f"a request of {len(request.heard.messages)} messages without it"
                expected = f"the answer of {before.asked.reply.label}: {shorten(answer)}"
                yield Finding(expected=expected, got=got, reply=turn.asked.reply.label, call=request.call.n)


def _waited_for(before: Turn, turn: Turn, asked_at: float) -> str:
    """The answer that was under way when a message was sent, and whole when the model was asked for its own; or ""."""
    r, own = before.asked.reply, turn.asked.reply
    ended = r.ended_at
    if before.asked.thread_id != turn.asked.thread_id or not before.sound or r.ended != "closed" or r.errors:
        return ""
    if ended is None or not r.sent_at < own.sent_at < ended <= asked_at:
        return ""
    answers = [text_of(e.item) for e in r.items_done("assistant_message")]
    return answers[-1] if answers and len(answers[-1]) >= SHORT else ""
