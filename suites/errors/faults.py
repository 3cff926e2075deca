"""What becomes of a turn in which the model breaks, one check for each way to break, and what works after it."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, check
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_FAULTS
from ..evidence import (
    answered,
    reply,
    shorten,
    shown_text,
)
from ..exchanges.faults import FAULTS, NAMES

AFTER = (*NAMES, "unknown_tool")


def stated(t: Transcript, r: Reply) -> bool:
    """Whether the user was told: an error event, a notice, an answer of the server's own, or a clean HTTP refusal."""
    if r.errors or r.of("notice"):
        return True
    if not r.streamed:
        return r.refused or r.status in (502, 503, 504)
    said = shown_text(r).strip()
    partial = str(t.notes.get("partial", ""))
    return bool(said) and said not in partial


def _judge(t: Transcript) -> Findings:
    r = reply(t, "fault")
    if r.ended in ("deadline", "cut"):
        got = f"{r.ended} after {len(r.events)} events: {r.trouble or 'no reason seen'}"
        yield Finding(expected="a turn that ends and says what happened", got=got, reply="fault")
    elif not stated(t, r):
        got = f"{answered(r)}; the user saw {shorten(shown_text(r))} and no error"
        expected = f"an `error` event (the model failed: {t.notes.get('fault')})"
        yield Finding(expected=expected, got=got, reply="fault")


CAUSES = {
    "rate_limited": "429 is raised by the client library after its own retries, and escapes or is swallowed.",
    "internal_error": "500 is raised by the client library after its own retries, and escapes or is swallowed.",
    "overloaded": "503 is raised by the client library after its own retries, and escapes or is swallowed.",
    "refused": "400 is raised by the client library, and escapes or is swallowed.",
    "cut": "A stream that ends without finish_reason passes for a finished one.",
    "stalled": "The time between two chunks is not limited, or a stream that ends early passes for a finished one.",
    "error_in_stream": "The error object is not a chunk: the parser fails on it, or skips it.",
    "empty": "The Agents SDK treats an empty completion as success with an empty answer.",
    "filtered": "finish_reason `content_filter: ...` is not checked: an empty answer passes for success.",
    "malformed_call": "finish_reason `function_call_filter: ...` is not checked: an empty answer passes for success.",
    "garbage": "A body without any event passes for an empty stream, or its parse error escapes.",
    "rate_limited_long": "The server waits as long as Gemini says, or 429 escapes after the client library's retries.",
    "key_refused": "403 is raised by the client library, and escapes or is swallowed.",
    "key_invalid": "400 is raised by the client library, and escapes or is swallowed.",
    "unknown_model": "404 is raised by the client library, and escapes or is swallowed.",
    "no_answer": "The handler catches only status errors, and a connection error is not one.",
    "html": "502 is raised by the client library, or the page is parsed as a stream.",
    "error_list": "Gemini wraps errors in a list; the parser looks for `choices` in it and raises.",
    "bare_error": "The parser skips what is between two events, and the partial answer passes for a complete one.",
    "length": "finish_reason `length` without text passes for success with an empty answer.",
    "no_done": "The server waits for the missing [DONE], or drops the complete answer without an error.",
    "slow_headers": "The client library's timeout is so short that a slow answer is lost without an error.",
    "cut_in_call": "A stream that ends without finish_reason passes for the end of the turn.",
}
"""Why a server fails each of them, most often."""


def _declare(name: str, words: str) -> None:
    """Declare the check of one fault."""

    def judge(t: Transcript) -> Findings:
        yield from _judge(t)

    judge.__doc__ = f"When the model fails ({words}), the user sees an error event, a notice or an answer that says so."
    judge.__name__ = judge.__qualname__ = f"{name}_reported"
    check(
        f"errors.{name.replace('_', '-')}-reported",
        level=MUST,
        on=(f"fault_{name}",),
        clause=SPEC_FAULTS,
        cause=CAUSES[name],
        fix="Check every finish_reason and catch what the model's client raises; then yield an `error` event.",
        criteria=("SC-008",),
    )(judge)


for _name, (_words, _) in FAULTS.items():
    _declare(_name, _words)
