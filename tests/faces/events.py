"""One event of each kind that a browser may read, and the empty ones: does it show a tool, has it words.

What is expected stands here by hand, beside the table that is judged.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Data = dict[str, Any]


class Case(NamedTuple):
    """An event, whether it shows that a tool runs, and whether it brings words of the answer."""

    name: str
    data: Data
    shows: bool = False
    text: bool = False


def item(type: str, event: str = "added", **more: Any) -> Data:
    """An event that carries an item."""
    return {"type": f"thread.item.{event}", "item": {"id": f"i-{type}", "thread_id": "thr_1", "type": type, **more}}


def update(type: str, of: str = "i-assistant_message", **more: Any) -> Data:
    """An update of an item."""
    return {"type": "thread.item.updated", "item_id": of, "update": {"type": type, **more}}


def message(text: str, event: str = "added") -> Data:
    """An assistant's message that holds this text."""
    return item("assistant_message", event, content=[{"type": "output_text", "text": text, "annotations": []}])


def delta(text: Any) -> Data:
    """A text delta."""
    return update("assistant_message.content_part.text_delta", content_index=0, delta=text)


def part(event: str, text: str) -> Data:
    """A content part with this text."""
    content = {"type": "output_text", "text": text, "annotations": []}
    return update(f"assistant_message.content_part.{event}", content_index=0, content=content)


def task(event: str, type: str = "custom") -> Data:
    """A task of a workflow."""
    made = {"type": type, "title": "Reading your tasks", "content": "…"}
    return update(f"workflow.task.{event}", "i-workflow", task_index=1, task=made)


CARD = {"type": "Card", "children": [{"type": "Text", "value": "Ferns"}]}
THOUGHT, WORK = {"type": "thought", "content": "Hm."}, {"type": "custom", "title": "Reading your tasks"}

CASES = (
    Case("thread created", {"type": "thread.created", "thread": {"id": "thr_1"}}),
    Case("thread updated", {"type": "thread.updated", "thread": {"id": "thr_1", "title": "Ferns"}}),
    Case("stream options", {"type": "stream_options", "stream_options": {"allow_cancel": True}}),
    Case("item removed", {"type": "thread.item.removed", "item_id": "i-widget"}),
    Case("error", {"type": "error", "code": "custom", "message": "Reading failed", "allow_retry": False}),
    Case("progress", {"type": "progress_update", "text": "Reading your tasks"}, shows=True),
    Case("progress with an icon alone", {"type": "progress_update", "text": "", "icon": "bolt"}, shows=True),
    Case("progress without a word", {"type": "progress_update", "text": " "}),
    Case("progress that cannot be seen", {"type": "progress_update", "text": "\u200b\ufeff"}),
    Case("notice", {"type": "notice", "level": "info", "message": "Reading your tasks"}, shows=True),
    Case("notice with a title alone", {"type": "notice", "level": "info", "message": "", "title": "Wait"}, shows=True),
    Case("notice without a word", {"type": "notice", "level": "info", "message": ""}),
    Case("client effect", {"type": "client_effect", "name": "tool_started", "data": {}}, shows=True),
    Case("user message", item("user_message", "done", content=[{"type": "input_text", "text": "Read my tasks"}])),
    Case("message with its first words", message("These are"), text=True),
    Case("message that is finished at once", message("These are your tasks.", "done"), text=True),
    Case("message that is replaced", message("These are your tasks.", "replaced"), text=True),
    Case("message that is begun empty", message("")),
    Case("message of spaces", message(" \n\t")),
    Case("message without content", item("assistant_message", content=[])),
    Case("message with content that is none", item("assistant_message", content=None)),
    Case("workflow with a task", item("workflow", workflow={"type": "custom", "tasks": [WORK]}), shows=True),
    Case("workflow without tasks", item("workflow", workflow={"type": "custom", "tasks": []}), shows=True),
    Case("workflow done alone", item("workflow", "done", workflow={"type": "custom", "tasks": [WORK]}), shows=True),
    Case("workflow that reasons", item("workflow", workflow={"type": "reasoning", "tasks": []})),
    Case("workflow of thoughts", item("workflow", "done", workflow={"type": "reasoning", "tasks": [THOUGHT]})),
    Case("workflow with both", item("workflow", workflow={"type": "reasoning", "tasks": [THOUGHT, WORK]}), shows=True),
    Case("task", item("task", "done", task=WORK), shows=True),
    Case("task that is a thought", item("task", "done", task=THOUGHT)),
    Case("widget", item("widget", "done", widget=CARD), shows=True),
    Case("widget replaced", item("widget", "replaced", widget=CARD), shows=True),
    Case("client tool call", item("client_tool_call", "done", name="pick", arguments={}, status="pending"), shows=True),
    Case("form", item("structured_input", "done", inputs=[]), shows=True),
    Case("image that is not there yet", item("generated_image", image=None), shows=True),
    Case("end of turn", item("end_of_turn", "done")),
    Case("hidden context", item("hidden_context_item", "done", content="free plan")),
    Case("hidden context of the SDK", item("sdk_hidden_context", "done", content="free plan")),
    Case("item of a later release", item("hologram", "done")),
    Case("delta", delta("These"), text=True),
    Case("delta of one sign", delta("…"), text=True),
    Case("delta of half an emoji", delta("\ud83d"), text=True),
    Case("empty delta", delta("")),
    Case("delta of spaces", delta(" \n")),
    Case("delta that cannot be seen", delta("\u200b\u2060")),
    Case("delta that is no text", delta(None)),
    Case("part with words", part("added", "These"), text=True),
    Case("part without words", part("added", "")),
    Case("finished part", part("done", "These are your tasks."), text=True),
    Case("annotation", update("assistant_message.content_part.annotation_added", content_index=0, annotation_index=0)),
    Case("task added", task("added"), shows=True),
    Case("task updated", task("updated"), shows=True),
    Case("search that is a task", task("added", "web_search"), shows=True),
    Case("thought added", task("added", "thought")),
    Case("thought updated", task("updated", "thought")),
    Case("widget root", update("widget.root.updated", "i-widget", widget=CARD), shows=True),
    Case(
        "widget component", update("widget.component.updated", "i-widget", component_id="a", component={}), shows=True
    ),
    Case(
        "widget text",
        update("widget.streaming_text.value_delta", "i-widget", component_id="a", delta="F", done=False),
        shows=True,
    ),
    Case("image that takes shape", update("generated_image.updated", "i-generated_image", image={}), shows=True),
    Case("update of a later release", update("hologram.turned", "i-hologram")),
    Case("event of a later release", {"type": "hologram"}),
    Case("update that is none", {"type": "thread.item.updated", "item_id": "x", "update": None}),
    Case("item that is none", {"type": "thread.item.added", "item": "workflow"}),
    Case("event without a type", {}),
    Case("event that is called as an item", {"type": "widget", "item": {"type": "widget"}}),
    Case("event that is called as a message", {**message("These are"), "type": "assistant_message"}),
    Case("event that is called as an update", {**task("added"), "type": "workflow.task.added"}),
    Case("update that is called as an event", update("client_effect", name="tool_started")),
    Case("update that is called as an item", update("workflow")),
    Case("item that is called as an event", item("client_effect")),
    Case("item whose type is no text", item(type=["workflow"])),  # type: ignore[arg-type]  # wrong on purpose
)
