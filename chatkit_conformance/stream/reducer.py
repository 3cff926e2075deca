"""What a browser would show: the events of a thread, applied one after another.

Pure: events in, a `View` out. An event that makes no sense (an update for an item that is not there, an index that is
no number) changes nothing, as it shows nothing; `grammar.py` is what calls it wrong. How an update is applied follows
openai-chatkit 1.6.5, server.py, `_apply_assistant_message_update` and `_update_pending_items`.

    view = replay(replies_of_one_thread)
    differences(view, reloaded_thread)        # what a reload shows otherwise (see reload.py)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ..transcript import JSON, Event, Reply
from ..wire.schema import streaming_types
from ..wire.status import TOO_MANY
from .reload import Difference, View, compare

__all__ = ["Difference", "View", "differences", "reduce", "replay"]

Item = dict[str, JSON]

TEXT_DELTA = "assistant_message.content_part.text_delta"

_FURTHEST = 1000
"""How far beyond the end an index may point; the parts between are filled, as the SDK fills them."""


def reduce(events: Iterable[Event]) -> View:
    """What is shown after these events, the streams of one thread in the order in which they came."""
    screen = Screen()
    for event in events:
        screen.apply(event)
    return screen.view()


def replay(replies: Iterable[Reply]) -> View:
    """What is shown after these replies of one thread, the client's own part in it included.

    A retry takes away what followed its message, and a client tool's output completes the call, without any event.
    A stream that did not end by itself leaves the view open: more may be stored than was shown.
    """
    screen = Screen()
    for reply in replies:
        screen.ask(reply)
        for event in reply.events:
            screen.apply(event)
        screen.answer(reply)
    return screen.view()


def differences(view: View, reloaded: JSON) -> list[Difference]:
    """Where a reload shows something else than the stream did. See `reload.compare`."""
    return compare(view, reloaded)


@dataclass(slots=True)
class Screen:
    """The view while it is built. A view that it gave out is overtaken by what is applied later.

    An item is the event's own until something changes it, and copied then: most are shown as they came.
    """

    thread: dict[str, JSON] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    finished: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    built: dict[str, Item] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    progress: str | None = None
    errors: list[dict[str, JSON]] = field(default_factory=list)
    notices: list[dict[str, JSON]] = field(default_factory=list)
    effects: list[dict[str, JSON]] = field(default_factory=list)
    whole: bool = True
    _clock: int = 0
    _sent: dict[int, int] = field(default_factory=dict)
    _growing: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    _owned: set[str] = field(default_factory=set)

    def view(self) -> View:
        """What is shown now."""
        self._settle()
        return View(
            thread=self.thread,
            items=tuple(self.items.values()),
            open=frozenset(self.items.keys() - self.finished),
            begun=self.begun,
            finished=self.finished,
            asked=self.asked,
            built=self.built,
            removed=frozenset(self.removed),
            progress=self.progress,
            errors=tuple(self.errors),
            notices=tuple(self.notices),
            effects=tuple(self.effects),
            whole=self.whole,
        )

    def ask(self, reply: Reply) -> None:
        """What the client itself changes when it sends this request, as far as the server took it."""
        if not reply.streamed:
            if not reply.refused or reply.status == TOO_MANY:  # its model had enough: it may have begun before
                for item_id in self._after_retried(reply):
                    self.finished.pop(item_id, None)
            return
        self._settle()
        self._clock += 1
        self._sent[id(reply)] = self._clock
        begun = bool(reply.of("thread.item.added", "thread.item.done")) or (not reply.errors and reply.ended != "cut")
        for item_id in self._after_retried(reply):
            if begun:
                self._remove(item_id)
            else:
                self.finished.pop(item_id, None)  # removed or not: the retry broke before it showed anything
        if reply.type == "threads.add_client_tool_output" and begun:
            for item_id, item in self.items.items():
                if item.get("type") == "client_tool_call" and item.get("status", "pending") == "pending":
                    self._own(item_id).update(status="completed", output=reply.params.get("result"))

    def _after_retried(self, reply: Reply) -> list[str]:
        """The items after the one that a request retries; none for another request."""
        if reply.type != "threads.retry_after_item" or reply.params.get("item_id") not in self.items:
            return []
        ids = list(self.items)
        return ids[ids.index(str(reply.params["item_id"])) + 1 :]

    def answer(self, reply: Reply) -> None:
        """What the end of an answer changes, and an answer that is no stream."""
        body = reply.body if isinstance(reply.body, dict) else {}
        if reply.streamed:
            self.whole = self.whole and reply.ended == "closed"
        elif reply.type in streaming_types():
            self.whole = False  # refused or broken: what it stored nobody knows
        elif reply.accepted and reply.type == "threads.update":
            self.thread["title"] = body.get("title", reply.params.get("title"))
        elif reply.type == "threads.update" and not reply.refused:
            self.thread.pop("title", None)  # without an answer nobody knows whether it was set
        elif reply.accepted and isinstance(updated := body.get("updated_item"), dict):
            self._clock += 1
            self._show("thread.item.replaced", str(updated.get("id")), updated, own=False)

    def apply(self, event: Event, reply: Reply | None = None) -> None:
        """One event's effect. `reply`: the stream that it came in, where there are several."""
        self._clock += 1
        if reply is not None and event.item_id:
            self.asked.setdefault(event.item_id, self._sent.get(id(reply), 0))
        if self._grow(event):
            return
        self._settle()
        data = event.data or {}
        match event.type:
            case "thread.created" | "thread.updated" if isinstance(data.get("thread"), dict):
                self.thread |= {key: value for key, value in data["thread"].items() if key != "items"}
            case "thread.item.added" | "thread.item.done" | "thread.item.replaced" if event.item_id and event.item:
                own = reply is None or self.asked.get(event.item_id) == self._sent.get(id(reply), 0)
                self._show(event.type, event.item_id, event.item, own=own)
            case "thread.item.updated" if event.item_id in self.items:
                change = _CHANGES.get(str(event.update.get("type")))
                if change:
                    change(self._own(event.item_id), event.update)
            case "thread.item.removed" if event.item_id:
                self._remove(event.item_id)
            case "progress_update":
                self.progress = str(data.get("text", ""))
            case "error":
                self.errors.append(data)
            case "notice":
                self.notices.append(data)
            case "client_effect":
                self.effects.append(data)

    def _grow(self, event: Event) -> bool:
        """Keep a delta for later, so that a long answer is joined once and not at each of its pieces."""
        update = event.update
        if update.get("type") != TEXT_DELTA or event.type != "thread.item.updated":
            return False
        index, delta = update.get("content_index"), update.get("delta")
        if event.item_id in self.items and type(index) is int and isinstance(delta, str):
            self._growing.setdefault((event.item_id, index), []).append(delta)
        return True

    def _settle(self) -> None:
        """Join the deltas that were kept."""
        for (item_id, index), deltas in self._growing.items():
            part = _part(self._own(item_id), {"content_index": index})
            if part is not None:
                part["text"] = f"{part.get('text') or ''}{''.join(deltas)}"
        self._growing.clear()

    def _show(self, kind: str, item_id: str, item: Item, *, own: bool) -> None:
        """An item as it now is. `own`: whether the answer to the same request began it; else it stays in its place."""
        if kind == "thread.item.done" and item_id in self.items and item_id not in self.finished:
            self.built[item_id] = self.items[item_id]
        self.items[item_id] = item
        self._owned.discard(item_id)
        self.removed.discard(item_id)
        self.begun.setdefault(item_id, self._clock)
        if kind == "thread.item.added":
            self.finished.pop(item_id, None)
        elif own or item_id not in self.finished:
            self.finished[item_id] = self._clock
        if item.get("type") == "assistant_message":
            self.progress = None

    def _own(self, item_id: str) -> Item:
        """The item, which may now be changed."""
        if item_id not in self._owned:
            self.items[item_id] = _copied(self.items[item_id])
            self._owned.add(item_id)
        return self.items[item_id]

    def _remove(self, item_id: str) -> None:
        self.removed.add(item_id)
        for table in (self.items, self.begun, self.finished, self.asked, self.built):
            table.pop(item_id, None)


def _copied(value: JSON) -> JSON:
    """A JSON value anew. `copy.deepcopy` takes five times as long, which was most of what judging took."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _part(item: Item, update: Mapping[str, JSON]) -> dict[str, JSON] | None:
    """The content part that an update speaks of, made where it is not there yet."""
    index, content = update.get("content_index"), item.setdefault("content", [])
    if type(index) is not int or not isinstance(content, list) or not 0 <= index < len(content) + _FURTHEST:
        return None
    while len(content) <= index:
        content.append({"type": "output_text", "text": "", "annotations": []})
    part = content[index]
    return part if isinstance(part, dict) else None


def _part_added(item: Item, update: Mapping[str, JSON]) -> None:
    part, content = _part(item, update), update.get("content")
    if part is None or not isinstance(content, dict):
        return
    streamed = part.get("text")
    part.clear()
    part.update(_copied(content))
    if streamed and not part.get("text"):
        part["text"] = streamed  # deltas that came before their part was announced stay on the screen


def _part_done(item: Item, update: Mapping[str, JSON]) -> None:
    part, content = _part(item, update), update.get("content")
    if part is not None and isinstance(content, dict):
        part.clear()
        part.update(_copied(content))


def _annotation(item: Item, update: Mapping[str, JSON]) -> None:
    part, index = _part(item, update), update.get("annotation_index")
    if part is None or type(index) is not int or index < 0:
        return
    annotations = part.setdefault("annotations", [])
    if isinstance(annotations, list):
        annotations.insert(index, _copied(update.get("annotation")))


def _task(item: Item, update: Mapping[str, JSON]) -> None:
    workflow, index, task = item.get("workflow"), update.get("task_index"), update.get("task")
    tasks = workflow.setdefault("tasks", []) if isinstance(workflow, dict) else None
    if not isinstance(tasks, list) or type(index) is not int or index < 0:
        return
    if update.get("type") == "workflow.task.added":
        tasks.append(_copied(task))
    elif index < len(tasks):
        tasks[index] = _copied(task)


def _image(item: Item, update: Mapping[str, JSON]) -> None:
    item["image"] = _copied(update.get("image"))


def _root(item: Item, update: Mapping[str, JSON]) -> None:
    item["widget"] = _copied(update.get("widget"))


def _component(item: Item, update: Mapping[str, JSON]) -> None:
    found, component = find_component(item.get("widget"), update.get("component_id")), update.get("component")
    if found is not None and isinstance(component, dict):
        found.clear()
        found.update(_copied(component))


def _value_delta(item: Item, update: Mapping[str, JSON]) -> None:
    found, delta = find_component(item.get("widget"), update.get("component_id")), update.get("delta")
    if found is not None and isinstance(delta, str):
        found["value"] = f"{found.get('value') or ''}{delta}"


def find_component(widget: JSON, component_id: JSON) -> dict[str, JSON] | None:
    """The component of this id in a widget's tree, the root included; None where there is none."""
    waiting = [widget]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if component_id and node.get("id") == component_id:
                return node
            waiting.append(node.get("children"))
    return None


_CHANGES: dict[str, Callable[[Item, Mapping[str, JSON]], None]] = {
    "assistant_message.content_part.added": _part_added,
    "assistant_message.content_part.annotation_added": _annotation,
    "assistant_message.content_part.done": _part_done,
    "workflow.task.added": _task,
    "workflow.task.updated": _task,
    "generated_image.updated": _image,
    "widget.root.updated": _root,
    "widget.component.updated": _component,
    "widget.streaming_text.value_delta": _value_delta,
}
"""Type of an update -> how it changes the item."""
