"""What was said, as input for the model.

The SDK's converter writes past assistant messages as `output_text` parts, which the Agents SDK's Chat Completions
converter refuses ("Unknown content"): the second turn dies. Plain strings pass. Widgets and workflows go in as the
short text that the user could read, not as the JSON of their boxes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable

from agents import TResponseInputItem
from chatkit.agents import ThreadItemConverter
from chatkit.store import NotFoundError
from chatkit.types import (
    AssistantMessageItem,
    Attachment,
    HiddenContextItem,
    UserMessageItem,
    UserMessageTagContent,
    WidgetItem,
    WorkflowItem,
)
from openai.types.responses import ResponseInputContentParam, ResponseInputImageParam, ResponseInputTextParam

ReadAttachment = Callable[[Attachment], Awaitable[bytes]]

_LONGEST_TEXT_FILE = 100_000


class HistoryConverter(ThreadItemConverter):
    """ChatKit's items as the Agents SDK's input. `read` gives the bytes of an attachment."""

    def __init__(self, read: ReadAttachment) -> None:
        self._read = read

    async def user_message_to_input(
        self, item: UserMessageItem, is_last_message: bool = True
    ) -> list[TResponseInputItem]:
        """One message: the quotation first, then the text exactly as typed, then what its tags stand for."""
        tags = [part for part in item.content if isinstance(part, UserMessageTagContent)]
        typed = "".join(
            f"@{part.text}" if isinstance(part, UserMessageTagContent) else part.text for part in item.content
        )
        text = "\n\n".join(
            part
            for part in (
                f"The user refers to this: {item.quoted_text}" if item.quoted_text else "",
                _described(tags),
                typed,
            )
            if part
        )
        if not item.attachments:
            return [{"role": "user", "content": text}]
        parts: list[ResponseInputContentParam] = [ResponseInputTextParam(type="input_text", text=text)] if text else []
        parts += [await self.attachment_to_message_content(attachment) for attachment in item.attachments]
        return [{"role": "user", "content": parts}]

    async def assistant_message_to_input(self, item: AssistantMessageItem) -> list[TResponseInputItem]:
        """The answer as a plain string; an empty one is left out, because Gemini refuses empty contents."""
        text = "".join(part.text for part in item.content)
        return [{"role": "assistant", "content": text}] if text.strip() else []

    async def widget_to_input(self, item: WidgetItem) -> list[TResponseInputItem]:
        """The widget's own text."""
        return _shown(item.copy_text or f"a {item.widget.type}")

    async def workflow_to_input(self, item: WorkflowItem) -> list[TResponseInputItem]:
        """What each step of the workflow says."""
        lines = (
            ": ".join(text for text in (getattr(task, "title", None), getattr(task, "content", None)) if text)
            for task in item.workflow.tasks
        )
        return _shown("\n".join(line for line in lines if line))

    async def hidden_context_to_input(self, item: HiddenContextItem) -> list[TResponseInputItem]:
        """Context that the user does not see, whatever its shape."""
        content = item.content if isinstance(item.content, str) else json.dumps(item.content, default=str)
        return [{"role": "user", "content": f"(Context that the user does not see: {content})"}]

    async def attachment_to_message_content(self, attachment: Attachment) -> ResponseInputContentParam:
        """An image as an image, a text as text, anything else by its name; by its name, too, what was deleted since."""
        try:
            content = await self._read(attachment)
        except NotFoundError:
            gone = f"(Attached file {attachment.name}, {attachment.mime_type}, which was deleted)"
            return ResponseInputTextParam(type="input_text", text=gone)
        if attachment.type == "image":
            address = f"data:{attachment.mime_type};base64,{base64.b64encode(content).decode()}"
            return ResponseInputImageParam(type="input_image", detail="auto", image_url=address)
        text = f"(Attached file {attachment.name}, {attachment.mime_type}, {len(content)} bytes)"
        if attachment.mime_type.startswith("text/") or attachment.mime_type == "application/json":
            text += "\n" + content[:_LONGEST_TEXT_FILE].decode("utf-8", "replace")
        return ResponseInputTextParam(type="input_text", text=text)

    async def tag_to_message_content(self, tag: UserMessageTagContent) -> ResponseInputContentParam:
        """What the tag stands for."""
        return ResponseInputTextParam(type="input_text", text=_described([tag]))


def _described(tags: list[UserMessageTagContent]) -> str:
    lines = [f"@{tag.text} is {json.dumps({'id': tag.id, **tag.data}, default=str)}" for tag in tags]
    return "\n".join(dict.fromkeys(lines))


def _shown(text: str) -> list[TResponseInputItem]:
    return [{"role": "user", "content": f"(Shown to the user: {text})"}] if text else []
