"""What a turn in which the model broke leaves in the thread: all that was finished, and nothing made up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.model_answers import model_answers
from chatkit_conformance.stream.reread import Reread, rereads
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Event, Transcript

from ..clauses import SPEC_SURVIVES, types
from ..evidence import shorten, text_of
from .faults import broken_turns


def _read_after(t: Transcript) -> list[tuple[Turn, Reread]]:
    """Each turn in which the model broke, with each time that its thread was read back afterwards."""
    found = _with_reads(t, broken_turns(t))
    if not found:
        raise Untestable(f"No thread of {t.exchange} was read back after the model failed in it.")
    return found


def _with_reads(t: Transcript, turns: Iterable[Turn]) -> list[tuple[Turn, Reread]]:
    return [
        (turn, read)
        for turn in turns
        for read in rereads(t)
        if read.thread_id == turn.asked.thread_id and read.n > turn.asked.n and read.complete and read.quiet
    ]


WAITS = ("client_tool_call", "structured_input")
"""Items by which a turn ends with a call that the user or the browser has to answer."""


def _unanswered(t: Transcript) -> list[Turn]:
    """The turns whose last answer of the model broke, or is a call, so that the model has not answered."""
    return [turn for turn in turns_in(t) if not turn.asked.wrong and turn.answers and _is_unanswered(turn)]


def _is_unanswered(turn: Turn) -> bool:
    r = turn.asked.reply
    call, last = turn.last
    # An agent that was handed over to may be told so little that its request seems to stand beside the conversation.
    handed_over = any(c.n > call.n and not c.fault and c.status < 400 for c in turn.side)
    waits = last.calls and r.ended == "closed" and not r.items_done(*WAITS) and not turn.misled and not handed_over
    return bool(waits) or (bool(turn.broken) and r.ended != "left")


def _lost(turn: Turn, read: Reread) -> Iterator[Event]:
    """The items that a broken turn finished and a reload should show, and does not."""
    return (e for e in turn.asked.reply.items_done() if e.item_id in read.shown and e.item_id not in read.ids)


@check(
    "errors.user-message-kept",
    level=MUST,
    needs=("model",),
    clause="openai-chatkit 1.6.5 chatkit/types.py L387-391: done marks an item complete; SC-005: it survives a reload",
    cause="The turn's transaction, with the user's message, is rolled back when the model fails.",
    fix="Commit the user's message before calling the model.",
    criteria=("SC-005", "SC-008"),
)
def user_message_kept(t: Transcript) -> Findings:
    """A reload shows the message that the model failed to answer."""
    for turn, read in _read_after(t):
        for e in _lost(turn, read):
            if e.item.get("type") == "user_message":
                got = f"{len(read.ids)} items without it"
                yield Finding(expected=f"user_message {shorten(text_of(e.item))}", got=got, reply=read.label)


@check(
    "errors.finished-items-kept",
    level=MUST,
    needs=("model",),
    clause=types("387-391") + ": done marks an item complete; " + SPEC_SURVIVES,
    cause="What was finished before the model failed is rolled back with the turn.",
    fix="Store each item before its done event, in a transaction of its own.",
    criteria=("SC-005", "SC-008"),
)
def finished_items_kept(t: Transcript) -> Findings:
    """A reload shows every item that a failed turn finished."""
    for turn, read in _read_after(t):
        for e in _lost(turn, read):
            if e.item.get("type") not in ("user_message", "end_of_turn"):
                got = f"not among {len(read.ids)} items: {shorten(text_of(e.item) or e.item.get('type'))}"
                yield Finding(expected=f"item {e.item_id} in the reload", got=got, reply=read.label)


@check(
    "errors.nothing-invented",
    level=SHOULD,
    needs=("model",),
    clause="reported of ChatKit servers: after a model error no apology is stored as if the model had said it",
    cause="The handler yields an apology as an assistant message, which the model then reads as its own text.",
    fix="Yield an `error` event or a notice, which are not stored.",
)
def nothing_invented(t: Transcript) -> Findings:
    """After a failure, nothing is stored as an assistant message that the model did not say."""
    answers = model_answers(t).values()
    words = "\n".join(text for said in answers for text in (said.text, said.spelled))
    begun = tuple(text for said in answers if said.begun and (text := said.text.strip()))
    found = _with_reads(t, _unanswered(t))
    if not found:
        raise Untestable(f"No thread of {t.exchange} was read back after a turn without an answer of the model's.")
    for turn, read in found:
        shown = {e.item_id for e in turn.asked.reply.items_done("assistant_message")}
        for item in read.items:
            text = text_of(item).strip()
            new = item.get("id") in shown or item.get("id") not in read.shown
            if (
                item.get("type") == "assistant_message"
                and new
                and text
                and not (text in words or text.startswith(begun))
            ):
                yield Finding(expected="only what the model said", got=f"answer {shorten(text)}", reply=read.label)
