"""What is left when several things happen at once: two tabs, several threads, changes in mid-answer."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_SURVIVES, types
from ..evidence import (
    LIMITED,
    answer_of,
    answer_text,
    answered,
    answers,
    body,
    led_to,
    left_standing,
    nonce,
    note,
    page,
    reloaded,
    reply,
    said_errors,
    shorten,
    shown_text,
    text_of,
    times,
    turn,
    turned_away,
    went_on_at,
)
from ..exchanges.side_by_side import HELD_AFTER, THREADS
from ..in_words import needs_script
from .answered import answered_with

SPEC_MEANWHILE = "user specification, edge cases: a message while the previous one is still answered"
SPEC_TABS = "user specification, also required: two tabs of one user see the same conversation"
SPEC_SEVERAL = "user specification, edge cases: several conversations at once"
DONE_IS_STORED = "openai-chatkit 1.6.5 chatkit/server.py L817-828: the message is added to the store, then sent as done"


@check(
    "persistence.message-visible-at-once",
    level=MUST,
    on=("two_tabs",),
    clause=DONE_IS_STORED + "; " + SPEC_TABS,
    cause="The turn is one transaction that is committed at its end, or the store writes late.",
    fix="Commit the user's message before its done event is sent.",
    criteria=("SC-005",),
)
def message_visible_at_once(t: Transcript) -> Findings:
    """A reload during an answer shows the user's message."""
    asked = note(t, "asked")
    if not asked:
        raise Untestable("The user's message was not sent back while the model held its answer back.")
    r = reply(t, "mid")
    if not r.accepted or not isinstance(r.body, dict):
        yield Finding(expected=f"user_message {asked!r}", got=answered(r), reply="mid")
    elif asked not in (ids := [i.get("id") for i in reloaded(t, "mid")]):
        yield Finding(expected=f"user_message {asked!r}", got=f"items {ids}", reply="mid")


@check(
    "persistence.two-tabs-agree",
    level=MUST,
    on=("two_tabs",),
    clause=SPEC_TABS,
    cause="The conversation is cached per connection or per worker.",
    fix="Read threads from the store on every request.",
    criteria=("SC-005",),
)
def two_tabs_agree(t: Transcript) -> Findings:
    """Two reloads, one after the other, show the same conversation."""
    one, two = ([(i.get("id"), text_of(i)) for i in reloaded(t, f"tab-{tab}")] for tab in (1, 2))
    if one != two:
        yield Finding(expected=shorten(one, 300), got=shorten(two, 300), reply="tab-2")


def _settled(r: Reply, said: str) -> bool:
    """Whether a turn came to an end that its user can understand: its answer, an error, a notice, or a refusal.

    A server that gives up an answer for a newer question says so by a notice.
    """
    return said in answer_text(r) or turned_away(r) or (bool(r.of("notice")) and r.ended == "closed")


@check(
    "persistence.concurrent-messages-answered",
    level=MUST,
    on=("two_tabs",),
    clause=SPEC_MEANWHILE + "; SC-008: never a hang",
    cause="The two turns share state (a run, a session, a lock), and one of them ends without an answer or an error.",
    fix="Run the turns of one thread one after the other, or refuse the second one with 409 or an error event.",
    criteria=("SC-008",),
)
def concurrent_messages_answered(t: Transcript) -> Findings:
    """A message sent while another is answered gets an answer, an error or a notice, and so does the first one."""
    first, second = note(t, "answers")
    for label, said in (("first", first), ("second", second)):
        r = reply(t, label)
        if not _settled(r, said):
            got = f"answer {shorten(answer_text(r))}, {said_errors(r)}, ended {r.ended}; {answered(r)}"
            yield Finding(expected=f"answer {shorten(said)}, an error or a notice", got=got, reply=label)


@check(
    "persistence.answers-not-mixed",
    level=MUST,
    on=("two_tabs", "several_threads"),
    clause=SPEC_MEANWHILE + ", several conversations at once; types.py L489-495: a delta belongs to its item",
    cause="Streams share a queue, a context or a current thread.",
    fix="Give each request its own context and queue.",
)
def answers_not_mixed(t: Transcript) -> Findings:
    """Answers streamed at the same time are not mixed: each stream shows only its own."""
    if t.exchange == "two_tabs":
        own = dict(zip(("first", "second"), note(t, "answers"), strict=True))
    else:
        own = {word: f"About {word}" for word in note(t, "words")}
    shown = {label: shown_text(reply(t, label)) for label in own}
    if not any(shown.values()):
        raise Untestable("None of the turns showed any text.")
    for label, text in shown.items():
        for other, said in own.items():
            if other != label and said[:12] in text:
                yield Finding(expected=f"nothing of {other!r}", got=shorten(text), reply=label)


@check(
    "persistence.concurrent-messages-kept",
    level=MUST,
    on=("two_tabs",),
    clause=SPEC_MEANWHILE + "; " + SPEC_SURVIVES,
    cause="One turn overwrites what the other saved: it writes a whole list of items back.",
    fix="Insert items one by one, and never write a thread's items as a whole.",
    criteria=("SC-005",),
)
def concurrent_messages_kept(t: Transcript) -> Findings:
    """After two concurrent turns, a reload shows every message that they finished, each once."""
    kinds = ("user_message", "assistant_message")
    done = [item for label in ("first", "second") for item in left_standing(reply(t, label), *kinds)]
    if not done:
        raise Untestable("Neither turn finished a message.")
    rows = reloaded(t, "tab-1")
    for item in done:
        same = [row for row in rows if row.get("id") == item.get("id")]
        if len(same) != 1 or text_of(same[0]) != text_of(item):
            got = f"{len(same)} times, {shorten([text_of(row) for row in same])}"
            expected = f"{item.get('type')} {shorten(text_of(item))} once"
            yield Finding(expected=expected, got=got, reply="tab-1")


@check(
    "persistence.turn-after-concurrent-messages",
    level=MUST,
    on=("two_tabs",),
    clause=SPEC_MEANWHILE + "; SC-008: never a broken thread",
    cause="The two turns left the thread locked, or its items in an order that the model rejects.",
    fix="Run the turns of one thread one after the other, and release the thread in `finally`.",
    criteria=("SC-008",),
)
def turn_after_concurrent_messages(t: Transcript) -> Findings:
    """After two concurrent messages, the thread's next message is answered."""
    yield from answered_with(t, "after", "Both tabs are here.")


@check(
    "persistence.threads-at-once-answered",
    level=MUST,
    on=("several_threads",),
    clause=SPEC_SEVERAL,
    cause="One run, one lock or one database session is shared by all threads.",
    fix="Keep a turn's state inside the turn.",
    criteria=("SC-008",),
)
def threads_at_once_answered(t: Transcript) -> Findings:
    """Three threads used at the same time each get a complete answer, unless the server limits what a user may ask."""
    if any(r.status == LIMITED and r.label in THREADS for r in t.replies):
        raise NotJudged("The server lets a user have fewer answers at once than three, and says so with 429.")
    for word in THREADS:
        yield from answered_with(t, word, f"{word} is all that is told here.")


@check(
    "persistence.threads-at-once-side-by-side",
    level=SHOULD,
    needs=("model",),
    on=("several_threads",),
    clause=SPEC_SEVERAL + "; SC-001: first token within 2 s",
    cause="A blocking call in the event loop, a global lock, or one worker thread.",
    fix="Use the async client, and never hold a lock for more than one thread.",
    criteria=("SC-001",),
)
def threads_side_by_side(t: Transcript) -> Findings:
    """Three threads are answered concurrently: each shows text while the model holds the others back."""
    needs_script(t)
    held = [at for word in THREADS if (at := went_on_at(led_to(t, reply(t, word)), HELD_AFTER)) is not None]
    if not held:
        raise Untestable("The model continued in none of the threads, so nothing is known to have been held back.")
    seen = {word: times(t, reply(t, word)).first_text_at for word in THREADS}
    begun = [word for word, at in seen.items() if at is not None and at < min(held)]
    for word in THREADS:
        if word not in begun:
            yield Finding(
                expected="a text delta while the others are held back", got=f"only {begun} had started", reply=word
            )


@check(
    "persistence.threads-at-once-kept",
    level=MUST,
    on=("several_threads",),
    clause=SPEC_SEVERAL + "; " + SPEC_SURVIVES,
    cause="Items are saved under the thread that the server used last.",
    fix="Save every item with its own thread's id.",
    criteria=("SC-005",),
)
def threads_at_once_kept(t: Transcript) -> Findings:
    """After three threads were answered at the same time, a reload of each shows only its own message and answer."""
    judged = 0
    for word in THREADS:
        if not answers(reply(t, word)):
            continue
        judged += 1
        texts = [text_of(i) for i in reloaded(t, f"reload-{word}")]
        others = [other for other in THREADS if other != word and any(f"About {other}" in text for text in texts)]
        if others or not any(answer_of(t, word, f"About {word}") in text for text in texts):
            yield Finding(expected=f"the answer about {word}", got=shorten(texts, 300), reply=f"reload-{word}")
    if not judged:
        raise Untestable("None of the three turns finished an answer.")


@check(
    "persistence.renamed-midway-kept",
    level=MUST,
    on=("changed_midway",),
    clause=types("277-288") + ": threads.update sets a thread's title",
    cause="The turn loads the thread at its start and overwrites it at its end.",
    fix="Load the thread again before saving it, or save only what the turn itself changed.",
)
def renamed_midway(t: Transcript) -> Findings:
    """A title set during an answer is kept when the answer ends."""
    if not (r := reply(t, "rename")).accepted:
        raise Untestable(f"The rename was answered with {answered(r)}.")
    title = body(reply(t, "renamed")).get("title")
    if title != note(t, "title"):
        yield Finding(expected=f"title {t.notes['title']!r}", got=f"title {title!r}", reply="renamed")


@check(
    "persistence.deleted-midway-stays-deleted",
    level=MUST,
    on=("changed_midway",),
    clause=types("291-301") + ": threads.delete deletes a thread",
    cause="The running turn saves the thread or its answer again, which recreates the thread.",
    fix="End the thread's turns before it is deleted, or let saving update only rows that still exist.",
)
def deleted_midway(t: Transcript) -> Findings:
    """A thread that is deleted during a turn stays deleted when the turn ends."""
    if not (r := reply(t, "delete")).accepted:
        raise Untestable(f"The delete was answered with {answered(r)}.")
    thread = str(r.params.get("thread_id"))
    gone, items = reply(t, "gone"), reply(t, "gone-items")
    if gone.accepted and isinstance(gone.body, dict) and gone.body.get("id") == thread:
        yield Finding(expected=f"no thread {thread!r}", got=answered(gone), reply="gone")
    if rows := items.body.get("data") if items.accepted and isinstance(items.body, dict) else None:
        yield Finding(expected="no items", got=f"{len(rows)}: {shorten(rows)}", reply="gone-items")
    if any(row.get("id") == thread for row in page(body(reply(t, "list")), "list")):
        yield Finding(expected=f"no thread {thread!r} in the list", got="it is listed", reply="list")


@check(
    "persistence.deleted-midway-stream-ends",
    level=SHOULD,
    on=("changed_midway",),
    clause="user specification SC-008: never a hang; RFC 9112 section 8: a stream that is ended is ended whole",
    cause="Saving to a deleted thread raises in mid-stream, and nothing turns that into an event.",
    fix="End the thread's turns with an error event when it is deleted.",
)
def deleted_midway_ends(t: Transcript) -> Findings:
    """When a thread is deleted during a turn, the server closes the turn's stream."""
    r = turn(t, "turn-2")
    if r.ended != "closed":
        yield Finding(expected="a closed stream", got=f"ended {r.ended} after {len(r.events)} events", reply="turn-2")


@check(
    "persistence.long-thread-whole",
    level=MUST,
    on=("long_thread",),
    clause=types("24-30, 42-52") + ": a thread's items are a page, and has_more leads on; " + SPEC_SURVIVES,
    cause="The thread's first page is returned as if it were everything, or the next page starts at the wrong item.",
    fix="Pass the store's has_more and after on, and let items.list accept that cursor.",
    criteria=("SC-005",),
)
def long_thread_whole(t: Transcript) -> Findings:
    """A thread longer than one page is read back complete: every message and answer once, in order."""
    made = [r for r in t.replies if r.label.startswith("turn-") and answers(r)]
    if len(made) < 2:
        raise Untestable(f"{len(made)} turns of the long thread were answered.")
    wanted = [w for r in made for w in (f"(ref {nonce(t, r.label)})", f"Answer {r.label.removeprefix('turn-')}.")]
    shown = {text_of(item) for r in made for item in answers(r)}
    beside = {text for text in shown if not any(w in text for w in wanted)}  # a greeting, or a line of the server's own
    texts = [text_of(i) for i in reloaded(t, "reload") if i.get("type") in ("user_message", "assistant_message")]
    got = [next((w for w in wanted if w in text), text) for text in texts if text not in beside]
    if got != wanted:
        missing = [w for w in wanted if w not in got]
        what = f"missing {shorten(missing)}" if missing else f"none is missing; they begin with {shorten(got[:3])}"
        expected = f"{len(wanted)} messages in order, beginning with {shorten(wanted[:3])}"
        yield Finding(expected=expected, got=f"{len(got)}, {what}", reply="reload")
