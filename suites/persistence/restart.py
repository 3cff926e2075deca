"""What is left after the server was stopped and started again."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, check
from chatkit_conformance.target.task_reading import id_of
from chatkit_conformance.transcript import Transcript

from ..evidence import answered, note, page, reloaded, reply, shorten, text_of
from ..tools.roles import entry_before, found_in, listed
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
    cause="Tasks are kept in the process's memory, or their ids are counted anew.",
    fix="Keep tasks in the database, with ids that are stored with them.",
    capability="tasks",
    criteria=("SC-005", "SC-007"),
)
def restart_keeps_tasks(t: Transcript) -> Findings:
    """After the server is stopped and started again, the list tool tells the same task, under the same id."""
    title = str(note(t, "title"))
    before = entry_before(t, listed(t, "tasks-before"), title, "the restart")
    after = found_in(t, listed(t, "tasks-after"), title)
    if after is None:
        got = f"the list {shorten(listed(t, 'tasks-after'))}"
        yield Finding(expected=f"{title!r} still in the list", got=got, reply="tasks-after")
    elif isinstance(before, dict) and isinstance(after, dict) and id_of(before) != id_of(after):
        yield Finding(expected=f"id {id_of(before)}", got=f"id {id_of(after)}", reply="tasks-after")
