"""The first thread of a run, after hundreds of others: it is still there, and the model is told what was said in it."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import SAID_BEFORE, Transcript

from ..clauses import SPEC_HISTORY
from ..evidence import answered, body, calls_of, note, page, reply, shorten, text_of


@check(
    "persistence.first-thread-kept",
    level=MUST,
    on=("first_thread_again",),
    clause="user specification, also required: history survives reload and restart",
    cause="A user's oldest threads are deleted when there are many, or ids are counted anew when the server starts.",
    fix="Keep a thread until its user deletes it; make ids of which none comes twice, as uuid4().",
    criteria=("SC-005",),
)
def first_thread_kept(t: Transcript) -> Findings:
    """The first thread that a user began is still there, after many others were begun and after a restart."""
    mark = note(t, SAID_BEFORE)[0]
    asked = [r.label for r in t.replies if r.label.startswith("reload-")]
    for label in asked or ("reload-1",):
        r = reply(t, label)
        found = r.body.get("items") if r.accepted and isinstance(r.body, dict) else None
        items = page(found, label) if found is not None else []
        if not any(mark in text_of(item) for item in items):
            got = shorten([text_of(item) for item in items]) if items else answered(r)
            yield Finding(expected=f"the message with the mark {mark}", got=got, reply=label)
            return


@check(
    "persistence.first-thread-remembered",
    level=MUST,
    needs=("model",),
    on=("first_thread_again",),
    clause=SPEC_HISTORY,
    cause="What the model is told of a thread is kept in memory, with room for so many threads, or for a time.",
    fix="Build the model's input from the stored items of the thread.",
)
def first_thread_remembered(t: Transcript) -> Findings:
    """When the first thread is gone on with after many others, the model is sent what was said in it."""
    mark = note(t, SAID_BEFORE)[0]
    if mark not in str(body(reply(t, "reload-1"))):
        raise Untestable("The thread was not there any more.")
    calls = calls_of(t, "turn-2")
    if not calls:
        raise Untestable("The model was not asked.")
    for call in calls:
        if mark not in str(call.messages):
            got = f"{len(call.messages)} messages: {shorten(call.messages, 300)}"
            yield Finding(expected=f"the message with the mark {mark}", got=got, reply="turn-2", call=call.n)
