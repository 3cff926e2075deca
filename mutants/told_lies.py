"""What the model is told otherwise than it was said: answers that were disliked, messages that failed, equal words."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from chatkit.errors import CustomStreamError
from chatkit.types import UserMessageItem

from reference_server.chat import TaskChat
from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.gemini_compat.model import GeminiModel

from .inside import Method, around, both
from .mutant import Event

MOST_IN_A_TURN = 8
"""Messages of a conversation that go to the model."""

OPEN_S = 3.0
"""Seconds for which the model is not asked after it has refused."""

Change = Callable[[list[Any]], list[Any]]


def telling(change: Change) -> Callable[[], None]:
    """Change which items the model is told of."""

    def wrap(real: Method) -> Method:
        async def instead(self: HistoryConverter, items: Any) -> Any:
            return await real(self, change(list(items)))

        return instead

    return around(HistoryConverter, "to_agent_input", wrap)


# Items that are left out

_DISLIKED: set[str] = set()
_FAILED: set[str] = set()


def _noting_dislike(real: Method) -> Method:
    async def instead(self: TaskChat, thread_id: str, item_ids: list[str], feedback: Any, context: Any) -> None:
        await real(self, thread_id, item_ids, feedback, context)
        if feedback == "negative":
            _DISLIKED.update(item_ids)
        else:
            _DISLIKED.difference_update(item_ids)

    return instead


def _noting_failure(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        try:
            async for event in real(self, thread, message, context):
                yield event
            if message is not None:
                _FAILED.discard(message.id)
        except CustomStreamError:
            if message is not None:
                _FAILED.add(message.id)
            raise

    return instead


def _but(left_out: set[str]) -> Change:
    return lambda items: [item for item in items if item.id not in left_out or item is items[-1]]


def said_once(items: list[Any]) -> list[Any]:
    """Of messages with equal words, the last one."""
    seen: set[str] = set()
    kept: list[Any] = []
    for item in reversed(items):
        if isinstance(item, UserMessageItem):
            words = "".join(part.text for part in item.content)
            if words in seen and not item.attachments:
                continue
            seen.add(words)
        kept.append(item)
    return kept[::-1]


def with_words(items: list[Any]) -> list[Any]:
    """All but messages without a word, the newest of them excepted."""
    said = [n for n, item in enumerate(items) if isinstance(item, UserMessageItem)]
    empty = {n for n in said[:-1] if not "".join(part.text for part in items[n].content).strip()}
    return [item for n, item in enumerate(items) if n not in empty]


def first_file(items: list[Any]) -> list[Any]:
    """Of several files of a message, the first."""
    return [
        item.model_copy(update={"attachments": item.attachments[:1]}) if isinstance(item, UserMessageItem) else item
        for item in items
    ]


def tabs_are_blanks(items: list[Any]) -> list[Any]:
    """Each run of blanks, tabs and line ends of a user's message is one blank."""
    told = []
    for item in items:
        if isinstance(item, UserMessageItem):
            item = item.model_copy(deep=True)
            for part in item.content:
                part.text = " ".join(part.text.split())
        told.append(item)
    return told


# The request to the model


def long_loop(body: Event) -> Event:
    """In a turn of many rounds, the messages before the last few are left out, whoever said them."""
    messages = body.get("messages") or []
    rest = [message for message in messages if message.get("role") != "system"]
    asked = max((n for n, message in enumerate(rest) if message.get("role") == "user"), default=0)
    if len(rest) - asked <= MOST_IN_A_TURN:
        return body
    kept = rest[-MOST_IN_A_TURN:]
    while kept and kept[0].get("role") == "tool":
        kept = kept[1:]
    return {**body, "messages": [m for m in messages if m.get("role") == "system"] + kept}


def words_in_instructions(body: Event) -> Event:
    """The instructions end with what the user wants, in the user's own words."""
    messages = body.get("messages") or []
    said = [m["content"] for m in messages if m.get("role") == "user" and isinstance(m.get("content"), str)]
    if not said:
        return body
    wanted = [
        {**m, "content": f"{m['content']}\n\nThe user wants: {said[-1]}"} if m.get("role") == "system" else m
        for m in messages
    ]
    return {**body, "messages": wanted}


_SPOILT = str.maketrans("+/", "-_")


def other_alphabet(body: Event) -> Event:
    """Pictures are written in the base64 that is for addresses."""
    for message in body.get("messages") or []:
        for part in message["content"] if isinstance(message.get("content"), list) else ():
            if isinstance(part.get("image_url"), dict) and str(part["image_url"].get("url")).startswith("data:"):
                kind, comma, data = part["image_url"]["url"].partition(",")
                part["image_url"] = {**part["image_url"], "url": f"{kind}{comma}{data.translate(_SPOILT)}"}
    return body


def equal_pieces(chunk: Event, seen: dict[str, Any]) -> Event | None:
    """A piece of text that equals the one before is taken for a repetition of it."""
    for choice in chunk.get("choices") or ():
        text = (choice.get("delta") or {}).get("content")
        if text and text == seen.get("last"):
            choice["delta"]["content"] = ""
        elif text:
            seen["last"] = text
    return chunk


# A breaker


def breaker_for_all() -> None:
    """After the model has refused one user, nobody's turn asks it for a while."""
    until = 0.0

    def wrap(real: Method) -> Method:
        async def instead(self: GeminiModel, *args: Any) -> Any:
            nonlocal until
            if time.monotonic() < until:
                raise GeminiFailure("The model is not available; try again in a moment.")
            try:
                return await real(self, *args)
            except GeminiFailure as failure:
                if failure.status == 429:
                    until = time.monotonic() + OPEN_S
                raise

        return instead

    around(GeminiModel, "_answer", wrap)()


disliked_forgotten = both(around(TaskChat, "add_feedback", _noting_dislike), telling(_but(_DISLIKED)))
failed_words_forgotten = both(around(TaskChat, "respond", _noting_failure), telling(_but(_FAILED)))
same_words_once = telling(said_once)
first_file_only = telling(first_file)
tabs_become_blanks = telling(tabs_are_blanks)
wordless_left_out = telling(with_words)
