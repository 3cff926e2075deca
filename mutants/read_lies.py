"""More ways in which what is read is not what was shown: other letters, other lists, another thread's change."""

from __future__ import annotations

import copy
import time
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from chatkit.types import Page, ThreadsUpdateReq

from reference_server.chat import TaskChat
from reference_server.store import SqlStore

from .answer_lies import Rows
from .inside import Method, around, both
from .mutant import JSON, Event, Memory
from .stream_lies import is_user_message

FRESH_S = 1.0
"""Seconds for which `stale` keeps a list."""


def texts(kind: str, how: Callable[[str], str]) -> Callable[[Rows], Rows]:
    """Change the texts of items of one type."""

    def change(rows: Rows) -> Rows:
        for row in rows:
            for part in row.get("content", ()) if row.get("type") == kind else ():
                if isinstance(part, dict) and isinstance(part.get("text"), str):
                    part["text"] = how(part["text"])
        return rows

    return change


def without_joiners(text: str) -> str:
    """Joiners and variation selectors are gone: families fall apart, hearts turn black."""
    return text.replace("\u200d", "").replace("\ufe0f", "")


def composed(text: str) -> str:
    """Letters and their accents are one."""
    return unicodedata.normalize("NFKC", text)


def without_rare(text: str) -> str:
    """What needs more than two bytes in UTF-16 is a question mark."""
    return "".join(letter if ord(letter) < 0x10000 else "?" for letter in text)


def stripped(text: str) -> str:
    """Blanks at both ends are gone."""
    return text.strip()


def merged(rows: Rows) -> Rows:
    """Answers of one turn that stand side by side, tools between them or not, are one."""
    made: Rows = []
    for row in rows:
        last = next((r for r in reversed(made) if r.get("type") in ("assistant_message", "user_message")), None)
        if row.get("type") == "assistant_message" and last and last["type"] == "assistant_message":
            last["content"] = [*last["content"], *row["content"]]
        else:
            made.append(row)
    return made


def second_time_less(value: JSON, memory: Memory) -> JSON:
    """The second time that a thread is read its last item is missing."""
    thread = memory.thread_id
    if memory.request.get("type") != "threads.get_by_id" or not isinstance(value, dict) or "items" not in value:
        return value
    memory.server[thread] = memory.server.get(thread, 0) + 1
    if memory.server[thread] == 2:
        value = copy.deepcopy(value)
        value["items"]["data"] = value["items"]["data"][:-1]
    return value


def noted_message(event: Event, memory: Memory) -> Iterable[Event]:
    """Change nothing, but remember the newest message of all, for `with_noted`."""
    if is_user_message(event):
        memory.server["newest"] = event["item"]
    return (event,)


def with_noted(value: JSON, memory: Memory) -> JSON:
    """A reload ends with the newest message of all threads. Needs `noted_message`."""
    newest = memory.server.get("newest")
    if newest and isinstance(value.get("items"), dict) and newest["thread_id"] != value.get("id"):
        value["items"]["data"].append({**newest, "thread_id": value["id"], "id": f"{newest['id']}-seen"})
    return value


def untitled(value: JSON, memory: Memory) -> JSON:
    """Threads have no title where they are listed."""
    if memory.request.get("type") != "threads.list" or not isinstance(value, dict):
        return value
    return {**value, "data": [{**row, "title": None} for row in value.get("data", ())]}


def _cursor_in(wanted: str) -> Callable[[Method], Method]:
    def wrap(real: Method) -> Method:
        async def instead(
            self: SqlStore, thread_id: str, after: str | None, limit: int, order: str, context: Any
        ) -> Page[Any]:
            page: Page[Any] = await real(self, thread_id, after, limit, order, context)
            if not page.has_more or order != wanted:
                return page
            following: Page[Any] = await real(self, thread_id, page.after, limit, order, context)
            return page.model_copy(update={"after": following.data[0].id})

        return instead

    return wrap


def stale(real: Method) -> Method:
    """A user's first page of threads is kept for a second."""
    kept: dict[tuple[Any, ...], tuple[float, Any]] = {}

    async def instead(self: SqlStore, limit: int, after: str | None, order: str, context: Any) -> Any:
        key = (context.user_id, limit, after, order)
        if key not in kept or time.monotonic() - kept[key][0] > FRESH_S:
            kept[key] = (time.monotonic(), await real(self, limit, after, order, context))
        return kept[key][1]

    return instead


def _ghosts() -> tuple[Callable[[Method], Method], Callable[[Method], Method]]:
    gone: dict[str, list[Any]] = {}

    def deleting(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, context: Any) -> None:
            thread = await self.load_thread(thread_id, context)
            await real(self, thread_id, context)
            gone.setdefault(context.user_id, []).append(thread)

        return instead

    def listing(real: Method) -> Method:
        async def instead(self: SqlStore, limit: int, after: str | None, order: str, context: Any) -> Any:
            page: Page[Any] = await real(self, limit, after, order, context)
            ghosts = gone.get(context.user_id, []) if order == "asc" and after is None else []
            return page.model_copy(update={"data": [*ghosts, *page.data]})

        return instead

    return deleting, listing


_DELETING, _LISTING = _ghosts()


def renames_another(real: Method) -> Method:
    """The user's newest other thread gets the new title as well."""

    async def instead(self: TaskChat, request: Any, context: Any) -> Any:
        made = await real(self, request, context)
        if isinstance(request, ThreadsUpdateReq):
            page = await self.sql.load_threads(2, None, "desc", context)
            for thread in [row for row in page.data if row.id != request.params.thread_id][:1]:
                await self.sql.save_thread(thread.model_copy(update={"title": request.params.title}), context)
        return made

    return instead


def deletes_another(real: Method) -> Method:
    """With a thread the user's newest other one is deleted."""

    async def instead(self: SqlStore, thread_id: str, context: Any) -> None:
        await real(self, thread_id, context)
        for thread in (await self.load_threads(1, None, "desc", context)).data:
            await real(self, thread.id, context)

    return instead


def renamed_later(real: Method) -> Method:
    """A thread that is renamed was made just now."""

    async def instead(self: SqlStore, thread: Any, context: Any) -> None:
        try:
            before = await self.load_thread(thread.id, context)
        except Exception:
            before = None
        if before is not None and before.title != thread.title and before.title is not None:
            thread = thread.model_copy(update={"created_at": datetime.now()})
        await real(self, thread, context)

    return instead


lose_in_ascending = around(SqlStore, "load_thread_items", _cursor_in("asc"))
keep_lists = around(SqlStore, "load_threads", stale)
list_ghosts = both(around(SqlStore, "delete_thread", _DELETING), around(SqlStore, "load_threads", _LISTING))
rename_another = around(TaskChat, "_process_non_streaming", renames_another)
delete_another = around(SqlStore, "delete_thread", deletes_another)
make_anew_when_renamed = around(SqlStore, "save_thread", renamed_later)
