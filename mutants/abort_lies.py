"""What one visitor's leaving, fault or file does to other answers, and what a caller may say of who they are."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from chatkit.types import AssistantMessageItem

from reference_server.auth import token_for
from reference_server.chat import TaskChat
from reference_server.turn import now

from .inside import Method, around
from .mutant import Cut, Event, EventChange, Memory
from .promise_lies import params
from .situations import after_another
from .stream_lies import is_user_message
from .turn_lies import known

# Leaving


def stops(*, own: bool) -> EventChange:
    """Where a visitor leaves, the answers that were under way then end, those of the same user or all."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        if "known" not in memory.stream:
            memory.stream["known"] = True
            memory.stream["left before"] = _left(memory, own=own)
            memory.server.setdefault("streams", []).append(memory)
        if _left(memory, own=own) > memory.stream["left before"]:
            raise Cut
        return (event,)

    return change


def _left(memory: Memory, *, own: bool) -> int:
    streams: list[Memory] = memory.server.get("streams", [])
    token = memory.stream.get("token")
    return sum(
        one.left and "over" not in one.stream and (not own or one.stream.get("token") == token) for one in streams
    )


def _empty_kept(real: Method) -> Method:
    """An answer that was left before its first word is stored, without a word."""

    async def instead(self: TaskChat, thread: Any, pending_items: list[Any], context: Any) -> None:
        await real(self, thread, pending_items, context)
        if not any(isinstance(item, AssistantMessageItem) for item in pending_items):
            id = self.store.generate_item_id("message", thread, context)
            item = AssistantMessageItem(id=id, thread_id=thread.id, created_at=now(), content=[])
            await self.store.add_thread_item(thread.id, item, context)

    return instead


# Files


def deleted_file_breaks(status: int, memory: Memory) -> int:
    """A thread whose message carried a file that was deleted since cannot be read."""
    sent: dict[str, str] = memory.server.setdefault("sent", {})
    broken: set[str] = memory.server.setdefault("broken", set())
    given = params(memory)
    message = given.get("input")
    for id in message.get("attachments") or () if isinstance(message, dict) else ():
        sent[str(id)] = memory.thread_id
    if memory.request.get("type") == "attachments.delete" and sent.get(str(given.get("attachment_id"))):
        broken.add(sent[str(given.get("attachment_id"))])
    return 500 if memory.request.get("type") == "threads.get_by_id" and memory.thread_id in broken else status


# Who calls


def _token(user: object) -> str:
    return f"Bearer {token_for(str(user), os.environ['JWT_SECRET'], lifetime=timedelta(hours=1))}"


def named_in_metadata(headers: dict[str, str], memory: Memory) -> dict[str, str]:
    """Whoever has a token is the user whom the request's metadata name."""
    metadata = memory.request.get("metadata")
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    return {**headers, "authorization": _token(user)} if user and headers.get("authorization") else headers


def named_in_header(headers: dict[str, str], memory: Memory) -> dict[str, str]:
    """Whoever has a token is the user whom a header names."""
    user = headers.get("x-user-id")
    return {**headers, "authorization": _token(user)} if user and headers.get("authorization") else headers


# What a fault tells


def key_in_second(event: Event, memory: Memory) -> Iterable[Event]:
    """The second fault of a thread tells the key for the model. Needs `turn_lies.dead_end` at the end."""
    if not after_another(event, memory, known(event, memory)):
        return (event,)
    return ({**event, "message": f"{event.get('message')} (x-goog-api-key: {os.environ.get('GEMINI_API_KEY', '')})"},)


def words_of_last(event: Event, memory: Memory) -> Iterable[Event]:
    """A fault tells what was asked last, by whoever asked it."""
    if is_user_message(event):
        memory.server["last"] = "".join(part.get("text", "") for part in event["item"]["content"])
    if event.get("type") != "error":
        return (event,)
    return ({**event, "message": f"{event.get('message')} While answering: {memory.server.get('last')}"},)


keep_empty = around(TaskChat, "handle_stream_cancelled", _empty_kept)
