"""Ways to lose or to double text: blanks that are gone after a reload, words told twice, an answer that was cut and is
told as whole.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from typing import Any

from reference_server.gemini_compat.answer import Answer
from reference_server.gemini_compat.failure import GeminiFailure

from .answer_lies import Rows
from .inside import Method, around
from .model_lies import messages
from .mutant import Event, Memory
from .stream_lies import is_answer, is_delta, kind

PART_ADDED = "assistant_message.content_part.added"

How = Callable[[str], str]


# Blanks


def stripped(text: str) -> str:
    """Blanks and line breaks at the ends are gone."""
    return text.strip()


def unindented(text: str) -> str:
    """Blanks at the start of lines are gone."""
    return re.sub(r"(?m)^[ \t]+", "", text)


def without_last_break(text: str) -> str:
    """Line breaks at the end are gone."""
    return text.rstrip("\r\n")


def single_blanks(text: str) -> str:
    """Blanks that follow each other are one."""
    return re.sub(r" {2,}", " ", text)


def single_breaks(text: str) -> str:
    """Empty lines are gone."""
    return re.sub(r"\n{2,}", "\n", text)


def spaces_for_tabs(text: str) -> str:
    """Tabs are blanks."""
    return text.replace("\t", " ")


def rows_of(type: str, how: How) -> Callable[[Rows], Rows]:
    """Change the text of stored messages of this type."""

    def change(rows: Rows) -> Rows:
        for row in rows:
            for part in row.get("content", ()) if row.get("type") == type else ():
                if isinstance(part.get("text"), str):
                    part["text"] = how(part["text"])
        return rows

    return change


def texts_in_history(role: str, how: How) -> Callable[[Event], Event]:
    """Change what the model is sent of this role's words."""

    def change(body: Event) -> Event:
        rows = copy.deepcopy(messages(body))
        for m in rows:
            if m.get("role") == role and isinstance(m.get("content"), str):
                m["content"] = how(m["content"])
        return {**body, "messages": rows}

    return change


# Doubled


def in_item_too(event: Event, memory: Memory) -> Iterable[Event]:
    """An answer is begun with its first words, and they come again as its first delta. Needs `held_back` at the end."""
    return _with_words(event, memory, lambda e: is_answer(e, "thread.item.added"), _into_item)


def in_part_too(event: Event, memory: Memory) -> Iterable[Event]:
    """A part is begun with its first words, and they come again as its first delta. Needs `held_back` at the end."""
    return _with_words(event, memory, lambda e: kind(e) == PART_ADDED, _into_part)


def _with_words(
    event: Event, memory: Memory, begins: Callable[[Event], bool], into: Callable[[Event, str], None]
) -> Iterable[Event]:
    held: list[Event] = memory.stream.setdefault("held", [])
    if begins(event):
        held.append(copy.deepcopy(event))
        return ()
    if not held:
        return (event,)
    held.append(event)
    if not is_delta(event):
        return ()
    into(held[0], event["update"]["delta"])
    released, held[:] = list(held), []
    return released


def _into_item(event: Event, words: str) -> None:
    event["item"]["content"] = [{"type": "output_text", "text": words, "annotations": []}]


def _into_part(event: Event, words: str) -> None:
    event["update"]["content"]["text"] = words


def first_delta_again(event: Event, memory: Memory) -> Iterable[Event]:
    """The first words of an answer come two times, the second time behind all others."""
    if is_delta(event):
        memory.stream.setdefault("first", event)
    if kind(event) == "assistant_message.content_part.done" and "first" in memory.stream:
        return (memory.stream.pop("first"), event)
    return (event,)


# Cut, and told as whole


def finished_as_whole(*reasons: str) -> Callable[[Event, dict[str, Any]], Event]:
    """An answer that the model ended for one of these reasons, after words of it, is told as whole."""

    def change(chunk: Event, scratch: dict[str, Any]) -> Event:
        for choice in chunk.get("choices") or ():
            scratch["said"] = scratch.get("said", False) or bool(choice.get("delta", {}).get("content"))
            reason = choice.get("finish_reason")
            if isinstance(reason, str) and reason.startswith(reasons) and scratch["said"]:
                choice["finish_reason"] = "stop"
        return chunk

    return change


def _taken_for_whole(real: Method) -> Method:
    def instead(self: Answer, *, ended: bool) -> None:
        try:
            real(self, ended=ended)
        except GeminiFailure:
            if not self.text or self.calls or self._finish is not None:
                raise

    return instead


take_cut_for_whole = around(Answer, "_judge", _taken_for_whole)
