"""Ways in which a restart shows: ids that begin anew, things that were kept in memory only."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from chatkit.store import NotFoundError
from sqlalchemy import text

import reference_server.chat as chat
from reference_server.actions import Done, task_id_of
from reference_server.attachments import SqlAttachmentStore
from reference_server.database import database_url
from reference_server.store import SqlStore
from reference_server.tasks.cards import COMPLETE
from reference_server.tasks.task import Task, TaskList, TaskNotFound

from .inside import Method, around, both
from .mutant import Event, Memory, Patch
from .stream_lies import is_update, item_type


def counted_anew(prefix: str) -> Any:
    """Ids are counted, from 1 with each start."""

    def wrap(real: Method) -> Method:
        numbers = itertools.count(1)

        def instead(self: Any, *args: Any) -> str:
            return f"{prefix}_{next(numbers)}"

        return instead

    return wrap


def tasks_counted_anew(real: Method) -> Method:
    """A task's id is its number since the start; one of before is written over."""
    numbers = itertools.count(1)

    async def instead(self: TaskList, **facts: Any) -> Task:
        made: Task = await real(self, **facts)
        numbered = f"task_{next(numbers)}"
        with suppress(Exception):
            await self.remove(numbered)
        row = {"owner": self._owner, "id": made.id}
        body = made.model_copy(update={"id": numbered})
        await self._database.execute(_RENAME, {**row, "new": numbered, "body": body.model_dump_json()})
        return body

    return instead


def emptied(*statements: str) -> Patch:
    """With each start these statements are run on the database, where it is there already."""

    def patch() -> None:
        path = database_url(os.environ["DATABASE_URL"]).database
        if path and Path(path).exists():
            with closing(sqlite3.connect(path)) as database, database:
                for statement in statements:
                    database.execute(statement)

    return patch


def titles_in_memory() -> None:
    """Titles are kept in memory, and gone after a restart."""
    titles: dict[str, str | None] = {}

    def saving(real: Method) -> Method:
        async def instead(self: SqlStore, thread: Any, context: Any) -> None:
            titles[thread.id] = thread.title
            await real(self, thread.model_copy(update={"title": None}), context)

        return instead

    def loading(real: Method) -> Method:
        async def instead(self: SqlStore, *args: Any, **more: Any) -> Any:
            found = await real(self, *args, **more)
            for thread in getattr(found, "data", [found]):
                thread.title = titles.get(thread.id)
            return found

        return instead

    both(
        around(SqlStore, "save_thread", saving),
        around(SqlStore, "load_thread", loading),
        around(SqlStore, "load_threads", loading),
    )()


def deletions_in_memory() -> None:
    """What was deleted is only remembered to be, and is back after a restart."""
    gone: set[str] = set()

    def deleting(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, context: Any) -> None:
            await self.load_thread(thread_id, context)
            gone.add(thread_id)

        return instead

    def loading(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, *args: Any, **more: Any) -> Any:
            if thread_id in gone:
                raise NotFoundError(f"thread {thread_id!r} not found")
            return await real(self, thread_id, *args, **more)

        return instead

    def listing(real: Method) -> Method:
        async def instead(self: SqlStore, *args: Any, **more: Any) -> Any:
            page = await real(self, *args, **more)
            page.data = [thread for thread in page.data if thread.id not in gone]
            return page

        return instead

    both(
        around(SqlStore, "delete_thread", deleting),
        around(SqlStore, "load_thread", loading),
        around(SqlStore, "load_thread_items", loading),
        around(SqlStore, "load_threads", listing),
    )()


def buttons_in_memory() -> None:
    """What the button of a task completes is only remembered to be, and is open after a restart."""
    done: set[str] = set()
    real = vars(chat)["carry_out"]

    async def instead(action: Any, sender: Any, tasks: TaskList) -> Done:
        made: Done = await real(action, sender, tasks)
        if action.type == COMPLETE:
            with suppress(TaskNotFound):
                await tasks.change(task_id_of(action), completed=False)
                done.add(task_id_of(action))
        return made

    def telling(real: Method) -> Method:
        async def instead(self: TaskList, *args: Any) -> list[Task]:
            found = await real(self, *args)
            return [task.model_copy(update={"completed": True}) if task.id in done else task for task in found]

        return instead

    vars(chat)["carry_out"] = instead
    both(around(TaskList, "all", telling), around(TaskList, "of_ids", telling))()


def dead_if_old(event: Event, memory: Memory) -> Iterable[Event]:
    """A thread that was begun before the start is not answered. Needs `why_dead` at the end."""
    if event.get("type") == "thread.created":
        memory.server.setdefault("made", set()).add(event["thread"]["id"])
        memory.stream["mine"] = True
    thread = memory.thread_id
    if "mine" in memory.stream or thread in memory.server.get("made", ()):
        return (event,)
    memory.stream["dead"] = True
    return () if item_type(event) not in ("", "user_message") or is_update(event) else (event,)


def why_dead(memory: Memory) -> Iterable[Event]:
    """The error in which a stream of `dead_if_old` ends."""
    return ({"type": "error", "code": "stream.error", "allow_retry": True},) if memory.stream.get("dead") else ()


_RENAME = text("UPDATE tasks SET id = :new, body = :body WHERE owner = :owner AND id = :id")

count_items = around(SqlStore, "generate_item_id", counted_anew("msg"))
count_threads = around(SqlStore, "generate_thread_id", counted_anew("thr"))
count_files = around(SqlAttachmentStore, "generate_attachment_id", counted_anew("atc"))
count_tasks = around(TaskList, "add", tasks_counted_anew)
