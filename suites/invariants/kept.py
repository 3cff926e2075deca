"""What a thread keeps of an answer that was left."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.stream.reread import rereads
from chatkit_conformance.transcript import Transcript

from ..clauses import server
from ..evidence import shorten, text_of


@check(
    "persistence.no-empty-answer",
    level=SHOULD,
    clause=server("387-412") + ": of a cancelled stream, pending messages that are not empty are persisted",
    cause="A pending message is stored when the browser leaves, whether or not anything was said.",
    fix="Store a pending message only where it has text.",
)
def no_empty_answer(t: Transcript) -> Findings:
    """A thread that was left before a word was said has no answer in which nothing is said."""
    left = {a.thread_id for a in asked_in(t) if a.reply.ended == "left"} - {""}
    finished = {e.item_id for a in asked_in(t) for e in a.reply.items_done("assistant_message")}
    reads = [read for read in rereads(t) if read.thread_id in left and read.quiet]
    if not reads:
        raise Untestable(f"No thread of {t.exchange} was read after its answer was left.")
    for read in reads:
        for item in read.items:
            empty = item.get("type") == "assistant_message" and not text_of(item).strip()
            if empty and str(item.get("id")) not in finished:
                yield Finding(expected="an answer with text, or none", got=shorten(item), reply=read.label)
