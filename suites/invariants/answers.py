"""What becomes of a turn in which nothing is wrong: it is answered, with the model's own words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.once import once
from chatkit_conformance.stream.reducer import reduce
from chatkit_conformance.stream.reread import rereads
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_FAULTS, store, types
from ..evidence import CONFLICT, LIMITED, answered, asks_json, said_errors, shorten, text_of

ANSWERING = (
    "threads.create",
    "threads.add_user_message",
    "threads.retry_after_item",
    "threads.add_client_tool_output",
)
"""Requests after which the model's answer is shown. A button may well do its work without a word."""

LONGEST = 8000
"""Characters of a message that every server takes; of longer ones protocol.long-message-kept speaks."""

SHORT = 12
"""Characters below which a model may well say the same again."""

SILENT = ("user_message", "end_of_turn")
"""Items that answer nothing."""


@once
def shown_in(t: Transcript) -> dict[int, str]:
    """The assistant's words that each stream leaves on the screen, by the reply's place in the transcript."""
    return {turn.asked.n: _shown(turn.asked.reply) for turn in turns_in(t)}


def _shown(r: Reply) -> str:
    return "".join(text_of(item) for item in reduce(r.events).items if item.get("type") == "assistant_message")


def _plain(turn: Turn) -> bool:
    """Whether a message is one that every server takes: words, and a quotation at most."""
    message = turn.asked.message
    content = message.get("content")
    tags = any(isinstance(p, dict) and p.get("type") != "input_text" for p in content or ())
    options = message.get("inference_options")
    model = options.get("model") if isinstance(options, dict) else None
    return not tags and not message.get("attachments") and not model and len(turn.asked.text) <= LONGEST


GOES_ON_S = 10.0
"""Seconds in which a server may go on with an answer that the browser has left, and refuse the next message.

They count from the end of the model's own answer where that came later.
"""


def _hindered(turn: Turn) -> bool:
    """Whether something else than the server can be the reason that there is no answer."""
    a = turn.asked
    return bool(a.wrong) or a.overlaps or a.reply.ended in ("left", "unsent") or a.reply.status == LIMITED


def _failed(turn: Turn) -> str:
    """How a turn that nothing hinders failed, or ""."""
    r = turn.asked.reply
    if not r.streamed or r.errors or r.ended != "closed":
        return f"{answered(r)}, ended {r.ended}, {said_errors(r)}"
    if all(e.item.get("type") in SILENT for e in r.items_done()):
        return f"{len(r.events)} events without an answer"
    return ""


def _went_on(turn: Turn) -> float:
    """When a turn that the browser left was last seen under way: the model may have answered for long after."""
    r = turn.asked.reply
    ends = (call.finished_at or call.gone_at or math.inf for call in (*turn.calls, *turn.side))
    return max(r.ended_at or r.sent_at, *ends, 0.0)


def _judged(t: Transcript, *, after_fault: bool) -> Iterator[tuple[Turn, str]]:
    """The turns that nothing hinders and how each failed, or ""; those of a thread that is dead already left out.

    Args:
        after_fault: those that follow a turn of their thread in which the model broke, or all others.
    """
    broken: dict[str, bool] = {}
    left: dict[str, float] = {}
    dead: set[str] = set()
    for turn in turns_in(t):
        thread, r = turn.asked.thread_id, turn.asked.reply
        if r.ended == "left":
            left[thread] = _went_on(turn)
        if r.type not in ANSWERING or thread in dead or _hindered(turn):
            continue
        if r.status == CONFLICT and r.sent_at - left.get(thread, -math.inf) < GOES_ON_S:
            continue
        if turn.excused or not _plain(turn):
            if turn.excused:
                broken[thread] = True
            elif _failed(turn):
                dead.add(thread)
            continue
        how = _failed(turn)
        if broken.get(thread, False) == after_fault:
            yield turn, how
        broken[thread] = False
        if how and thread:
            dead.add(thread)


def _works(t: Transcript, *, after_fault: bool) -> Findings:
    judged = list(_judged(t, after_fault=after_fault))
    if not judged:
        kind = "after a turn in which the model failed" if after_fault else "without a fault"
        raise Untestable(f"{t.exchange} has no turn {kind}.")
    for turn, how in judged:
        if how:
            yield Finding(expected="the message answered", got=how, reply=turn.asked.reply.label)


@check(
    "stream.turn-works",
    level=MUST,
    clause=types("74-94") + ": a message is answered; " + SPEC_FAULTS,
    cause="The server itself fails in this situation, although the model answers: check its log for this turn.",
    fix="Reproduce the turn with the command below, and fix what the log names.",
    criteria=("SC-008",),
)
def turn_works(t: Transcript) -> Findings:
    """A valid message is answered whenever the model answers, whatever happened before it."""
    yield from _works(t, after_fault=False)


@check(
    "errors.next-turn-works",
    level=MUST,
    needs=("model",),
    clause=SPEC_FAULTS + ", never a broken thread",
    cause="What was stored of the failed turn (half an item, a call without a result) breaks the next request.",
    fix="Store nothing of a failed answer except the text shown; build the history from finished items only.",
    criteria=("SC-008",),
)
def next_turn_works(t: Transcript) -> Findings:
    """The turn after a turn in which the model failed is answered."""
    yield from _works(t, after_fault=True)


@check(
    "stream.answer-from-model",
    level=MUST,
    needs=("model",),
    clause=types("658-662") + "; the features of the user specification: chat completions, streaming",
    cause="The stream from the model was mapped wrongly, or the answer of another turn was sent.",
    fix="Pass the model's text on unchanged, as assistant_message content of type output_text.",
)
def answer_from_model(t: Transcript) -> Findings:
    """The answer that a turn shows contains the text with which the model ended it."""
    judged = 0
    for turn in turns_in(t):
        r = turn.asked.reply
        if _hindered(turn) or not r.streamed or r.errors or r.ended != "closed" or not turn.answers:
            continue
        call, last = turn.last
        said, shown = last.text.strip(), shown_in(t)[turn.asked.n]
        if not last.whole or last.calls or not said or not shown or turn.stopped or asks_json(call):
            continue
        judged += 1
        if said not in shown:
            got = f"answer {shorten(shown)}"
            yield Finding(expected=f"answer {shorten(said)}", got=got, reply=r.label, call=call.n)
    if not judged:
        raise Untestable(f"No turn of {t.exchange} ended with text of the model.")


@check(
    "stream.one-answer-item",
    level=MUST,
    clause=types("658-662") + ": one message of the model is one assistant_message item",
    cause="The answer is announced by one code path and finished by another, so that it is stored twice.",
    fix="Emit one thread.item.done for each message of the model.",
)
def one_answer_item(t: Transcript) -> Findings:
    """One answer from the model is one finished assistant message, not two with the same text."""
    judged = 0
    for turn in turns_in(t):
        r = turn.asked.reply
        texts = [text_of(item) for item in reduce(r.events).items if item.get("type") == "assistant_message"]
        judged += bool(texts)
        for text, times in Counter(texts).items():
            # Said by nobody: the server's own words, which it may repeat. A model that is not seen says a thing once.
            said = sum(text.strip() in s.text for s in turn.answers) if turn.answers else 1
            if text.strip() and said and times > said:
                got = f"{times} messages with the same text {shorten(text)}"
                yield Finding(expected="the answer once", got=got, reply=r.label)
    if not judged:
        raise Untestable(f"No turn of {t.exchange} showed an answer.")


@check(
    "persistence.no-empty-answer-stored",
    level=SHOULD,
    clause=types("658-662") + ": an assistant message is what the model said",
    cause="A turn that was left or that failed before its first word is stored all the same.",
    fix="Store an answer only where it has text.",
)
def no_empty_answer_stored(t: Transcript) -> Findings:
    """A reload shows no answer without a word that was never shown."""
    reads = [read for read in rereads(t) if read.quiet and read.items]
    if not reads:
        raise Untestable(f"No thread of {t.exchange} was read back.")
    begun = {e.item_id for r in t.replies for e in r.deltas}  # one that was left may have begun with blanks
    for read in reads:
        for item in read.items:
            empty = item.get("type") == "assistant_message" and not text_of(item).strip()
            if empty and item.get("id") not in begun.union(read.shown):
                yield Finding(expected="only answers with words", got=shorten(item), reply=read.label)


@check(
    "persistence.answer-stored-once",
    level=MUST,
    needs=("model",),
    clause=store("131-143") + ": add_thread_item persists a new item; one message of the model is one item",
    cause="A turn that was left or that failed is stored by two code paths, each under an id of its own.",
    fix="Store what was shown of an answer once, under the id that the stream gave it.",
    criteria=("SC-005",),
)
def answer_stored_once(t: Transcript) -> Findings:
    """A reload shows no answer more often than the model gave it, whether its turn was finished, left or failed."""
    said: dict[str, list[str]] = {}
    for turn in turns_in(t):
        said.setdefault(turn.asked.thread_id, []).extend(answer.text for answer in turn.answers)
    reads = [read for read in rereads(t) if read.quiet and any(said.get(read.thread_id, ()))]
    if not reads:
        raise Untestable(f"No answer of the model's was read back in {t.exchange}.")
    for read in reads:
        rows = [item for item in read.items if item.get("type") == "assistant_message"]
        shown = Counter(text_of(item).strip() for item in rows if item.get("id") in read.shown)
        for text, times in Counter(text_of(item).strip() for item in rows).items():
            given = sum(text in words for words in said[read.thread_id])
            if len(text) >= SHORT and given and times > max(given, shown[text]):
                got = f"{times} messages with the text {shorten(text)}"
                yield Finding(
                    expected=f"{max(given, shown[text])}, as often as it was given", got=got, reply=read.label
                )
