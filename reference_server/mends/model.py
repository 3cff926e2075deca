"""The Agents SDK's Chat Completions model, with Gemini's answers mended and its refusals retried within bounds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from agents import FunctionTool, ModelSettings, OpenAIChatCompletionsModel, Tool
from agents.items import TResponseStreamEvent
from openai.types.chat import ChatCompletion

from reference_server.mends.answer import Answer
from reference_server.mends.client import GeminiClient
from reference_server.mends.failure import GeminiFailure, from_exception

_LOG = logging.getLogger("reference_server.gemini")


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


class GeminiModel(OpenAIChatCompletionsModel):
    """A Gemini model for the Agents SDK. Its name contains "gemini", which is what makes the SDK replay signatures."""

    def __init__(self, model: str, client: GeminiClient, *, silence_s: float, patience: Patience) -> None:
        super().__init__(model=model, openai_client=client)
        self._silence_s = silence_s
        self._patience = patience
        self._declarations: dict[tuple[str, ...], list[dict[str, Any]]] = {}

    async def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[TResponseStreamEvent]:
        """The answer's events. Raises GeminiFailure once retrying is no use, or something was shown already."""
        retries = 0
        while True:
            shown = False
            try:
                async with aclosing(super().stream_response(*args, **kwargs)) as events:  # type: ignore[type-var]
                    opening: TResponseStreamEvent | None = None
                    async for event in events:
                        if event.type == "response.created":
                            # Held until something follows, so that a failed first attempt leaves no trace.
                            opening = event
                            continue
                        if opening is not None:
                            yield opening
                            opening = None
                        shown = True
                        yield event
                return
            except Exception as error:
                failure = from_exception(error, silence_s=self._silence_s)
                if failure is None:
                    raise
                wait_s = None if shown else self._patience.before_retry(failure, retries)
                _LOG.warning(
                    "gemini failed (attempt %d, %s): %s",
                    retries + 1,
                    "giving up" if wait_s is None else f"trying again in {wait_s:g} s",
                    failure.message,
                )
                if wait_s is None:
                    raise failure from error
            retries += 1
            await asyncio.sleep(wait_s)

    async def _fetch_response(
        self, system_instructions: Any, input: Any, model_settings: ModelSettings, tools: Any, *args: Any, **kwargs: Any
    ) -> Any:
        # Between the client and the SDK's stream handler: the one seam where chunks can be mended.
        if tools:
            model_settings = replace(model_settings, extra_body={"tools": self._declared(tools)})
        fetched = await super()._fetch_response(system_instructions, input, model_settings, [], *args, **kwargs)
        if isinstance(fetched, ChatCompletion):
            return fetched
        response, stream = fetched
        return response, Answer(stream.response, _call_ids(input))

    def _declared(self, tools: list[Tool]) -> list[dict[str, Any]]:
        # The SDK converts and then transforms every schema for each request, a tenth of a turn, and adds `strict`,
        # which Gemini was seen to refuse. The tools do not change: they are declared once.
        names = tuple(tool.name for tool in tools)
        if names not in self._declarations:
            self._declarations[names] = [_declaration(tool) for tool in tools]
        return self._declarations[names]


def _declaration(tool: Tool) -> dict[str, Any]:
    assert isinstance(tool, FunctionTool), f"{tool.name}: only function tools work over Chat Completions"
    function = {"name": tool.name, "description": tool.description, "parameters": tool.params_json_schema}
    return {"type": "function", "function": function}


def _call_ids(items: Any) -> list[str]:
    if isinstance(items, str):
        return []
    return [str(item["call_id"]) for item in items if isinstance(item, dict) and item.get("type") == "function_call"]
