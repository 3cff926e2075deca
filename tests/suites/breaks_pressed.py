"""Conversations with buttons of an older list, pages of a list that changes, a zero of the browser's, tools at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chatkit_conformance.transcript import Call, Reply, Transcript
from tests.suites.build import (
    ERROR,
    PROGRESS,
    Data,
    added,
    answer,
    ask,
    asked,
    called,
    calling,
    create,
    delta,
    done,
    events_of,
    get,
    item,
    nonce_of,
    read,
    result,
    said,
    say,
    sent,
    steps,
    thread,
    transcript,
    user,
)
from tests.suites.build import SSE as STREAM
from tests.suites.conversations import TOOLS

OLD, NEW, OTHER = "Sow the cress zt1v2", "Repot the basil zt1v2", "Sow the cress zt1v3"
PRESS = "threads.custom_action"


def renamed(listed: str = NEW) -> Transcript:
    """A button of a list from before its task was renamed is pressed, and the tasks are listed."""
    rounds: tuple[str, Data, Data] = ("list_tasks", {}, {"tasks": [{"id": "t2", "title": listed, "completed": True}]})
    replies = [create("9-press-older-read", "Which?", answer("a1", "One."))]
    calls = steps("9-press-older-read", "Which?", rounds)
    turns = {"9-press-older-read": {"nonce": nonce_of("9-press-older-read")}}
    return transcript("renamed", replies, calls, turns=turns, expected={"9-press-older-read": {"renamed": [OLD, NEW]}})


def _list(*titles: str) -> Data:
    rows = [{"type": "ListViewItem", "children": [{"type": "Text", "value": title}]} for title in titles]
    return item("widget", "w1", widget={"type": "ListView", "children": rows})


def pressed(*left: str, shown: Sequence[str] = (OLD, OTHER), **more: str) -> Transcript:
    """A list of two tasks, of which one is completed by its button; it then shows these. `more` is noted of it."""
    asked_for = [user("u-1-list", asked("Which?", "1-list")), said("a1", "These.")]
    params = {"thread_id": "thr_1", "item_id": "w1", "action": {"type": "done", "payload": {"id": "t2"}}}
    press = Reply(
        label="3-press",
        request={"type": PRESS, "params": params},
        status=200,
        headers=STREAM,
        events=events_of([{"type": "thread.item.replaced", "item": _list(*left)}]),
    )
    replies = [
        create("1-list", "Which?", [done(_list(*shown)), *answer("a1", "These.")]),
        get("2-before", [asked_for[0], _list(*shown), asked_for[1]]),
        press,
        get("4-after", [asked_for[0], _list(*left), asked_for[1]]),
    ]
    place = {"item": "w1", "others": [OTHER], "before": "2-before", "after": "4-after", **more}
    return transcript("pressed", replies, expected={"3-press": {"pressed_list": place}})


def replayed(arguments: Callable[[str], str] = str) -> Transcript:
    """The same two tasks; the next turn tells the model of the calls as it made them, their arguments written so."""
    t = at_once(FERNS, MOSS)
    *earlier, newest = t.calls
    messages = json.loads(json.dumps([*earlier[1].body["messages"], DONE, newest.body["messages"][-1]]))
    for made in messages[1]["tool_calls"]:
        made["function"]["arguments"] = arguments(made["function"]["arguments"])
    return replace(t, calls=(*earlier, replace(newest, body={**newest.body, "messages": messages})))


def words_first(*order: str) -> Transcript:
    """Words that announce a tool, the tool, and words behind it; a reload shows them in this order."""
    first, tool = user("u-1-list", asked("Which?", "1-list")), {**_list(OLD), "id": "t1"}
    events = [added(said("w1", "")), done(tool), done(said("w1", "I will look.")), *answer("w3", "There.")]
    rows = {"w1": said("w1", "I will look."), "t1": tool, "w3": said("w3", "There.")}
    return transcript(
        "words_first", [create("1-list", "Which?", events), get("2-read", [first, *(rows[id] for id in order)])]
    )


def of_two(*redrawn: str) -> Transcript:
    """Of two lists the first one's button is pressed; these are redrawn."""
    t = pressed(NEW, OTHER)
    other = {**_list(OLD, OTHER), "id": "w2"}
    events = events_of([{"type": "thread.item.replaced", "item": {**other, "id": id}} for id in redrawn])
    begun = replace(t.replies[0], events=(*events_of([done(other)]), *t.replies[0].events))
    return replace(t, replies=(begun, replace(t.replies[2], events=events)))


def paged(*rest: str) -> Transcript:
    """Of four threads two are listed, the first of them is deleted, and the next pages show these."""
    ids = ("thr_4", "thr_3", "thr_2", "thr_1")
    first = {"data": [thread(id) for id in ids[:2]], "has_more": True, "after": "thr_3"}
    replies = [
        *(create(f"{n}-begin", "Yes?", answer(f"a{n}", "No.", id), id=id) for n, id in enumerate(reversed(ids), 1)),
        ask("5-first", "threads.list", {"limit": 2}, first),
        ask("5-delete", "threads.delete", {"thread_id": "thr_4"}, {}),
        ask(
            "5-rest",
            "threads.list",
            {"limit": 2, "after": "thr_3"},
            {"data": [thread(id) for id in rest], "has_more": False},
        ),
    ]
    return transcript("paged", replies, expected={"5-rest": {"behind": ["thr_2", "thr_1"], "shown": ["thr_3"]}})


def zero(told: str = "0") -> Transcript:
    """A client tool whose result is the number zero, of which the model is told this."""
    call = item("client_tool_call", "k1", status="pending", call_id="c0", name="count", arguments={})
    question = {"role": "user", "content": asked("How many?", "1-ask")}
    output = Reply(
        label="2-output",
        request={"type": "threads.add_client_tool_output", "params": {"thread_id": "thr_1", "result": 0}},
        status=200,
        headers=STREAM,
        events=events_of(answer("a1", "None.")),
        sent_at=5.0,
    )
    answered = [calling(("c0", "count", {})), result("c0", told)]
    calls = [
        called("1-ask", [question], sent=sent("", ("c0", "count", {})), at=1.0),
        called("1-ask", [question, *answered], n=1, position=1, at=6.0, sent=sent("None.")),
    ]
    replies = [create("1-ask", "How many?", [done(call)]), output]
    return transcript("zero", replies, calls, expected={"2-output": {"tells_zero": nonce_of("1-ask")}})


DONE = {"role": "assistant", "content": "Done, both."}

FERNS, MOSS = ({"id": id, "title": f"Look at the {name} zt{id}"} for id, name in (("t1", "ferns"), ("t2", "moss")))


def _made(*tasks: Data) -> list[tuple[str, str, Data]]:
    return [(f"c{task['id']}", "create_task", {"title": task["title"]}) for task in tasks]


def at_once(*told: Data) -> Transcript:
    """Two tasks are made by one answer; the next turn tells the model these results."""
    question = {"role": "user", "content": asked("Both.", "1-both")}
    both = [calling(*_made(FERNS, MOSS)), *(result(f"c{task['id']}", task) for task in (FERNS, MOSS))]
    notes = [{"role": "user", "content": f"(create_task gave {json.dumps(task)})"} for task in told]
    calls = [
        called("1-both", [question], sent=sent("", *_made(FERNS, MOSS))),
        called("1-both", [question, *both], n=1, position=1),
        called("2-next", [question, *notes, DONE, {"role": "user", "content": asked("Thanks.", "2-next")}], n=2),
    ]
    replies = [
        create("1-both", "Both.", [PROGRESS, *answer("a1", "Done, both.")]),
        say("2-next", "Thanks.", answer("a2", "Yes.")),
    ]
    return transcript("at_once", replies, calls)


TASKS = {"1-made": "Look at the ferns zt1", "2-failed": "Look at the moss zt2"}
"""The task that is made in each of two turns, of which the second one fails then."""


def failed_after_tool(*told: str) -> Transcript:
    """A task is made in a turn that ends well, and one in a turn that fails then; the last turn tells these titles."""
    turns: dict[str, Data] = {}
    calls: list[Call] = []
    for label, title in TASKS.items():
        made = {"role": "create", "name": "create_task", "arguments": {"t": title}}
        turns[label] = {"nonce": nonce_of(label), "tools": [made]}
        calls += steps(label, "Please.", ("create_task", {"t": title}, {"title": title}), n=len(calls))
    made_first = {"role": "user", "content": f"(made before: {TASKS['1-made']})"}
    calls[2:] = [replace(c, body={**c.body, "messages": [made_first, *c.messages]}) for c in calls[2:]]
    calls[-1] = replace(calls[-1], status=503)
    question = {"role": "user", "content": asked("Thanks.", "3-next")}
    known = {"role": "user", "content": f"(made before: {', '.join(told)})"}
    replies = [
        create("1-made", "Please.", [PROGRESS, *answer("a1", "Made it, it is there.")]),
        say("2-failed", "Please.", [ERROR]),
        say("3-next", "Thanks.", answer("a3", "You are welcome.")),
    ]
    return transcript("failed_after_tool", replies, [*calls, called("3-next", [known, question], n=8)], turns=turns)


def two_steps(ends: tuple[str, ...] = ("wf1", "wf2")) -> Transcript:
    """Two steps are begun by one answer; these are finished, and a reload shows them."""
    flow: Data = {"type": "custom", "tasks": [], "expanded": False}
    steps_begun = [added(item("workflow", id, workflow=flow)) for id in ("wf1", "wf2")]
    finished = [done(item("workflow", id, workflow=flow)) for id in ends]
    label = "1-both"
    calls = steps(label, "Both.", ("complete_task", {"id": "t1"}, {"ok": True}), tools=TOOLS)
    replies = [create(label, "Both.", [*steps_begun, *finished, *answer("a1", "Done.")]), read("2-read")]
    return transcript("two_steps", replies, calls)


def left_answer(id: str = "a1") -> Transcript:
    """A browser leaves in mid-answer; a later reload shows what had come, under this id."""
    began = [added(said("a1", "")), delta("a1", "These words were seen, ")]
    kept = [user("u-left", asked("Talk.", "left")), said(id, "These words were seen, ")]
    back = [user("u-next", asked("I am back.", "next")), said("a2", "Welcome back.")]
    replies = [
        create("left", "Talk.", began, ended="left"),
        say("next", "I am back.", answer("a2", "Welcome back.")),
        get("reload-next", [*kept, *back]),
    ]
    return transcript("left_answer", replies, [called("left", at=4.0, finished_at=None, gone_at=5.3)])


def tagged(*told: str) -> Transcript:
    """Two people of one name are tagged in one message; the model is told these of their data."""
    tags = [
        {"type": "input_tag", "id": f"p{n}", "text": "Anna", "data": {"ref": f"zg1v{n}"}, "interactive": False}
        for n in (1, 2)
    ]
    made = create("1-tags", "Which?", answer("a1", "Both."))
    content = [*made.params["input"]["content"], *tags]
    request = {"type": "threads.create", "params": {"input": {**made.params["input"], "content": content}}}
    events = events_of(
        [
            {**e.data, "item": {**e.item, "content": content}} if e.item.get("type") == "user_message" else e.data or {}
            for e in made.events
            if e.data is not None
        ]
    )
    heard = [{"role": "user", "content": f"{asked('Which?', '1-tags')} Anna Anna {' '.join(told)}"}]
    return transcript("tagged", [replace(made, request=request, events=events)], [called("1-tags", heard)])


def drawn(shown: str) -> Transcript:
    """A task is made whose title has a sign that HTML writes otherwise, and shown so."""
    tools = [{"role": "create", "name": "create_task", "arguments": {"title": "Käse & Brötchen"}}]
    turns = {"1-list": {"nonce": nonce_of("1-list"), "tools": tools}}
    replies = [create("1-list", "Which?", [done(_list(shown)), *answer("a1", "One.")])]
    return transcript("drawn", replies, [called("1-list", [])], turns=turns)


def _step(title: str) -> Data:
    return {
        "type": "custom",
        "expanded": False,
        "tasks": [{"type": "custom", "title": title, "status_indicator": "complete"}],
    }


def both_completed(*named: str) -> Transcript:
    """Two tasks are completed by one answer, and steps name these."""
    titles = {"t2": OLD, "t3": OTHER}
    tools = [{"role": "complete", "name": "complete_task", "arguments": {"id": id}} for id in titles]
    tasks = [{"id": id, "title": title, "sure": True, "gone": False, "completed": True} for id, title in titles.items()]
    label = "1-both"
    shown = [done(item("workflow", f"wf{n}", workflow=_step(title))) for n, title in enumerate(named)]
    results = [("complete_task", {"id": id}, {"ok": True}) for id in titles]
    calls = steps(label, "Both.", *results, tools=TOOLS)
    turns = {label: {"nonce": nonce_of(label), "tools": tools}}
    expected = {label: {"tasks": tasks, "others": [], "whole": True, "position": 2}}
    replies = [create(label, "Both.", [*shown, *answer("a1", "Done.")])]
    return transcript("both", replies, calls, turns=turns, expected=expected)


def timed(*at: str) -> Transcript:
    """A thread and its message are of the first of these moments, its answers of the others."""
    told = [done({**said(f"a{n}", "So."), "created_at": time}) for n, time in enumerate(at[1:])]
    made = create("1-timed", "When?", told)
    events = [e.data for e in made.events if e.data is not None]
    for data in events:
        what = data.get("item") or data.get("thread") or {}
        what["created_at"] = what["created_at"] if what.get("type") == "assistant_message" else at[0]
    return transcript("timed", [replace(made, events=events_of(events))], [called("1-timed", [])])


def code(streamed: str, finished: str) -> Transcript:
    """An answer that is one line of code."""
    events = [added(said("a1", "")), delta("a1", streamed), done(said("a1", finished))]
    return transcript("code", [create("1-code", "How?", events)], [called("1-code", [])])


def tag_again(later: str) -> Transcript:
    """A message with a tag that stands for something, and one more turn; what the model is told of the tag there."""
    first = tagged("zg1v1", "zg1v2")
    heard = [
        *first.calls[0].messages,
        {"role": "assistant", "content": "Both."},
        {"role": "user", "content": asked("And then?", "2-next")},
    ]
    told = [{**row, "content": row["content"].replace("zg1v1", later)} for row in heard]
    calls = (*first.calls, replace(called("2-next", told), n=9))
    replies = (*first.replies, say("2-next", "And then?", answer("a2", "So on.")))
    return replace(first, exchange="tag_again", replies=replies, calls=calls)


def picture_gone(status: int, *, thread: bool = False) -> Transcript:
    """The preview of a picture is asked for when it, or the thread that it was sent in, was deleted."""
    kind = {"content-type": "image/png" if status == 200 else "application/json"}
    gone = Reply(label="1-gone", request="", raw=True, status=status, text="PNG", headers=kind)
    expected = {"1-gone": {"thread_gone" if thread else "picture_gone": "dot.png"}}
    return transcript("gone", [gone], expected=expected)


def long_message(most: int = 10_000) -> Transcript:
    """A message of many words, of which the model is told so many characters."""
    question = f"{' '.join(f'Fern {n} grows.' for n in range(300))} Why?"
    heard = [{"role": "user", "content": asked(question, "1-long")[:most]}]
    return transcript("long", [create("1-long", question, answer("a1", "So."))], [called("1-long", heard)])


def sound_pressed() -> list[Transcript]:
    """Each of them, right."""
    return [
        renamed(),
        words_first("w1", "t1", "w3"),
        replayed(),
        pressed(OLD, OTHER),
        pressed(OLD, shown=[OLD], absent=OTHER),
        paged("thr_2", "thr_1"),
        zero(),
        at_once(FERNS, MOSS),
        failed_after_tool(*TASKS.values()),
        two_steps(),
        left_answer(),
        tagged("zg1v1", "zg1v2"),
        long_message(),
        drawn("Käse & Brötchen"),
        both_completed(OLD, OTHER),
        timed("2026-11-29T06:33:22Z", "2026-11-29T06:33:23+00:00"),
        timed("2026-11-29T06:33:22", "2026-11-29T06:33:23.5"),
        code("    grow()", "    grow()\n"),
        tag_again("zg1v1"),
        picture_gone(404, thread=True),
    ]


def odd_pressed() -> list[Transcript]:
    """A task that its button deleted, results that nobody repeats, and ones that are told once more."""
    return [
        renamed("Something else"),
        at_once(),
        at_once(FERNS, MOSS, FERNS),
    ]


BREAKS: Mapping[str, list[Transcript]] = {
    "gemini.past-calls-are-json": [replayed(lambda text: str(json.loads(text))), replayed(json.dumps)],
    "persistence.words-stay-before-tools": [words_first("t1", "w1", "w3")],
    "widgets.pressed-one-updated": [of_two("w2")],
    "widgets.button-keeps-edits": [renamed(OLD)],
    "widgets.list-keeps-rows": [pressed(OLD), pressed(OLD, OTHER, shown=[OLD], absent=OTHER)],
    "gemini.message-to-its-end": [long_message(4_000)],
    "gemini.history-tag-data": [tag_again("the fern")],
    "attachments.deleted-with-thread": [picture_gone(200, thread=True)],
    "tools.each-call-shown": [both_completed(OLD)],
    "protocol.times-of-one-kind": [timed("2026-11-29T06:33:22", "2026-11-29T06:33:23.5Z")],
    "stream.indentation-kept": [code("    grow()", "grow()"), code("\n\tgrow()", "grow()")],
    "widgets.words-unescaped": [drawn("Käse &amp; Brötchen")],
    "protocol.cursor-keeps-place": [paged("thr_1"), paged(), paged("thr_3", "thr_2", "thr_1")],
    "client-tools.zero-told": [zero("ok"), zero("null"), zero("10")],
    "gemini.history-own-results": [at_once(MOSS, MOSS), at_once(FERNS, FERNS)],
    "gemini.history-tools-of-failed-turns": [failed_after_tool(TASKS["1-made"])],
    "stream.items-finished": [two_steps(("wf2",)), two_steps(("wf1",))],
    "gemini.tag-own-data": [tagged("zg1v2"), tagged("zg1v1")],
    "persistence.partial-answer-same-id": [left_answer("a9")],
}
