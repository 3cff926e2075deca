"""Conversations as the harness records them: a plain turn, a turn with a tool, and a second turn that dies."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from chatkit_conformance.transcript import Call, Event, Reply, Sent, Transcript

START = 5000.0
Json = dict[str, Any]


def event(index: int, ms: float, data: Json) -> Event:
    """An event read `ms` milliseconds after START."""
    return Event(index=index, at=START + ms / 1000, raw=json.dumps(data), data=data)


def chunk(ms: float, delta: Json, **more: Any) -> Sent:
    """A chunk of the model, sent `ms` milliseconds after START."""
    body = {"choices": [{"delta": {"role": "assistant", **delta}, "index": 0, **more}], "model": "gemini-3.8-flash"}
    return Sent(at=START + ms / 1000, data=json.dumps(body))


def item_event(kind: str, item: str, type: str, **more: Any) -> Json:
    return {"type": f"thread.item.{kind}", "item": {"id": item, "type": type, "thread_id": "thr_1", **more}}


def delta_event(item: str, text: str) -> Json:
    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": text}
    return {"type": "thread.item.updated", "item_id": item, "update": update}


def reply_of(label: str, timed: Iterable[tuple[float, Json]], *, ended_ms: float, nonce: str, **more: Any) -> Reply:
    """A streamed reply to a threads.create sent at START."""
    request = {
        "type": "threads.create",
        "params": {"input": {"content": [{"type": "input_text", "text": f"Hello (ref {nonce})"}]}},
    }
    return Reply(
        label=label,
        request=more.pop("request", request),
        sent_at=START,
        status=200,
        headers={"content-type": "text/event-stream"},
        headers_at=START + 0.006,
        events=tuple(event(n, ms, data) for n, (ms, data) in enumerate(timed)),
        ended_at=START + ended_ms / 1000,
        **more,
    )


def opening() -> list[tuple[float, Json]]:
    return [
        (7.2, {"type": "thread.created", "thread": {"id": "thr_1", "title": None}}),
        (9.8, item_event("done", "msg_1", "user_message", content=[{"type": "input_text", "text": "Hello"}])),
        (10.1, {"type": "stream_options", "stream_options": {"allow_cancel": True}}),
    ]


def plain_turn(*, answer_id: str = "msg_2", dialect: str = "gemini-3", exchange: str = "one_turn") -> Transcript:
    """A turn with one request to the model and eleven deltas."""
    words = ["Hello", " there", ",", " how", " can", " I", " help", " with", " your", " tasks", "?"]
    timed = [*opening(), (214.0, item_event("added", answer_id, "assistant_message", content=[]))]
    timed += [(216.0 + 24 * n, delta_event(answer_id, word)) for n, word in enumerate(words)]
    timed += [
        (
            462.0,
            item_event(
                "done", answer_id, "assistant_message", content=[{"type": "output_text", "text": "".join(words)}]
            ),
        )
    ]
    sent = [chunk(211 + 24 * n, {"content": word}) for n, word in enumerate(words)]
    call = Call(
        n=0,
        nonce="zqaaaaaaaaaa",
        at=START + 0.0145,
        path="/v1beta/openai/chat/completions",
        body={
            "model": "gemini-3.8-flash",
            "stream": True,
            "messages": [{"role": "user", "content": "Hello (ref zqaaaaaaaaaa)"}],
        },
        profile=dialect,
        sent=(*sent, Sent(at=START + 0.4545, data="[DONE]")),
        finished_at=START + 0.4548,
    )
    reply = reply_of("turn-1", timed, ended_ms=464, nonce="zqaaaaaaaaaa")
    return Transcript(
        exchange=exchange,
        dialect=dialect,
        replies=(reply,),
        calls=(call,),
        started_at=START - 0.01,
        ended_at=START + 0.5,
    )


def tool_turn(*, visible: bool = True, idle_ms: float = 0.0) -> Transcript:
    """A turn in which the model calls a tool, reads its result `idle_ms` later than it need, and answers."""
    late = idle_ms
    timed = opening()
    if visible:
        timed += [
            (231.0, {"type": "progress_update", "text": "Creating “Buy milk”", "icon": "notebook-pencil"}),
            (238.4, item_event("added", "wf_1", "workflow", workflow={"type": "custom", "tasks": []})),
            (
                262.0 + late,
                item_event("done", "wf_1", "workflow", workflow={"type": "custom", "tasks": [{"title": "Created"}]}),
            ),
        ]
    timed += [(471.0 + late, item_event("added", "msg_3", "assistant_message", content=[]))]
    timed += [
        (472.0 + late + 18 * n, delta_event("msg_3", word))
        for n, word in enumerate(["Done: ", "“Buy milk” ", "is on ", "your list."])
    ]
    timed += [(534.0 + late, item_event("done", "msg_3", "assistant_message", content=[]))]
    called = {
        "function": {"arguments": '{"title":"Buy milk"}', "name": "create_task"},
        "id": "a1b2c3d4",
        "type": "function",
    }
    tools = [{"type": "function", "function": {"name": name}} for name in ("create_task", "list_tasks", "delete_task")]
    asked: list[Json] = [{"role": "user", "content": "Add milk (ref zqbbbbbbbbbb)"}]
    body = {"model": "gemini-3.8-flash", "stream": True, "tools": tools, "messages": asked}
    first = Call(
        n=1,
        nonce="zqbbbbbbbbbb",
        at=START + 0.016,
        body=body,
        sent=(chunk(226, {"tool_calls": [called]}), chunk(227, {}, finish_reason="stop")),
        finished_at=START + 0.2275,
    )
    second = Call(
        n=2,
        nonce="zqbbbbbbbbbb",
        position=1,
        at=START + (266 + late) / 1000,
        body={**body, "messages": [*asked, {"role": "tool"}]},
        sent=tuple(
            chunk(468 + late + 18 * n, {"content": w})
            for n, w in enumerate(["Done: ", "“Buy milk” ", "is on ", "your list."])
        ),
        finished_at=START + (525 + late) / 1000,
    )
    reply = reply_of("turn-1", timed, ended_ms=536 + late, nonce="zqbbbbbbbbbb")
    return Transcript(
        exchange="create_a_task",
        dialect="gemini-3",
        replies=(reply,),
        calls=(first, second),
        started_at=START,
        ended_at=START + 1 + late / 1000,
    )


def second_turn_dead() -> Transcript:
    """Two turns; the second breaks off after the user's message, and bad input is answered with a 500 in HTML."""
    nonce = "zqcccccccccc"
    first = plain_turn(answer_id="__fake_id__").replies[0]
    timed = [
        (5.0, item_event("done", "msg_9", "user_message", content=[])),
        (5.2, {"type": "stream_options", "stream_options": {}}),
    ]
    timed += [
        (
            23.0,
            {
                "type": "error",
                "code": "stream.error",
                "message": "UserError: Unknown content: {'type': 'output_text'}",
                "allow_retry": True,
            },
        )
    ]
    request = {
        "type": "threads.add_user_message",
        "params": {"thread_id": "thr_1", "input": {"content": [{"type": "input_text", "text": f"And? (ref {nonce})"}]}},
    }
    dead = reply_of(
        "turn-2",
        timed,
        ended_ms=24,
        nonce=nonce,
        request=request,
        ended="cut",
        trouble="peer closed connection without sending complete message body",
    )
    crash = Reply(
        label="bad-json",
        user="a",
        request="{not json",
        sent_at=START,
        status=500,
        headers={"content-type": "text/html"},
        headers_at=START + 0.003,
        text="<html><body><h1>Internal Server Error</h1><script>alert('hostile')</script></body></html>",
        ended_at=START + 0.003,
    )
    return Transcript(
        exchange="three_turns",
        dialect="gemini-3",
        replies=(first, dead, crash),
        calls=plain_turn().calls,
        started_at=START,
        ended_at=START + 1,
    )
