"""One turn: what the tools of a run know, and the channel in which everything that is shown gets its order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chatkit.store import StoreItemType
from chatkit.types import ThreadMetadata, ThreadStreamEvent

from reference_server.channel import Channel
from reference_server.context import RequestContext
from reference_server.store import SqlStore
from reference_server.tasks.task import TaskList


class Step(Protocol):
    """Something that is shown as going on."""

    def stop(self) -> None:
        """Show that it was not done."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """The state of one run. Events that are put into `events` reach the client in that order; None ends the turn."""

    thread: ThreadMetadata
    context: RequestContext
    store: SqlStore
    tasks: TaskList
    tool_timeout_s: float
    events: Channel[ThreadStreamEvent | Exception | None] = field(default_factory=Channel)
    steps: list[Step] = field(default_factory=list)

    def show(self, event: ThreadStreamEvent) -> None:
        """Send an event to the client, after everything that was shown before."""
        self.events.put(event)

    def new_id(self, kind: StoreItemType) -> str:
        """An id for a new item."""
        return self.store.generate_item_id(kind, self.thread, self.context)

    def stop(self) -> None:
        """Finish what is shown as going on: a step that was begun and never ended would be gone after a reload."""
        for step in self.steps:
            step.stop()


def now() -> datetime:
    """The time for an item. ChatKit's own items carry local time without a zone; order never depends on it."""
    return datetime.now()
