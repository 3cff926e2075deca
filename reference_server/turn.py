"""One turn: what the tools of a run know, and the queue in which everything that is shown gets its order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from chatkit.store import StoreItemType
from chatkit.types import ThreadMetadata, ThreadStreamEvent

from reference_server.context import RequestContext
from reference_server.store import SqlStore
from reference_server.tasks.task import TaskList

# A tool waits this long, in seconds, for what the model said before it to be shown; then it runs all the same.
_CATCHING_UP_S = 1.0


@dataclass(slots=True, kw_only=True)
class Turn:
    """The state of one run. Events that are put into `events` reach the client in that order; None ends the turn."""

    thread: ThreadMetadata
    context: RequestContext
    store: SqlStore
    tasks: TaskList
    tool_timeout_s: float
    events: asyncio.Queue[ThreadStreamEvent | Exception | None] = field(default_factory=asyncio.Queue)
    _announced: defaultdict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    def show(self, event: ThreadStreamEvent) -> None:
        """Send an event to the client, after everything that was shown before."""
        self.events.put_nowait(event)

    def new_id(self, kind: StoreItemType) -> str:
        """An id for a new item."""
        return self.store.generate_item_id(kind, self.thread, self.context)

    def announce(self, call_id: str) -> None:
        """Everything that the model said up to this call has been shown."""
        self._announced[call_id].set()

    async def announced(self, call_id: str) -> None:
        """Wait for `announce`: a tool's item must not overtake the text that the model wrote before calling it."""
        try:
            async with asyncio.timeout(_CATCHING_UP_S):
                await self._announced[call_id].wait()
        except TimeoutError:
            return


def now() -> datetime:
    """The time for an item. ChatKit's own items carry local time without a zone; order never depends on it."""
    return datetime.now()
