"""A thread that is locked or closed."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import JSON, Transcript

from ..clauses import SPEC_SURVIVES, types
from ..evidence import answer_text, answered, body, page, reloaded, reply, shorten, text_of, turn, user_text

STATUS = types("603-627") + ": a thread is active, locked or closed"
CAPABILITY = "thread_status"


def _status(thread: JSON) -> str:
    status = thread.get("status") if isinstance(thread, dict) else None
    return str(status.get("type")) if isinstance(status, dict) else ""


def _locked(t: Transcript) -> str:
    """The status that the first turn told. Raises Untestable where it told none but active."""
    statuses = [_status((e.data or {}).get("thread")) for e in turn(t, "lock").of("thread.updated")]
    found = next((status for status in reversed(statuses) if status in ("locked", "closed")), "")
    if not found:
        raise Untestable("The first turn did not lock the thread.")
    return found


@check(
    "protocol.locked-thread-announced",
    level=MUST,
    on=("locked_thread",),
    clause=STATUS + "; L373-377: thread.updated announces it",
    cause="The status is set in the database and not on the thread that the SDK watches.",
    fix="Set thread.status in respond(): the SDK saves the thread and sends thread.updated.",
    capability=CAPABILITY,
)
def locked_thread_announced(t: Transcript) -> Findings:
    """A thread that becomes locked during a turn is announced by thread.updated."""
    threads = [(e.data or {}).get("thread") for e in turn(t, "lock").of("thread.updated")]
    if not any(_status(thread) in ("locked", "closed") for thread in threads):
        yield Finding(expected="thread.updated with status locked or closed", got=shorten(threads), reply="lock")


@check(
    "protocol.locked-thread-reloaded",
    level=MUST,
    on=("locked_thread",),
    clause=STATUS + "; " + SPEC_SURVIVES,
    cause="The status is not stored, or is left out when threads are read.",
    fix="Store the whole ThreadMetadata, status included.",
    capability=CAPABILITY,
    criteria=("SC-005",),
)
def locked_thread_reloaded(t: Transcript) -> Findings:
    """A locked thread is still locked after a reload, and in the list of threads."""
    wanted = _locked(t)
    thread = body(reply(t, "locked"))
    if _status(thread) != wanted:
        yield Finding(expected=f"status {wanted}", got=shorten(thread.get("status")), reply="locked")
    for row in page(body(reply(t, "list")), "list"):
        if row.get("id") == thread.get("id") and _status(row) != wanted:
            yield Finding(expected=f"status {wanted}", got=shorten(row.get("status")), reply="list")


@check(
    "protocol.locked-thread-refuses-messages",
    level=SHOULD,
    on=("locked_thread",),
    clause=STATUS + "; ChatKit docs, Threads: a locked or closed thread takes no new messages",
    cause="The SDK does not check the status: a client that has not seen the lock gets an answer.",
    fix="Refuse the message with an `error` event that says why.",
    capability=CAPABILITY,
)
def locked_thread_refuses_messages(t: Transcript) -> Findings:
    """A message to a locked thread is neither answered nor stored."""
    _locked(t)
    r = reply(t, "more")
    if said := answer_text(r):
        yield Finding(expected="a refusal", got=f"{answered(r)}, answer {shorten(said)}", reply="more")
    sent = user_text(r)
    if any(text_of(item) == sent for item in reloaded(t, "after")):
        yield Finding(expected="no new message", got=f"{shorten(sent)} is stored", reply="after")
