"""Threads, items and attachments to store, as the SDK makes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chatkit.types import (
    ActiveStatus,
    ClientToolCallItem,
    ClosedStatus,
    FileAttachment,
    InferenceOptions,
    LockedStatus,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
    UserMessageTextContent,
)

from .sdk_types import ITEM_TYPES, item_adapter

START = datetime(2026, 3, 14, 9, 26, 53, 589793)
"""The time from which samples count; naive, with microseconds."""

STATUSES: tuple[ActiveStatus | LockedStatus | ClosedStatus, ...] = (
    ActiveStatus(),
    LockedStatus(reason="moderation"),
    ClosedStatus(reason=None),
)


def at(seconds: float, *, zone: bool = False) -> datetime:
    """A time so many seconds after `START`."""
    moment = START + timedelta(seconds=seconds)
    return moment.replace(tzinfo=UTC) if zone else moment


def thread(thread_id: str, seconds: float = 0.0, **fields: Any) -> ThreadMetadata:
    """A thread created so many seconds after `START`."""
    return ThreadMetadata(id=thread_id, created_at=fields.pop("created_at", at(seconds)), **fields)


def message(item_id: str, thread_id: str, seconds: float = 0.0, text: str = "", **fields: Any) -> UserMessageItem:
    """A user's message created so many seconds after `START`; without a text it says what no other message says."""
    said = [UserMessageTextContent(text=text or f"hello from {item_id}")]
    return UserMessageItem(
        id=item_id,
        thread_id=thread_id,
        created_at=fields.pop("created_at", at(seconds)),
        content=fields.pop("content", said),
        inference_options=InferenceOptions(),
        **fields,
    )


def tool_call(item_id: str, thread_id: str, seconds: float = 0.0, **fields: Any) -> ClientToolCallItem:
    """A call of a tool in the browser, created so many seconds after `START`."""
    given = {"arguments": {"n": 1}, "output": None, **fields}
    return ClientToolCallItem(
        id=item_id, thread_id=thread_id, created_at=at(seconds), call_id=f"call_{item_id}", name="pick", **given
    )


UPLOAD: dict[str, Any] = (
    {"upload_descriptor": {"url": "https://files.example/atc", "method": "PUT", "headers": {"x-token": "1"}}}
    if "upload_descriptor" in FileAttachment.model_fields
    else {"upload_url": "https://files.example/atc"}
)
"""How a file is uploaded, which is None once it is; named as this release of the SDK names it."""


def attachment(attachment_id: str, **fields: Any) -> FileAttachment:
    """A file with private metadata."""
    given = {"name": "plan.pdf", "mime_type": "application/pdf", "metadata": {"bucket": "private"}, **fields}
    return FileAttachment(id=attachment_id, **given)


THOUGHT = {"type": "thought", "content": "hm"}

BODIES: dict[str, dict[str, Any]] = {
    "user_message": {"content": [{"type": "input_text", "text": "hello"}], "inference_options": {}},
    "assistant_message": {"content": [{"type": "output_text", "text": "hi"}]},
    "client_tool_call": {"call_id": "call_1", "name": "pick", "arguments": {"n": 1}, "output": None},
    "widget": {"widget": {"type": "Card", "children": []}},
    "generated_image": {"image": {"id": "img_1", "url": "https://example.com/i.png"}},
    "structured_input": {"inputs": [{"type": "freeform", "id": "q", "question": "Why?"}]},
    "task": {"task": THOUGHT},
    "workflow": {"workflow": {"type": "custom", "tasks": [THOUGHT]}},
    "hidden_context_item": {"content": {"note": None}},
    "sdk_hidden_context": {"content": "The user cancelled the stream."},
    "end_of_turn": {},
}
"""Item type -> its fields. A release of the SDK has some or all of these types."""


SOURCE = {"type": "url", "title": "", "url": "https://example.com/z"}

ZEROS: dict[str, dict[str, Any]] = {
    "user_message": {"quoted_text": "", "inference_options": {"model": ""}},
    "assistant_message": {
        "content": [{"type": "output_text", "text": "", "annotations": [{"source": SOURCE, "index": 0}]}]
    },
    "widget": {"widget": {"type": "Card", "children": [{"type": "Text", "value": ""}]}, "copy_text": ""},
    "task": {"task": {"type": "custom", "title": "", "content": ""}},
    "workflow": {"workflow": {"type": "reasoning", "tasks": [], "summary": {"duration": 0}}},
}
"""Item type -> fields with values that Python takes for false, and that are not None."""

TAG = {"type": "input_tag", "id": "tag_1", "text": "@z", "data": {}}

LISTS: dict[str, dict[str, Any]] = {
    "user_message": {
        "content": [TAG, {"type": "input_text", "text": "z"}, TAG, {"type": "input_text", "text": "a"}],
        "attachments": [
            {"type": "file", "id": f"atc_{name}", "name": name, "mime_type": "text/plain"} for name in ("z", "m", "a")
        ],
    },
    "assistant_message": {
        "content": [
            {
                "type": "output_text",
                "text": text,
                "annotations": [{"source": SOURCE, "index": 9}, {"source": {**SOURCE, "title": "a"}, "index": 3}],
            }
            for text in ("z", "m", "a")
        ]
    },
    "widget": {
        "widget": {"type": "Card", "children": [{"type": "Text", "value": text} for text in ("z", "m", "a")]},
    },
    "task": {
        "task": {
            "type": "web_search",
            "queries": ["z", "a"],
            "sources": [SOURCE, {**SOURCE, "url": "https://example.com/a"}],
        }
    },
    "workflow": {
        "workflow": {
            "type": "custom",
            "tasks": [THOUGHT, {"type": "custom", "title": "a"}, {**THOUGHT, "content": "a"}],
        }
    },
}
"""Item type -> fields with lists that no rule of sorting would give."""


def long_fields(text: str) -> dict[str, dict[str, Any]]:
    """Item type, of those that this SDK has -> fields with this text in one that is short in most applications."""
    given: dict[str, dict[str, Any]] = {
        "client_tool_call": {"call_id": text, "name": "pick"},
        "generated_image": {"image": {"id": "img_1", "url": f"https://example.com/{text}"}},
        "task": {
            "task": {"type": "web_search", "sources": [{"type": "url", "title": "t", "url": f"https://e.org/{text}"}]}
        },
        "widget": {"widget": {"type": "Card", "children": []}, "copy_text": text},
    }
    return {kind: fields for kind, fields in given.items() if kind in ITEM_TYPES}


def of_type(kind: str, item_id: str, thread_id: str, seconds: float, fields: dict[str, Any]) -> ThreadItem:
    """An item of any type, created so many seconds after `START`; what is not given is as in `BODIES`."""
    head = {"type": kind, "id": item_id, "thread_id": thread_id, "created_at": at(seconds)}
    item: ThreadItem = item_adapter().validate_python({**head, **BODIES[kind], **fields})
    return item


def one_of_each(thread_id: str, name: Callable[[str], str] = str) -> list[ThreadItem]:
    """One item of every type that this SDK has, a second apart; `name` makes an id of a word."""
    known = [kind for kind in BODIES if kind in ITEM_TYPES]
    return [of_type(kind, name(f"item{index:02}"), thread_id, index, {}) for index, kind in enumerate(known)]
