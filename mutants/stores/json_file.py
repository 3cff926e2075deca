"""A correct store that keeps everything in one JSON file, replaced as a whole after each change."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from chatkit.types import Attachment, ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter

from chatkit_conformance.store import Capabilities
from mutants.stores.memory import Caller, MemoryStore

KINDS: dict[str, TypeAdapter[Any]] = {
    "thread": TypeAdapter(ThreadMetadata),
    "item": TypeAdapter(ThreadItem),
    "attachment": TypeAdapter(Attachment),
}


class JsonFileStore(MemoryStore):
    """Entries are kept as JSON text, so that what cannot be written is refused before anything changed."""

    claims = Capabilities(workers=False)  # each store reads the file once

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = Path(path)
        self.lock = asyncio.Lock()
        if self.path.exists():
            self.read(json.loads(self.path.read_text("utf-8")))

    def read(self, state: dict[str, Any]) -> None:
        """Take over what the file holds."""
        self.threads = {(owner, thread_id): kept for owner, thread_id, kept in state["threads"]}
        self.items = {(owner, thread_id): dict(line) for owner, thread_id, line in state["items"]}
        self.attachments = {(owner, file_id): kept for owner, file_id, kept in state["attachments"]}

    def state(self) -> dict[str, Any]:
        """All there is, as the file holds it."""
        return {
            "threads": [[*key, kept] for key, kept in self.threads.items()],
            "items": [[*key, list(line.items())] for key, line in self.items.items()],
            "attachments": [[*key, kept] for key, kept in self.attachments.items()],
        }

    def keep(self, entry: BaseModel) -> Any:
        kind = (
            "thread" if isinstance(entry, ThreadMetadata) else "item" if hasattr(entry, "created_at") else "attachment"
        )
        return [kind, entry.model_dump_json()]

    def give(self, kept: Any) -> Any:
        kind, text = kept
        return KINDS[kind].validate_json(text)

    async def write(self) -> None:
        """Put the whole state beside the file, then in its place: a kill leaves the old one or the new one.

        A caller who is cancelled ends no write: its thread would go on beside the next one.
        """
        await asyncio.shield(self.write_alone())

    async def write_alone(self) -> None:
        """Write after whoever writes now."""
        async with self.lock:
            text = json.dumps(self.state())
            await asyncio.to_thread(self.replace, text)

    def replace(self, text: str) -> None:
        beside = self.path.with_suffix(".new")
        beside.write_text(text, "utf-8")
        os.replace(beside, self.path)

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await super().save_thread(thread, context)
        await self.write()

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await super().delete_thread(thread_id, context)
        await self.write()

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        await self.write()

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().save_item(thread_id, item, context)
        await self.write()

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await super().delete_thread_item(thread_id, item_id, context)
        await self.write()

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await super().save_attachment(attachment, context)
        await self.write()

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await super().delete_attachment(attachment_id, context)
        await self.write()
