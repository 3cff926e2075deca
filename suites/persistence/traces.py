"""What a delete, a retry or a kill leaves behind, beyond the thread that it was about."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..before import messages, messages_before, unchanged
from ..clauses import HTTP_4XX, types
from ..evidence import (
    answer_of,
    answer_text,
    answered,
    answers,
    note,
    reloaded,
    reply,
    shorten,
    text_of,
)
from .answered import answered_with
from .threads import deleted_thread

DELETES = types("291-301") + " and store.py L152-155: a thread and its items are deleted"
REMOVES = types("166-177") + " and server.py L638-684: what followed the item is removed"
KILLED = "user specification, also required: history survives reload and restart; server.py L886-890: stored, then sent"
WRITE_BEHIND = "The store writes late: in the background, at the end of the turn, or without a commit."
COMMIT = "Commit each item before its done event is sent (SQLite: no synchronous=OFF; keep its write-ahead log)."


@check(
    "persistence.rename-keeps-items",
    level=MUST,
    on=("rename_and_delete",),
    clause=types("277-288") + ": threads.update sets the title, and nothing else",
    cause="save_thread deletes the row and inserts it again, which deletes the items too.",
    fix="Upsert the thread; never delete it to save it.",
    criteria=("SC-005",),
)
def rename_keeps_items(t: Transcript) -> Findings:
    """A rename does not change the thread's items."""
    yield from unchanged(t, "before", "renamed")


@check(
    "persistence.deleted-not-retried",
    level=MUST,
    on=("rename_and_delete",),
    clause=DELETES,
    cause="The thread's items are still stored, and a retry finds its message among them.",
    fix="Delete the items with the thread, and load the thread before a retry.",
)
def deleted_not_retried(t: Transcript) -> Findings:
    """A message of a deleted thread cannot be retried."""
    deleted_thread(t)
    r = reply(t, "gone-retry")
    if answer_text(r):
        yield Finding(expected="no answer", got=f"answer {shorten(answer_text(r))}", reply="gone-retry")


@check(
    "persistence.delete-spares-others",
    level=MUST,
    on=("rename_and_delete",),
    clause=types("291-301") + ": the thread of that id is deleted",
    cause="The query deletes by user, or matches only the start of the thread's id.",
    fix="Delete by the thread's complete id.",
    criteria=("SC-005",),
)
def delete_spares_others(t: Transcript) -> Findings:
    """Deleting one thread does not change the user's other threads."""
    deleted_thread(t)
    yield from unchanged(t, "neighbour-before", "neighbour-after")


@check(
    "persistence.delete-twice",
    level=SHOULD,
    on=("rename_and_delete",),
    clause=HTTP_4XX,
    cause="delete_thread raises if the thread does not exist, and nothing catches that.",
    fix="Answer 404, or success as the first time.",
)
def delete_twice(t: Transcript) -> Findings:
    """Deleting a thread that is already deleted is answered with success or 4xx."""
    deleted_thread(t)
    r = reply(t, "gone-delete")
    if not 200 <= r.status < 500:
        yield Finding(expected="HTTP 200 or 4xx", got=answered(r), reply=r.label)


@check(
    "persistence.retry-removes-later-turns",
    level=MUST,
    on=("retry",),
    clause=REMOVES,
    cause="Only the answer right after the item is replaced, and later messages stay.",
    fix="Delete every item after the given one before calling the model again.",
    capability="retry",
    criteria=("SC-005",),
)
def retry_removes_later(t: Transcript) -> Findings:
    """After a retry of the first message, a reload shows only that message and its new answer."""
    if not answers(reply(t, "retry-first")):
        raise Untestable(f"The retry of the first message was not answered: {answered(reply(t, 'retry-first'))}.")
    before = [text for _, text in messages_before(t, "before")]
    first = next((n for n, text in enumerate(before) if "Good morning." in text), None)
    if first is None:
        raise Untestable("The first message was not read back before the retry either.")
    texts = [text for _, text in messages(t, "reload-first")]
    if texts[:first] == before[:first]:
        texts = texts[first:]  # what stood before the message, such as a greeting, stays
    said = answer_of(t, "retry-first", "Good morning once more.")
    if len(texts) != 2 or "Good morning." not in texts[0] or said not in texts[1]:
        expected = f"“Good morning.” and {shorten(said)}"
        yield Finding(expected=expected, got=f"{len(texts)}: {shorten(texts, 300)}", reply="reload-first")


def _killed(t: Transcript) -> None:
    reply(t, "killed")
    if not note(t, "done"):
        raise Untestable("No answer was done, so the server was not killed after one.")


@check(
    "persistence.done-is-durable",
    level=MUST,
    on=("killed_at_done",),
    clause=KILLED,
    cause=WRITE_BEHIND,
    fix=COMMIT,
    capability="restart",
    criteria=("SC-005",),
)
def done_is_durable(t: Transcript) -> Findings:
    """If the server is killed right after an answer's done event, the answer is still stored."""
    _killed(t)
    r = reply(t, "reload")
    rows = [i for i in reloaded(t, "reload") if i.get("id") == note(t, "done")] if r.accepted else []
    told = (e.item for e in reply(t, "killed").items_done("assistant_message") if e.item_id == t.notes["done"])
    said = next(map(text_of, told), "")
    if not rows or said not in text_of(rows[0]):
        yield Finding(expected=f"assistant_message {t.notes['done']!r}", got=answered(r), reply="reload")


@check(
    "persistence.killed-keeps-message",
    level=MUST,
    on=("killed_at_done",),
    clause=KILLED,
    cause=WRITE_BEHIND,
    fix=COMMIT,
    capability="restart",
    criteria=("SC-005",),
)
def killed_keeps_message(t: Transcript) -> Findings:
    """If the server is killed during a turn, the thread and the user's message are still stored."""
    _killed(t)
    asked = [e.item_id for e in reply(t, "killed").items_done("user_message")]
    if not asked:
        raise Untestable("The user's message was not sent back before the server was killed.")
    r = reply(t, "reload")
    if not r.accepted or asked[0] not in [i.get("id") for i in reloaded(t, "reload")]:
        yield Finding(expected=f"user_message {asked[0]!r}", got=answered(r), reply="reload")


@check(
    "persistence.turn-after-kill",
    level=MUST,
    on=("killed_at_done",),
    clause=KILLED + "; SC-008: never a broken thread",
    cause="The kill left a lock, a half-written file or a thread marked as busy.",
    fix="Keep locks in memory or with an expiry, and write in transactions.",
    capability="restart",
    criteria=("SC-008",),
)
def turn_after_kill(t: Transcript) -> Findings:
    """After the server is killed and started again, the thread's next message is answered."""
    _killed(t)
    yield from answered_with(t, "next", "Quillfeather.")
