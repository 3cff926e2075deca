"""What is left after the server was stopped and started again."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.target.task_id import id_of
from chatkit_conformance.target.task_reading import claims_success, entry, facts_of, is_completed, is_page
from chatkit_conformance.transcript import SHARED_TASKS, Reply, Transcript

from ..clauses import types
from ..evidence import answered, body, note, page, reloaded, reply, said_errors, shorten, text_of
from ..exchanges.older_thread import AFTER, BEFORE, PREVIEW
from ..tools.roles import entry_before, found_in, listed, results
from .answered import answered_with


@check(
    "persistence.restart-keeps-thread",
    level=MUST,
    on=("restart",),
    clause="user specification, also required: history survives reload and restart",
    cause="Threads are kept in the process's memory.",
    fix="Use a store on disk or in a database. For a demo that keeps nothing on purpose, write restart = false under "
    "[capabilities] in the target file.",
    capability="restart",
    criteria=("SC-005",),
)
def restart_keeps_thread(t: Transcript) -> Findings:
    """After the server is stopped and started again, a reload shows the same thread."""
    before = reloaded(t, "reload-1")
    r = reply(t, "reload-2")
    after = page(r.body["items"], r.label) if r.accepted and isinstance(r.body, dict) and r.body.get("items") else None
    if after is None:
        yield Finding(expected=f"{len(before)} items", got=answered(r), reply="reload-2")
        return
    was, now = ([(i.get("id"), text_of(i)) for i in items] for items in (before, after))
    if was != now:
        yield Finding(expected=shorten(was, 300), got=shorten(now, 300), reply="reload-2")


@check(
    "persistence.restart-next-turn",
    level=MUST,
    on=("restart",),
    clause="user specification, also required: history survives reload and restart, context reaches the model",
    cause="The model's history is kept in memory, separate from the store.",
    fix="Build the model's input from the stored items of the thread.",
    capability="restart",
    criteria=("SC-005",),
)
def restart_next_turn(t: Transcript) -> Findings:
    """After a restart the thread continues, and the model is sent the earlier messages."""
    yield from answered_with(t, "turn-2", "Quillfeather.")
    last = [c for c in t.calls if not c.side][-1:]
    for c in last:
        if "she weighs 4.2 kg" not in str(c.messages):
            got = f"{len(c.messages)} messages: {shorten(c.messages, 300)}"
            yield Finding(expected="turn one in the request of turn two", got=got, reply="turn-2", call=c.n)


@check(
    "persistence.restart-keeps-tasks",
    level=MUST,
    needs=("model",),
    on=("restart",),
    clause="user specification, also required: history survives reload and restart; tools: tasks are stored",
    cause="Tasks, or what a button does to them, are kept in the process's memory; or ids are counted anew.",
    fix="Keep tasks in the database, with ids that are stored with them; write there what an action changes.",
    capability="tasks",
    criteria=("SC-005", "SC-007"),
)
def restart_keeps_tasks(t: Transcript) -> Findings:
    """After the server is stopped and started again, the list tool tells the same tasks, under the same ids."""
    title, done = str(note(t, "title")), str(t.notes.get("completed", ""))
    last = "tasks-done" if any(r.label == "tasks-done" for r in t.replies) else "tasks-before"
    before, text = entry_before(t, listed(t, last), title, "the restart"), listed(t, "tasks-after")
    after = found_in(t, text, title)
    if after is None:
        yield Finding(expected=f"{title!r} still in the list", got=f"the list {shorten(text)}", reply="tasks-after")
    elif isinstance(before, dict) and isinstance(after, dict):
        was, now = ({"id": id_of(row), **facts_of(row)} for row in (before, after))
        if was != now:
            yield Finding(expected=shorten(was, 300), got=shorten(now, 300), reply="tasks-after")
    opened = entry(text, done) if done and last == "tasks-done" else None
    if opened is not None and is_completed(opened) is False and _was_done(t, last, done):
        yield Finding(expected=f"{done!r} completed, as before", got=shorten(opened), reply="tasks-after")
    yield from _pressed_otherwise(t, text)


def _pressed_otherwise(t: Transcript, text: str) -> Findings:
    """A task whose button was pressed is told otherwise after the restart: it was kept, or told, in memory alone."""
    title = str(t.notes.get("pressed", ""))
    if not title or not any(r.label == "tasks-pressed" for r in t.replies):
        return
    pressed = listed(t, "tasks-pressed")
    then, now = (_as_told(each, title) for each in (pressed, text))
    if now != then and not is_page(pressed) and not is_page(text):
        expected = f"{title!r} as it was told once its button was pressed: {shorten(then or 'not at all')}"
        yield Finding(expected=expected, got=shorten(now or "it is not in the list"), reply="tasks-after")


def _as_told(text: str, title: str) -> object:
    """What a list says of a task: its facts, the line that tells it, or None."""
    found = entry(text, title)
    return facts_of(found) if isinstance(found, dict) else found


def _was_done(t: Transcript, label: str, title: str) -> bool:
    """Whether a task was completed in that turn: it is told as such, or its tool ran and it is hidden since."""
    found = entry(listed(t, label), title)
    ran = [claims_success(text) for text in results(t, label, "complete")]
    elsewhere = is_page(listed(t, label)) or bool(t.notes.get(SHARED_TASKS, {}).get("from"))
    hidden = found is None and not elsewhere
    return bool(ran) and False not in ran and (hidden or (found is not None and is_completed(found) is True))


@check(
    "persistence.restart-keeps-status",
    level=MUST,
    on=("restart",),
    clause="user specification, also required: history survives reload and restart; "
    + types("603-627")
    + ": a thread is active, locked or closed",
    cause="Which threads are locked is kept in the process's memory.",
    fix="Store the whole ThreadMetadata, status included.",
    capability="thread_status",
    criteria=("SC-005",),
)
def restart_keeps_status(t: Transcript) -> Findings:
    """After the server is stopped and started again, a thread that was locked is locked."""
    if not any(r.label == "locked-before" for r in t.replies):
        raise Untestable("No thread was locked before the restart.")
    was, now = (body(reply(t, label)).get("status") for label in ("locked-before", "locked-after"))
    if not isinstance(was, dict) or was.get("type") not in ("locked", "closed"):
        raise Untestable(f"The thread was not locked before the restart: its status was {shorten(was)}.")
    if was != now:
        yield Finding(expected=f"status {shorten(was)}", got=f"status {shorten(now)}", reply="locked-after")


@check(
    "persistence.restart-serves-older-threads",
    level=MUST,
    on=("older_thread",),
    clause="user specification, also required: history survives reload and restart",
    cause="Sessions, buttons, pending calls or answers are found in the process's memory, not in the store.",
    fix="Load the thread and its items from the store in each request.",
    capability="restart",
    criteria=("SC-005",),
)
def restart_serves_older_threads(t: Transcript) -> Findings:
    """After a restart a thread from before it takes the requests that a thread like it took before the restart."""
    asked = [(r, r.type or PREVIEW) for r in t.replies]
    pairs = [(r, reply(t, f"{AFTER}-{what}")) for r, what in asked if r.label == f"{BEFORE}-{what}" and _taken(r)]
    if not pairs:
        raise Untestable("No request about a thread was taken before the restart.")
    for before, after in pairs:
        if not _taken(after):
            got = f"{after.type or PREVIEW}: {answered(after)}, {said_errors(after)}"
            yield Finding(expected=f"{answered(before)}, as before the restart", got=got, reply=after.label)


def _taken(r: Reply) -> bool:
    """Whether a request was accepted, and its stream, if it has one, ended without an error."""
    return r.accepted and not r.errored and r.ended == "closed"
