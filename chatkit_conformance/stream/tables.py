"""The stream's grammar as data: two small machines, which update fits which item, and every rule with its reason.

Sources: openai-chatkit 1.6.5 (server.py `_process_streaming_impl` and `_process_events`, agents.py
`stream_agent_response`, types.py), and what independent servers do that the released client takes. Where the SDK's own
server does a thing, it is no breach. What is not in a table is allowed anywhere: `thread.updated`, `stream_options`,
`progress_update`, `client_effect` and `notice` may come at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..check import MUST, SHOULD, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: what must hold (`says`), and where that comes from (`why`)."""

    level: Level
    says: str
    why: str


RULES: Mapping[str, Rule] = {
    "not-empty": Rule(
        level=MUST,
        says="a stream has at least one event",
        why="server.py: every streaming request yields events, an `error` at the least",
    ),
    "not-cut": Rule(
        level=MUST,
        says="the server closes the stream, and it is complete",
        why="server.py: failures become an `error` event; HTML standard: an event without its empty line is discarded",
    ),
    "readable": Rule(
        level=MUST,
        says="each event is one JSON object with a `type`",
        why="server.py `_process_streaming`: `data: ` and one serialized event",
    ),
    "event-known": Rule(
        level=SHOULD,
        says="the event's type is one that the release defines",
        why="types.py ThreadStreamEvent; a newer release may add one, and a client ignores it",
    ),
    "update-known": Rule(
        level=MUST,
        says="the update's type is one that the release defines",
        why="types.py ThreadItemUpdate; an update of unknown shape changes nothing on the screen",
    ),
    "thread-created-once": Rule(
        level=MUST,
        says="threads.create sends thread.created once, and no other request sends it",
        why="server.py: ThreadCreatedEvent is the first event of threads.create and of nothing else",
    ),
    "thread-created-first": Rule(
        level=MUST,
        says="thread.created comes before the thread's first item",
        why="server.py, ThreadsCreateReq; an item of a thread that the client does not know cannot be shown",
    ),
    "user-message-first": Rule(
        level=MUST,
        says="the user's message is done before the first item of the answer",
        why="server.py `_process_new_thread_item_respond`: ThreadItemDoneEvent of the message, then respond(); a whole "
        "item that opens a new thread greets, where an answer follows the message",
    ),
    "thread-same": Rule(
        level=MUST,
        says="every item and every thread of a stream belongs to the request's thread",
        why="types.py ThreadItemBase.thread_id",
    ),
    "added-once": Rule(
        level=MUST,
        says="an item is added once",
        why="the second overwrites the first in the client (openai/chatkit-js#58, openai/chatkit-python#36)",
    ),
    "added-after-done": Rule(
        level=MUST,
        says="the id of a finished item is not used for another item",
        why="the second overwrites the first in the client (openai/chatkit-js#58, openai/chatkit-python#36)",
    ),
    "done-once": Rule(
        level=MUST,
        says="an item is done once",
        why="server.py stores an item at each `done`: it is stored twice, or the store raises",
    ),
    "item-known": Rule(
        level=MUST,
        says="an update names an item that was added before",
        why="types.py ThreadItemUpdatedEvent: an update to an existing item; there is nothing to apply it to",
    ),
    "update-fits-item": Rule(
        level=MUST,
        says="an update has the type that its item's type takes",
        why="types.py ThreadItemUpdate, server.py `_update_pending_items`: others are ignored",
    ),
    "update-after-done": Rule(
        level=MUST,
        says="a finished message does not change",
        why="server.py stores the message at its `done`: what comes later is lost on a reload",
    ),
    "update-after-done-other-items": Rule(
        level=SHOULD,
        says="a finished widget, workflow or image is replaced, not updated",
        why="server.py stores the item at its `done` and does not store updates: they are lost on a reload",
    ),
    "after-removed": Rule(
        level=MUST,
        says="a removed item is neither updated nor done",
        why="types.py ThreadItemRemovedEvent: it is gone from the thread",
    ),
    "removed-item-known": Rule(
        level=SHOULD,
        says="only an existing item is removed or replaced",
        why="types.py; no harm is done (the SDK itself removes tool calls that it never showed)",
    ),
    "type-stable": Rule(
        level=MUST,
        says="an item keeps its type from added to done",
        why="types.py ThreadItem: the type decides how the client shows it and which updates it takes",
    ),
    "part-after-done": Rule(
        level=MUST,
        says="a finished content part does not grow",
        why="types.py AssistantMessageContentPartDone: the part is finalized",
    ),
    "part-once": Rule(
        level=SHOULD,
        says="a content part is added and done once",
        why="server.py `_apply_assistant_message_update`: the second replaces the text of the first",
    ),
    "parts-without-gaps": Rule(
        level=SHOULD,
        says="content part indexes are counted from 0 without gaps",
        why="server.py `_apply_assistant_message_update` fills a gap with empty parts, which the finished item lacks",
    ),
    "annotations-without-gaps": Rule(
        level=SHOULD,
        says="annotation indexes are counted from 0 without gaps",
        why="agents.py counts them itself to keep them without gaps",
    ),
    "index-valid": Rule(
        level=MUST,
        says="an index is an integer of at least 0",
        why="types.py: content_index, annotation_index and task_index are indexes of a list",
    ),
    "task-known": Rule(
        level=MUST,
        says="an update names a task that was added before",
        why="server.py `_update_pending_items` indexes the task list and raises",
    ),
    "tasks-without-gaps": Rule(
        level=SHOULD,
        says="a task is added at the end of the list of tasks",
        why="server.py appends it whatever its index says, so any other index shows it elsewhere",
    ),
    "component-known": Rule(
        level=MUST,
        says="an update names a component that is in the widget",
        why="server.py `diff_widget`: nodes with an id persist across all updates",
    ),
    "after-error": Rule(
        level=SHOULD,
        says="no item follows an `error` event",
        why="server.py `_process_events`: an error ends the turn; only thread.updated may follow",
    ),
    "turn-answered": Rule(
        level=MUST,
        says="a turn yields an answer, an error, a notice or a client effect",
        why="a user who sees nothing cannot know whether to wait",
    ),
    "turn-finished": Rule(
        level=MUST,
        says="the last answer of a turn is done, unless an `error` event says why not",
        why="server.py stores an item at its `done`: this answer is lost on a reload",
    ),
    "item-finished": Rule(
        level=SHOULD,
        says="every item that was added is done or removed",
        why="server.py stores an item at its `done`; a workflow may stay open for the next turn (agents.py)",
    ),
}
"""Every rule by name. A breach names its rule."""

LIFE: Mapping[tuple[str, str], tuple[str, str]] = {
    ("absent", "added"): ("open", ""),
    ("absent", "updated"): ("absent", "item-known"),
    ("absent", "done"): ("done", ""),  # a whole item in one piece: widgets, client tool calls, the user's message
    ("absent", "removed"): ("removed", "removed-item-known"),
    ("absent", "replaced"): ("done", "removed-item-known"),
    ("open", "added"): ("open", "added-once"),
    ("open", "updated"): ("open", ""),
    ("open", "done"): ("done", ""),
    ("open", "removed"): ("removed", ""),
    ("open", "replaced"): ("replaced", ""),
    # In place of an unfinished item: server.py stores it, and no type says that nothing may follow.
    ("replaced", "added"): ("open", "added-once"),
    ("replaced", "updated"): ("replaced", ""),
    ("replaced", "done"): ("done", ""),
    ("replaced", "removed"): ("removed", ""),
    ("replaced", "replaced"): ("replaced", ""),
    ("done", "added"): ("open", "added-after-done"),
    ("done", "updated"): ("done", "update-after-done"),  # milder where it can be shown, see grammar.py
    ("done", "done"): ("done", "done-once"),
    ("done", "removed"): ("removed", ""),
    ("done", "replaced"): ("done", ""),
    ("removed", "added"): ("open", ""),
    ("removed", "updated"): ("removed", "after-removed"),
    ("removed", "done"): ("removed", "after-removed"),
    ("removed", "removed"): ("removed", "removed-item-known"),
    ("removed", "replaced"): ("done", "removed-item-known"),
    # An item of an earlier turn, or one that a reload showed: it may change, but its id is taken.
    ("known", "added"): ("open", "added-after-done"),
    ("known", "updated"): ("known", ""),
    ("known", "done"): ("done", "done-once"),
    ("known", "removed"): ("removed", ""),
    ("known", "replaced"): ("done", ""),
}
"""The life of one item: (state, `thread.item.` event) -> (state after it, rule that it breaks or "")."""

TURN: Mapping[tuple[str, str], tuple[str, str]] = {
    ("thread expected", "thread.created"): ("message expected", ""),
    ("thread expected", "user item"): ("answering", "thread-created-first"),
    ("thread expected", "answer item"): ("answering", "thread-created-first"),
    ("thread expected", "error"): ("failed", ""),
    ("message expected", "thread.created"): ("message expected", "thread-created-once"),
    ("message expected", "user item"): ("answering", ""),
    ("message expected", "answer item"): ("answering", "user-message-first"),
    ("message expected", "error"): ("failed", ""),
    ("answering", "thread.created"): ("answering", "thread-created-once"),
    ("answering", "user item"): ("answering", ""),
    ("answering", "answer item"): ("answering", ""),
    ("answering", "error"): ("failed", ""),
    ("failed", "thread.created"): ("failed", "thread-created-once"),
    ("failed", "user item"): ("failed", "after-error"),
    ("failed", "answer item"): ("failed", "after-error"),
    ("failed", "error"): ("failed", ""),
}
"""One stream: (state, what comes) -> (state after it, rule that it breaks or ""). Items count when added or done."""

START: Mapping[str, str] = {"threads.create": "thread expected", "threads.add_user_message": "message expected"}
"""Request type -> where its stream starts; every other one starts in "answering"."""

ANSWERS = ("threads.create", "threads.add_user_message", "threads.add_client_tool_output", "threads.retry_after_item")
"""Requests that ask for an answer. An action or a submitted form may well be met with nothing."""

FITS: Mapping[str, str] = {
    "assistant_message.content_part.added": "assistant_message",
    "assistant_message.content_part.text_delta": "assistant_message",
    "assistant_message.content_part.annotation_added": "assistant_message",
    "assistant_message.content_part.done": "assistant_message",
    "widget.streaming_text.value_delta": "widget",
    "widget.root.updated": "widget",
    "widget.component.updated": "widget",
    "workflow.task.added": "workflow",
    "workflow.task.updated": "workflow",
    "generated_image.updated": "generated_image",
}
"""Type of an update -> the type of item that takes it."""

EVENTS = (
    "thread.created",
    "thread.updated",
    "thread.item.added",
    "thread.item.updated",
    "thread.item.done",
    "thread.item.removed",
    "thread.item.replaced",
    "stream_options",
    "progress_update",
    "client_effect",
    "error",
    "notice",
)
"""The event types of the release."""
