"""The answer's text: what was streamed, what was finished, what the model said."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.stream.event_kinds import is_text
from chatkit_conformance.stream.heard import as_read
from chatkit_conformance.stream.once import once
from chatkit_conformance.stream.reducer import reduce
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import JSON, Event, Reply, Transcript

from ..clauses import types
from ..evidence import answer_text, calls_of, note, shorten, text_of, times, turn, turns, went_on_at
from ..exchanges.text import HELD_AFTER

PART_DONE = "assistant_message.content_part.done"


@once
def _built(t: Transcript) -> tuple[tuple[Reply, Event, Mapping[str, JSON]], ...]:
    """The finished assistant messages that had deltas, each with what it was before its end by added and deltas."""
    found: list[tuple[Reply, Event, Mapping[str, JSON]]] = []
    for r in t.turns():
        shown = reduce(e for e in r.events if e.update.get("type") != PART_DONE)
        written = {e.item_id for e in r.deltas}
        done = {e.item_id: e for e in reversed(r.items_done("assistant_message"))}
        found += [(r, done[id], item) for id, item in shown.built.items() if id in written and id in done]
    return tuple(found)


def _texts(item: Mapping[str, JSON]) -> list[str]:
    """The text of each part of a message."""
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    return [str(part.get("text") or "") if isinstance(part, dict) else "" for part in parts]


@check(
    "stream.deltas-add-up",
    level=MUST,
    clause=types("489-495") + ": text_delta carries incremental output of the part that done finishes, L510-517",
    cause="Chunks are dropped, repeated or trimmed, or deltas carry the whole text so far.",
    fix="Send each chunk of the model's text once, unchanged, as one delta, and finish with their sum.",
    criteria=("SC-005",),
)
def deltas_add_up(t: Transcript) -> Findings:
    """The deltas of each content part add up to the text of that part in the finished item."""
    turns(t)
    broken = {turn.asked.reply.label for turn in turns_in(t) if turn.broken}
    for r, e, item in _built(t):
        for index, (shown, final) in enumerate(zip_longest(_texts(item), _texts(e.item), fillvalue="")):
            said_why = r.label in broken and final.startswith(shown)  # what broke off may be finished with a word on it
            # Blanks at the ends are nothing that anybody sees: many finish an answer without them.
            if shown and shown.strip() != final.strip() and not said_why:
                got = f"shown {shorten(shown)}, finished {shorten(final)}"
                yield Finding(expected=f"part {index} as it was shown", got=got, reply=r.label, event=e.index)


@check(
    "stream.indentation-kept",
    level=SHOULD,
    clause=types("489-495") + "; CommonMark 4.4: a line that is indented by four blanks is code",
    cause="The finished text is stripped of the blanks at its ends.",
    fix="Finish an answer with the text that was streamed.",
)
def indentation_kept(t: Transcript) -> Findings:
    """An answer that was streamed as an indented line is finished as one: it would turn from code into prose."""
    turns(t)
    for r, e, item in _built(t):
        for index, (shown, final) in enumerate(zip(_texts(item), _texts(e.item), strict=False)):
            if shown.strip() == final.strip() and _is_code(shown) and not _is_code(final):
                got = f"shown {shorten(shown)}, finished {shorten(final)}"
                yield Finding(expected=f"part {index} indented as it was shown", got=got, reply=r.label, event=e.index)


def _is_code(text: str) -> bool:
    """Whether a text's first line is code by its indentation."""
    return text.lstrip("\r\n").expandtabs().startswith("    ")


@check(
    "stream.part-done-agrees",
    level=MUST,
    clause=types("510-517") + ": content_part.done carries the finalized part",
    cause="The part's done event is sent with empty content, or before its last delta.",
    fix="Send content_part.done with the whole text of the part, after its last delta.",
)
def part_done_agrees(t: Transcript) -> Findings:
    """A content_part.done, if it is sent, carries the same text as the finished item."""
    for r in turns(t):
        done = {e.item_id: e.item for e in r.items_done("assistant_message")}
        for e in r.updates("assistant_message.content_part.done"):
            content, index = e.update.get("content"), e.update.get("content_index")
            whole = done.get(e.item_id, {}).get("content")
            if not isinstance(content, dict) or not isinstance(whole, list) or not isinstance(index, int):
                continue
            final = whole[index].get("text") if 0 <= index < len(whole) and isinstance(whole[index], dict) else None
            if final != content.get("text"):
                got = f"part {index} done as {shorten(content.get('text'))}, in the item {shorten(final)}"
                yield Finding(expected="the same text in both", got=got, reply=r.label, event=e.index)


def _answer(t: Transcript, label: str) -> str:
    """The finished answer of a turn. Raises Untestable where it gave none: other checks judge that."""
    got = answer_text(turn(t, label))
    if not got:
        raise Untestable(f"{label} of {t.exchange} gave no answer.")
    return got


@check(
    "stream.text-other-scripts",
    level=MUST,
    needs=("script",),
    on=("other_scripts",),
    clause="WHATWG HTML 9.2.5: an event stream is UTF-8; RFC 8259 section 7: JSON strings carry any character",
    cause="Bytes are decoded chunk by chunk, text is normalized or escaped for HTML, or cut between code units.",
    fix="Decode with an incremental UTF-8 decoder, let a JSON encoder write the events, and do not touch the text.",
)
def text_other_scripts(t: Transcript) -> Findings:
    """Text in any script, with joined emoji, right-to-left letters and controls, reaches the user unchanged."""
    said, got = note(t, "question"), _answer(t, "scripts")
    if said not in got:
        at = next((n for n, (a, b) in enumerate(zip(said, got, strict=False)) if a != b), min(len(said), len(got)))
        expected = f"character {at} of the answer {shorten(said[at : at + 24])}"
        yield Finding(expected=expected, got=shorten(got[at : at + 24]), reply="scripts")


@check(
    "stream.text-long",
    level=MUST,
    needs=("script",),
    on=("other_scripts",),
    clause=types("818-823") + ": text has no length limit",
    cause="A buffer, a column or a proxy truncates the text.",
    fix="Store text in an unbounded column, and do not cap the answer.",
)
def text_long(t: Transcript) -> Findings:
    """An answer of about 12,000 characters reaches the user complete."""
    said, got = note(t, "answers")[1], _answer(t, "long")
    if said not in got:
        expected = f"{len(said)} characters ending {shorten(said[-30:])}"
        yield Finding(expected=expected, got=f"{len(got)} characters ending {shorten(got[-30:])}", reply="long")


@check(
    "stream.user-message-echoed",
    level=MUST,
    clause=types("648-655") + " and server.py L817-828: the user's message is sent back as a finished item",
    cause="The user's message is stored without being sent, or its text is cut or rewritten.",
    fix="Emit thread.item.done with the user_message item, content as sent, before the answer.",
)
def user_message_echoed(t: Transcript) -> Findings:
    """Each turn sends the user's message back as a finished item with its text, unchanged to whoever reads it."""
    # A turn that is refused by an `error` alone took no message, and one that broke off is judged for that.
    made = [a for a in in_place(t) if a.says and a.reply.streamed and (a.reply.items_done() or _quiet(a.reply))]
    if not made:
        raise Untestable(f"No message of {t.exchange} was taken.")
    for a in made:
        had = [text_of(e.item) for e in a.reply.items_done("user_message")]
        if a.text and as_read(a.text) not in map(as_read, had):
            got = f"user messages {shorten(had)}" if had else "no user_message was finished"
            yield Finding(expected=f"user_message {shorten(a.text)}", got=got, reply=a.reply.label)


def _quiet(r: Reply) -> bool:
    return r.ended == "closed" and not r.errors and bool(r.events)


@check(
    "stream.incremental",
    level=SHOULD,
    needs=("model",),
    on=("held_answer",),
    clause="user specification, features: streaming; types.py L489-495: incremental text output",
    cause="The answer is collected before it is sent: a non-streaming model call, a proxy that buffers.",
    fix="Stream from the model, yield each delta as it comes, and switch off buffering (gzip, proxies).",
    criteria=("SC-001",),
)
def incremental(t: Transcript) -> Findings:
    """The first text reaches the browser while the model is still sending the rest."""
    r = turn(t, "held")
    calls = calls_of(t, "held")
    went_on = went_on_at(calls, HELD_AFTER)
    seen_at = times(t, r).first_text_at
    if seen_at is None or (went_on is not None and seen_at >= went_on):
        got = "text only after the model continued" if seen_at is not None else "no text at all"
        first = next((e.index for e in r.events if is_text(e)), None)
        expected = "text while the model pauses after its second chunk"
        yield Finding(expected=expected, got=got, reply="held", event=first)
