"""What goes wrong at a counter: a button, a page, a form, what was typed, and what a restart leaves of a task."""

from __future__ import annotations

import html
from collections import deque
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

from chatkit.types import (
    AssistantMessageItem,
    StructuredInputSubmission,
    ThreadMetadata,
    UserMessageItem,
    UserMessageTagContent,
)

import reference_server.chat as chat
from reference_server.actions import carry_out
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.store import SqlStore
from reference_server.tasks.arguments import CreateTask
from reference_server.tasks.task import Task, TaskList
from reference_server.tasks.verbs import Outcome
from reference_server.turn import now

from .effect_lies import Run
from .inside import Method, around, both
from .mutant import JSON, Event, Memory
from .promise_lies import params
from .showcase.server import install
from .told_lies import telling

LOOP = 3
"""Pieces of text among which one that comes again is taken for a loop of the model's."""

# What the model is told


def escaped(items: list[Any]) -> list[Any]:
    """A user's words as HTML has them."""
    told = []
    for item in items:
        if isinstance(item, UserMessageItem):
            item = item.model_copy(deep=True)
            for part in item.content:
                part.text = html.escape(part.text, quote=False)
        told.append(item)
    return told


def tags_last(items: list[Any]) -> list[Any]:
    """The tags of a message after all of its words."""
    return [
        item.model_copy(update={"content": sorted(item.content, key=lambda p: isinstance(p, UserMessageTagContent))})
        if isinstance(item, UserMessageItem)
        else item
        for item in items
    ]


def answers_once(items: list[Any]) -> list[Any]:
    """Of answers that begin alike, the last one."""
    seen: set[str] = set()
    kept: list[Any] = []
    for item in reversed(items):
        if isinstance(item, AssistantMessageItem):
            words = "".join(part.text for part in item.content)[:12]
            if words in seen:
                continue
            seen.add(words)
        kept.append(item)
    return kept[::-1]


_LEFT: set[str] = set()


def _noting_left(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, pending: list[Any], context: Any) -> None:
        await real(self, thread, pending, context)
        rows = (await self.store.load_thread_items(thread.id, None, 20, "desc", context)).data
        asked = next((row.id for row in rows if isinstance(row, UserMessageItem)), "")
        _LEFT.add(asked)

    return instead


def loops_cut(chunk: Event, seen: dict[str, Any]) -> Event | None:
    """A piece of text that came a moment ago is left out."""
    last: deque[str] = seen.setdefault("last", deque(maxlen=LOOP))
    for choice in chunk.get("choices") or ():
        text = (choice.get("delta") or {}).get("content")
        if text and text in last:
            choice["delta"]["content"] = ""
        elif text:
            last.append(text)
    return chunk


# Pages, buttons, threads, forms


def all_without_limit(answer: JSON, memory: Memory) -> JSON:
    """A page that was asked for without a limit says that it is all."""
    if isinstance(answer, dict) and isinstance(answer.get("data"), list) and params(memory).get("limit") is None:
        return {**answer, "has_more": False, "after": None}
    return answer


async def _newest_of(action: Any, sender: Any, tasks: TaskList) -> Any:
    """A button acts on the newest task that is open."""
    there = [task for task in await tasks.all() if not task.completed]
    if there and isinstance(action.payload, dict):
        action = action.model_copy(update={"payload": {**action.payload, "task_id": there[-1].id}})
    return await carry_out(action, sender, tasks)


def button_newest_task() -> None:
    """A button of whichever card acts on the newest task."""
    vars(chat)["carry_out"] = _newest_of


def _begun_anew(real: Method) -> Method:
    async def instead(self: SqlStore, thread: ThreadMetadata, context: RequestContext) -> None:
        await real(self, thread.model_copy(update={"created_at": now()}), context)

    return instead


def _unanswered_takes_last(real: Method) -> Method:
    async def instead(self: Any, item: Any, given: StructuredInputSubmission) -> Any:
        answers = dict(given.answers)
        last = next(iter(answers.values()), None)
        for question in item.inputs:
            if last is not None and given.status == "answered":
                last = answers.setdefault(question.id, last)
        return await real(self, item, given.model_copy(update={"answers": answers}))

    return instead


def _in_small_letters(real: Method) -> Method:
    async def instead(self: Any, item: Any, given: StructuredInputSubmission) -> Any:
        small = {
            id: answer.model_copy(update={"values": [value.lower() for value in answer.values]})
            for id, answer in given.answers.items()
        }
        return await real(self, item, given.model_copy(update={"answers": small}))

    return instead


def answers_in_small_letters() -> None:
    """The showcase, which keeps answers in small letters."""
    install()
    around(TaskChat, "_apply_structured_input_submission", _in_small_letters)()


def unanswered_takes_last() -> None:
    """The showcase, in which a question without an answer has that of the one before."""
    install()
    around(TaskChat, "_apply_structured_input_submission", _unanswered_takes_last)()


# Tasks


def as_number(real: Run) -> Run:
    """A title of digits is kept as a number."""

    async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
        if asked.title.isdecimal():
            asked = asked.model_copy(update={"title": str(int(asked.title))})
        return await real(tasks, asked)

    return instead


_TURN_TASK: ContextVar[dict[str, str] | None] = ContextVar("task", default=None)


def _one_task(real: Method) -> Method:
    async def instead(self: TaskList, task_id: str, **facts: Any) -> Task:
        held = _TURN_TASK.get()
        if held is not None:
            task_id = held.setdefault("id", task_id)
        made: Task = await real(self, task_id, **facts)
        return made

    return instead


def _one_box(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        _TURN_TASK.set({})
        async for event in real(self, thread, message, context):
            yield event

    return instead


def _untagged(real: Method) -> Method:
    tags: dict[str, tuple[str, ...]] = {}

    async def instead(self: TaskList, **facts: Any) -> Task:
        made: Task = await real(self, **{**facts, "tags": ()})
        tags[made.id] = tuple(facts.get("tags", ()))
        return made.model_copy(update={"tags": tags[made.id]})

    def listed(inner: Method) -> Method:
        async def within(self: TaskList) -> list[Task]:
            return [
                row if row.tags else row.model_copy(update={"tags": tags.get(row.id, ())}) for row in await inner(self)
            ]

        return within

    around(TaskList, "all", listed)()
    return instead


words_escaped = telling(escaped)
tags_after_words = telling(tags_last)
answers_told_once = telling(answers_once)
left_words_forgotten = both(
    around(TaskChat, "_keep", _noting_left),
    telling(lambda items: [item for item in items if item.id not in _LEFT or item is items[-1]]),
)
thread_age_moves = around(SqlStore, "save_thread", _begun_anew)
calls_share_task = both(around(TaskList, "change", _one_task), around(TaskChat, "respond", _one_box))
tags_in_memory = around(TaskList, "add", _untagged)
