"""Every kind of event that a browser may read: does it show that a tool runs, and which words of the answer it brings.

One table, and two questions that read it. Checks, report, live runs, load and mutants ask here and nowhere else. What
is in no row is unknown to the release; a client passes over it, and so it shows nothing. Types are those of
openai-chatkit 1.6.5, chatkit/types.py.

The user's specification asks (SC-002) that a tool's execution is *visible*; how, is the server's choice. So a kind
counts when the page draws something for it, or is told to draw; the model's own words and thoughts do not count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..transcript import JSON, Event

Data = Mapping[str, JSON]
"""An event's JSON object."""

TEXT_DELTA = "assistant_message.content_part.text_delta"
"""The update that adds text to an answer."""

WORDS_ADDED = f"update {TEXT_DELTA}"
"""The kind of an event with a text delta."""

TEXT_DELTA_MARK = TEXT_DELTA.rpartition(".")[2].encode()
"""How a text delta is told in bytes that nobody has parsed yet."""

ITEM_EVENTS = frozenset({"thread.item.added", "thread.item.done", "thread.item.replaced"})
"""The events that carry a whole item. What they mean hangs on the item."""

_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode categories that draw nothing: controls, zero-width characters and marks of direction, separators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One kind of event.

    Args:
        shows: whether such an event shows a user that a tool runs; None where none does.
        text: the words of the answer in it; None where there never are any.
        why: the reason for both answers.
    """

    why: str
    shows: Callable[[Data], bool] | None = None
    text: Callable[[Data], str] | None = None


def readable(text: str) -> bool:
    """Whether a text has a character that a person can see."""
    if text.lstrip()[:1].isalnum():  # nearly all texts, without a look at each letter
        return True
    return any(not c.isspace() and unicodedata.category(c) not in _UNSEEN for c in text)


def _object(value: JSON, key: str) -> dict[str, JSON]:
    """The object at `key`, {} where there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _str(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _always(_data: Data) -> bool:
    return True


def _progress(data: Data) -> bool:
    return readable(_str(data.get("text"))) or bool(data.get("icon"))


def _notice(data: Data) -> bool:
    return readable(_str(data.get("message")) + _str(data.get("title")))


def _is_work(task: Data) -> bool:
    return task.get("type") != "thought"


def _workflow(data: Data) -> bool:
    workflow = _object(_object(data, "item"), "workflow")
    tasks = workflow.get("tasks")
    return workflow.get("type") != "reasoning" or any(
        _is_work(task) for task in (tasks if isinstance(tasks, list) else ()) if isinstance(task, dict)
    )


def _task_item(data: Data) -> bool:
    return _is_work(_object(_object(data, "item"), "task"))


def _task_update(data: Data) -> bool:
    return _is_work(_object(_object(data, "update"), "task"))


def _delta(data: Data) -> str:
    return _str(_object(data, "update").get("delta"))


def _part(data: Data) -> str:
    return _str(_object(_object(data, "update"), "content").get("text"))


def _message(data: Data) -> str:
    content = _object(data, "item").get("content")
    parts = content if isinstance(content, list) else ()
    return "".join(_str(part.get("text")) for part in parts if isinstance(part, dict))


_BOOKKEEPING = "bookkeeping of the thread: nothing of it is drawn among the items"
_THOUGHT = "drawn as work in progress; but types.py ThoughtTask holds the model's reasoning, and a thought is no tool"
_WIDGET = "a widget that changes is drawn anew; its words are what a tool found, not the answer"

EVENT_KINDS: Mapping[str, EventKind] = {
    "thread.created": EventKind(why=_BOOKKEEPING),
    "thread.updated": EventKind(why=_BOOKKEEPING),
    "stream_options": EventKind(why=_BOOKKEEPING),
    "thread.item.removed": EventKind(why="it takes away and draws nothing"),
    "error": EventKind(why="it tells that the turn failed, whatever ran in it"),
    "progress_update": EventKind(
        why="types.py: the assistant's progress; drawn, if it has words or an icon", shows=_progress
    ),
    "notice": EventKind(why="types.py: a user-facing notice; drawn as it comes, if it has words", shows=_notice),
    "client_effect": EventKind(
        why="types.py: a side effect on the page, which draws what it likes: odd but right", shows=_always
    ),
    # Items, in whichever event they come: a whole item may come as `done` alone.
    "item user_message": EventKind(why="the user's own words, sent back"),
    "item assistant_message": EventKind(
        why="the answer: its first words may stand in `added`, or come with `done`; the model's words show no tool",
        text=_message,
    ),
    "item workflow": EventKind(why=_THOUGHT, shows=_workflow),
    "item task": EventKind(why=_THOUGHT, shows=_task_item),
    "item widget": EventKind(
        why="drawn where the answer would be; its words are what a tool found, not the answer", shows=_always
    ),
    "item client_tool_call": EventKind(why="the page itself runs this tool, and draws what it likes", shows=_always),
    "item structured_input": EventKind(why="a form by which a tool asks the user; drawn", shows=_always),
    "item generated_image": EventKind(why="drawn, and as a placeholder while there is no image yet", shows=_always),
    "item end_of_turn": EventKind(why="a mark that is not drawn"),
    "item hidden_context_item": EventKind(why="it must never reach a browser, and would not be drawn"),
    "item sdk_hidden_context": EventKind(why="it must never reach a browser, and would not be drawn"),
    # Updates of an item that is there already.
    "update assistant_message.content_part.added": EventKind(
        why="a part of the answer, which may hold its first words", text=_part
    ),
    WORDS_ADDED: EventKind(why="words of the answer; an empty delta brings none", text=_delta),
    "update assistant_message.content_part.annotation_added": EventKind(why="a source of words that are there already"),
    "update assistant_message.content_part.done": EventKind(why="a part of the answer, with all its words", text=_part),
    "update widget.streaming_text.value_delta": EventKind(why=_WIDGET, shows=_always),
    "update widget.root.updated": EventKind(why=_WIDGET, shows=_always),
    "update widget.component.updated": EventKind(why=_WIDGET, shows=_always),
    "update workflow.task.added": EventKind(
        why=_THOUGHT + "; all that the SDK sends from a second task on", shows=_task_update
    ),
    "update workflow.task.updated": EventKind(why=_THOUGHT, shows=_task_update),
    "update generated_image.updated": EventKind(why="a picture that takes shape is drawn anew", shows=_always),
}
"""By `kind_of`: an event's type, "item" and its type for an event that carries one, "update" and its type."""

UNKNOWN = EventKind(why="no kind of the release: a client passes over it")


def kind_of(data: Data) -> str:
    """The event's key in EVENT_KINDS, or other words where it is in no row."""
    kind = data.get("type")
    if kind == "thread.item.updated":
        return f"update {_object(data, 'update').get('type')}"
    if not isinstance(kind, str):
        return ""
    return f"item {_object(data, 'item').get('type')}" if kind in ITEM_EVENTS else kind


def shows_tool(event: Event | Data) -> bool:
    """Whether an event, or its data, shows a user that a tool runs."""
    data = event.data or {} if isinstance(event, Event) else event
    shows = EVENT_KINDS.get(kind_of(data), UNKNOWN).shows
    return shows is not None and shows(data)


def text_in(event: Event | Data) -> str:
    """The words of the answer that an event, or its data, brings; "" for none."""
    data = event.data or {} if isinstance(event, Event) else event
    text = EVENT_KINDS.get(kind_of(data), UNKNOWN).text
    return "" if text is None else text(data)


def is_text(event: Event | Data) -> bool:
    """Whether an event, or its data, brings words of the answer that a person can read."""
    return readable(text_in(event))
