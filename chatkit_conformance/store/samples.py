"""Threads, items and attachments to store, as the SDK makes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chatkit.types import (
    ActiveStatus,
    AssistantMessageContent,
    AssistantMessageItem,
    ClientToolCallItem,
    ClosedStatus,
    EndOfTurnItem,
    FileAttachment,
    GeneratedImage,
    GeneratedImageItem,
    HiddenContextItem,
    InferenceOptions,
    LockedStatus,
    SDKHiddenContextItem,
    StructuredInputFreeform,
    StructuredInputItem,
    TaskItem,
    ThoughtTask,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
    UserMessageTextContent,
    WidgetItem,
    Workflow,
    WorkflowItem,
)
from chatkit.widgets import DynamicWidgetRoot

START = datetime(2026, 3, 14, 9, 26, 53, 589793)
"""The time from which samples count; naive, with microseconds."""

STATUSES = (ActiveStatus(), LockedStatus(reason="moderation"), ClosedStatus(reason=None))


def at(seconds: float, *, zone: bool = False) -> datetime:
    """A time so many seconds after `START`."""
    moment = START + timedelta(seconds=seconds)
    return moment.replace(tzinfo=UTC) if zone else moment


def thread(thread_id: str, seconds: float = 0.0, **fields: Any) -> ThreadMetadata:
    """A thread created so many seconds after `START`."""
    return ThreadMetadata(id=thread_id, created_at=fields.pop("created_at", at(seconds)), **fields)


def message(item_id: str, thread_id: str, seconds: float = 0.0, text: str = "hello", **fields: Any) -> UserMessageItem:
    """A user's message created so many seconds after `START`."""
    return UserMessageItem(
        id=item_id,
        thread_id=thread_id,
        created_at=fields.pop("created_at", at(seconds)),
        content=[UserMessageTextContent(text=text)],
        inference_options=InferenceOptions(),
        **fields,
    )


def attachment(attachment_id: str, **fields: Any) -> FileAttachment:
    """A file with private metadata."""
    given = {"name": "plan.pdf", "mime_type": "application/pdf", "metadata": {"bucket": "private"}, **fields}
    return FileAttachment(id=attachment_id, **given)


def one_of_each(thread_id: str, word: str = "item") -> list[ThreadItem]:
    """One item of every type of the SDK, a second apart."""
    bodies: list[tuple[type[Any], dict[str, Any]]] = [
        (UserMessageItem, {"content": [UserMessageTextContent(text="hello")], "inference_options": InferenceOptions()}),
        (AssistantMessageItem, {"content": [AssistantMessageContent(text="hi")]}),
        (ClientToolCallItem, {"call_id": "call_1", "name": "pick", "arguments": {"n": 1}, "output": None}),
        (WidgetItem, {"widget": DynamicWidgetRoot.model_validate({"type": "Card", "children": []})}),
        (GeneratedImageItem, {"image": GeneratedImage(id="img_1", url="https://example.com/i.png")}),
        (StructuredInputItem, {"inputs": [StructuredInputFreeform(id="q", question="Why?")]}),
        (TaskItem, {"task": ThoughtTask(content="hm")}),
        (WorkflowItem, {"workflow": Workflow(type="custom", tasks=[ThoughtTask(content="hm")])}),
        (HiddenContextItem, {"content": {"note": None}}),
        (SDKHiddenContextItem, {"content": "The user cancelled the stream."}),
        (EndOfTurnItem, {}),
    ]
    return [
        kind(id=f"{word}_{index:02}", thread_id=thread_id, created_at=at(index), **body)
        for index, (kind, body) in enumerate(bodies)
    ]
