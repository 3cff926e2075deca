"""A conversation goes on: what was said in one turn is known in a later one."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import IN_WORDS, Transcript

from ..clauses import SPEC_HISTORY
from ..evidence import answer_text, calls_of, reply, shorten, tries
from ..exchanges.text import ASKED_IN, TOLD


@check(
    "persistence.earlier-fact-known",
    level=MUST,
    on=("three_turns",),
    clause=SPEC_HISTORY,
    cause="Only the newest message is sent to the model.",
    fix="Load the thread's items, convert them all, and send them before the newest message.",
)
def earlier_fact_known(t: Transcript) -> Findings:
    """What the user stated in the first turn is known to the model in the turns after it.

    A model that plays no script is asked for it. One that did not repeat what was said right then proves nothing.
    """
    if IN_WORDS in t.notes:
        yield from _asked(t)
        return
    for n, fact in TOLD.items():
        heard = calls_of(t, f"turn-{n}")
        if not any(fact in str(call.messages) for call in heard):
            expected = f"{fact!r} in a request to the model"
            yield Finding(expected=expected, got=f"{len(heard)} requests without it", reply=f"turn-{n}")


def _asked(t: Transcript) -> Findings:
    """A finding where no answer tells the fact that was asked for, though the turn that stated it told it."""
    fact = TOLD[ASKED_IN]
    said = [text for r in tries(t, f"turn-{ASKED_IN}") if (text := answer_text(r))]
    if not said:
        raise Untestable(f"turn-{ASKED_IN} had no answer.")
    if any(fact in text for text in said):
        return
    if fact not in answer_text(reply(t, "turn-1")):
        raise Untestable(f"The model did not tell {fact!r} in the turn in which it was stated, either.")
    yield Finding(expected=f"{fact!r}", got=shorten(said), reply=f"turn-{ASKED_IN}")
