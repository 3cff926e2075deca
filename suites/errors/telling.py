"""What a broken turn tells the user, and what it offers."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Event, Transcript

from ..clauses import SPEC_FAULTS, types
from ..evidence import calls_of, reply, shorten
from ..exchanges.faults import LASTING, NAMES, PASSING

INSIDES = ("/v1beta/", "://generativelanguage.", "http://127.0.0.1", "AIza", "Error code: ", "Bearer ")
"""Strings that occur only in the model's address, its key or a client library's exception text."""


def _errors(t: Transcript) -> tuple[Event, ...]:
    """The error events of the broken turn. Raises Untestable where there is none: others judge that."""
    found = reply(t, "fault").errors
    if not found:
        raise Untestable("The failed turn has no `error` event.")
    return found


@check(
    "errors.retry-only-where-useful",
    level=SHOULD,
    on=LASTING,
    clause=types("438-444") + ": allow_retry; reported for ChatKit servers: true only where a retry can work",
    cause="Every error event is made with allow_retry=True.",
    fix="Offer a retry for 429, 5xx and broken connections; not for 400, 403 and 404.",
)
def retry_only_where_useful(t: Transcript) -> Findings:
    """No retry is offered for a permanent failure: a refused key, an unknown model, a 400."""
    for e in _errors(t):
        if (e.data or {}).get("allow_retry") is True:
            got = f"allow_retry true for: {t.notes.get('fault')}"
            yield Finding(expected="allow_retry false", got=got, reply="fault", event=e.index)


@check(
    "errors.retry-offered",
    level=SHOULD,
    on=PASSING,
    clause=types("438-444") + ": allow_retry lets the user retry",
    cause="allow_retry is left at its default, false.",
    fix="Set allow_retry=True for transient failures.",
)
def retry_offered(t: Transcript) -> Findings:
    """A retry is offered for a transient failure: a rate limit, a server error, a broken connection."""
    found = _errors(t)
    if not any((e.data or {}).get("allow_retry") is True for e in found):
        expected = f"allow_retry true (the model failed: {t.notes.get('fault')})"
        yield Finding(expected=expected, got="an error event without it", reply="fault", event=found[0].index)


@check(
    "errors.message-readable",
    level=SHOULD,
    on=NAMES,
    clause=types("438-444") + ": an error's message is shown to the user",
    cause="An exception without a message is passed on: code stream.error and no message.",
    fix='Raise CustomStreamError("what happened, and what to do", allow_retry=...).',
)
def message_for_people(t: Transcript) -> Findings:
    """An error event has a message that says what happened."""
    for e in _errors(t):
        if not str((e.data or {}).get("message") or "").strip():
            yield Finding(expected="a message", got=shorten(e.raw), reply="fault", event=e.index)


@check(
    "errors.no-upstream-address",
    level=SHOULD,
    on=NAMES,
    clause="CWE-209: generation of error message containing sensitive information; " + SPEC_FAULTS,
    cause="str(exception) of the model's client is put into the message.",
    fix="Write your own message about what happened, and log the exception.",
)
def no_upstream_address(t: Transcript) -> Findings:
    """Error messages contain no address or key of the model and no exception text of a client library."""
    for e in (*_errors(t), *reply(t, "fault").of("notice")):
        text = str((e.data or {}).get("message") or "")
        if found := next((words for words in INSIDES if words in text), None):
            yield Finding(expected=f"nothing like {found!r}", got=shorten(text), reply="fault", event=e.index)


@check(
    "errors.permanent-error-not-retried",
    level=SHOULD,
    on=LASTING,
    clause="Google AIP-194: a request is repeated only where the error says that it may succeed later (UNAVAILABLE)",
    cause="The client library retries every status, or the agent runs again on any exception.",
    fix="Retry only on 429, 500, 502, 503 and 504.",
)
def asks_sparingly(t: Transcript) -> Findings:
    """A request that failed with a permanent error is not retried."""
    made = calls_of(t, "fault")
    if len(made) > 1:
        got = f"{len(made)} requests, each answered with {made[0].status}"
        yield Finding(expected="one request", got=got, reply="fault", call=made[1].n)
