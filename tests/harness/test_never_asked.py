"""What is said of a first turn that asked no model: what the server itself printed comes before any guess."""

from __future__ import annotations

from typing import Any

import pytest

from chatkit_conformance.running.never_asked import never_asked
from chatkit_conformance.transcript import Call, Event, Reply

STREAM = {"content-type": "text/event-stream"}
DIED = [
    "INFO listening",
    "Traceback (most recent call last):",
    '  File "server.py", line 4, in respond',
    "    yield await answer(model=model)",
    "TypeError: answer() got an unexpected keyword argument 'model'",
]
NODE = [
    "listening on 8080",
    "file:///srv/server.mjs:12",
    "    const run = await answers(thread);",
    "                      ^",
    "",
    "TypeError: answers is not a function",
    "    at respond (file:///srv/server.mjs:12:23)",
    "    at async file:///srv/server.mjs:40:3 {",
    "  code: 'ERR'",
    "}",
]
GO = [
    "2026/11/27 listening",
    "panic: runtime error: index out of range [0] with length 0",
    "",
    "goroutine 7 [running]:",
]
UNREACHED = [
    "Traceback (most recent call last):",
    '  File "server.py", line 9, in respond',
    "openai.APIConnectionError: Connection error.",
]
ERROR = Event(index=0, at=0.0, raw="{}", data={"type": "error", "code": "custom", "message": "Sorry."})


@pytest.mark.parametrize(
    ("turn", "more", "said", "unsaid"),
    [
        ({"ended": "cut"}, {"printed": DIED}, "TypeError: answer() got an unexpected keyword", "GEMINI_BASE_URL"),
        ({"ended": "cut"}, {"printed": NODE}, "TypeError: answers is not a function", "GEMINI_BASE_URL"),
        ({"status": 500}, {"printed": GO}, "panic: runtime error: index out of range", "GEMINI_BASE_URL"),
        (
            {"events": (ERROR,)},
            {"printed": UNREACHED, "hosts": ["api.openai.com"]},
            "tried to reach api.openai.com instead, and its output has an exception, openai.APIConnectionError",
            "native",
        ),
        ({"ended": "deadline"}, {}, "no answer in time", "GEMINI_BASE_URL"),
        ({"status": 422, "body": {"detail": "x"}, "headers": {}}, {}, "refused the message", "GEMINI_BASE_URL"),
        ({}, {"hosts": ["api.openai.com"]}, "tried to reach api.openai.com instead", ""),
        ({}, {"strays": [Call(n=0, path="/v1beta/openai/responses")]}, "Responses API", "GEMINI_BASE_URL"),
        ({"events": (ERROR,)}, {"printed": ["asyncpg: no database"]}, "asyncpg: no database", "native"),
        ({"events": (ERROR,)}, {}, "reported an error before it asked a model. It printed nothing", "native"),
        ({"ended": "cut"}, {}, "its stream broke off", "GEMINI_BASE_URL"),
        ({}, {}, "Let it read GEMINI_BASE_URL", "--standin-port"),
        ({}, {"started": False}, "--standin-port PORT", "[target.env]"),
    ],
)
def test_the_reason_is_what_was_seen(turn: dict[str, Any], more: dict[str, Any], said: str, unsaid: str) -> None:
    """A traceback, a hang, a refusal, another API or another host is named; only without any is a setting guessed."""
    reply = Reply(label="discovery", **{"status": 200, "headers": STREAM, **turn})
    words = never_asked(reply, **{"started": True, **more})
    assert said in words
    assert not unsaid or unsaid not in words
