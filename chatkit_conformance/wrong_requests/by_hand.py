"""Wrong requests that are written by hand: bodies that are none, and requests about what nobody has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .sample import Ids

NOWHERE = Ids().thread_id
"""A thread id that no server ever generated."""

ITEM = Ids().item_id
"""An item id that no server ever generated."""

ACTION = {"type": "conformance.nothing", "payload": {}}
"""A widget action that no server knows."""


def message(text: str) -> dict[str, Any]:
    """A user's input as the client sends it."""
    return {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}


BODIES: Mapping[str, str] = {
    "not-json": '{"type": "threads.list", "params": ',
    "empty-body": "",
    "array": "[]",
    "no-type": json.dumps({"params": {}}),
    "unknown-type": json.dumps({"type": "threads.frobnicate", "params": {}}),
    "no-params": json.dumps({"type": "threads.get_by_id"}),
    "no-thread-id": json.dumps({"type": "threads.get_by_id", "params": {}}),
    "no-input": json.dumps({"type": "threads.create", "params": {}}),
    "wrong-content": json.dumps({"type": "threads.create", "params": {"input": {"content": "hello"}}}),
    "wrong-order": json.dumps({"type": "threads.list", "params": {"order": "sideways"}}),
}
"""Invalid bodies, by the label of their reply."""

EVERY: Mapping[str, dict[str, Any]] = {
    "threads.create": {"input": message("Anybody?")},
    "threads.add_user_message": {"thread_id": NOWHERE, "input": message("Anybody?")},
    "threads.add_client_tool_output": {"thread_id": NOWHERE, "result": {"ok": True}},
    "threads.add_structured_input": {
        "thread_id": NOWHERE,
        "item_id": ITEM,
        "input": {"status": "answered", "answers": {}},
    },
    "threads.retry_after_item": {"thread_id": NOWHERE, "item_id": ITEM},
    "threads.custom_action": {"thread_id": NOWHERE, "item_id": ITEM, "action": ACTION},
    "threads.sync_custom_action": {"thread_id": NOWHERE, "item_id": ITEM, "action": ACTION},
    "threads.get_by_id": {"thread_id": NOWHERE},
    "threads.list": {"limit": 1, "order": "desc"},
    "threads.update": {"thread_id": NOWHERE, "title": "Nobody's"},
    "threads.delete": {"thread_id": NOWHERE},
    "items.list": {"thread_id": NOWHERE, "limit": 1, "order": "desc"},
    "items.feedback": {"thread_id": NOWHERE, "item_ids": [ITEM], "kind": "positive"},
    "attachments.create": {"name": "note.txt", "size": 5, "mime_type": "text/plain"},
    "attachments.delete": {"attachment_id": "atc_nowhere_4f1d9c"},
    "input.transcribe": {"audio_base64": "GkXfow==", "mime_type": "audio/webm;codecs=opus"},
}
"""All sixteen request types, each with valid parameters (types.py L304-326)."""

UNKNOWN: Mapping[str, tuple[str, dict[str, Any]]] = {
    "unknown-get": ("threads.get_by_id", {"thread_id": NOWHERE}),
    "unknown-items": ("items.list", {"thread_id": NOWHERE}),
    "unknown-update": ("threads.update", {"thread_id": NOWHERE, "title": "Nobody's"}),
    "unknown-say": ("threads.add_user_message", {"thread_id": NOWHERE, "input": message("Anybody?")}),
    "unknown-retry": ("threads.retry_after_item", {"thread_id": NOWHERE, "item_id": "msg_nowhere"}),
}
"""Requests about an unknown thread, by label."""

UNKNOWN_ITEM: Mapping[str, tuple[str, dict[str, Any]]] = {
    "output": ("threads.add_client_tool_output", {"result": {"ok": True}}),
    "form": ("threads.add_structured_input", {"item_id": ITEM, "input": {"status": "answered", "answers": {}}}),
    "button": ("threads.custom_action", {"item_id": ITEM, "action": ACTION}),
    "button-sync": ("threads.sync_custom_action", {"item_id": ITEM, "action": ACTION}),
    "retry": ("threads.retry_after_item", {"item_id": ITEM}),
    "feedback": ("items.feedback", {"item_ids": [ITEM], "kind": "positive"}),
}
"""Requests about something that the thread does not have: a pending call, an item. The caller adds the thread."""
