"""Ways to break promises about files, what the store keeps, and time."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Iterable
from typing import Any

from chatkit.store import NotFoundError

from reference_server.attachments import SqlAttachmentStore
from reference_server.store import SqlStore

from .inside import Method, around, both
from .mutant import JSON, Event, Memory
from .promise_lies import SLOW_HISTORY_S

# Files


def no_preview(value: dict[str, Any], memory: Memory) -> None:
    """A picture has no preview."""
    value.pop("preview_url", None)


def old_descriptor(value: dict[str, Any], memory: Memory) -> None:
    """The upload address stands where releases before 1.5 had it."""
    if descriptor := value.pop("upload_descriptor", None):
        value["upload_url"] = descriptor["url"]


def wrong_address(value: dict[str, Any], memory: Memory) -> None:
    """The upload address is that of nothing."""
    if descriptor := value.get("upload_descriptor"):
        descriptor["url"] += "-elsewhere"


def bare_items(value: dict[str, Any], memory: Memory) -> None:
    """Messages have no attachments."""
    for row in value.get("items", value).get("data", ()):
        if "attachments" in row:
            row["attachments"] = []


def bare_message(event: Event, memory: Memory) -> Iterable[Event]:
    """The user's message is sent back without its attachments."""
    item = event.get("item", {})
    return ({**event, "item": {**item, "attachments": []}},) if item.get("attachments") else (event,)


def delete_nothing(request: Event, memory: Memory) -> Event:
    """A file's deletion lists threads instead; `pretend_deleted` hides that."""
    memory.stream["pretend"] = request.get("type") == "attachments.delete"
    return {"type": "threads.list", "params": {"limit": 1}} if memory.stream["pretend"] else request


def pretend_deleted(value: JSON, memory: Memory) -> JSON:
    """The answer to a deletion that was not done."""
    return {} if memory.stream.get("pretend") else value


def has_file(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """Turns after a message with a file are dead, with `turn_lies.dies`."""
    return bool(event.get("item", {}).get("attachments"))


def id_of_type(real: Method) -> Method:
    """A file's id is made from its media type."""

    def instead(self: SqlAttachmentStore, mime_type: str, context: Any) -> str:
        return f"atc_{mime_type.replace('/', '_')}"

    return instead


def _as_owner(owners: dict[str, Any], at: int) -> Callable[[Method], Method]:
    """Do it with the context of whoever registered the file; `at` is where the context stands in the arguments."""

    def wrap(real: Method) -> Method:
        async def instead(self: Any, attachment_id: str, *args: Any, **more: Any) -> Any:
            given = list(args)
            owner = owners.get(attachment_id)
            if owner is not None and "context" in more:
                more["context"] = owner
            elif owner is not None:
                given[at] = owner
            return await real(self, attachment_id, *given, **more)

        return instead

    return wrap


def _noting(owners: dict[str, Any]) -> Callable[[Method], Method]:
    def wrap(real: Method) -> Method:
        async def instead(self: SqlStore, attachment: Any, context: Any) -> None:
            owners.setdefault(attachment.id, context)
            await real(self, attachment, owners[attachment.id])

        return instead

    return wrap


def files_of_anyone() -> None:
    """Who knows a file's id may do with it what its owner may."""
    owners: dict[str, Any] = {}
    both(
        around(SqlStore, "save_attachment", _noting(owners)),
        around(SqlStore, "load_attachment", _as_owner(owners, 0)),
        around(SqlStore, "delete_attachment", _as_owner(owners, 0)),
        around(SqlAttachmentStore, "delete_attachment", _as_owner(owners, 0)),
        around(SqlAttachmentStore, "load_content", _as_owner(owners, 0)),
        around(SqlAttachmentStore, "save_content", _as_owner(owners, 1)),
    )()


# The store, the clock


def keeps_questions(real: Method) -> Method:
    """Of what a retry removes, the user's later messages stay."""

    async def instead(self: SqlStore, thread_id: str, item_id: str, context: Any) -> None:
        try:
            item = await self.load_item(thread_id, item_id, context)
        except NotFoundError:
            return
        if item.type != "user_message":
            await real(self, thread_id, item_id, context)

    return instead


def slow_history(real: Method) -> Method:
    """A history of more than one turn takes long to load."""

    async def instead(self: SqlStore, *args: Any, **more: Any) -> Any:
        page = await real(self, *args, **more)
        if len(page.data) > 2:
            await asyncio.sleep(SLOW_HISTORY_S)
        return page

    return instead


def never_forgets() -> Callable[[Event], Event]:
    """All that the model ever said is told to it again with every request, removed or not."""
    said: dict[str, None] = {}

    def change(body: Event) -> Event:
        body = copy.deepcopy(body)
        for message in body["messages"]:
            if message.get("role") == "assistant" and isinstance(message.get("content"), str):
                said[message["content"]] = None
        for message in body["messages"]:
            if message.get("role") == "system":
                message["content"] = f"{message['content']} You said before: {' '.join(said)}"
                break
        return body

    return change


repeat_file_ids = around(SqlAttachmentStore, "generate_attachment_id", id_of_type)
keep_questions = around(SqlStore, "delete_thread_item", keeps_questions)
load_slowly = around(SqlStore, "load_thread_items", slow_history)
