"""Gemini as a model of the Agents SDK: asked through AsyncOpenAI, its answers mended, its refusals retried in bounds.

It stands in the place of the SDK's `OpenAIChatCompletionsModel`, and takes the SDK's own conversion of messages. That
model makes half a dozen Responses events of every delta, which then go through four generators and two queues: most of
a turn's CPU time, for events that only this server reads. Here a listener hears each delta directly, and the run gets
what it needs to go on: the finished answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import httpx2
from agents import (
    AgentOutputSchemaBase,
    FunctionTool,
    Handoff,
    Model,
    ModelProvider,
    ModelResponse,
    ModelSettings,
    Tool,
    UserError,
)
from agents.items import TResponseStreamEvent
from agents.models.chatcmpl_converter import Converter
from agents.models.fake_id import FAKE_RESPONSES_ID
from agents.usage import Usage
from openai import AsyncStream, Omit, OpenAIError
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseFunctionToolCall,
    ResponseOutputItem,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseUsage,
)
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

from reference_server.gemini_compat.answer import Answer, Listener
from reference_server.gemini_compat.client import GeminiClient
from reference_server.gemini_compat.failure import GeminiFailure, from_exception

_LOG = logging.getLogger("reference_server.gemini")
# The settings that go to Gemini under the same name where they are set; it answers 400 to fields it does not know.
_SETTINGS = ("temperature", "top_p", "max_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long a request is tried again before the user is told.

    `longest_wait_s`: a wait that Gemini asks for is honoured up to this many seconds; beyond it the user is told when
    to come back. `waits_s`: the waits when Gemini names none, one for each retry.
    """

    longest_wait_s: float = 2.0
    waits_s: tuple[float, ...] = (0.2, 0.6)

    def before_retry(self, failure: GeminiFailure, retries: int) -> float | None:
        """Seconds to wait before retry number `retries` + 1, or None when the user should be told instead."""
        if failure.ask_again:
            return 0.0 if retries == 0 else None
        # Only a status says that the request was turned away; a silent or broken stream may have cost tokens already.
        if failure.status is None or not failure.passing or retries >= len(self.waits_s):
            return None
        if failure.retry_after_s is None:
            return self.waits_s[retries]
        return failure.retry_after_s if failure.retry_after_s <= self.longest_wait_s else None


class Gemini:
    """The way to Gemini that all turns share. `silence_s` is the client's deadline, for the words of a failure."""

    def __init__(self, client: GeminiClient, *, silence_s: float, patience: Patience) -> None:
        self.client = client
        self.silence_s = silence_s
        self.patience = patience
        # Whole, so that the client need not join it to its own for each request, which takes as long as sending it.
        self.address = f"{client.base_url}chat/completions"
        self._declarations: dict[tuple[str, ...], str] = {}

    def declared(self, tools: list[Tool], handoffs: Sequence[Handoff[Any, Any]] = ()) -> str:
        """The tools, and the agents that can be handed over to, as Gemini takes them, as JSON.

        The SDK converts every schema for each request, a tenth of a turn, and adds `strict`, which Gemini was seen to
        refuse. The tools do not change: they are declared, and written, once.
        """
        names = (*(tool.name for tool in tools), *(handoff.tool_name for handoff in handoffs))
        if names not in self._declarations:
            self._declarations[names] = _written([*map(_declaration, tools), *map(_handing_over, handoffs)])
        return self._declarations[names]


class GeminiModel(Model):
    """The model of one run; `listener` hears what it says. A GeminiFailure is raised once retrying is no use."""

    def __init__(self, name: str, gemini: Gemini, listener: Listener) -> None:
        self.name = name
        self._gemini = gemini
        self._listener = listener

    async def stream_response(
        self,
        system_instructions: str | None,
        input: Any,
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None = None,
        handoffs: Sequence[Handoff[Any, Any]] = (),
        *args: Any,
        **kwargs: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """One event: the finished answer. What it says went to the listener while it came."""
        body = self._body(system_instructions, input, model_settings, tools, output_schema, handoffs)
        answer = await self._answer(body, input, _named(tools, handoffs))
        # Built without validation: every part of it was made here.
        response = Response.model_construct(
            id=FAKE_RESPONSES_ID, model=self.name, object="response", output=_output(answer), usage=_usage(answer)
        )
        yield ResponseCompletedEvent.model_construct(type="response.completed", sequence_number=0, response=response)

    async def get_response(
        self,
        system_instructions: str | None,
        input: Any,
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None = None,
        handoffs: Sequence[Handoff[Any, Any]] = (),
        *args: Any,
        **kwargs: Any,
    ) -> ModelResponse:
        """The finished answer, for runs that are not streamed."""
        body = self._body(system_instructions, input, model_settings, tools, output_schema, handoffs)
        answer = await self._answer(body, input, _named(tools, handoffs))
        usage = Usage(
            requests=1,
            input_tokens=_count(answer.usage, "prompt_tokens"),
            output_tokens=_count(answer.usage, "completion_tokens"),
            total_tokens=_count(answer.usage, "total_tokens"),
        )
        return ModelResponse(output=_output(answer), usage=usage, response_id=None)

    async def _answer(self, body: bytes, input: Any, tools: frozenset[str] | None = None) -> Answer:
        retries = 0
        while True:
            answer = Answer(_call_ids(input), self._listener, tools)
            try:
                await self._ask(body, answer)
                self._listener.end()
                return answer
            except Exception as error:
                failure = from_exception(error, silence_s=self._gemini.silence_s)
                if failure is None:
                    raise
                wait_s = None if answer.begun else self._gemini.patience.before_retry(failure, retries)
                _LOG.warning(
                    "gemini failed (attempt %d, %s): %s%s",
                    retries + 1,
                    "giving up" if wait_s is None else f"trying again in {wait_s:g} s",
                    failure.message,
                    f" it said {failure.said!r}" if failure.said else "",
                )
                if wait_s is None:
                    raise failure from error
            retries += 1
            await asyncio.sleep(wait_s)

    async def _ask(self, body: bytes, answer: Answer) -> None:
        # `post` is what `chat.completions.create` ends in; before that it walks through every field and every schema
        # in search of files, and after it builds classes from chunks that are read from the bytes here.
        try:
            given = await self._gemini.client.post(
                self._gemini.address, cast_to=httpx2.Response, content=body, stream=True, stream_cls=AsyncStream[Any]
            )
        except OpenAIError:
            raise
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise GeminiFailure("Gemini's answer was no HTTP that can be read.", said=said) from error
        # For this `cast_to` the client gives the response itself, unread.
        response = cast("httpx2.Response", given)
        try:
            await answer.read(response)
        finally:
            await response.aclose()

    def _body(
        self,
        instructions: str | None,
        input: Any,
        settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: Sequence[Handoff[Any, Any]],
    ) -> bytes:
        # Written here: the client would first look into every message and schema for what is not JSON yet.
        # A model's name with "gemini" in it is what makes the converter replay thought signatures.
        messages: list[Any] = Converter.items_to_messages(input, model=self.name)
        if instructions:
            messages.insert(0, {"role": "system", "content": instructions})
        fields = {"model": self.name, "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
        fields |= {name: value for name in _SETTINGS if (value := getattr(settings, name)) is not None}
        fields |= cast("dict[str, Any]", settings.extra_body or {})
        wanted = Converter.convert_response_format(output_schema)
        if not isinstance(wanted, Omit):
            fields["response_format"] = wanted
        if not tools and not handoffs:
            return _written(fields).encode()
        choice = Converter.convert_tool_choice(settings.tool_choice)
        if not isinstance(choice, Omit):
            fields["tool_choice"] = choice
        return f'{_written(fields)[:-1]},"tools":{self._gemini.declared(tools, handoffs)}}}'.encode()


class NoOther(ModelProvider):
    """Gives no model at all: every agent has its `GeminiModel`.

    The SDK's own provider would give OpenAI's, whatever the name; it is also made anew for each run.
    """

    def get_model(self, model_name: str | None) -> Model:
        raise UserError(f"model {model_name!r} was asked for by name; give the agent a GeminiModel")


def _named(tools: list[Tool], handoffs: Sequence[Handoff[Any, Any]]) -> frozenset[str]:
    return frozenset((*(tool.name for tool in tools), *(handoff.tool_name for handoff in handoffs)))


def _written(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _declaration(tool: Tool) -> dict[str, Any]:
    assert isinstance(tool, FunctionTool), f"{tool.name}: only function tools work over Chat Completions"
    function = {"name": tool.name, "description": tool.description, "parameters": tool.params_json_schema}
    return {"type": "function", "function": function}


def _handing_over(handoff: Handoff[Any, Any]) -> dict[str, Any]:
    function = {
        "name": handoff.tool_name,
        "description": handoff.tool_description,
        "parameters": handoff.input_json_schema,
    }
    return {"type": "function", "function": function}


def _call_ids(items: Any) -> list[str]:
    if isinstance(items, str):
        return []
    return [str(item["call_id"]) for item in items if isinstance(item, dict) and item.get("type") == "function_call"]


def _output(answer: Answer) -> list[ResponseOutputItem]:
    """The answer as the run takes it. The text first: in a chat completion text and calls are one message."""
    output: list[ResponseOutputItem] = []
    if answer.text:
        said = ResponseOutputText(type="output_text", text=answer.text, annotations=[])
        output.append(
            ResponseOutputMessage(
                id=FAKE_RESPONSES_ID, type="message", role="assistant", status="completed", content=[said]
            )
        )
    for call in answer.calls:
        item = ResponseFunctionToolCall(
            id=FAKE_RESPONSES_ID, type="function_call", call_id=call.id, name=call.name, arguments=call.arguments
        )
        if call.signature:
            # Where the converter looks for it when the next step of the turn is asked for.
            item.provider_data = {"thought_signature": call.signature}  # type: ignore[attr-defined]  # an extra field
        output.append(item)
    return output


def _usage(answer: Answer) -> ResponseUsage:
    usage = answer.usage
    cached = _count(usage.get("prompt_tokens_details"), "cached_tokens")
    thought = _count(usage.get("completion_tokens_details"), "reasoning_tokens")
    return ResponseUsage.model_construct(
        input_tokens=_count(usage, "prompt_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
        total_tokens=_count(usage, "total_tokens"),
        input_tokens_details=InputTokensDetails.model_construct(cached_tokens=cached, cache_write_tokens=0),
        output_tokens_details=OutputTokensDetails.model_construct(reasoning_tokens=thought),
    )


def _count(usage: Any, name: str) -> int:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) else 0
