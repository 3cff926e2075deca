"""What rename, delete and retry leave behind."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import IN_WORDS, Transcript

from ..before import messages, messages_before
from ..clauses import types
from ..evidence import (
    answer_of,
    answer_text,
    answered,
    body,
    note,
    outcome,
    page,
    reply,
    says,
    shorten,
)


def _second_turn_works(t: Transcript) -> None:
    """Raises Untestable where the thread's second turn got no answer before anything was retried."""
    if not answer_text(r := reply(t, "turn-2")):
        raise Untestable(f"The turn before the retry got no answer either: {answered(r)}.")


def deleted_thread(t: Transcript) -> str:
    """The id of the thread that was deleted. Raises Untestable where the delete was not accepted."""
    r = reply(t, "delete")
    if not r.accepted:
        raise Untestable(f"threads.delete was answered with {answered(r)}.")
    return str(r.params.get("thread_id"))


@check(
    "persistence.delete-accepted",
    level=MUST,
    on=("rename_and_delete",),
    clause=types("291-301") + ": threads.delete deletes a thread",
    cause="The store's delete_thread is missing, or fails on the items of the thread.",
    fix="Delete the items with the thread, in one transaction.",
)
def delete_accepted(t: Transcript) -> Findings:
    """A user can delete their own thread with threads.delete."""
    r = reply(t, "delete")
    if not r.accepted:
        yield Finding(expected="HTTP 200", got=answered(r), reply="delete")


@check(
    "persistence.delete-leaves-nothing",
    level=MUST,
    on=("rename_and_delete",),
    clause=types("291-301") + " and store.py L152-155: a thread and its items are deleted",
    cause="Only the thread's row is deleted, or reading an unknown thread recreates it.",
    fix="Delete the thread and its items, and raise NotFoundError for an unknown id.",
)
def delete_leaves_nothing(t: Transcript) -> Findings:
    """After a delete, neither the thread nor its items can be read, and the thread is not listed."""
    thread = deleted_thread(t)
    gone, items = reply(t, "gone"), reply(t, "gone-items")
    if gone.accepted and isinstance(gone.body, dict) and gone.body.get("id") == thread:
        yield Finding(expected=f"no thread {thread!r}", got=answered(gone), reply="gone")
    rows = items.body.get("data") if items.accepted and isinstance(items.body, dict) else None
    if rows:
        yield Finding(expected="no items", got=f"{len(rows)}: {shorten(rows)}", reply="gone-items")
    if any(row.get("id") == thread for row in page(body(reply(t, "list-after")), "list-after")):
        yield Finding(expected=f"no thread {thread!r} in the list", got="it is listed", reply="list-after")


@check(
    "persistence.delete-is-final",
    level=MUST,
    on=("rename_and_delete",),
    clause=types("83-94") + ": a message is added to a thread, which is no longer there",
    cause="A message to an unknown thread creates the thread.",
    fix="Load the thread first, and refuse the request if it does not exist.",
)
def delete_is_final(t: Transcript) -> Findings:
    """A message to a deleted thread is not answered and does not recreate the thread."""
    thread, r = deleted_thread(t), reply(t, "gone-say")
    if answer_text(r):
        expected = f"no answer in deleted thread {thread!r}"
        yield Finding(expected=expected, got=f"answer {shorten(answer_text(r))}", reply="gone-say")


@check(
    "persistence.retry-answers",
    level=MUST,
    on=("retry",),
    clause=types("166-177") + ": threads.retry_after_item processes again after an item",
    cause="The request is not handled, or respond() gets no message to answer.",
    fix="Call respond() with the given item as the message to answer.",
    capability="retry",
)
def retry_answers(t: Transcript) -> Findings:
    """threads.retry_after_item on a user message answers that message again."""
    _second_turn_works(t)
    r = reply(t, "retry")
    if not says(t, r, str(note(t, "new"))):
        yield Finding(expected=f"answer {shorten(t.notes['new'])}", got=outcome(r), reply="retry")


@check(
    "persistence.retry-leaves-one-answer",
    level=MUST,
    on=("retry",),
    clause=types("166-177") + " and server.py L664-684: what followed the item is removed",
    cause="The old answer is kept next to the new one, or only the newest page of items is searched.",
    fix="Delete every item after the given one before calling the model again.",
    capability="retry",
    criteria=("SC-005",),
)
def retry_leaves_one_answer(t: Transcript) -> Findings:
    """After a retry, a reload shows the new answer instead of the old one, and everything before it."""
    if not answer_text(reply(t, "retry")):
        raise Untestable("The retry was not answered.")
    was, new = messages_before(t, "before"), answer_of(t, "retry", str(note(t, "new")))
    at = next((n for n, (id, _) in enumerate(was) if id == note(t, "asked")), None)
    if at is None:
        raise Untestable("The message was not read back before its retry either.")
    kept, texts = [text for _, text in was[: at + 1]], [text for _, text in messages(t, "reload")]
    # A server may well end each answer with a line of its own, or answer in several messages.
    answer = "\n".join(texts[at + 1 :])
    again = IN_WORDS not in t.notes and str(note(t, "old")) in answer  # a model without a script may say the same
    if texts[: at + 1] != kept or answer.count(new) != 1 or again:
        expected = f"messages {shorten([*kept, new], 300)}"
        yield Finding(expected=expected, got=f"messages {shorten(texts, 300)}", reply="reload")


@check(
    "persistence.turn-after-retry-works",
    level=MUST,
    on=("retry",),
    clause=types("83-94") + "; user specification, features: multi-turn conversation",
    cause="The retry left a call without its result, or items in an order that the model rejects.",
    fix="Remove everything after the retried item.",
    capability="retry",
)
def turn_after_retry(t: Transcript) -> Findings:
    """The turn after a retry is answered."""
    _second_turn_works(t)
    r = reply(t, "turn-3")
    if not says(t, r, "You are welcome."):
        yield Finding(expected="answer “You are welcome.”", got=outcome(r), reply="turn-3")
