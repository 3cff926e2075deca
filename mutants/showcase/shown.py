"""What the showcase's tools put on the screen, one function for each capability."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from chatkit.server import stream_widget
from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ClientToolCallItem,
    GeneratedImage,
    GeneratedImageItem,
    GeneratedImageUpdated,
    LockedStatus,
    ProgressUpdateEvent,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    URLSource,
)
from chatkit.widgets import DynamicWidgetRoot, WidgetRoot

from reference_server.turn import Turn, now

WORDS = "The sun is out over the ferns."


class _Waiting:
    """What waits for the browser, shown when the turn is over: the SDK takes an output for the last item alone."""

    def __init__(self, turn: Turn, item: ClientToolCallItem) -> None:
        self._turn, self._item = turn, item
        turn.steps.append(self)

    def stop(self) -> None:
        """All that the same answer called has been shown."""
        self._turn.show(ThreadItemDoneEvent(item=self._item))


async def call_browser(turn: Turn, call_id: str, arguments: dict[str, Any]) -> str:
    """A call that the browser is to answer. The turn ends with it."""
    item = ClientToolCallItem(
        id=turn.new_id("tool_call"),
        thread_id=turn.thread.id,
        created_at=now(),
        call_id=call_id,
        name="pick_color_in_browser",
        arguments=arguments,
    )
    _Waiting(turn, item)
    return "The browser is asked."


async def ask(turn: Turn, call_id: str, arguments: dict[str, Any]) -> str:
    """Three questions to the user, one of which takes several answers. The turn ends with them."""
    options = [StructuredInputMultipleChoiceOption(value=value) for value in ("green", "blue")]
    days = [StructuredInputMultipleChoiceOption(value=value) for value in ("Monday", "Tuesday", "Friday")]
    questions: list[StructuredInputMultipleChoice | StructuredInputFreeform] = [
        StructuredInputMultipleChoice(id="q_color", question="Which colour?", options=options),
        StructuredInputFreeform(id="q_why", question="Why?"),
        StructuredInputMultipleChoice(id="q_days", question="On which days?", options=days, multiple=True),
    ]
    item = StructuredInputItem(
        id=turn.new_id("message"), thread_id=turn.thread.id, created_at=now(), inputs=[*questions]
    )
    turn.show(ThreadItemDoneEvent(item=item))
    return "The user is asked."


async def cite(turn: Turn, call_id: str, arguments: dict[str, Any]) -> str:
    """A message with two sources."""
    item = AssistantMessageItem(id=turn.new_id("message"), thread_id=turn.thread.id, created_at=now(), content=[])
    turn.show(ThreadItemAddedEvent(item=item.model_copy()))
    notes = [
        Annotation(source=URLSource(title=title, url=f"https://example.com/{n}"), index=at)
        for n, (title, at) in enumerate((("Weather", 10), ("Ferns", 29)))
    ]
    text = AssistantMessageContent(text=WORDS, annotations=notes)
    updates: list[Any] = [
        AssistantMessageContentPartAdded(content_index=0, content=AssistantMessageContent(text="")),
        AssistantMessageContentPartTextDelta(content_index=0, delta=WORDS),
        *(
            AssistantMessageContentPartAnnotationAdded(content_index=0, annotation_index=n, annotation=note)
            for n, note in enumerate(notes)
        ),
        AssistantMessageContentPartDone(content_index=0, content=text),
    ]
    for update in updates:
        turn.show(ThreadItemUpdatedEvent(item_id=item.id, update=update))
    turn.show(ThreadItemDoneEvent(item=item.model_copy(update={"content": [text.model_copy(deep=True)]})))
    return "The sources are shown."


async def draw(turn: Turn, call_id: str, arguments: dict[str, Any]) -> str:
    """A picture in two steps."""
    item = GeneratedImageItem(id=turn.new_id("message"), thread_id=turn.thread.id, created_at=now())
    turn.show(ThreadItemAddedEvent(item=item.model_copy()))
    for progress in (0.5, 1.0):
        image = GeneratedImage(id="img_fern", url=f"https://example.com/fern-{progress:g}.png")
        turn.show(ThreadItemUpdatedEvent(item_id=item.id, update=GeneratedImageUpdated(image=image, progress=progress)))
    turn.show(ThreadItemDoneEvent(item=item.model_copy(update={"image": image})))
    return "The picture is shown."


async def lock(turn: Turn, call_id: str, arguments: dict[str, Any]) -> str:
    """The conversation takes no more messages."""
    turn.thread.status = LockedStatus(reason="The user asked for it.")
    turn.show(ProgressUpdateEvent(text="Locking the conversation…"))
    return "The conversation is locked."


async def write_widget(turn: Turn, call_id: str, arguments: dict[str, Any]) -> str:
    """A card whose text is written word by word, and that gets a title at the end."""
    async for event in stream_widget(turn.thread, _states(), "The sun is out.", turn.new_id):
        turn.show(event)
    return "The card is shown."


async def _states() -> AsyncGenerator[WidgetRoot, None]:
    said = ""
    yield _card("", streaming=True)
    words = WORDS.split(" ")
    for n, word in enumerate(words, 1):
        said = f"{said} {word}".strip()
        yield _card(said, streaming=n < len(words))
    yield _card(said, streaming=False, title="Weather")


def _card(text: str, *, streaming: bool, title: str = "") -> WidgetRoot:
    children: list[dict[str, Any]] = [{"type": "Title", "value": title}] if title else []
    children.append({"type": "Text", "id": "words", "value": text, "streaming": streaming})
    return DynamicWidgetRoot.model_validate({"type": "Card", "children": children})
