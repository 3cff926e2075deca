"""A turn in which the model breaks says so: once, in words of its own, and what it offers is true.

What the model said is what the stand-in wrote (`chatkit_conformance/stream/said.py`); what became of it is in
`chatkit_conformance/moves/faults.py`, row by row. A fault after which an answer is as right as an error is judged by
the rules of the stream alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.faults import FAULTS
from chatkit_conformance.stream.model_answers import LASTING
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import SPEC_FAULTS, types
from ..evidence import answered, said_errors, shorten
from .answers import shown_in

EITHER = frozenset(row.kind for row in FAULTS.values() if row.ends != "error")
"""Kinds of faults after which an answer is right, too."""

RETRIES = {
    kind: words.pop()
    for kind in {row.kind for row in FAULTS.values()}
    if len(words := {row.allow_retry for row in FAULTS.values() if row.kind == kind}) == 1
}
"""Kind of fault -> what every row of it says of retrying."""

SHORTENED = re.compile(r"^finish_reason (length|content_filter|function_call_filter|max_tokens)")


def broken_turns(t: Transcript) -> list[Turn]:
    """The turns in which the model came to no whole answer. Raises Untestable where there is none."""
    found = [turn for turn in turns_in(t) if turn.broken and not turn.asked.wrong and turn.asked.reply.ended != "left"]
    if not found:
        raise Untestable(f"The model failed in no turn of {t.exchange}.")
    return found


def reported(t: Transcript, turn: Turn) -> bool:
    """Whether a turn says more than the model did: an error, a notice, a refusal, words or an effect of its own."""
    r = turn.asked.reply
    if r.errors or r.of("notice", "client_effect") or not r.streamed:
        return True  # how a refusal is to look, and that a stream ends, is judged elsewhere
    shown = shown_in(t)[turn.asked.n].strip()
    return bool(shown) and shown not in turn.words


@check(
    "errors.fault-reported",
    level=MUST,
    needs=("model",),
    clause=SPEC_FAULTS + ": every upstream fault ends in an error event or a stated answer",
    cause="In this situation (a later turn, after a tool, on a retry, ...) the failure is swallowed.",
    fix="Catch what the model's client raises around the whole turn, and check every finish_reason.",
    criteria=("SC-008",),
)
def fault_reported(t: Transcript) -> Findings:
    """If the model gives no complete answer, the turn says so, anywhere in the conversation."""
    judged = 0
    for turn in broken_turns(t):
        call, last = turn.last
        if turn.slow or call.fault in EITHER or (SHORTENED.match(last.trouble) and last.text.strip()):
            continue
        judged += 1
        if not reported(t, turn):
            r = turn.asked.reply
            got = f"the user saw {shorten(shown_in(t)[turn.asked.n])} and no error; {answered(r)}"
            expected = f"an `error` event, or a message that says so (the model's last answer: {turn.broken})"
            yield Finding(expected=expected, got=got, reply=r.label, call=call.n)
    if not judged:
        raise Untestable("After each fault of this conversation, an answer is as right as an error.")


@check(
    "errors.shortened-reported",
    level=SHOULD,
    needs=("model",),
    clause="Gemini docs, OpenAI compatibility: finish_reason says why an answer ended; " + SPEC_FAULTS,
    cause="finish_reason is not checked if there is text.",
    fix="Say that the answer was shortened, with a notice, an `error` event, or a mark at its end.",
)
def shortened_reported(t: Transcript) -> Findings:
    """An answer that a limit or a filter cut short is not shown as if it were complete."""
    cut = [turn for turn in broken_turns(t) if SHORTENED.match(turn.last[1].trouble) and turn.last[1].text.strip()]
    if not cut:
        raise Untestable(f"No answer of {t.exchange} was shortened.")
    for turn in cut:
        if not reported(t, turn):
            got = f"the user saw {shorten(shown_in(t)[turn.asked.n])} without a notice"
            expected = f"a notice that it was shortened ({turn.broken})"
            yield Finding(expected=expected, got=got, reply=turn.asked.reply.label, call=turn.last[0].n)


@check(
    "errors.one-error",
    level=SHOULD,
    clause="user specification SC-008: every upstream fault ends in one error event (or a stated answer)",
    cause="Two layers each report the same failure.",
    fix="Catch the failure in one place.",
)
def one_error(t: Transcript) -> Findings:
    """A failed turn reports its failure once."""
    failed = [turn for turn in turns_in(t) if turn.asked.reply.errors]
    if not failed:
        raise Untestable(f"No turn of {t.exchange} ended with an error.")
    for turn in failed:
        r = turn.asked.reply
        if len(r.errors) > 1:
            got = f"{len(r.errors)}: {shorten([e.raw for e in r.errors])}"
            yield Finding(expected="one `error` event", got=got, reply=r.label, event=r.errors[1].index)


TOO_LONG = re.compile(r"retry in \d{6,}")
"""A wait of days, in seconds: whether that is a limit that passes, nobody can say."""


def _may_retry(call: Call) -> bool | None:
    """What an error about this call shall say of retrying; None where either is right."""
    if call.fault and call.fault != "http":
        return RETRIES.get(call.fault)
    if call.status < 400:
        return None
    if call.status == 429:
        if any(TOO_LONG.search(sent.data) for sent in call.sent):
            return None
        return not any(LASTING.search(sent.data) for sent in call.sent)
    return call.status >= 500


def _offers(t: Transcript, may: bool) -> Iterator[tuple[Turn, Call]]:
    """The turns that ended with an error after a fault of which it is known whether it may pass."""
    found = [turn for turn in broken_turns(t) if turn.asked.reply.errors and _may_retry(turn.last[0]) is may]
    if not found:
        raise Untestable("No error was reported for a fault that is known to be transient or permanent.")
    return ((turn, turn.last[0]) for turn in found)


@check(
    "errors.retry-only-where-useful",
    level=SHOULD,
    needs=("model",),
    clause=types("438-444") + ": allow_retry; reported for ChatKit servers: true only where a retry can work",
    cause="Every error event is made with allow_retry=True.",
    fix="Offer a retry for 429, 5xx and broken connections; not for 400, 403 and 404, nor for the quota of a day.",
)
def retry_only_where_useful(t: Transcript) -> Findings:
    """No retry is offered for a permanent failure: a refused key, an unknown model, a 400, a day's quota."""
    for turn, call in _offers(t, may=False):
        for e in turn.asked.reply.errors:
            if (e.data or {}).get("allow_retry") is True:
                got = f"allow_retry true after: {turn.broken}"
                label = turn.asked.reply.label
                yield Finding(expected="allow_retry false", got=got, reply=label, event=e.index, call=call.n)


@check(
    "errors.retry-offered",
    level=SHOULD,
    needs=("model",),
    clause=types("438-444") + ": allow_retry lets the user retry",
    cause="allow_retry is left at its default, false.",
    fix="Set allow_retry=True for transient failures.",
)
def retry_offered(t: Transcript) -> Findings:
    """A retry is offered for a transient failure: a rate limit, a server error, a broken connection."""
    for turn, call in _offers(t, may=True):
        errors = turn.asked.reply.errors
        if not any((e.data or {}).get("allow_retry") is True for e in errors):
            label = turn.asked.reply.label
            expected = f"allow_retry true (the model failed: {turn.broken})"
            got = "an error event without it"
            yield Finding(expected=expected, got=got, reply=label, event=errors[0].index, call=call.n)


@check(
    "errors.message-readable",
    level=SHOULD,
    needs=("model",),
    clause=types("438-444") + ": an error's message is shown to the user",
    cause="An exception without a message is passed on: code stream.error and no message.",
    fix='Raise CustomStreamError("what happened, and what to do", allow_retry=...).',
)
def message_readable(t: Transcript) -> Findings:
    """An error event has a message that says what happened."""
    for turn in broken_turns(t):
        r = turn.asked.reply
        for e in r.errors:
            if not str((e.data or {}).get("message") or "").strip():
                yield Finding(expected="a message", got=shorten(e.raw), reply=r.label, event=e.index)


@check(
    "errors.permanent-error-not-retried",
    level=SHOULD,
    needs=("model",),
    clause="Google AIP-194: a request is repeated only where the error says that it may succeed later (UNAVAILABLE)",
    cause="The client library retries every status, or the agent runs again on any exception.",
    fix="Retry only on 429, 500, 502, 503 and 504.",
)
def permanent_error_not_retried(t: Transcript) -> Findings:
    """A request that failed with a permanent error is not retried."""
    judged = 0
    for turn in broken_turns(t):
        refused = [c for c in turn.calls if c.status in (400, 401, 403, 404)]
        judged += bool(refused)
        again = [c for c in refused[1:] if c.position == refused[0].position]
        if again:
            got = f"{len(again) + 1} requests, each answered with {refused[0].status}, {said_errors(turn.asked.reply)}"
            yield Finding(expected="one request", got=got, reply=turn.asked.reply.label, call=again[0].n)
    if not judged:
        raise Untestable("No request met a permanent error.")
