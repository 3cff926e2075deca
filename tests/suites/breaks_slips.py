"""What slips through in one situation of many: what breaks the checks of it, and what is odd and right."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.moves.files import JPEG, PIXEL
from chatkit_conformance.moves.picture import picture
from chatkit_conformance.transcript import Reply, Sent, Transcript
from tests.suites.build import (
    PROGRESS,
    SSE,
    Data,
    answer,
    asked,
    called,
    create,
    done,
    events_of,
    get,
    item,
    noted,
    read,
    replaced,
    said,
    say,
    sent,
    thread,
    transcript,
    user,
)
from tests.suites.build import steps as steps_of

LISTS = "list_tasks"
"""The tool that a user chooses."""

THOUGHT = "The user wants a number; it is in the novel."


def thoughtful_answer() -> Transcript:
    """A thought that stayed out of the answer."""
    flagged = {"content": f"<thought>{THOUGHT}", "extra_content": {"google": {"thought": True}}}
    thought = Sent(at=1.0, data=json.dumps({"choices": [{"delta": flagged, "index": 0}]}))
    call = called("thought", sent=(thought, *sent("</thought>It is 42.")))
    return transcript("thoughtful_answer", [create("thought", "?", answer("a1", "It is 42."))], [call])


def pictures(*named: str) -> Transcript:
    """A PNG and a JPEG that the model is sent, under these names."""
    urls = [
        f"data:{name};base64,{base64.b64encode(content).decode()}"
        for name, content in zip(named, (PIXEL, JPEG), strict=True)
    ]
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    words = {"type": "text", "text": asked("Look.", "shown")}
    call = called("shown", [{"role": "user", "content": [words, *parts]}])
    return transcript("pictures", [create("shown", "Look.", answer("a1", "I see."))], [call])


def signs(title: str) -> Transcript:
    """A thread that gets a title from its first message."""
    named: Data = {"type": "thread.updated", "thread": thread(title=title)}
    return transcript("signs", [create("signs", "Grüße, Käse!", [*answer("a1", "Hello."), named])], [called("signs")])


def steps(status: str, *, latest: str = "complete") -> Transcript:
    """A thread that goes on after a turn with a step: its status when it is read back, and that of the newest."""

    def step(id: str, state: str) -> Data:
        row = {"type": "custom", "title": "Looking", "status_indicator": state}
        return item("workflow", id, workflow={"type": "custom", "tasks": [row], "expanded": False})

    left = [done(step("w1", "complete")), *answer("a1", "Looked.")]
    then = [*answer("a2", "Welcome back."), done(step("w2", latest))]
    rows = [
        user("u-left", asked("Look.", "left")),
        step("w1", status),
        said("a1", "Looked."),
        user("u-then", asked("Again?", "then")),
        said("a2", "Welcome back."),
        step("w2", latest),
    ]
    replies = [create("left", "Look.", left), say("then", "Again?", then), get("back", rows)]
    words = [{"role": "user", "content": asked("Again?", "then")}]
    return transcript("steps", replies, [called("left"), called("then", words, n=1)])


def retried_midway(*, keeps_old: bool = False) -> Transcript:
    """A message that is asked again while it is answered; a reading shows the new answer, or both."""
    first = replace(create("first", "Why?", answer("a1", "Because of this.")), sent_at=0.5, ended_at=5.0)
    params = {"thread_id": "thr_1", "item_id": "u-first"}
    again = Reply(
        label="again",
        request={"type": "threads.retry_after_item", "params": params},
        status=200,
        headers=SSE,
        events=events_of(answer("a2", "Because of that."), at=5.5),
        sent_at=3.0,
        ended_at=6.0,
    )
    rows = [user("u-first", asked("Why?", "first")), *([said("a1", "Because of this.")] if keeps_old else [])]
    back = replace(get("back", [*rows, said("a2", "Because of that.")]), sent_at=7.0, ended_at=7.1)
    words = [{"role": "user", "content": asked("Why?", "first")}]
    return transcript(
        "retried_midway", [first, again, back], [called("first", words), called("first", words, n=1, attempt=1)]
    )


def preview(status: int = 200, kind: str = "image/png", of: str = "zfaaaaaaaaaav2") -> Transcript:
    """The preview of a picture, asked for by its owner; it has this mark."""
    text = picture(of).decode(errors="replace")
    shown = Reply(label="preview", request="", status=status, headers={"content-type": kind}, raw=True, text=text)
    return noted(transcript("preview", [shown]), expected={"preview": {"preview": "zfaaaaaaaaaav2"}})


def chosen_tool(*forced: str) -> Transcript:
    """Three turns, a tool chosen for the second, and that one retried; which tool each of the requests forces."""
    labels = ("before", "chosen", "after")
    options = {"tool_choice": {"id": LISTS}}
    replies = [(create if n == 0 else say)(label, "Yes?", answer(f"a{n}", "Yes.")) for n, label in enumerate(labels)]
    request: Any = replies[1].request
    params = {**request["params"], "input": {**request["params"]["input"], "inference_options": options}}
    replies[1] = replace(replies[1], request={**request, "params": params})
    again = {"type": "threads.retry_after_item", "params": {"thread_id": "thr_1", "item_id": "u-chosen"}}
    told = events_of(answer("a4", "Yes!"), at=11.0)
    replies.append(Reply(label="retry", request=again, status=200, headers=SSE, events=told, sent_at=10.0))
    asking = [{"role": "user", "content": asked("Yes?", label)} for label in (*labels, "chosen")]
    calls = [called(label, [asking[n]], n=n) for n, label in enumerate(labels)]
    calls.append(called("chosen", [asking[3]], n=3, attempt=1, at=11.0, finished_at=12.0))
    choices = [{"tool_choice": {"type": "function", "function": {"name": name}}} if name else {} for name in forced]
    calls = [replace(c, body={**c.body, **choice}) for c, choice in zip(calls, choices, strict=True)]
    return transcript("chosen_tool", replies, calls)


def two_rounds(second: float) -> Transcript:
    """A turn with two rounds of calls and one sign of a tool, at 1.2 s; the second round was called at this time."""
    made = steps_of("rounds", "Do.", ("create_task", {"title": "Moss"}, {"ok": True}), ("list_tasks", {}, []))
    later = tuple(replace(one, at=second) for one in made[1].sent)
    replies = [create("rounds", "Do.", [PROGRESS, *answer("a1", "Done.")])]
    return transcript("two_rounds", replies, [made[0], replace(made[1], sent=later), made[2]])


def declaring(*tools: str) -> Transcript:
    """Two turns of a thread, and the tool that each request declares."""
    replies = [create("before", "Yes?", answer("a1", "Yes.")), say("after", "Yes?", answer("a2", "Yes."))]
    made = [[{"type": "function", "function": {"name": name}}] if name else [] for name in tools]
    words = [[{"role": "user", "content": asked("Yes?", label)}] for label in ("before", "after")]
    calls = [called(label, words[n], n=n, tools=made[n]) for n, label in enumerate(("before", "after"))]
    return transcript("declaring", replies, calls)


def sound_slips() -> list[Transcript]:
    """Each as it should be."""
    return [
        thoughtful_answer(),
        pictures("image/png", "image/jpeg"),
        signs("Grüße"),
        steps("complete"),
        retried_midway(),
        preview(),
        chosen_tool("", LISTS, "", LISTS),
        two_rounds(1.15),
        declaring("list_tasks", "list_tasks"),
    ]


def odd_slips() -> list[Transcript]:
    """A JPEG by its short name; a step of the newest turn that is loading; a choice that is not taken; no preview."""
    return [
        pictures("image/png", "image/jpg"),
        steps("complete", latest="loading"),
        chosen_tool("", "", "", ""),
        chosen_tool(LISTS, LISTS, LISTS, LISTS),
        transcript("retried_midway", [create("first", "Why?", answer("a1", "So.")), read("back")], [called("first")]),
    ]


BREAKS: Mapping[str, list[Transcript]] = {
    "gemini.no-thought-shown": [
        replaced(thoughtful_answer(), "thought", "It is 42.", f"<thought>{THOUGHT}</thought>It is 42.")
    ],
    "gemini.picture-type-true": [pictures("image/jpeg", "image/jpeg"), pictures("image/png", "image/png")],
    "gemini.chosen-tool-asked": [chosen_tool("", LISTS, LISTS, LISTS), chosen_tool("", LISTS, "", "")],
    "tools.still-declared": [declaring("list_tasks", "")],
    "tools.later-round-visible": [two_rounds(9.0)],
    "stream.no-broken-letters": [signs("Gr\ufffd"), signs("Gr\ud83e")],
    "stream.no-step-left-loading": [steps("loading")],
    "persistence.retry-midway-one-answer": [retried_midway(keeps_old=True)],
    "attachments.preview-shown": [preview(500), preview(200, "text/html"), preview(of="zfbbbbbbbbbbv2")],
}
