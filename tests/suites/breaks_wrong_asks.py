"""Conversations in which somebody errs or comes with bad credentials, the browser answers, and the model pauses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from chatkit_conformance.transcript import HELD_UP, Call, Transcript
from chatkit_conformance.wrong_requests.drawing import drawn
from chatkit_conformance.wrong_requests.sample import Ids
from tests.suites.build import (
    PROGRESS,
    Data,
    answer,
    ask,
    asked,
    called,
    create,
    edit,
    events_of,
    nonce_of,
    read,
    recall,
    refusal,
    say,
    sent,
    steps,
    transcript,
)
from tests.suites.timed import says, timed, words

WHO = "ann"
SAID = answer("a1", "Ferns like shade.")
SPOILT = 400
"""Spoilt requests of one conversation: enough that each field is of each wrong kind of JSON once."""


def erring() -> Transcript:
    """A thread; each kind of bad credentials and of wrong request about it, all refused."""
    expected: Data = {
        "2-impostor-threads.get_by_id": {"refused": "forged", "impostor": "forged", "nonce": nonce_of("nobody")},
        "2-impostor-threads.add_user_message": {"refused": "forged", "impostor": "forged", "nonce": nonce_of("nobody")},
        "3-ask-wrongly": {"wrong": "not-json"},
        "4-ask-wrongly": {"wrong": "unknown thread: unknown-say"},
        "5-ask-wrongly-1": {"spoilt": "threads.list with `params.limit` a number of 400 digits"},
        "5-ask-wrongly-2": {"spoilt": "threads.list with `params.after` a list"},
    }
    told = [{"type": "error", "code": "custom", "message": "There is no such thread.", "allow_retry": False}]
    replies = [
        create("1-begin", "Where do ferns grow?", SAID, user=WHO),
        refusal("2-impostor-threads.get_by_id", 401, user=""),
        refusal("2-impostor-threads.add_user_message", 401, "threads.add_user_message", user=""),
        refusal("3-ask-wrongly", 400),
        replace(say("4-ask-wrongly", "Anybody?", (), id="thr_nowhere", user=WHO), events=events_of(told)),
        replace(refusal("5-ask-wrongly-1", 422, "threads.list"), raw=True),
        replace(ask("5-ask-wrongly-2", "threads.list", {}, {"data": [], "has_more": False}), raw=True),
        read("reload"),
    ]
    return transcript("erring", replies, [called("1-begin")], expected=expected)


def spoilt() -> Transcript:
    """A thread, and a refusal of each of many requests in which one value or several are of a wrong kind."""
    replies = [create("1-begin", "Where do ferns grow?", SAID, user=WHO)]
    for n, request in enumerate(drawn(seed=1, number=SPOILT)):
        with suppress(ValueError, RecursionError):
            sent = json.loads(request.prepared(Ids()).body)
            replies.append(replace(refusal(f"2-ask-wrongly-{n}", 422), request=sent, raw=True))
    expected = {r.label: {"spoilt": r.label} for r in replies[1:]}
    return transcript("spoilt", [*replies, read("reload")], [called("1-begin")], expected=expected)


def told_by_browser() -> Transcript:
    """A client tool is called, its output sent, and the model told of it."""
    label, words = "2-answer-shown", "green zdabc"
    pending: list[Data] = [
        {
            "type": "thread.item.done",
            "item": {
                "type": "client_tool_call",
                "id": "ctc_1",
                "thread_id": "thr_1",
                "created_at": "2031-01-01T00:00:00",
                "status": "pending",
                "call_id": "c0",
                "name": "get_color",
                "arguments": {},
            },
        }
    ]
    expected = {f"{label}-output": {"tells": words, "nonce": nonce_of(label)}}
    params = {"thread_id": "thr_1", "result": {"color": words}}
    request = {"type": "threads.add_client_tool_output", "params": params}
    output = say(f"{label}-output", "", answer("a2", "It is green."), user=WHO)
    output = replace(output, request=request, events=output.events[1:], sent_at=3.0)
    replies = [
        create("1-begin", "Where do ferns grow?", SAID, user=WHO),
        say(label, "Which colour?", pending, user=WHO),
        output,
    ]
    made = steps(label, "Which colour?", ("get_color", {}, {"color": words}), n=1)
    calls = [called("1-begin"), made[0], replace(made[1], at=4.0, finished_at=4.5, sent=sent("It is green.", at=4.2))]
    return transcript("told_by_browser", replies, calls, expected=expected)


def paused(*, shown_s: float = 0.5, held_s: float = 0.0) -> Transcript:
    """The model pauses for two seconds in the middle of its answer.

    Args:
        shown_s: seconds after the request at which its first words are shown. held_s: see HELD_UP.
    """
    made = create("1-begin", "Where do ferns grow?", (), user=WHO)
    rows = [(0.3, event.data or {}) for event in made.events] + words("a1", (shown_s, 2.65))
    reply = timed(made, rows, sent_at=0.1, ended_at=max(2.7, shown_s + 0.1))
    messages = [{"role": "user", "content": asked("Where do ferns grow?", "1-begin")}]
    call = called("1-begin", messages, at=0.2, sent=says(0.4, 2.4), finished_at=2.4)
    return transcript("paused", [reply], [call], **({HELD_UP: held_s} if held_s else {}))


def shown(*signs: Data) -> Transcript:
    """A turn with a tool for tasks, and these signs of it."""
    label = "1-use-tool"
    tool = {"role": "read", "name": "list_tasks", "arguments": {}}
    note = {"nonce": nonce_of(label), "words": "Yes?", "tools": [tool], "fault": None}
    made = create(label, "Which tasks are there?", (), user=WHO)
    rows = [(0.6, event.data or {}) for event in made.events] + [(1.05, sign) for sign in signs] + words("a1", (1.4,))
    reply = timed(made, rows, sent_at=0.5, ended_at=1.6)
    calls = steps(label, "Which tasks are there?", ("list_tasks", {}, {"tasks": []}), tools=TOOLS)
    return transcript("shown", [reply], calls, turns={label: note}, moves=[])


TOOLS: list[Data] = [{"type": "function", "function": {"name": "list_tasks", "parameters": {"type": "object"}}}]


def _forgetful(call: Call) -> Call:
    """The request to the model without what was told after the message."""
    return replace(call, body={**call.body, "messages": [{"role": "user", "content": "Well?"}]})


BREAKS: Mapping[str, list[Transcript]] = {
    "security.impostor-refused": [
        edit(erring(), "2-impostor-threads.get_by_id", status=200, body={"id": "thr_1"}),
        edit(erring(), "2-impostor-threads.add_user_message", status=200, body=None, events=events_of(SAID)),
        recall(erring(), lambda c: called("nobody", [{"role": "user", "content": "Is it I?"}])),
    ],
    "errors.wrong-request-refused": [
        edit(erring(), "3-ask-wrongly", status=500),
        edit(erring(), "3-ask-wrongly", status=200, body={}),
        edit(erring(), "4-ask-wrongly", events=events_of(SAID)),
        edit(erring(), "5-ask-wrongly-1", status=500),
    ],
    "errors.wrong-request-answered": [
        edit(erring(), "3-ask-wrongly", status=0, ended="deadline"),
        edit(erring(), "5-ask-wrongly-2", status=0, ended="deadline", body=None),
    ],
    "client-tools.answer-told": [recall(told_by_browser(), _forgetful)],
    "stream.shown-as-it-comes": [paused(shown_s=2.6)],
    "tools.shown-in-every-turn": [shown()],
}


def sound_asks() -> list[Transcript]:
    """Wrong requests refused, the browser's answer told, words shown in a pause, a tool shown."""
    return [erring(), spoilt(), told_by_browser(), paused(), shown(PROGRESS)]


def odd_asks() -> list[Transcript]:
    """The harness itself was late; words in deltas as small as can be."""
    closed = edit(erring(), "5-ask-wrongly-1", status=0, ended="cut")
    return [closed, paused(shown_s=2.6, held_s=1.0), edit(shown(PROGRESS), "1-use-tool", ended="left")]
