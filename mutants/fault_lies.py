"""Lies about broken turns: what the user is told of them, and what becomes of the words that were shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.gemini_compat.wire import EventReader

from .inside import around
from .mutant import JSON, Event, Memory
from .stream_lies import is_answer, is_delta


def vanishes(event: Event, memory: Memory) -> Iterable[Event]:
    """A turn in which the model breaks shows nothing at all. Needs `stream_lies.release` at the end."""
    held: list[Event] = memory.stream.setdefault("held", [])
    if event.get("type") == "error":
        memory.stream["broken"] = True
        held.clear()
        return ()
    shown = is_answer(event, "thread.item.added", "thread.item.done") or is_delta(event)
    if memory.stream.get("broken"):
        return () if shown or "item_id" in event else (event,)
    if shown or "item_id" in event:
        held.append(event)
        return ()
    return (event,)


def forgets_finished(value: JSON, memory: Memory) -> JSON:
    """The answers are missing from a thread in which the model broke."""
    thread = memory.thread_id
    if memory.server.get(thread, {}).get("condemned") and isinstance(value, dict):
        page = value.get("items", value)
        page["data"] = [row for row in page.get("data", ()) if row.get("type") != "assistant_message"]
    return value


def always_again(event: Event) -> None:
    """Offer a retry whatever went wrong."""
    event["allow_retry"] = True


def never_again(event: Event) -> None:
    """Offer no retry, ever."""
    event["allow_retry"] = False


def wordless(event: Event) -> None:
    """Say that something went wrong, and nothing more."""
    event.pop("message", None)


def with_address(event: Event) -> None:
    """Tell the user the model's address."""
    event["message"] = "Error code: 503 - POST http://127.0.0.1:8080/v1beta/openai/chat/completions"


def _strict(real: Callable[..., Any]) -> Callable[..., Any]:
    def instead(self: EventReader) -> Any:
        real(self)
        raise GeminiFailure("the stream ended without [DONE]")

    return instead


refuse_no_done = around(EventReader, "close", _strict)


async def exception_said(turn: Any, message: Any) -> bool:
    """The assistant says what an exception said."""
    message.end()
    message.write("openai.APIStatusError: Error code: 503 - 'NoneType' object is not subscriptable")
    return True
