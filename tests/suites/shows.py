"""Conversations of capabilities, all right: see suites/exchanges/shows.py, actions.py and reaching.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.build import (
    SSE,
    Data,
    added,
    answer,
    ask,
    asked,
    called,
    calling,
    create,
    done,
    events_of,
    get,
    item,
    read,
    refusal,
    result,
    said,
    say,
    sent,
    thread,
    transcript,
    user,
)
from tests.suites.conversations import tool_update

OUTPUT = {"color": "green-1a2b3c"}
CALL_SENT = sent("", ("k1", "p", {}))


def updated(id: str, **update: Any) -> Data:
    """thread.item.updated."""
    return {"type": "thread.item.updated", "item_id": id, "update": update}


def stream(label: str, type: str, params: Data, datas: list[Data], **more: Any) -> Reply:
    """A request of any type that was answered with a stream."""
    request = {"type": type, "params": {"thread_id": "thr_1", **params}}
    return Reply(label=label, request=request, status=200, headers=SSE, events=events_of(datas), **more)


def client_call(status: str = "pending", **more: Any) -> Data:
    """A client tool's call."""
    return item("client_tool_call", "ctc1", status=status, call_id="k1", name="p", arguments={}, **more)


def client_tool() -> Transcript:
    """A client tool that waited, was answered by its owner, and was told to the model."""
    kind = "threads.add_client_tool_output"
    question = {"role": "user", "content": asked("Pick.", "call")}
    question_ = user("u-call", asked("Pick.", "call"))
    replies = [
        create("call", "Pick.", [done(client_call())], ended_at=2.0),
        read("pending"),
        refusal("foreign", type=kind, thread_id="thr_1"),
        stream("output", kind, {"result": OUTPUT}, answer("a1", "A fine colour."), sent_at=5.0),
        get("completed", [question_, client_call("completed", output=OUTPUT), said("a1", "A fine colour.")]),
        refusal("again", 409, type=kind, thread_id="thr_1"),
        say("after", "Thanks.", answer("a2", "You are welcome.")),
    ]
    later = [question, calling(("k1", "p", {})), result("k1", OUTPUT)]
    calls = [
        called("call", [question], sent=CALL_SENT),
        called("call", later, n=1, position=1, at=6.0, sent=sent("A fine colour.")),
    ]
    return transcript("client_tool", replies, calls, output=OUTPUT, said="A fine colour.", tool="p", item="ctc1")


def client_tool_ignored() -> Transcript:
    """A call that was never answered, and a message that was."""
    replies = [
        create("call", "Pick.", [done(client_call())]),
        say("next", "Never mind.", answer("a2", "Yes, I am here.")),
        read("reload"),
    ]
    calls = [called("next", [{"role": "user", "content": asked("Never mind.", "next")}])]
    return transcript("client_tool_ignored", replies, calls)


def form(id: str = "f1", status: str = "pending", answers: Data | None = None, thread: str = "thr_1") -> Data:
    """Two questions, answered or not."""
    rows: list[Data] = [{"type": "freeform", "id": q, "question": f"{q}?"} for q in ("why", "when")]
    if answers:
        rows = [{**q, "answer": answers[q["id"]]} for q in rows]
    return item("structured_input", id, thread, status=status, inputs=rows)


def _submitted(form: Data, id: str) -> list[Data]:
    """The form as it was submitted, and an answer in its thread."""
    return [replaced(form), *answer(id, "As you like.", str(form["thread_id"]))]


ANSWERS = {"why": ["because"], "when": ["now"]}
GIVEN = {id: {"values": values, "skipped": False} for id, values in ANSWERS.items()}
SKIPPED = {id: {"values": [], "skipped": True} for id in ANSWERS}


SINGLE = {"color": ["green", "blue"]}


def _choice(values: list[str] | None) -> Data:
    """A question that takes one of two colours, answered or not."""
    options = [{"value": value} for value in SINGLE["color"]]
    question: Data = {"type": "multiple_choice", "id": "color", "question": "Which colour?"}
    question |= {"options": options, "multiple": False}
    if values is None:
        return item("structured_input", "f4", "thr_4", status="pending", inputs=[question])
    answered = {**question, "answer": {"values": values, "skipped": False}}
    return item("structured_input", "f4", "thr_4", status="answered", inputs=[answered])


def structured_input() -> Transcript:
    """A form that was answered by its owner, one that was skipped, one with a stray answer."""
    kind = "threads.add_structured_input"
    answered = form(status="answered", answers=GIVEN)
    skipped = form("f2", "skipped", SKIPPED, "thr_2")
    strayed = form("f3", "answered", {**SKIPPED, "why": GIVEN["why"]}, "thr_3")
    stray = {"status": "answered", "answers": {"why": {"values": ["because"]}, "q_nobody_asked": {"values": ["x"]}}}
    replies = [
        create("ask", "Ask.", [done(form())]),
        read("pending"),
        refusal("foreign", type=kind, thread_id="thr_1"),
        stream("answer", kind, {"item_id": "f1"}, [replaced(answered), *answer("a1", "Thank you.")], sent_at=5.0),
        read("answered"),
        refusal("again", 409, type=kind, thread_id="thr_1"),
        say("after", "Thanks.", answer("a2", "You are welcome.")),
        create("ask-skip", "Ask.", [done(form("f2", thread="thr_2"))], "thr_2"),
        stream("skip", kind, {"thread_id": "thr_2", "item_id": "f2"}, _submitted(skipped, "a3")),
        read("after-skip", "thr_2"),
        create("ask-stray", "Ask.", [done(form("f3", thread="thr_3"))], "thr_3"),
        stream("stray", kind, {"thread_id": "thr_3", "item_id": "f3", "input": stray}, _submitted(strayed, "a4")),
        read("after-stray", "thr_3"),
        create("ask-two", "Ask.", [done(_choice(None))], "thr_4"),
        stream("two", kind, {"thread_id": "thr_4", "item_id": "f4"}, _submitted(_choice(["green"]), "a5")),
        read("after-two", "thr_4"),
    ]
    told = [{"role": "user", "content": asked("Ask.", "ask")}, {"role": "user", "content": "why? because; when? now"}]
    calls = [called("ask", told[:1], sent=CALL_SENT), called("ask", told, n=1, at=6.0, sent=sent("Thank you."))]
    return transcript("structured_input", replies, calls, said="Thank you.", item="f1", answers=ANSWERS, single=SINGLE)


def replaced(what: Data) -> Data:
    """thread.item.replaced."""
    return {"type": "thread.item.replaced", "item": what}


NOTES = [
    {"type": "annotation", "source": {"type": "url", "title": t, "url": "https://example.com"}, "index": n}
    for n, t in enumerate(("One", "Two"))
]


def cited(id: str, notes: list[Data]) -> Data:
    """A message with annotations."""
    return item("assistant_message", id, content=[{"type": "output_text", "text": "The sun.", "annotations": notes}])


def annotated_answer() -> Transcript:
    """Annotations that were announced, finished and stored alike."""
    kind = "assistant_message.content_part.annotation_added"
    told = [updated("a1", type=kind, content_index=0, annotation_index=n, annotation=x) for n, x in enumerate(NOTES)]
    made = [added(said("a1", "")), *told, done(cited("a1", NOTES))]
    return transcript("annotated_answer", [create("cite", "?", made), read("reload")])


def image(url: str) -> Data:
    """An image."""
    return {"id": "img1", "url": url}


def generated_image() -> Transcript:
    """An image in two steps."""
    last = image("https://example.com/2.png")
    rows = [(image("https://example.com/1.png"), 0.5), (last, 1.0)]
    told = [updated("g1", type="generated_image.updated", image=x, progress=p) for x, p in rows]
    whole = item("generated_image", "g1", image=last)
    made = [added(item("generated_image", "g1")), *told, done(whole)]
    return transcript("generated_image", [create("draw", "?", made), read("reload")])


PRESS = {"type": "task.complete", "payload": {"id": "t1"}}


def card(text: str = "", **more: Any) -> Data:
    """A card with a text and a button."""
    button = {"type": "Button", "label": "Done", "onClickAction": PRESS}
    return {"type": "Card", "children": [{"type": "Text", "id": "words", "value": text}, button], **more}


def _told(text: str) -> Data:
    """A card without a button."""
    return {"type": "Card", "children": [{"type": "Text", "id": "words", "value": text}]}


def widget(id: str, of: Data) -> Data:
    """A widget item."""
    return item("widget", id, widget=of, copy_text="The sun.")


def widget_written() -> Transcript:
    """A card whose text was written in two pieces."""
    kind = "widget.streaming_text.value_delta"
    made = [
        added(widget("w1", card())),
        updated("w1", type=kind, component_id="words", delta="The ", done=False),
        updated("w1", type=kind, component_id="words", delta="sun.", done=True),
        done(widget("w1", card("The sun."))),
    ]
    replies = [
        create("write", "?", made),
        read("reload"),
        say("after", "Thanks.", answer("a2", "You are welcome.")),
    ]
    return transcript("widget_written", replies)


def locked_thread() -> Transcript:
    """A thread that was locked, and stayed so."""
    locked = {"type": "locked", "reason": "Asked for."}
    told = {"type": "thread.updated", "thread": thread(status=locked)}
    error = {"type": "error", "code": "custom", "message": "This conversation is locked.", "allow_retry": False}
    items = [user("u-lock", asked("Lock.", "lock")), said("a1", "It is locked.")]
    row = thread(status=locked)
    replies = [
        create("lock", "Lock.", [told, *answer("a1", "It is locked.")]),
        get("locked", items, status=locked),
        ask("list", "threads.list", {}, {"data": [row], "has_more": False}),
        Reply(
            label="more", request=say("more", "More.", []).request, status=200, headers=SSE, events=events_of([error])
        ),
        get("after", items, status=locked),
    ]
    return transcript("locked_thread", replies)


def widget_actions(told: str = "The user pressed Done.", *, twice: str = "Done.") -> Transcript:
    """Actions that were taken, and refused where there was nothing to act on.

    Args:
        told: what the model is told of the first of them. twice: what the widget says once it came again.
    """
    now, again = (widget("w1", card(text) if text == "Open." else _told(text)) for text in ("Done.", twice))
    replies = [
        create("create", "Add.", [done(widget("w1", card("Open.")))]),
        say("looked-at", "Let me look.", answer("a1", "Take your time.")),
        stream("action", "threads.custom_action", {"item_id": "w1", "action": PRESS}, [replaced(now)]),
        read("reload-action"),
        say("next", "There?", answer("a2", "Yes, I am here.")),
        stream("twice", "threads.custom_action", {"item_id": "w1", "action": PRESS}, [replaced(again)]),
        ask("sync", "threads.sync_custom_action", {"thread_id": "thr_1"}, {"updated_item": now}),
        read("reload-sync"),
        refusal("sync-without-item", 422, "threads.sync_custom_action", thread_id="thr_1"),
        *(refusal(label, 422, "threads.custom_action") for label in ("payload-null", "payload-absent")),
        *(refusal(label, 404, "threads.custom_action") for label in ("unknown-thread", "unknown-item", "not-a-widget")),
        refusal("unknown-thread-sync"),
        refusal("still-unknown", thread_id="thr_nowhere"),
        read("end"),
    ]
    words = {"create": "Add.", "looked-at": "Let me look."}
    look = [{"role": "user", "content": asked(text, label)} for label, text in words.items()]
    then = [*look, {"role": "assistant", "content": "Take your time."}, {"role": "user", "content": told}]
    calls = [
        called("looked-at", look),
        called("next", [*then, {"role": "user", "content": asked("There?", "next")}], n=1),
    ]
    return transcript("widget_actions", replies, calls)


def workflow(title: str = "Done") -> Data:
    """A workflow of one task."""
    tasks = [{"type": "custom", "title": title, "status_indicator": "complete"}]
    return item("workflow", "wf1", workflow={"type": "custom", "tasks": tasks, "expanded": False})


def with_items(t: Transcript) -> Transcript:
    """A tool conversation that also showed a workflow and a widget, and the reload of it."""
    begun = workflow("Working")
    begun["workflow"]["tasks"][0]["status_indicator"] = "loading"
    step = updated("wf1", type="workflow.task.updated", task_index=0, task=workflow()["workflow"]["tasks"][0])
    shown = [added(begun), step, done(workflow()), done(widget("w1", card("Ferns")))]
    first = t.replies[0]
    datas = [e.data or {} for e in first.events]
    made = replace(first, events=events_of([*datas[:3], *shown, *datas[3:]]))
    turns = (made, *(r for r in t.replies[1:] if r.streamed))
    items = [e.item for r in turns for e in r.items_done()]
    return replace(t, replies=(*turns, get("reload", items)))


FACT = "My boat is called Marigold and lies in berth 417."


def many_turns() -> Transcript:
    """Eight turns, the first of which is still known in the last."""
    messages = [{"role": "user", "content": FACT}, {"role": "assistant", "content": "Noted."}]
    calls = [called("turn-8", [{"role": "system", "content": "You help."}, *messages])]
    return transcript("many_turns", [say("turn-8", "Question 8?", answer("a8", "Answer 8."))], calls, fact=FACT)


def richer_messages(**texts: str) -> Transcript:
    """A quotation and a tag that reached the model, a model that was chosen and one that was not."""
    quoted = texts.get("quoted", "Ferns like shade. " + asked("Is that right?", "quoted"))
    tagged = texts.get("tagged", "Water the @Boston fern twice a week.")
    calls = [called("quoted", [{"role": "user", "content": quoted}])]
    calls += [
        called("tagged", [{"role": "user", "content": tagged}], n=1),
        called("chosen", [{"role": "user", "content": asked("Hello.", "chosen")}], n=2),
    ]
    replies = [
        create("quoted", "Is that right?", answer("a1", "It is."), quoting="Ferns like shade."),
        say("tagged", "", answer("a2", "I will.")),
    ]
    replies += [say("chosen", "Hello.", answer("a3", "Hello.")), refusal("foreign", 422)]
    notes = {"quote": "Ferns like shade.", "tag": "Boston fern", "around": ["Water the", "twice a week"]}
    return transcript("richer_messages", replies, calls, **notes)


def shows() -> list[Transcript]:
    """All of them."""
    return [
        client_tool(),
        client_tool_ignored(),
        structured_input(),
        annotated_answer(),
        generated_image(),
        widget_written(),
        locked_thread(),
        widget_actions(),
        many_turns(),
        richer_messages(),
        with_items(tool_update()),
    ]
