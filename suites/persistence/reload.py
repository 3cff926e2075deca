"""What a reload shows, next to what the stream has shown."""

from __future__ import annotations

from collections import Counter

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.stream.reload import ORDER
from chatkit_conformance.stream.reread import Reread, rereads
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_SURVIVES, store, types
from ..evidence import (
    LIMITED,
    answer_of,
    answer_text,
    answered,
    answers,
    note,
    reloaded,
    shorten,
    text_of,
    turn,
    turns,
)
from .answered import answered_with

NOT_SAVED = "An item was shown and not stored, stored with other content, or stored under another item's id."
SAVE = "Store each item before its done event, with that event's id and content, and keep insertion order."


@check(
    "persistence.reload-equals-stream",
    level=MUST,
    clause=SPEC_SURVIVES,
    cause=NOT_SAVED,
    fix=SAVE,
    criteria=("SC-005",),
)
def reload_equals_stream(t: Transcript) -> Findings:
    """After every turn, a reload shows exactly what the client built from the streams."""
    for read in _read_back(t):
        for difference in read.differences:
            if difference.path != ORDER:
                yield Finding(expected="the same as in the stream", got=str(difference), reply=read.label)


def _read_back(t: Transcript) -> list[Reread]:
    """Each time that something shown was read back. Raises Untestable where nothing was."""
    found = [read for read in rereads(t) if read.shown]
    if not found:
        raise Untestable(f"No thread of {t.exchange} was streamed and then read back with success.")
    return found


@check(
    "persistence.reload-answers",
    level=MUST,
    clause=types("42-52") + ": threads.get_by_id fetches a thread",
    cause="The thread was not stored, or reading it fails on a stored item.",
    fix="Check the server's log for this request: most often a stored item no longer validates.",
    criteria=("SC-005",),
)
def reload_answers(t: Transcript) -> Findings:
    """A thread can be read back right after its stream."""
    talked = {a.thread_id for a in in_place(t) if a.reply.items_done()}
    asked = [a for a in in_place(t) if a.reply.type == "threads.get_by_id" and a.thread_id in talked]
    if not asked:
        raise Untestable(f"{t.exchange} never came to a reload.")
    for a in asked:
        r = a.reply
        if r.status != LIMITED and (not r.accepted or not isinstance(r.body, dict) or r.body.get("id") != a.thread_id):
            yield Finding(expected=f"thread {a.thread_id!r}", got=answered(r), reply=r.label)


SECOND = "A past assistant message (output_text) cannot be converted for Chat Completions: UserError Unknown content."


@check(
    "persistence.second-turn-works",
    level=MUST,
    on=("three_turns",),
    clause=types("83-94") + ": threads.add_user_message; user specification, features: multi-turn conversation",
    cause=SECOND,
    fix="Convert past assistant messages to plain text messages with role assistant before they go to the model.",
    criteria=("SC-005",),
)
def second_turn_works(t: Transcript) -> Findings:
    """The second message in a thread is answered."""
    yield from answered_with(t, "turn-2", str(note(t, "answers")[1]))


@check(
    "persistence.third-turn-works",
    level=MUST,
    on=("three_turns",),
    clause=types("83-94") + ": threads.add_user_message; user specification, features: multi-turn conversation",
    cause=SECOND + " Or a repeated item id made the store lose an answer.",
    fix="As for the second turn; and give every item its own id.",
    criteria=("SC-005",),
)
def third_turn_works(t: Transcript) -> Findings:
    """The third message in a thread is answered."""
    yield from answered_with(t, "turn-3", str(note(t, "answers")[2]))


@check(
    "persistence.answers-are-different-items",
    level=MUST,
    on=("three_turns",),
    clause=types("640-645") + ": an item's id; openai/chatkit-python#36",
    cause="Every answer is stored under the same id (__fake_id__), so each one replaces the one before.",
    fix="Give each answer its own id before it is streamed and stored.",
    criteria=("SC-005",),
)
def answers_are_different_items(t: Transcript) -> Findings:
    """After three turns a reload shows three answers, as three items with three ids."""
    for n in (2, 3):
        if not answers(turn(t, f"turn-{n}")):
            raise Untestable(f"Turn {n} has no finished answer, so there is nothing to count in the reload.")
        items = [i for i in reloaded(t, f"reload-{n}") if i.get("type") == "assistant_message"]
        ids = [str(i.get("id")) for i in items]
        for said in (answer_of(t, f"turn-{k}", words) for k, words in enumerate(note(t, "answers")[:n], 1)):
            if not any(said in text_of(item) for item in items):
                got = f"{len(ids)} answers, ids {ids}: {shorten([text_of(i) for i in items])}"
                yield Finding(expected=f"answer {shorten(said)} still there", got=got, reply=f"reload-{n}")
        if len(set(ids)) != len(ids):
            yield Finding(expected=f"{len(ids)} ids", got=f"ids {ids}", reply=f"reload-{n}")


@check(
    "persistence.order-oldest-first",
    level=MUST,
    clause="openai-chatkit 1.6.5 chatkit/server.py L1015-1024: a thread's items are loaded in ascending order",
    cause="Items are ordered by created_at alone, by a random id, or newest first.",
    fix="Order by a sequence number that the store assigns on insertion; in the answer to threads.get_by_id give "
    "thread.items in ascending order, and a cursor that leads on in that order.",
    criteria=("SC-005",),
)
def order_oldest_first(t: Transcript) -> Findings:
    """A reload shows the conversation in its original order."""
    for read in _read_back(t):
        for difference in read.differences:
            if difference.path == ORDER:
                newest = isinstance(difference.built, list) and difference.reloaded == difference.built[::-1]
                yield Finding(
                    expected=f"order {shorten(difference.built)}",
                    got=f"{'the newest first' if newest else 'order'} {shorten(difference.reloaded)}",
                    reply=read.label,
                )


@check(
    "persistence.no-duplicate-items",
    level=MUST,
    clause=store("131-143") + ": add_thread_item persists a new item, save_item upserts by id",
    cause="An item is inserted again when it is saved, or stored both by the server and by its respond().",
    fix="Let the SDK store what you yield, and upsert by id.",
    criteria=("SC-005",),
)
def no_duplicate_items(t: Transcript) -> Findings:
    """A reload shows no item twice."""
    for read in _read_back(t):
        again = [id for id, times in Counter(read.ids).items() if times > 1] if read.quiet else []
        if again:
            got = f"{again[0]!r} {read.ids.count(again[0])} times"
            yield Finding(expected="each item once", got=got, reply=read.label)


@check(
    "persistence.text-other-scripts",
    level=MUST,
    on=("other_scripts",),
    clause=SPEC_SURVIVES,
    cause="The database's encoding or collation changes text, or the column is too short.",
    fix="Store items as UTF-8 JSON text in an unbounded column.",
    criteria=("SC-005",),
)
def text_other_scripts(t: Transcript) -> Findings:
    """Messages and answers in any script and of any length are unchanged after a reload."""
    texts = [text_of(item) for item in reloaded(t, "reload")]
    shown = "".join(answer_text(r) for r in turns(t))
    for said in (note(t, "question"), *(a for a in note(t, "answers") if a in shown)):
        if not any(said in text for text in texts):
            expected = f"{len(said)} characters {shorten(said[:40])}"
            yield Finding(expected=expected, got=shorten([text[:40] for text in texts]), reply="reload")
