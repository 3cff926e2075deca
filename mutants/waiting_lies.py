"""Ways to fail what waits, is elsewhere, or comes again: a tab behind another, another's task, the same list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

from chatkit.types import WidgetItem
from sqlalchemy import text

from reference_server import chat
from reference_server.actions import task_id_of
from reference_server.chat import TaskChat
from reference_server.store import SqlStore
from reference_server.tasks.cards import shown_ids
from reference_server.tasks.task import TaskList

from .inside import Invoke, Method, around
from .mutant import Event, Hang, Memory, Patch, Wire
from .tool_lies import not_json

SAYS = "threads.add_user_message"
PAGE = 20
"""Items in which the liar that pages looks for a message."""


def _open(memory: Memory) -> dict[str, int]:
    """How many messages of each thread are being answered."""
    found: dict[str, int] = memory.server.setdefault("open", {})
    return found


def _begin(request: Event, memory: Memory) -> Event:
    if request.get("type") == SAYS:
        count = _open(memory)
        count[memory.thread_id] = count.get(memory.thread_id, 0) + 1
        memory.stream["waits"] = count[memory.thread_id] > 1
    return request


def _end(memory: Memory) -> Iterable[Event]:
    if memory.request.get("type") == SAYS:
        _open(memory)[memory.thread_id] -= 1
        if memory.left and memory.stream.get("waits"):
            memory.server.setdefault("locked", set()).add(memory.thread_id)
    return ()


def _locked(event: Event, memory: Memory) -> Iterable[Event]:
    if memory.thread_id in memory.server.get("locked", ()) and not memory.stream.get("waits"):
        raise Hang
    return (event,)


waiting_tab_locks = Wire(request=_begin, event=_locked, end=_end)
"""The place of a second tab in the queue of a thread is never given back if that tab leaves while it waits."""


def _kept(request: Event, memory: Memory) -> Event:
    if request.get("type") == "threads.delete" and _open(memory).get(memory.thread_id, 0) > 1:
        memory.stream["revived"] = True
        return {"type": "threads.list", "params": {"limit": 1}}
    return _begin(request, memory)


def _told_gone(answer: Any, memory: Memory) -> Any:
    return {} if memory.stream.get("revived") else answer


waiting_message_revives = Wire(request=_kept, answer=_told_gone, end=_end)
"""A thread that is deleted while a message waits in it is there again once that message is answered."""


def _in_order(event: Event, memory: Memory) -> Iterable[Event]:
    """Nothing is shown of a retry whose message is not among the newest items."""
    items: dict[str, list[str]] = memory.server.setdefault("items", {})
    id, thread = event.get("item", {}).get("id"), event.get("item", {}).get("thread_id")
    if memory.request.get("type") == "threads.retry_after_item":
        known = items.get(memory.thread_id, [])
        asked = memory.request.get("params", {}).get("item_id")
        if asked in known and len(known) - known.index(asked) > PAGE:
            return ()
    elif event.get("type") == "thread.item.done" and id not in (mine := items.setdefault(str(thread), [])):
        mine.append(str(id))
    return (event,)


retry_within_page = Wire(event=_in_order)
"""A retry looks for its message in the newest page of the thread alone, and shows nothing where it is not there."""


def _last_user(real: Method) -> Method:
    instructions, last = vars(chat)["INSTRUCTIONS"], {"user": ""}

    async def instead(self: TaskChat, thread: Any, item: Any, context: Any) -> AsyncIterator[Any]:
        vars(chat)["INSTRUCTIONS"] = f"{instructions}\nYou help {last['user'] or context.user_id}."
        last["user"] = context.user_id
        self._agents.clear()
        async for event in real(self, thread, item, context):
            yield event

    return instead


last_user_instructed: Patch = around(TaskChat, "respond", _last_user)
"""The instructions name a user, and are made for the next turn when one begins, whoever's that is."""


def once_a_turn(real: Invoke) -> Invoke:
    """A list is read once in a turn; whoever asks again is told the same."""
    told: dict[int, Any] = {}

    async def instead(context: Any, arguments: str) -> Any:
        turn = id(context.context)
        if turn not in told:
            told[turn] = await real(context, arguments)
        return told[turn]

    return instead


_OWNERS = "SELECT owner FROM tasks WHERE id = :id"


def any_task() -> None:
    """A button of a widget acts on the task that it names, whosever it is."""
    real = vars(chat)["carry_out"]

    async def instead(action: Any, sender: Any, tasks: TaskList) -> Any:
        if sender is not None:
            for row in await tasks._database.rows(text(_OWNERS), {"id": task_id_of(action)}):
                tasks._owner = row[0]
        return await real(action, sender, tasks)

    vars(chat)["carry_out"] = instead


def task_of_place() -> None:
    """A button of a list acts on the task that stands now where its own stood in the list."""
    real = vars(chat)["carry_out"]

    async def instead(action: Any, sender: Any, tasks: TaskList) -> Any:
        shown = shown_ids(sender.widget) if sender is not None else []
        if len(shown) > 1 and task_id_of(action) in shown:
            there = (await tasks.all())[shown.index(task_id_of(action)) :]
            if there:
                action = action.model_copy(update={"payload": {**action.payload, "task_id": there[0].id}})
        return await real(action, sender, tasks)

    vars(chat)["carry_out"] = instead


def after_done(chunk: Event, memory: dict[str, Any]) -> Event | None:
    """An answer ends where its own words have the sign that ends a stream."""
    for choice in chunk.get("choices") or ():
        words = choice.get("delta", {}).get("content")
        if memory.get("over") and words:
            choice["delta"]["content"] = ""
        elif isinstance(words, str) and "[DONE]" in words:
            choice["delta"]["content"], memory["over"] = words.partition("[DONE]")[0], True
    return chunk


def no_blanks(chunk: Event, memory: dict[str, Any]) -> Event | None:
    """Pieces of blanks alone are left out."""
    for choice in chunk.get("choices") or ():
        words = choice.get("delta", {}).get("content")
        if isinstance(words, str) and words and not words.strip():
            choice["delta"]["content"] = ""
    return chunk


def no_result(body: Event) -> Event:
    """Of several calls of one answer, the one whose arguments are cut off has no result."""
    broken: set[str] = set()
    for message in body.get("messages", ()):
        made = message.get("tool_calls") or ()
        broken |= {call["id"] for call in made if len(made) > 1 and not_json(call["function"]["arguments"])}
    kept = [m for m in body.get("messages", ()) if m.get("role") != "tool" or m.get("tool_call_id") not in broken]
    return {**body, "messages": kept}


def _behind(real: Method) -> Method:
    async def instead(self: SqlStore, thread_id: str, item: Any, context: Any) -> None:
        if isinstance(item, WidgetItem):
            await self.delete_thread_item(thread_id, item.id, context)
        await real(self, thread_id, item, context)

    return instead


saved_behind: Patch = around(SqlStore, "save_item", _behind)
"""A widget that is saved again is deleted and inserted anew, behind all that was said since."""
