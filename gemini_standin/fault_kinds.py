"""The kinds of faults that a script can ask for: what each does, where in an answer it can happen, which keys it takes.

Held by docs/stand-in-scripts.md and, row by row, by chatkit_conformance/moves. What they do stands in fault.py (answers
that are something else altogether), acts.py (answers that break while they are sent) and shapes.py (wrong JSON).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

At = Literal["before-headers", "before-first-token", "mid-text", "mid-call"]
PLACES: tuple[At, ...] = ("before-headers", "before-first-token", "mid-text", "mid-call")
"""How far into an answer: before a byte; behind the headers; after about half of the text; in the first call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """One kind of fault.

    Args:
        name: the script's `kind`. does: what is sent, in words.
        at: where it can happen, the earliest first, which is where it does unless the script says.
        own: its keys besides those that all take (COMMON).
    """

    name: str
    does: str
    at: tuple[At, ...]
    own: frozenset[str] = frozenset()

    @property
    def keys(self) -> frozenset[str]:
        """All keys that it takes besides `kind`."""
        spoken = {"text"} if "mid-text" in self.at else set()
        return COMMON | self.own | spoken


COMMON = frozenset({"at", "times", "until"})

_HEADERS: tuple[At, ...] = ("before-headers",)
_TOKEN: tuple[At, ...] = ("before-first-token",)
_TEXT: tuple[At, ...] = ("mid-text",)
_CALL: tuple[At, ...] = ("mid-call",)
_TEXTS: tuple[At, ...] = ("before-first-token", "mid-text")
_SPOKEN: tuple[At, ...] = ("mid-text", "mid-call")
_STREAM: tuple[At, ...] = ("before-first-token", "mid-text", "mid-call")


def _kind(name: str, at: tuple[At, ...], does: str, own: str = "") -> FaultKind:
    return FaultKind(name=name, at=at, does=does, own=frozenset(own.split()))


_ROWS = (
    _kind(
        "http",
        _HEADERS,
        "an error's status and body instead of an answer",
        "status body retry_delay retry_after_s retry_after_date_s content_type",
    ),
    _kind("html", _HEADERS, "a front end's page, status 502", "status"),
    _kind("no-answer", _HEADERS, "the connection is closed before a byte"),
    _kind(
        "tls-alert", _HEADERS, "the bytes of a TLS alert where a status line should be, and the connection is closed"
    ),
    _kind("slow-headers", _HEADERS, "not even headers before the time is up; then the answer", "max_s gate text"),
    _kind("reset", PLACES, "the connection is reset"),
    _kind("stall", PLACES, "silence, then the connection is closed", "after max_s gate"),
    _kind("cut", _STREAM, "the connection is closed before the transfer's end", "after inside"),
    _kind("error-event", _STREAM, 'an event `data: {"error": ...}`, and the end', "after status body"),
    _kind("error-event-list", _STREAM, 'an event `data: [{"error": ...}]`, and the end', "after status body"),
    _kind("bare-error", _STREAM, "pretty-printed JSON of an error that is no event, and the end", "after status body"),
    _kind("broken-gzip", _STREAM, "bytes under Content-Encoding: gzip that cannot be unpacked"),
    _kind("empty-body", _TOKEN, "status 200 and no body"),
    _kind("garbage", _TOKEN, "status 200 and bytes that are no stream", "text"),
    _kind("json-as-stream", _TOKEN, "an answer that is not streamed, under text/event-stream"),
    _kind("stream-as-json", _TOKEN, "a stream, under application/json"),
    _kind("wrong-length", _TOKEN, "a Content-Length that is wrong by that many bytes, and the end", "by"),
    _kind("empty", _TOKEN, "a role and a finish_reason, no token"),
    _kind("empty-choices", _TEXTS, "a chunk whose choices are [], and the end"),
    _kind("filtered", _TEXTS, "finish_reason content_filter: PROHIBITED_CONTENT, or another reason", "reason after"),
    _kind("length", _TEXTS, "finish_reason length: thinking, or the text, took all tokens", "text"),
    _kind("malformed-call", _TEXTS, "finish_reason function_call_filter: MALFORMED_FUNCTION_CALL"),
    _kind("malformed", _STREAM, "a chunk of a wrong shape", "shape"),
    _kind("endless-text", _TEXT, "text without an end, until the time is up", "max_s gap_s"),
    _kind("thought-leak", _TEXT, "the thought is in the text, unflagged", "thought"),
    _kind("no-done", _SPOKEN, "the whole answer, and no [DONE]"),
    _kind("no-finish", _SPOKEN, "the whole answer, and no finish_reason"),
    _kind("repeated-ids", _SPOKEN, "the id of an earlier answer, and of an earlier call for all calls"),
    _kind("huge-chunk", _SPOKEN, "an event of that many characters", "size"),
    _kind("gzip-bomb", _SPOKEN, "the same, of many more characters, and always gzip", "size"),
    _kind("bad-json-arguments", _CALL, "a call whose arguments are no JSON, or are the text given", "name arguments"),
    _kind("unknown-tool", _CALL, "a call of a tool that the request does not declare", "name arguments"),
    _kind("endless-tools", _CALL, "a call here and after each result, until the rounds are up", "rounds"),
)

KINDS: Mapping[str, FaultKind] = {row.name: row for row in _ROWS}
"""Every kind by its name."""

FAULT_KEYS: Mapping[str, frozenset[str]] = {row.name: row.keys for row in _ROWS}
"""Every kind of fault and the keys it takes besides `kind`."""

INSIDE = ("event", "letter", "frame")
"""Where a `cut` may fall: inside an event, inside a letter's bytes, inside a chunk of HTTP's own transfer."""

DEFAULTS: Mapping[str, float] = {
    "max_s": 30.0,
    "gap_s": 0.01,
    "after": 1,
    "rounds": 100,
    "by": 60,
}
"""What a key is where a script does not give it; `size` is DEFAULT_SIZE's."""

DEFAULT_SIZE: Mapping[str, int] = {"huge-chunk": 1_500_000, "gzip-bomb": 100_000_000}
"""Characters. More than a megabyte is more than any event of Gemini's that was ever recorded."""
