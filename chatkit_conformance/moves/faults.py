"""Everything that Gemini and the network can do wrong in the middle of a turn: a row each.

The stand-in plays a row by its `kind` and `keys` (docs/stand-in-scripts.md). What a row says of retrying is what Gemini
or HTTP itself says; where neither says anything, `allow_retry` is None and nobody is judged by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model_fault import ALL, CALL, HEADERS, SPOKEN, STREAM, TEXTS, TOKEN, ModelFault


def _refusal(name: str, status: int, does: str, **keys: Any) -> ModelFault:
    """A status below 500 that the same request meets again."""
    return ModelFault(
        name=name,
        does=does,
        kind="http",
        keys={"status": status, **keys},
        within=HEADERS,
        passing=False,
        allow_retry=False,
    )


def _trouble(name: str, status: int, does: str, **keys: Any) -> ModelFault:
    """A status by which Gemini asks to be asked again later."""
    return ModelFault(
        name=name, does=does, kind="http", keys={"status": status, **keys}, within=HEADERS, allow_retry=True
    )


_STATUS = (
    _refusal("400-key", 400, "400, the key is not valid", body="key-invalid"),
    _refusal("400-signature", 400, "400, a thought signature is missing", body="missing-signature"),
    _refusal("400-field", 400, "400, a field of the request is unknown", body="unknown-field"),
    _refusal("400-argument", 400, "400, an invalid argument"),
    _refusal("401", 401, "401, no valid credentials"),
    _refusal("403", 403, "403, the project has been denied access"),
    _refusal("404", 404, "404, there is no such model"),
    _refusal("429-prepaid", 429, "429, the prepaid credits are spent", body="prepay-depleted"),
    _refusal("429-day", 429, 'the quota of a day: "Please retry in 19h34m29.8s."', body="quota-day"),
    _trouble("429", 429, "429, without a word of how long", body="quota-short"),
    _trouble("429-info", 429, "429, with one second to wait in RetryInfo and in the message", retry_delay="1s"),
    _trouble("429-seconds", 429, "429, Retry-After in seconds", body="quota-short", retry_after_s=1),
    _trouble("429-date", 429, "429, Retry-After as a date", body="quota-short", retry_after_date_s=2),
    ModelFault(
        name="429-digits",
        does="429, with a wait of 400 digits",
        kind="http",
        keys={"status": 429, "retry_delay": "9" * 400 + "s"},
        within=HEADERS,
    ),
    _trouble("500", 500, "500, an internal error"),
    _trouble("503", 503, "503, high demand"),
    _trouble("504", 504, "504, the deadline has passed"),
    ModelFault(
        name="503-as-stream",
        does="503, its JSON under text/event-stream",
        kind="http",
        keys={"status": 503, "content_type": "text/event-stream"},
        within=HEADERS,
        allow_retry=True,
    ),
    ModelFault(name="html", does="502 with a page of HTML", kind="html", within=HEADERS, allow_retry=True),
)

_NETWORK = (
    ModelFault(
        name="refused", does="the connection is reset before a byte", kind="reset", within=HEADERS, allow_retry=True
    ),
    ModelFault(name="no-answer", does="it is closed before a byte", kind="no-answer", within=HEADERS, allow_retry=True),
    ModelFault(name="reset", does="the connection is reset", kind="reset", within=STREAM, allow_retry=True),
    ModelFault(name="tls", does="a TLS alert where a status line should be", kind="tls-alert", within=HEADERS),
    ModelFault(
        name="slow-headers",
        does="nothing for a second and a half, then an answer",
        kind="slow-headers",
        keys={"max_s": 1.5},
        within=HEADERS,
        ends="either",
    ),
    ModelFault(
        name="stall",
        does="silence for two seconds, then the line is cut",
        kind="stall",
        keys={"max_s": 2.0},
        within=ALL,
        allow_retry=True,
    ),
    ModelFault(
        name="cut", does="the connection is cut between two events", kind="cut", within=STREAM, allow_retry=True
    ),
    ModelFault(
        name="cut-event",
        does="the connection is cut inside an event",
        kind="cut",
        keys={"inside": "event"},
        within=SPOKEN,
        allow_retry=True,
    ),
    ModelFault(
        name="cut-letter",
        does="the connection is cut inside a letter",
        kind="cut",
        keys={"inside": "letter"},
        within=SPOKEN,
        allow_retry=True,
    ),
    ModelFault(
        name="cut-frame",
        does="the connection is cut inside a chunk of the transfer",
        kind="cut",
        keys={"inside": "frame"},
        within=SPOKEN,
        allow_retry=True,
    ),
    ModelFault(name="broken-gzip", does="gzip that cannot be unpacked", kind="broken-gzip", within=STREAM),
    ModelFault(
        name="length-short", does="Content-Length is too short", kind="wrong-length", keys={"by": -60}, within=TOKEN
    ),
    ModelFault(
        name="length-long",
        does="Content-Length is too long, and the connection is closed",
        kind="wrong-length",
        keys={"by": 60},
        within=TOKEN,
        ends="either",
    ),
)

_ENDINGS = (
    ModelFault(name="no-done", does="a whole answer, without [DONE]", kind="no-done", within=SPOKEN, ends="either"),
    ModelFault(
        name="no-finish", does="a whole answer, without finish_reason", kind="no-finish", within=SPOKEN, ends="either"
    ),
    ModelFault(
        name="error-event",
        does="an error object as an event",
        kind="error-event",
        within=STREAM,
        allow_retry=True,
    ),
    ModelFault(
        name="error-list",
        does="an error object in a list, as an event",
        kind="error-event-list",
        within=STREAM,
        allow_retry=True,
    ),
    ModelFault(
        name="bare-error",
        does="an error object between the events, not as one",
        kind="bare-error",
        within=STREAM,
        allow_retry=True,
    ),
    ModelFault(
        name="length",
        does="finish_reason length",
        kind="length",
        within=TEXTS,
        passing=False,
    ),
    ModelFault(name="filtered", does="finish_reason content_filter", kind="filtered", within=TEXTS, passing=False),
    ModelFault(
        name="malformed-call",
        does="finish_reason function_call_filter: MALFORMED_FUNCTION_CALL",
        kind="malformed-call",
        within=TEXTS,
    ),
)

_WRONG_ANSWERS = (
    ModelFault(
        name="json-as-stream",
        does="a JSON answer under text/event-stream",
        kind="json-as-stream",
        within=TOKEN,
        ends="either",
    ),
    ModelFault(
        name="stream-as-json",
        does="a stream under application/json",
        kind="stream-as-json",
        within=TOKEN,
        ends="either",
    ),
    ModelFault(
        name="html-200",
        does="200 with a page of HTML",
        kind="html",
        keys={"status": 200},
        within=HEADERS,
    ),
    ModelFault(name="garbage", does="200 with bytes that are no stream", kind="garbage", within=TOKEN),
    ModelFault(name="empty-body", does="200 without a body", kind="empty-body", within=TOKEN),
    ModelFault(name="empty", does="an answer without a word", kind="empty", within=TOKEN),
    ModelFault(name="empty-choices", does="choices is an empty list", kind="empty-choices", within=TEXTS),
    ModelFault(
        name="invalid-arguments",
        does="a call whose arguments are no JSON",
        kind="bad-json-arguments",
        within=CALL,
        ends="either",
    ),
    ModelFault(
        name="list-arguments",
        does="a call whose arguments are a list",
        kind="bad-json-arguments",
        keys={"arguments": "[]"},
        within=CALL,
        ends="either",
    ),
    ModelFault(
        name="no-arguments",
        does="a call whose arguments are an empty text",
        kind="bad-json-arguments",
        keys={"arguments": ""},
        within=CALL,
        ends="either",
    ),
    ModelFault(
        name="unknown-tool",
        does="a call of a tool that nobody declared",
        kind="unknown-tool",
        within=CALL,
        ends="either",
    ),
    ModelFault(name="endless-tools", does="another call after each result", kind="endless-tools", within=CALL),
    ModelFault(
        name="endless-text",
        does="text goes on for eight seconds, then the line is cut",
        kind="endless-text",
        keys={"max_s": 8.0},
        within=("mid-text",),
        ends="either",
    ),
    ModelFault(
        name="huge-chunk",
        does="one event of a million and a half characters",
        kind="huge-chunk",
        keys={"size": 1_500_000},
        within=SPOKEN,
        ends="either",
    ),
    ModelFault(
        name="gzip-bomb",
        does="one event of 100 million characters, in gzip",
        kind="gzip-bomb",
        keys={"size": 100_000_000},
        within=SPOKEN,
        ends="either",
    ),
    ModelFault(
        name="repeated-ids",
        does="the ids of an earlier answer and of an earlier call again",
        kind="repeated-ids",
        within=SPOKEN,
        ends="either",
    ),
    ModelFault(
        name="thought-leak",
        does="the thought is in the text, not marked as one",
        kind="thought-leak",
        within=("mid-text",),
        ends="either",
    ),
)

SHAPES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "content-list": (TEXTS, "content is a list of parts"),
    "content-number": (TEXTS, "content is a number"),
    "content-object": (TEXTS, "content is an object"),
    "finish-number": (STREAM, "finish_reason is a number"),
    "tool-calls-number": (STREAM, "tool_calls is a number"),
    "tool-calls-object": (STREAM, "tool_calls is an object"),
    "arguments-object": (CALL, "a call's arguments are an object"),
    "function-null": (CALL, "a call's function is null"),
    "name-missing": (CALL, "a call has no name"),
    "name-null": (CALL, "a call's name is null"),
    "call-id-number": (CALL, "a call's id is a number"),
    "call-null": (CALL, "tool_calls holds null"),
    "delta-null": (STREAM, "delta is null"),
    "delta-list": (STREAM, "delta is a list"),
    "choices-object": (STREAM, "choices is an object"),
    "choices-null": (STREAM, "choices is null"),
    "choice-number": (STREAM, "choices holds a number"),
    "usage-text": (STREAM, "usage is a text"),
    "model-null": (STREAM, "model is null"),
    "chunk-null": (STREAM, "the data is null"),
    "chunk-list": (STREAM, "the data is a list"),
    "chunk-number": (STREAM, "the data is a number"),
    "not-json": (STREAM, "the data is no JSON"),
    "not-utf8": (STREAM, "the data is no UTF-8"),
    "deep": (STREAM, "the data is 100,000 lists deep"),
}
"""Answers of a wrong shape: how far into an answer each can come, and what it is, in words."""

_MALFORMED = tuple(
    ModelFault(name=name, does=does, kind="malformed", keys={"shape": name}, within=within, ends="either")
    for name, (within, does) in SHAPES.items()
)

FAULTS: Mapping[str, ModelFault] = {
    row.name: row for row in (*_STATUS, *_NETWORK, *_ENDINGS, *_WRONG_ANSWERS, *_MALFORMED)
}
"""Every fault by its name."""
