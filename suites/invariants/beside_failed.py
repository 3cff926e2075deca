"""Requests beside the conversation that fail, such as the one for a title: the answer is not to suffer from it."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import TURNS
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_FAULTS
from ..evidence import said_errors


@check(
    "errors.title-failure-untold",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_FAULTS + "; a title is nothing that the user asked for",
    cause="The request for a title is made within the turn, and its failure is the turn's.",
    fix="Catch what goes wrong with a title, log it, and leave the thread without one or with the first words.",
    criteria=("SC-008",),
)
def title_failure_untold(t: Transcript) -> Findings:
    """A turn whose answer was whole before a title was asked for does not end with an error because that failed."""
    notes = t.notes.get(TURNS, {})
    if not (turns := turns_in(t)):
        raise Untestable(f"Nothing was said in {t.exchange}.")
    for turn in turns:
        fault = notes.get(turn.asked.reply.label, {}).get("fault") or {}
        if fault.get("place") != "title" or not turn.sound or not _answered_before(turn):
            continue
        if turn.asked.reply.errors:
            got = f"the answer, and then {said_errors(turn.asked.reply)}"
            yield Finding(expected="the answer, and no error", got=got, reply=turn.asked.reply.label)


def _answered_before(turn: Turn) -> bool:
    """Whether a turn's answer was whole before all that was asked beside it, and stayed: no guard has stopped it."""
    r, asked = turn.asked.reply, [call.at for call in turn.side]
    ends = [call.finished_at for call in turn.calls if call.finished_at is not None]
    gone = {e.item_id for e in r.of("thread.item.removed")}
    stays = any(e.item_id not in gone for e in r.items_done("assistant_message"))
    return bool(stays and asked and ends) and max(ends) <= min(asked)
