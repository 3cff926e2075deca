"""How an answer and a tool that runs are shown to the browser: a table of ways for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

JSON = Any
Event = dict[str, JSON]

PART = "assistant_message.content_part"


class Pieces:
    """Shows an answer in parts and deltas.

    Args:
        item: the answer, without its words. bare: no events for its content part.

    Attributes:
        begun: whether words of it were shown, so that an answer which breaks off is kept as far as it came.
    """

    def __init__(self, item: dict[str, JSON], *, bare: bool = False) -> None:
        self._item, self._bare, self.begun = item, bare, False

    def _update(self, kind: str, **more: JSON) -> Event:
        update = {"type": f"{PART}.{kind}", "content_index": 0, **more}
        return {"type": "thread.item.updated", "item_id": self._item["id"], "update": update}

    def begin(self, text: str) -> list[Event]:
        """The events of the first words."""
        opened = [{"type": "thread.item.added", "item": dict(self._item)}]
        if not self._bare:
            opened.append(self._update("added", content=_text("")))
        return [*opened, self._update("text_delta", delta=text)]

    def more(self, text: str) -> list[Event]:
        """The events of new words."""
        if self.begun:
            return [self._update("text_delta", delta=text)]
        self.begun = True
        return self.begin(text)

    def end(self, text: str) -> list[Event]:
        """The events of the end. `text`: all of it."""
        done = {"type": "thread.item.done", "item": {**self._item, "content": [_text(text)]}}
        return [done] if self._bare else [self._update("done", content=_text(text)), done]


class FirstWords(Pieces):
    """The first words stand in `added`, and no delta repeats them."""

    def begin(self, text: str) -> list[Event]:
        """The item with its words."""
        return [{"type": "thread.item.added", "item": {**self._item, "content": [_text(text)]}}]


class WordsInPart(Pieces):
    """The first words stand in `content_part.added`."""

    def begin(self, text: str) -> list[Event]:
        """The item, and its part with its words."""
        added = {"type": "thread.item.added", "item": dict(self._item)}
        return [added, self._update("added", content=_text(text))]


class Whole(Pieces):
    """The answer comes in one piece."""

    def more(self, text: str) -> list[Event]:
        """Nothing yet."""
        return []

    def end(self, text: str) -> list[Event]:
        """The finished item."""
        return [{"type": "thread.item.done", "item": {**self._item, "content": [_text(text)]}}]


class Replaced(Pieces):
    """All of the answer so far, in place of what was shown of it before."""

    def __init__(self, item: dict[str, JSON]) -> None:
        super().__init__(item)
        self._so_far = ""

    def more(self, text: str) -> list[Event]:
        """The whole item anew."""
        kind, self.begun = "replaced" if self.begun else "added", True
        self._so_far += text
        return [{"type": f"thread.item.{kind}", "item": {**self._item, "content": [_text(self._so_far)]}}]

    def end(self, text: str) -> list[Event]:
        """The finished item."""
        return [{"type": "thread.item.done", "item": {**self._item, "content": [_text(text)]}}]


def _text(text: str) -> JSON:
    return {"type": "output_text", "text": text, "annotations": []}


WAYS: Mapping[str, Callable[[dict[str, JSON]], Pieces]] = {
    "parts": Pieces,
    "bare-deltas": lambda item: Pieces(item, bare=True),
    "first-words": FirstWords,
    "words-in-part": WordsInPart,
    "whole": Whole,
    "replaced": Replaced,
}


def pieces(way: str, item: dict[str, JSON]) -> Pieces:
    """What shows an answer in this way."""
    return WAYS[way](item)


def begun(way: str, about: dict[str, JSON], tool: str) -> list[Event]:
    """The events of a tool that begins to run. `about`: id, thread and time of its item, where it has one."""
    match way:
        case "progress":
            return [{"type": "progress_update", "text": f"Running {tool}"}]
        case "effect":
            return [{"type": "client_effect", "name": "tool_started", "data": {"tool": tool}}]
        case "workflow":
            return [{"type": "thread.item.added", "item": {**about, "type": "workflow", "workflow": _steps(tool, "")}}]
        case "task":
            return [{"type": "thread.item.added", "item": {**about, "type": "task", "task": _task(tool, "")}}]
        case "words":
            said = {**about, "type": "assistant_message", "content": [_text(f"I am running {tool}.")]}
            return [{"type": "thread.item.done", "item": said}]
    return []


def ended(way: str, about: dict[str, JSON], tool: str, result: str) -> list[Event]:
    """The events of a tool that has run."""
    match way:
        case "effect":
            return [{"type": "client_effect", "name": "tool_ended", "data": {"tool": tool}}]
        case "workflow":
            made = {**about, "type": "workflow", "workflow": _steps(tool, "done")}
            step = {"type": "workflow.task.updated", "task_index": 0, "task": made["workflow"]["tasks"][0]}
            return [
                {"type": "thread.item.updated", "item_id": about["id"], "update": step},
                {"type": "thread.item.done", "item": made},
            ]
        case "task":
            return [{"type": "thread.item.done", "item": {**about, "type": "task", "task": _task(tool, "done")}}]
        case "widget":
            card = {"type": "Card", "children": [{"type": "Text", "value": f"{tool} has run."}]}
            return [{"type": "thread.item.done", "item": {**about, "type": "widget", "widget": card}}]
    return []


def _task(tool: str, state: str) -> JSON:
    return {
        "type": "custom",
        "title": tool,
        "content": state or None,
        "status_indicator": "complete" if state else "loading",
    }


def _steps(tool: str, state: str) -> JSON:
    return {"type": "custom", "tasks": [_task(tool, state)], "expanded": not state}
