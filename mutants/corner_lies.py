"""What well-meant code does in a corner: a tag alone, a second part of a text, a list read while an answer comes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import StructuredInputItem, StructuredInputSubmission, ThreadMetadata, UserMessageItem

from reference_server.attachments import SqlAttachmentStore
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.speed.requests import parse_request
from reference_server.threads_busy import BusyThreads

from .inside import Method, around
from .mutant import Event
from .showcase.server import install
from .told_lies import telling

# What the model is told


def _typed(item: Any) -> str:
    return "".join(part.text for part in item.content if part.type == "input_text").strip()


def files_alone(items: list[Any]) -> list[Any]:
    """An earlier message without typed words is left out: `if message.text`."""
    return [i for i in items if not isinstance(i, UserMessageItem) or _typed(i) or i is items[-1]]


def first_part(items: list[Any]) -> list[Any]:
    """Of a message in several parts, the first text is read: `content[0].text`."""
    return [
        item.model_copy(update={"content": item.content[:1]}) if isinstance(item, UserMessageItem) else item
        for item in items
    ]


def summary_kept(body: Event) -> Event:
    """What the first summary of a thread left out of the model's sight stays out: it is never written anew."""
    messages = body.get("messages") or []
    head = [m for m in messages if m.get("role") == "system"]
    rest = [m for m in messages if m.get("role") != "system"]
    if len(rest) <= SUMMARISED + RECENT:
        return body
    cut = len(rest) - RECENT
    while cut < len(rest) and rest[cut].get("role") != "user":
        cut += 1
    if cut == len(rest):
        return body
    return {**body, "messages": [*head, *rest[:SUMMARISED], *rest[cut:]]}


SUMMARISED, RECENT = 6, 6
"""Messages that the one summary tells of, and newest messages that go to the model beside it."""


# Retries


def _retried(change: Callable[[UserMessageItem], UserMessageItem]) -> Callable[[Method], Method]:
    def wrap(real: Method) -> Method:
        async def instead(self: TaskChat, request: Any, context: RequestContext) -> AsyncIterator[Any]:
            if request.type == "threads.retry_after_item":
                params = request.params
                item = await self.store.load_item(params.thread_id, params.item_id, context)
                if isinstance(item, UserMessageItem):
                    await self.store.save_item(params.thread_id, change(item), context)
            async for event in real(self, request, context):
                yield event

        return instead

    return wrap


def _without_tags(item: UserMessageItem) -> UserMessageItem:
    return item.model_copy(update={"content": [part for part in item.content if part.type == "input_text"]})


def _without_tool(item: UserMessageItem) -> UserMessageItem:
    return item.model_copy(
        update={"inference_options": item.inference_options.model_copy(update={"tool_choice": None})}
    )


# Pages, locks, deletions


def _ends_all_of_user(real: Method) -> Method:
    async def instead(self: BusyThreads, user_id: str, thread_id: str) -> None:
        for user, thread in list(self._turns):
            if user == user_id:
                await real(self, user, thread)

    return instead


def waits_for_answer(*kinds: str) -> Callable[[], None]:
    """These requests of a user wait until no answer to the user is under way."""

    def turn(real: Method) -> Method:
        async def instead(self: TaskChat, request: Any, context: RequestContext) -> AsyncIterator[Any]:
            under_way[context.user_id] += 1
            free[context.user_id].clear()
            try:
                async for event in real(self, request, context):
                    yield event
            finally:
                under_way[context.user_id] -= 1
                if not under_way[context.user_id]:
                    free[context.user_id].set()

        return instead

    def asked(real: Method) -> Method:
        async def instead(self: TaskChat, request: Any, context: RequestContext) -> Any:
            if parse_request(request).type in kinds and under_way[context.user_id]:
                await free[context.user_id].wait()
            return await real(self, request, context)

        return instead

    under_way: defaultdict[str, int] = defaultdict(int)
    free: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def patch() -> None:
        around(TaskChat, "_in_turn", turn)()
        around(TaskChat, "process", asked)()

    return patch


# Files


def _deleted_file_fatal(real: Method) -> Method:
    async def instead(self: HistoryConverter, attachment: Any) -> Any:
        try:
            await self._read(attachment)
        except NotFoundError as missing:
            raise RuntimeError(f"no such object: {attachment.id}") from missing
        return await real(self, attachment)

    return instead


def bytes_shared() -> None:
    """Equal bytes of a user are kept once, and go with the first file of them that is deleted."""
    kept: defaultdict[tuple[str, bytes], set[str]] = defaultdict(set)

    def save(real: Method) -> Method:
        async def instead(self: SqlAttachmentStore, attachment_id: str, content: bytes, context: Any) -> Any:
            kept[context.user_id, content].add(attachment_id)
            return await real(self, attachment_id, content, context)

        return instead

    def delete(real: Method) -> Method:
        async def instead(self: SqlAttachmentStore, attachment_id: str, context: Any) -> None:
            await real(self, attachment_id, context)
            for (user, _), ids in kept.items():
                if user == context.user_id and attachment_id in ids:
                    for other in ids - {attachment_id}:
                        await real(self, other, context)

        return instead

    around(SqlAttachmentStore, "save_content", save)()
    around(SqlAttachmentStore, "delete_attachment", delete)()


# Forms


def _first_value(real: Method) -> Method:
    async def instead(self: Any, item: StructuredInputItem, given: StructuredInputSubmission) -> Any:
        answers = {id: said.model_copy(update={"values": said.values[:1]}) for id, said in given.answers.items()}
        return await real(self, item, given.model_copy(update={"answers": answers}))

    return instead


def first_value() -> None:
    """The showcase, which takes one value of each answer of a form."""
    install()
    around(TaskChat, "_apply_structured_input_submission", _first_value)()


# Starts and stops


def _steps_dropped(real: Method) -> Method:
    async def instead(self: TaskChat, thread: ThreadMetadata, pending: list[Any], context: RequestContext) -> None:
        if not pending:
            await real(self, thread, pending, context)
            return
        page = await self.store.load_thread_items(thread.id, None, 50, "desc", context)
        for item in page.data:
            if isinstance(item, UserMessageItem):
                break
            if item.type in ("workflow", "widget"):
                await self.store.delete_thread_item(thread.id, item.id, context)
        await real(self, thread, pending, context)

    return instead


files_alone_untold = telling(files_alone)
first_part_only = telling(first_part)
retry_loses_tags = around(TaskChat, "_in_turn", _retried(_without_tags))
retry_forgets_tool = around(TaskChat, "_in_turn", _retried(_without_tool))
delete_ends_all_turns = around(BusyThreads, "end", _ends_all_of_user)
delete_waits = waits_for_answer("threads.delete")
list_waits = waits_for_answer("threads.list")
rename_waits = waits_for_answer("threads.update")
deleted_file_fatal = around(HistoryConverter, "attachment_to_message_content", _deleted_file_fatal)
left_turn_loses_steps = around(TaskChat, "handle_stream_cancelled", _steps_dropped)
