"""What the stand-in says, as the Responses API writes it: a response, and the events of one that is streamed.

Source of the shapes: platform.openai.com/docs/api-reference/responses and responses-streaming.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .asked import SIGNED

JSON = Any

_ENDS = {"length": "max_output_tokens"}
"""Finish reasons that leave a response incomplete, and the reason that it gives; filters are content_filter."""


@dataclass(slots=True, kw_only=True)
class Response:
    """A response while it is said. `take` gives the events that a chunk of a chat completion becomes.

    Args:
        asked: the request's body.
    """

    asked: Mapping[str, JSON]
    id: str = field(default_factory=lambda: f"resp_{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))
    output: list[dict[str, JSON]] = field(default_factory=list)
    usage: JSON = None
    finish: str = ""
    _open: dict[str, JSON] | None = None
    _number: int = 0
    _begun: bool = False

    def take(self, chunk: Mapping[str, JSON]) -> Iterator[dict[str, JSON]]:
        """The events that a chunk becomes."""
        if isinstance(usage := chunk.get("usage"), dict):
            self.usage = usage
        if not self._begun:
            self._begun = True
            yield self._event("response.created", response=self.whole("in_progress"))
            yield self._event("response.in_progress", response=self.whole("in_progress"))
        for choice in chunk.get("choices") or ():
            if not isinstance(choice, dict):
                continue
            said = choice.get("delta") or choice.get("message") or {}
            yield from self._said(said)
            self.finish = str(choice.get("finish_reason") or self.finish)

    def end(self) -> Iterator[dict[str, JSON]]:
        """The events that end it."""
        yield from self._close()
        status = self.status
        yield self._event(f"response.{status}", response=self.whole(status))

    @property
    def status(self) -> str:
        """How it ended."""
        return "completed" if self.finish in ("stop", "tool_calls") else "incomplete"

    def whole(self, status: str) -> dict[str, JSON]:
        """The response as an object."""
        reason = None
        if status == "incomplete":
            reason = {"reason": _ENDS.get(self.finish, "content_filter")}
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "error": None,
            "incomplete_details": reason,
            "instructions": self.asked.get("instructions"),
            "metadata": self.asked.get("metadata") or {},
            "model": self.asked.get("model"),
            "output": [dict(item) for item in self.output],
            "parallel_tool_calls": self.asked.get("parallel_tool_calls") is not False,
            "temperature": self.asked.get("temperature"),
            "tool_choice": self.asked.get("tool_choice") or "auto",
            "tools": self.asked.get("tools") or [],
            "top_p": self.asked.get("top_p"),
            "usage": _usage(self.usage) if status != "in_progress" else None,
        }

    def _said(self, said: Mapping[str, JSON]) -> Iterator[dict[str, JSON]]:
        text = said.get("content")
        if isinstance(text, str) and text and not _google(said).get("thought"):
            yield from self._text(text)
        calls = said.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, dict):
                yield from self._close()
                yield from self._call(call)

    def _text(self, text: str) -> Iterator[dict[str, JSON]]:
        if self._open is None:
            item: dict[str, JSON] = {
                "id": f"msg_{uuid.uuid4().hex}",
                "type": "message",
                "role": "assistant",
                "status": "in_progress",
                "content": [],
            }
            self.output.append(item)
            yield self._event("response.output_item.added", output_index=self._at, item=dict(item))
            self._open = item
            part: dict[str, JSON] = {"type": "output_text", "text": "", "annotations": []}
            yield self._event("response.content_part.added", **self._where(), part=dict(part))
            item["content"] = [part]
        self._open["content"][0]["text"] += text
        yield self._event("response.output_text.delta", **self._where(), delta=text, logprobs=[])

    def _call(self, call: Mapping[str, JSON]) -> Iterator[dict[str, JSON]]:
        told = call.get("function")
        function: Mapping[str, JSON] = told if isinstance(told, dict) else {}
        arguments = function.get("arguments") or "{}"
        item: dict[str, JSON] = {
            "id": SIGNED + str(_google(call).get("thought_signature") or ""),
            "type": "function_call",
            "call_id": call.get("id") or f"call_{uuid.uuid4().hex}",
            "name": function.get("name"),
            "arguments": "",
            "status": "in_progress",
        }
        self.output.append(item)
        about = {"item_id": item["id"], "output_index": self._at}
        yield self._event("response.output_item.added", output_index=self._at, item=dict(item))
        yield self._event("response.function_call_arguments.delta", **about, delta=arguments)
        item |= {"arguments": arguments, "status": "completed"}
        done = {**about, "arguments": arguments, "name": item["name"]}
        yield self._event("response.function_call_arguments.done", **done)
        yield self._event("response.output_item.done", output_index=self._at, item=dict(item))

    def _close(self) -> Iterator[dict[str, JSON]]:
        item = self._open
        if item is None:
            return
        part = item["content"][0]
        item["status"] = "completed"
        yield self._event("response.output_text.done", **self._where(), text=part["text"], logprobs=[])
        yield self._event("response.content_part.done", **self._where(), part=dict(part))
        yield self._event("response.output_item.done", output_index=self._at, item=dict(item))
        self._open = None

    @property
    def _at(self) -> int:
        return len(self.output) - 1

    def _where(self) -> dict[str, JSON]:
        return {"item_id": self.output[-1]["id"], "output_index": self._at, "content_index": 0}

    def _event(self, type: str, **more: JSON) -> dict[str, JSON]:
        made = {"type": type, "sequence_number": self._number, **more}
        self._number += 1
        return made


def _google(value: Mapping[str, JSON]) -> Mapping[str, JSON]:
    extra = value.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return google if isinstance(google, dict) else {}


def _usage(usage: JSON) -> JSON:
    if not isinstance(usage, dict):
        return None
    asked, said = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    whole = usage.get("total_tokens", asked + said)
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": whole - asked,
        "output_tokens_details": {"reasoning_tokens": max(0, whole - asked - said)},
        "total_tokens": whole,
    }
