"""What becomes of a turn in which the model breaks, one check for each way to break, and what works after it."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, check
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_FAULTS
from ..evidence import (
    answer_text,
    answered,
    reloaded,
    replies,
    reply,
    said_errors,
    shorten,
    shown_text,
    text_of,
    user_text,
)
from ..exchanges.faults import FAULTS, NAMES

AFTER = (*NAMES, "unknown_tool")


def stated(t: Transcript, r: Reply) -> bool:
    """Whether the user was told: an error event, a notice, an answer of the server's own, or a clean HTTP refusal."""
    if r.errors or r.of("notice"):
        return True
    if not r.streamed:
        return 400 <= r.status < 500 or r.status in (502, 503, 504)
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
    judge.__name__ = judge.__qualname__ = f"{name}_stated"
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


@check(
    "errors.next-turn-works",
    level=MUST,
    on=AFTER,
    clause=SPEC_FAULTS + ", never a broken thread",
    cause="What was stored of the failed turn (half an item, a call without a result) breaks the next request.",
    fix="Store only the text that was shown of a failed answer, and build the history from complete items only.",
    criteria=("SC-008",),
)
def next_turn_works(t: Transcript) -> Findings:
    """The turn after a turn in which the model failed is answered."""
    r = reply(t, "next")
    if "I am here." not in answer_text(r):
        got = f"answer {shorten(answer_text(r))}, {said_errors(r)}; {answered(r)}"
        yield Finding(expected="answer “Yes, I am here.”", got=got, reply="next")


@check(
    "errors.one-error",
    level=SHOULD,
    on=NAMES,
    clause="user specification SC-008: every upstream fault ends in one error event (or a stated answer)",
    cause="Two layers each report the same failure.",
    fix="Catch the failure in one place.",
    criteria=(),
)
def one_error(t: Transcript) -> Findings:
    """A failed turn reports its failure once."""
    r = reply(t, "fault")
    if len(r.errors) > 1:
        got = f"{len(r.errors)}: {shorten([e.raw for e in r.errors])}"
        yield Finding(expected="one `error` event", got=got, reply="fault", event=r.errors[1].index)


@check(
    "errors.user-message-kept",
    level=MUST,
    on=NAMES,
    clause="openai-chatkit 1.6.5 chatkit/types.py L387-391: done marks an item complete; SC-005: it survives a reload",
    cause="The turn's transaction, with the user's message, is rolled back when the model fails.",
    fix="Commit the user's message before calling the model.",
    criteria=("SC-005", "SC-008"),
)
def user_message_kept(t: Transcript) -> Findings:
    """A reload shows the message that the model failed to answer."""
    sent = user_text(reply(t, "fault"))
    texts = [text_of(item) for item in reloaded(t, "reload") if item.get("type") == "user_message"]
    if sent not in texts:
        yield Finding(expected=f"user_message {shorten(sent)}", got=f"user messages {shorten(texts)}", reply="reload")


TRACES = ("Traceback (most recent call last)", 'File "/', "site-packages/", "\tat java.", "    at Object.")


@check(
    "errors.no-traceback",
    level=MUST,
    on=(*AFTER, "bad_requests", "bad_arguments"),
    clause=SPEC_FAULTS + ", never a traceback",
    cause="Debug mode is on, or str(exception) is put into the response.",
    fix="Log the exception, and write your own message for the user.",
    criteria=("SC-008",),
)
def no_traceback(t: Transcript) -> Findings:
    """No response shows the server's code: no traceback and no source file path."""
    for r in replies(t):
        shown = [(e.raw.replace('\\"', '"'), e.index) for e in r.events if e.type in ("error", "notice") or e.problem]
        for text, event in [*shown, (r.text, None), ("" if r.body is None else str(r.body), None)]:
            if found := next((trace for trace in TRACES if trace in text), None):
                at = max(0, text.index(found) - 20)
                yield Finding(expected="no traceback", got=shorten(text[at : at + 160]), reply=r.label, event=event)
