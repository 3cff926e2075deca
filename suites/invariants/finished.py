"""Items that a turn began to show: what becomes of them by its end."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.stream.reread import Reread, rereads
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Event, Transcript

from ..clauses import SPEC_SURVIVES, types

ENDS = ("thread.item.done", "thread.item.replaced", "thread.item.removed")
"""Events after which an item is no longer under way."""


def _whole(turn: Turn) -> bool:
    """Whether a turn went well from its beginning to its end, alone in its thread."""
    r = turn.asked.reply
    well = r.streamed and r.ended == "closed" and not r.errors and turn.sound
    return well and not turn.asked.wrong and not turn.asked.overlaps and not turn.excused


def _begun(turn: Turn) -> list[Event]:
    """What a turn began beside its answer, whose end is another check's."""
    r = turn.asked.reply
    return [e for e in r.of("thread.item.added") if e.item_id and e.item.get("type") != "assistant_message"]


def _next_read(t: Transcript, turn: Turn) -> Reread | None:
    """The first time that the thread was read back whole after a turn, with no answer under way."""
    later = (r for r in rereads(t) if r.n > turn.asked.n and r.thread_id == turn.asked.thread_id)
    return next((r for r in later if r.complete and r.quiet), None)


@check(
    "stream.items-finished",
    level=MUST,
    needs=("model",),
    clause=types("368-391") + ": what thread.item.added begins, thread.item.done ends; " + SPEC_SURVIVES,
    cause="Items under way are kept by the name of their tool, or in one variable: of two at once the first is lost.",
    fix="Keep each item that is under way by its own id, and end all of them before the turn ends.",
    criteria=("SC-005",),
)
def items_finished(t: Transcript) -> Findings:
    """Each step, task or widget that a whole turn begins is finished, replaced or removed, or a reload shows it."""
    ended = {e.item_id for r in t.replies for e in r.of(*ENDS)}
    usual = {e.item.get("type") for r in t.replies for e in r.items_done()}
    judged = 0
    for turn in filter(_whole, turns_in(t)):
        begun = [e for e in _begun(turn) if e.item.get("type") in usual]
        judged += 1
        left = [e for e in begun if e.item_id not in ended]
        read = _next_read(t, turn) if left else None
        for e in left:
            if read is not None and e.item_id not in read.ids:
                kind = e.item.get("type")
                got = f"{kind} {e.item_id!r} begun and never ended; {read.label} does not show it"
                label = turn.asked.reply.label
                yield Finding(expected=f"the {kind} finished", got=got, reply=label, event=e.index)
    if not judged:
        raise Untestable(f"No turn of {t.exchange} went well from its beginning to its end.")
