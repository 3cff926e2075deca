"""Gemini as a model of the Agents SDK, and the voice by which a turn is heard while it is answered."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from agents import AgentOutputSchemaBase, Handoff, ModelResponse, ModelSettings, Tool
from agents import Model as AgentsModel
from agents.models.chatcmpl_converter import Converter
from agents.usage import Usage
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from .model import Answer, Model

JSON = Any


class Voice:
    """What a turn says, in events: each answer of the model's is an item of its own."""

    def __init__(self, thread: str, new_id: Callable[[], str]) -> None:
        self.events: asyncio.Queue[ThreadStreamEvent | None] = asyncio.Queue()
        self._thread, self._new_id = thread, new_id
        self._item: AssistantMessageItem | None = None

    def say(self, text: str) -> None:
        """Some more words."""
        if self._item is None:
            self._item = AssistantMessageItem(
                id=self._new_id(), thread_id=self._thread, created_at=datetime.now(), content=[]
            )
            self.events.put_nowait(ThreadItemAddedEvent(item=self._item.model_copy(deep=True)))
            self._item.content = [AssistantMessageContent(text="", annotations=[])]
        self._item.content[0].text += text
        update = AssistantMessageContentPartTextDelta(content_index=0, delta=text)
        self.events.put_nowait(ThreadItemUpdatedEvent(item_id=self._item.id, update=update))

    def end(self) -> None:
        """The words of this answer are all there, or as many as will come."""
        if self._item is not None:
            self.events.put_nowait(ThreadItemDoneEvent(item=self._item))
            self._item = None


class Heard(AgentsModel):
    """Gemini. Where it has a voice, what it says is heard while it comes; a guard's answers are for the run alone."""

    def __init__(self, model: Model, voice: Voice | None = None) -> None:
        self._model, self._voice = model, voice
        self._extra: dict[str, JSON] = {}

    async def get_response(
        self,
        system_instructions: str | None,
        input: Any,
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: Sequence[Handoff[Any, Any]],
        *args: Any,
        **kwargs: Any,
    ) -> ModelResponse:
        """The whole answer. Raises ModelFailed."""
        messages: list[JSON] = [{"role": "system", "content": system_instructions}] if system_instructions else []
        messages += map(self._with_extra, Converter.items_to_messages(input))
        answer, more = Answer(), _more(tools, handoffs, output_schema)
        try:
            async for new in self._model.ask(messages, answer, **more):
                if self._voice is not None:
                    self._voice.say(new)
        finally:
            if self._voice is not None:
                self._voice.end()
        self._extra |= {call["id"]: call["extra_content"] for call in answer.calls if "extra_content" in call}
        return ModelResponse(output=list(_output(answer)), usage=Usage(requests=1), response_id=None)

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        """Runs are not streamed here: the voice is."""
        raise NotImplementedError

    def _with_extra(self, message: JSON) -> JSON:
        """The message with what Gemini gave to its calls: it refuses them without it."""
        calls = [
            {**call, **({"extra_content": self._extra[call["id"]]} if call["id"] in self._extra else {})}
            for call in message.get("tool_calls") or ()
        ]
        return {**message, "tool_calls": calls} if calls else message


def _more(tools: Sequence[Tool], handoffs: Sequence[Handoff[Any, Any]], schema: AgentOutputSchemaBase | None) -> JSON:
    declared = [(t.name, getattr(t, "description", ""), getattr(t, "params_json_schema", {})) for t in tools]
    declared += [(h.tool_name, h.tool_description, h.input_json_schema or {"type": "object"}) for h in handoffs]
    more: dict[str, JSON] = {}
    if declared:
        more["tools"] = [
            {"type": "function", "function": {"name": name, "description": told, "parameters": parameters}}
            for name, told, parameters in declared
        ]
    if schema is not None and not schema.is_plain_text():
        form = {"name": schema.name(), "schema": schema.json_schema()}
        more["response_format"] = {"type": "json_schema", "json_schema": form}
    return more


def _output(answer: Answer) -> Any:
    if answer.text:
        said = ResponseOutputText(text=answer.text, annotations=[], type="output_text")
        yield ResponseOutputMessage(
            id=f"msg_{uuid.uuid4().hex}", content=[said], role="assistant", status="completed", type="message"
        )
    for call in answer.calls:
        yield ResponseFunctionToolCall(
            call_id=call["id"],
            name=call["function"]["name"],
            arguments=call["function"]["arguments"] or "{}",
            type="function_call",
        )
