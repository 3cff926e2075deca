"""The mutants that break the stream of one answer."""

from __future__ import annotations

import json
from collections.abc import Iterable

from chatkit_conformance.stream.event_kinds import shows_tool

from . import answer_lies as page
from . import stream_lies as lie
from . import turn_lies as told
from .mutant import Abort, Cut, Event, Memory, Mutant, Wire

PART_DONE = "assistant_message.content_part.done"


def _unknown_update(event: Event) -> None:
    event["update"]["type"] = "assistant_message.content_part.text_piece"


def _ghost(event: Event) -> None:
    event["item_id"] = "msg_ghost"


def _no_time(event: Event) -> None:
    event["item"].pop("created_at", None)


def _content_as_text(event: Event) -> None:
    event["item"]["content"] = "".join(part.get("text", "") for part in event["item"].get("content", ()))


def _other_thread(event: Event) -> None:
    event["item"]["thread_id"] = "thr_elsewhere"


def _other_part(event: Event) -> None:
    event["update"]["content"]["text"] += " etc."


def _other_question(event: Event) -> None:
    for part in event["item"].get("content", ()):
        part["text"] = part["text"].upper()


def _no_retry_word(event: Event) -> None:
    event.pop("allow_retry", None)


def _sentinel(framed: bytes) -> Iterable[bytes]:
    return (framed, b"data: [DONE]\n\n") if b'"assistant_message"' in framed and b"item.done" in framed else (framed,)


def _list(framed: bytes) -> Iterable[bytes]:
    return (b"data: [" + framed.removeprefix(b"data: ").strip() + b"]\n\n",)


def _twice(framed: bytes) -> Iterable[bytes]:
    return (b"data: " + json.dumps(framed.removeprefix(b"data: ").strip().decode()).encode() + b"\n\n",)


def _envelope(framed: bytes) -> Iterable[bytes]:
    return (b'data: {"event": ' + framed.removeprefix(b"data: ").strip() + b"}\n\n",)


def _bare(framed: bytes) -> Iterable[bytes]:
    return (framed.removeprefix(b"data: "),)


def _one_newline(framed: bytes) -> Iterable[bytes]:
    return (framed.rstrip(b"\n") + b"\n",)


def _all(event: Event) -> bool:
    return True


def _created(event: Event) -> bool:
    return event.get("type") == "thread.created"


def _added(event: Event) -> bool:
    return lie.is_answer(event, "thread.item.added")


def _part_done(event: Event) -> bool:
    return lie.kind(event) == PART_DONE


def _has_item(event: Event) -> bool:
    return "item" in event


def _said_twice(event: Event, memory: Memory) -> Iterable[Event]:
    return (event, {**event, "type": "thread.item.done"}) if lie.done(event) else (event,)


STREAM = (
    Mutant(
        name="id-changes-at-done",
        lie="An answer is finished under another id than it was begun with.",
        change=Wire(event=lie.edit(lie.done, lie.other_id)),
        named=("stream.item-id-stable",),
    ),
    Mutant(
        name="ids-fake",
        lie="Every answer has the id `__fake_id__`, in the stream and in the store.",
        change=Wire(event=page.fake_ids, answer=page.on_items(page.fake_rows)),
        named=("stream.ids-unique",),
    ),
    Mutant(
        name="added-missing",
        lie="An answer is updated without having been added.",
        change=Wire(event=lie.drop(_added)),
        named=("stream.item-known",),
    ),
    Mutant(
        name="update-for-a-ghost",
        lie="Text is added to an item that nobody has heard of.",
        change=Wire(event=lie.edit(lie.is_delta, _ghost)),
        named=("stream.item-known",),
    ),
    Mutant(
        name="done-missing",
        lie="An answer is begun and never finished.",
        change=Wire(event=lie.drop(lie.done)),
        named=("stream.turn-finished",),
    ),
    Mutant(
        name="done-twice",
        lie="An answer is finished two times.",
        change=Wire(event=_said_twice),
        named=("stream.done-once",),
    ),
    Mutant(
        name="answer-again",
        lie="An answer is followed by itself under another id.",
        change=Wire(event=told.answer_again),
        named=("stream.one-answer-item",),
    ),
    Mutant(
        name="delta-lost",
        lie="Every second piece of the text is lost on the way.",
        change=Wire(event=lie.every_other(lie.is_delta)),
        named=("stream.deltas-add-up",),
    ),
    Mutant(
        name="delta-twice",
        lie="Every piece of the text comes two times.",
        change=Wire(event=lie.twice(lie.is_delta)),
        named=("stream.deltas-add-up",),
    ),
    Mutant(
        name="deltas-swapped",
        lie="Pieces of the text change places.",
        change=Wire(event=lie.swapped_deltas, end=lie.release),
        named=("stream.deltas-add-up",),
    ),
    Mutant(
        name="text-after-the-fact",
        lie="The finished text has words that were never streamed.",
        change=Wire(event=lie.edit(lie.done, lie.more_text)),
        named=("stream.deltas-add-up",),
    ),
    Mutant(
        name="part-done-differs",
        lie="A finished part has another text than the finished item.",
        change=Wire(event=lie.edit(_part_done, _other_part)),
        named=("stream.part-done-agrees",),
    ),
    Mutant(
        name="answer-retold",
        lie="The user is shown other words than the model's.",
        change=Wire(event=told.retold(str.upper), answer=page.on_items(told.retold_rows(str.upper))),
        named=("stream.answer-from-model",),
    ),
    Mutant(
        name="ascii-only",
        lie="Letters that are not English become question marks.",
        change=Wire(event=told.retold(told.ascii_only), answer=page.on_items(told.retold_rows(told.ascii_only))),
        named=("stream.text-other-scripts",),
    ),
    Mutant(
        name="long-text-capped",
        lie="Text after 8,000 characters is lost.",
        change=Wire(event=told.capped(8000)),
        named=("stream.text-long",),
    ),
    Mutant(
        name="question-rewritten",
        lie="The user's message comes back in capitals.",
        change=Wire(event=lie.edit(lie.is_user_message, _other_question)),
        named=("stream.user-message-echoed",),
    ),
    Mutant(
        name="question-not-echoed",
        lie="The user's message does not come back at all.",
        change=Wire(event=lie.drop(lie.is_user_message)),
        named=("stream.user-message-echoed",),
    ),
    Mutant(
        name="type-unknown",
        lie="Text comes in updates of a type that ChatKit does not know.",
        change=Wire(event=lie.edit(lie.is_delta, _unknown_update)),
        named=("stream.events-valid", "stream.update-known"),
    ),
    Mutant(
        name="time-missing",
        lie="Items in the stream have no `created_at`.",
        change=Wire(event=lie.edit(_has_item, _no_time)),
        named=("stream.events-valid",),
    ),
    Mutant(
        name="content-is-a-string",
        lie="An answer's content is a string where a list of parts belongs.",
        change=Wire(event=lie.edit(lie.done, _content_as_text)),
        named=("stream.events-valid",),
    ),
    Mutant(
        name="error-without-retry-word",
        lie="An error event does not say whether to try again.",
        change=Wire(event=lie.edit(lie.is_("error"), _no_retry_word)),
        named=("stream.events-match-sdk",),
    ),
    Mutant(
        name="thread-id-wrong",
        lie="Items say that they belong to another thread.",
        change=Wire(event=lie.edit(_has_item, _other_thread)),
        named=("stream.item-thread",),
    ),
    Mutant(
        name="thread-not-announced",
        lie="A new thread is never announced.",
        change=Wire(event=lie.drop(_created)),
        named=("protocol.thread-created",),
    ),
    Mutant(
        name="thread-announced-twice",
        lie="A new thread is announced two times.",
        change=Wire(event=lie.twice(_created)),
        named=("protocol.thread-created", "stream.thread-created-once"),
    ),
    Mutant(
        name="hidden-item-shown",
        lie="Hidden context is sent to the browser.",
        change=Wire(event=lie.hidden_item),
        named=("stream.no-hidden-items",),
    ),
    Mutant(
        name="stream-empty",
        lie="Streams are opened and closed without an event.",
        change=Wire(event=lie.drop(_all)),
        named=("stream.not-empty",),
    ),
    Mutant(
        name="stream-ends-early",
        lie="The stream is closed at the second piece of text.",
        change=Wire(event=lie.stop_after(lie.is_delta, Cut)),
        named=("stream.turn-finished",),
    ),
    Mutant(
        name="stream-breaks",
        lie="The connection breaks at the second piece of text.",
        change=Wire(event=lie.stop_after(lie.is_delta, Abort)),
        named=("stream.ends-closed",),
    ),
    Mutant(
        name="stream-never-ends",
        lie="The stream stays open long after its last event.",
        change=Wire(linger_s=120),
        named=("stream.ends-closed",),
    ),
    Mutant(
        name="stream-withheld",
        lie="The stream is sent at once when the model has finished.",
        change=Wire(whole=True),
        named=("stream.incremental", "latency.tool-visible"),
        also=("stream.shown-as-it-comes",),
    ),
    Mutant(
        name="done-sentinel",
        lie="A `[DONE]` that is no JSON follows the answer.",
        change=Wire(frame=_sentinel),
        named=("stream.frames-readable",),
    ),
    Mutant(
        name="events-in-a-list",
        lie="Each event is wrapped in a list.",
        change=Wire(frame=_list),
        refused="each event is sent in a list",
    ),
    Mutant(
        name="events-encoded-twice",
        lie="Each event is JSON in a JSON string.",
        change=Wire(frame=_twice),
        refused="each event is encoded twice",
    ),
    Mutant(
        name="events-in-an-envelope",
        lie="Each event is wrapped in an object of the server's own.",
        change=Wire(frame=_envelope),
        refused="each event is wrapped in an object, under 'event'",
    ),
    Mutant(
        name="data-word-missing",
        lie="Events are JSON lines without `data:`.",
        change=Wire(frame=_bare),
        named=("stream.not-empty", "stream.frames-readable"),
    ),
    Mutant(
        name="blank-line-missing",
        lie="Nothing separates one event from the next.",
        change=Wire(frame=_one_newline),
        named=("stream.not-empty", "stream.frames-readable"),
    ),
    Mutant(
        name="type-text-plain",
        lie="A stream says that it is plain text.",
        change=Wire(content_type="text/plain"),
        named=("stream.content-type",),
    ),
    Mutant(
        name="tools-invisible",
        lie="Nothing shows that a tool runs.",
        change=Wire(event=lie.drop(shows_tool)),
        named=("tools.visible", "latency.tool-visible"),
        also=("tools.shown-in-every-turn",),
    ),
    Mutant(
        name="tools-visible-late",
        lie="What shows a tool comes when the answer is finished.",
        change=Wire(event=lie.late(shows_tool, lie.done), end=lie.release),
        named=("latency.tool-visible",),
    ),
)
