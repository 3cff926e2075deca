"""What a team writes in a sprint and means well: tidied texts, a window, a cache, a second chance, a job."""

from __future__ import annotations

import asyncio
import html
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

from chatkit.errors import CustomStreamError
from chatkit.types import UserMessageItem

from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.gemini_compat.answer import Answer
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.gemini_compat.model import GeminiModel
from reference_server.gemini_compat.wire import EventReader
from reference_server.store import SqlStore
from reference_server.tasks.arguments import CreateTask, UpdateTask
from reference_server.tasks.task import TaskList
from reference_server.tasks.verbs import Outcome

from .effect_lies import Run, verb
from .inside import Method, around, both
from .mutant import Event
from .odd_tasks import turned_over
from .told_lies import telling

# Texts, tidied


def saying(change: Callable[[str], str]) -> Callable[[], None]:
    """Change each piece of text that the model says, before it is shown or kept."""

    def wrap(real: Method) -> Method:
        def instead(self: Answer, text: str) -> None:
            real(self, change(text))

        return instead

    return around(Answer, "_say", wrap)


def typing(change: Callable[[str], str]) -> Callable[[], None]:
    """Change each text of a user's message, before it is shown or kept."""

    def wrap(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, item: Any, *args: Any, **more: Any) -> None:
            if isinstance(item, UserMessageItem):
                for part in item.content:
                    part.text = change(part.text)
            await real(self, thread_id, item, *args, **more)

        return instead

    return both(around(SqlStore, "add_thread_item", wrap), around(SqlStore, "save_item", wrap))


def _quoting(change: Callable[[str], str]) -> Callable[[], None]:
    def told(items: list[Any]) -> list[Any]:
        return [
            item.model_copy(update={"quoted_text": change(item.quoted_text)})
            if isinstance(item, UserMessageItem) and item.quoted_text
            else item
            for item in items
        ]

    return telling(told)


def _titling(change: Callable[[str], str]) -> Callable[[Run], Run]:
    def how(real: Run) -> Run:
        async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
            return await real(tasks, asked.model_copy(update={"title": change(asked.title)}))

        return instead

    return how


_TAG = re.compile(r"<[^<>\n]+>")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

answer_tags_stripped = saying(lambda text: _TAG.sub("", text))
answer_escaped = saying(lambda text: html.escape(text, quote=False))
answer_fences_stripped = saying(lambda text: re.sub(r"```\w*\n?", "", text))
answer_blank_lines_joined = saying(lambda text: re.sub(r"\n{3,}", "\n\n", text))
answer_lines_split = saying(lambda text: _LINE_END.sub("\n", text))
typed_nfkc = typing(lambda text: unicodedata.normalize("NFKC", text))
typed_nfc = typing(lambda text: unicodedata.normalize("NFC", text))
typed_sanitized = typing(lambda text: _TAG.sub("", text))
typed_unprintable_dropped = typing(lambda text: "".join(c for c in text if c.isprintable() or c in "\n\t"))
typed_at_16000 = typing(lambda text: text[:16_000])
quotation_at_200 = _quoting(lambda text: text[:200])
task_title_escaped = verb("create_task", _titling(html.escape))
task_title_three_bytes = verb("create_task", _titling(lambda text: re.sub("[\U00010000-\U0010ffff]", "?", text)))
task_title_at_80 = verb("create_task", _titling(lambda text: text[:80]))
task_title_capital = verb("create_task", _titling(lambda text: text[:1].upper() + text[1:]))

# Reads of a network, taken for letters and for events


def _reading(change: Callable[[EventReader, Method, bytes], Any]) -> Callable[[], None]:
    """Change how one network read of the model's answer is taken."""

    def wrap(real: Method) -> Method:
        def instead(self: EventReader, read: bytes) -> Any:
            return change(self, real, read)

        return instead

    return around(EventReader, "feed", wrap)


def _whole_events(reader: EventReader, real: Method, read: bytes) -> Any:
    made = real(reader, read)
    reader._rest = []
    return made


letters_per_read = _reading(lambda reader, real, read: real(reader, read.decode("utf-8", "replace").encode()))
events_per_read = _reading(_whole_events)
first_event_of_read = _reading(lambda reader, real, read: real(reader, read)[:1])

# Windows, caches

MOST_CHARACTERS = 24_000
"""Characters of a conversation that go to the model."""


def _length(item: Any) -> int:
    return sum(len(getattr(part, "text", "")) for part in getattr(item, "content", ()) or ())


def _window(items: list[Any]) -> list[Any]:
    while items and sum(map(_length, items)) > MOST_CHARACTERS:
        items = items[1:]
    return items


_INPUT: dict[str, Any] = {}


def history_cached() -> None:
    """What an item says to the model is kept by its place in the thread."""

    def wrap(real: Method) -> Method:
        async def instead(self: HistoryConverter, items: Any) -> Any:
            told: list[Any] = []
            for place, item in enumerate(items):
                name = f"{item.thread_id} {place}"
                if name not in _INPUT:
                    _INPUT[name] = await real(self, [item])
                told += _INPUT[name]
            return told

        return instead

    around(HistoryConverter, "to_agent_input", wrap)()


def tools_declared_again(body: Event) -> Event:
    """A later turn declares each tool once more."""
    turns = sum(1 for message in body.get("messages") or [] if message.get("role") == "assistant")
    return {**body, "tools": body["tools"] * 2} if turns and body.get("tools") else body


class _Silent:
    """Hears an answer that nobody is shown."""

    def write(self, text: str) -> None:
        """Nothing."""

    thinking = calling = write

    def end(self) -> None:
        """Nothing."""


def _named_each_turn(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: RequestContext) -> AsyncIterator[Any]:
        async for event in real(self, thread, message, context):
            yield event
        model = GeminiModel(self._settings.gemini_model, self._gemini, _Silent())
        asked = [{"role": "user", "content": "Name this conversation in three words."}]
        body = {
            "model": model.name,
            "stream": True,
            "stream_options": {"include_usage": True},
            "messages": asked,
        }
        await model._answer(json.dumps(body).encode(), [])

    return instead


# Locks, second chances, doubles

_LOCKS: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)


def _one_at_a_time(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: RequestContext) -> AsyncIterator[Any]:
        async with _LOCKS[context.user_id]:
            async for event in real(self, thread, message, context):
                yield event

    return instead


def _double_dropped(real: Method) -> Method:
    async def instead(self: TaskChat, request: Any, context: RequestContext) -> AsyncIterator[Any]:
        if request.type == "threads.add_user_message":
            words = [part.text for part in request.params.input.content]
            newest = await self.store.load_thread_items(request.params.thread_id, None, 10, "desc", context)
            last = next((item for item in newest.data if isinstance(item, UserMessageItem)), None)
            if last is not None and [part.text for part in last.content] == words:
                return
        async for event in real(self, request, context):
            yield event

    return instead


def _same_title_same_task(real: Run) -> Run:
    async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
        same = next((task for task in await tasks.all() if task.title == asked.title), None)
        if same is None:
            return await real(tasks, asked)
        outcome = await real(tasks, asked)
        await tasks.remove(outcome.data["task"]["id"])
        return Outcome(
            data={"created": True, "task": same.model_dump(mode="json", exclude_none=True)},
            line=outcome.line,
            widget=outcome.widget,
        )

    return instead


def _wiped(real: Run) -> Run:
    async def instead(tasks: TaskList, asked: UpdateTask) -> Outcome:
        if asked.due_date is None and asked.title is not None:
            await tasks.change(asked.task_id, due_date=None)
        return await real(tasks, asked)

    return instead


# Jobs, quotas


def _unanswered_cleaned(real: Method) -> Method:
    async def instead(self: SqlStore, thread_id: str, *args: Any, **more: Any) -> Any:
        context = args[-1] if args else more["context"]
        if thread_id not in _SEEN:
            _SEEN.add(thread_id)
            page = await real(self, thread_id, None, 1, "desc", context)
            if page.data and isinstance(page.data[0], UserMessageItem) and thread_id not in _BORN:
                await self.delete_thread_item(thread_id, page.data[0].id, context)
        return await real(self, thread_id, *args, **more)

    return instead


def _born(real: Method) -> Method:
    def instead(self: SqlStore, context: RequestContext) -> str:
        made: str = real(self, context)
        _BORN.add(made)
        return made

    return instead


_SEEN: set[str] = set()
_BORN: set[str] = set()

MOST_FAILURES = 3


def _failures_counted(real: Method) -> Method:
    failed: defaultdict[str, int] = defaultdict(int)

    async def instead(self: TaskChat, thread: Any, message: Any, context: RequestContext) -> AsyncIterator[Any]:
        if failed[context.user_id] >= MOST_FAILURES:
            raise CustomStreamError("You have asked too much; come back tomorrow.", allow_retry=True)
        failed[context.user_id] += 1
        async for event in real(self, thread, message, context):
            yield event
        failed[context.user_id] -= 1

    return instead


window_of_characters = telling(_window)
title_asked_each_turn = around(TaskChat, "respond", _named_each_turn)
one_answer_per_user = around(TaskChat, "respond", _one_at_a_time)
double_message_dropped = around(TaskChat, "_in_turn", _double_dropped)
same_title_same_task = verb("create_task", _same_title_same_task)
complete_toggles = verb("complete_task", turned_over)
update_wipes_due = verb("update_task", _wiped)
unanswered_cleaned = both(
    around(SqlStore, "load_thread_items", _unanswered_cleaned), around(SqlStore, "generate_thread_id", _born)
)
failures_use_quota = around(TaskChat, "respond", _failures_counted)
