"""Conversations that each check of capabilities, and of what reaches the model, must fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Call, Transcript
from tests.suites import conversations as c
from tests.suites import shows as s
from tests.suites.build import (
    Data,
    answer,
    called,
    calling,
    edit,
    nonce_of,
    recall,
    replaced,
    restream,
    thread,
    without,
)
from tests.suites.edits import CRASH, items, plus, silent, spoken

Rows = list[Data]


def unanswered(t: Transcript, label: str) -> Transcript:
    """The transcript in which a stream gave no answer."""
    return restream(t, label, lambda old: [d for d in old if "assistant_message" not in str(d) and "update" not in d])


def events(t: Transcript, label: str, change: Callable[[Rows], Any]) -> Transcript:
    """The transcript with a reply's events changed in place."""

    def apply(old: Rows) -> Rows:
        change(old)
        return old

    return restream(t, label, apply)


def stored(t: Transcript, label: str, change: Callable[[Rows], Any]) -> Transcript:
    """The transcript with a reload's items changed in place."""
    import json

    def apply(old: Rows) -> Rows:
        rows: Rows = json.loads(json.dumps(old))
        change(rows)
        return rows

    return items(t, label, apply)


def _keyless(call: Call) -> Call:
    return replace(call, headers={})


def _last(rows: Rows, **changes: Any) -> None:
    rows[-1]["item"].update(changes)


def _asked_on(t: Transcript) -> Transcript:
    early = called("call", n=9, position=1, at=1.5)
    return replace(t, calls=(*t.calls, early))


def _stranger(t: Transcript) -> Transcript:
    heard = called("call", [{"role": "tool", "tool_call_id": "k1", "content": "stolen"}], n=9)
    return replace(t, calls=(*t.calls, heard))


CALL, FORM = s.client_tool(), s.structured_input()
SHOWN = s.with_items(c.tool_update())

BREAKS: Mapping[str, list[Transcript]] = {
    "client-tools.call-shown": [
        events(CALL, "call", lambda old: _last(old, status="completed")),
        events(CALL, "call", lambda old: _last(old, arguments="{}")),
    ],
    "client-tools.call-ends-turn": [plus(CALL, "call", *answer("a9", "Done.")), _asked_on(CALL)],
    "client-tools.call-pending-after-reload": [stored(CALL, "pending", lambda old: old.pop())],
    "client-tools.call-id-from-model": [replaced(CALL, "call", '"k1"', '"other"')],
    "client-tools.output-continues": [unanswered(CALL, "output"), edit(CALL, "output", **CRASH)],
    "client-tools.output-reaches-model": [
        spoken(CALL, lambda old: [m for m in old if m["role"] != "tool"]),
        replace(CALL, calls=CALL.calls[:1]),
    ],
    "client-tools.output-kept": [stored(CALL, "completed", lambda old: old[1].update(output=None))],
    "client-tools.other-user-cannot-send-output": [
        stored(CALL, "completed", lambda old: old[1].update(output={"color": "stolen"})),
        _stranger(CALL),
    ],
    "client-tools.output-once": [edit(CALL, "again", **CRASH)],
    "client-tools.turn-after-works": [silent(CALL, "after")],
    "client-tools.ignored-call-works": [silent(s.client_tool_ignored(), "next")],
    "client-tools.ignored-call-not-sent-unpaired": [
        spoken(s.client_tool_ignored(), lambda old: [calling(("k1", "p", {})), *old])
    ],
    "client-tools.questions-shown": [
        events(FORM, "ask", lambda old: old[-1]["item"]["inputs"][1].update(id="why")),
        events(FORM, "ask", lambda old: old[-1]["item"]["inputs"][1].update(question="")),
    ],
    "client-tools.questions-end-turn": [plus(FORM, "ask", *answer("a9", "Never mind."))],
    "client-tools.answers-recorded": [
        without(FORM, "answer", "thread.item.replaced"),
        stored(FORM, "answered", lambda old: old[1].update(status="pending")),
    ],
    "client-tools.answers-continue": [unanswered(FORM, "answer")],
    "client-tools.answers-reach-model": [spoken(FORM, lambda old: old[:1])],
    "client-tools.unexpected-answers-harmless": [
        edit(FORM, "stray", ended="cut"),
        stored(FORM, "after-stray", lambda old: old[1]["inputs"][0].update(id="q_nobody_asked")),
        stored(FORM, "after-stray", lambda old: old[1]["inputs"][1].update(answer=s.GIVEN["why"])),
    ],
    "client-tools.single-answer-kept": [replaced(FORM, "after-two", '["green"]', '["green", "blue"]')],
    "client-tools.questions-skipped": [
        stored(FORM, "after-skip", lambda old: old[1].update(status="pending")),
        unanswered(FORM, "skip"),
    ],
    "client-tools.other-user-cannot-answer": [edit(FORM, "foreign", events=FORM.reply("answer").events)],
    "client-tools.answers-once": [edit(FORM, "again", **CRASH)],
    "client-tools.turn-after-questions-works": [silent(FORM, "after")],
    "protocol.locked-thread-announced": [without(s.locked_thread(), "lock", "thread.updated")],
    "protocol.locked-thread-reloaded": [
        edit(s.locked_thread(), "locked", body=thread()),
        edit(s.locked_thread(), "list", body={"data": [thread()], "has_more": False}),
    ],
    "protocol.locked-thread-refuses-messages": [plus(s.locked_thread(), "more", *answer("a9", "As you like."))],
    "widgets.finished-valid": [events(SHOWN, "create", lambda old: old[6]["item"].update(widget="a card"))],
    "widgets.known-to-client": [
        replaced(s.widget_written(), "write", '"type": "Button"', '"type": "Buton"'),
        replaced(s.widget_written(), "write", '"label"', '"lable"'),
        stored(SHOWN, "reload", lambda old: [row["widget"].update(size="huge") for row in old if "widget" in row]),
    ],
    "widgets.shown-after-reload": [
        items(SHOWN, "reload", lambda old: [row for row in old if row["type"] != "widget"]),
        stored(SHOWN, "reload", lambda old: [row["widget"].update(children=[]) for row in old if "widget" in row]),
    ],
    "widgets.copy-text": [events(SHOWN, "create", lambda old: old[6]["item"].pop("copy_text"))],
    "widgets.delta-finds-component": [replaced(s.widget_written(), "write", '"words", "delta"', '"x", "delta"')],
    "widgets.updates-equal-finished": [
        events(s.widget_written(), "write", lambda old: _last(old, widget=s.card("The moon.")))
    ],
    "widgets.streaming-text-ends": [replaced(s.widget_written(), "write", '"done": true', '"done": false')],
    "widgets.turn-after-works": [silent(s.widget_written(), "after"), silent(s.widget_actions(), "next")],
    "widgets.action-answered": [
        edit(s.widget_actions(), "action", **CRASH),
        plus(s.widget_actions(), "action", {"type": "error", "code": "stream.error"}),
    ],
    "widgets.action-shown-after-reload": [
        stored(s.widget_actions(), "reload-action", lambda old: old[1].update(widget=s.card("Open.")))
    ],
    "widgets.sync-action-answers": [
        edit(s.widget_actions(), "sync", **CRASH),
        edit(s.widget_actions(), "sync", body={"updated_item": "w1"}),
    ],
    "widgets.sync-action-shown-after-reload": [items(s.widget_actions(), "reload-sync", lambda old: [])],
    "widgets.action-without-item": [edit(s.widget_actions(), "sync-without-item", status=500)],
    "widgets.payload-may-be-missing": [
        edit(s.widget_actions(), "payload-null", **CRASH),
        edit(s.widget_actions(), "payload-absent", ended="cut"),
    ],
    "widgets.action-told-to-model": [s.widget_actions(told="Take your time.")],
    "widgets.action-twice-not-undone": [s.widget_actions(twice="Open.")],
    "widgets.action-unknown-thread": [
        edit(s.widget_actions(), "unknown-thread", **CRASH),
        edit(s.widget_actions(), "unknown-thread-sync", status=200, body={}),
    ],
    "widgets.action-unknown-item": [edit(s.widget_actions(), "not-a-widget", **CRASH)],
    "widgets.action-creates-no-thread": [
        edit(s.widget_actions(), "still-unknown", status=200, body=thread("thr_nowhere"))
    ],
    "stream.annotations-equal-finished": [
        replaced(s.annotated_answer(), "cite", '"annotation_index": 1', '"annotation_index": 2'),
        events(s.annotated_answer(), "cite", lambda old: old[-1]["item"]["content"][0]["annotations"].reverse()),
    ],
    "stream.annotations-reloaded": [
        stored(s.annotated_answer(), "reload", lambda old: old[1]["content"][0].update(annotations=[]))
    ],
    "stream.annotations-in-text": [replaced(s.annotated_answer(), "cite", '"index": 1', '"index": 400')],
    "stream.workflow-equals-finished": [
        events(SHOWN, "create", lambda old: old[5].update(item=s.workflow("Something else")))
    ],
    "stream.workflow-tasks-end": [replaced(SHOWN, "create", '"complete"', '"loading"')],
    "stream.workflow-reloaded": [items(SHOWN, "reload", lambda old: [row for row in old if row["type"] != "workflow"])],
    "stream.image-equals-finished": [
        events(s.generated_image(), "draw", lambda old: _last(old, image=s.image("https://example.com/1.png"))),
        events(s.generated_image(), "draw", lambda old: old[-1]["item"].pop("image")),
    ],
    "stream.image-progress-grows": [replaced(s.generated_image(), "draw", '"progress": 0.5', '"progress": 50')],
    "stream.image-reloaded": [stored(s.generated_image(), "reload", lambda old: old[1].pop("image"))],
    "gemini.user-text-unchanged": [
        spoken(c.other_scripts(), lambda old: [{"role": "user", "content": "Cr?me"}]),
    ],
    "gemini.quotation-reaches-model": [s.richer_messages(quoted="Is that right?")],
    "gemini.tag-reaches-model": [
        s.richer_messages(tagged="Water the twice a week. Boston fern"),
        recall(s.richer_messages(), lambda call: None if call.nonce == nonce_of("tagged") else call),
    ],
    "gemini.chosen-model-answers": [silent(s.richer_messages(), "chosen")],
    "gemini.non-gemini-model-not-requested": [
        recall(s.richer_messages(), lambda call: replace(call, body={**call.body, "model": "gpt-4.1-mini"}))
    ],
    "gemini.roles-known": [spoken(c.tool_create(), lambda old: [{**m, "role": "function"} for m in old])],
    "gemini.key-sent": [recall(c.three_turns(), _keyless)],
}
