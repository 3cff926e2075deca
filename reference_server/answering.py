"""From the Agents SDK's run to ChatKit's events.

In the place of ChatKit's `stream_agent_response`, which takes the model's item ids as they are: a Chat Completions
model calls every message `__fake_id__`, so the second answer would overwrite the first. Here the store makes the ids,
the tool call is visible the moment it arrives, and what was shown is finished even when the model fails midway. The
words come from the model straight away (`GeminiModel`), the run only decides what happens next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, cast

from agents import (
    Agent,
    AgentsException,
    MaxTurnsExceeded,
    RunConfig,
    RunContextWrapper,
    Runner,
    RunResult,
    TResponseInputItem,
)
from chatkit.errors import CustomStreamError
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ProgressUpdateEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)

from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.gemini_compat.model import Gemini, GeminiModel, NoOther
from reference_server.tools import DURING
from reference_server.turn import Turn, now

_LOG = logging.getLogger("reference_server.turn")
# Each round of tool calls is one more request to the model; a loop has to end somewhere.
MOST_ROUNDS = 12
_RUN = RunConfig(
    model_provider=NoOther(),
    tracing_disabled=True,
    # A name that the model made up is told to the model, which can then use a tool that there is.
    tool_not_found_behavior="return_error_to_model",
)


async def answer(
    agent: Agent[Turn], model: str, gemini: Gemini, input: list[TResponseInputItem], turn: Turn, *, deadline_s: float
) -> AsyncIterator[ThreadStreamEvent]:
    """Run the agent and yield what the client is to see. Raises CustomStreamError when there is no whole answer.

    `agent` is for this run alone; it gets its model here. `deadline_s` bounds the whole turn in seconds. Ending the
    iteration early ends the run and the call to Gemini.
    """
    message = _Message(turn)
    # The agent is this run's own, and so is its model, which tells the message what it says.
    agent.model = GeminiModel(model, gemini, message)
    context = RunContextWrapper(turn)
    # Not `run_streamed`: the message hears what the model says from the model itself, and the run has whole answers.
    # A context that is wrapped already is taken as it is.
    run = partial(Runner.run, agent, input, context=cast("Turn", context), max_turns=MOST_ROUNDS, run_config=_RUN)
    pump = asyncio.create_task(_pump(run, message, turn, deadline_s))
    try:
        while True:
            for event in await turn.events.take():
                if event is None:
                    return
                if isinstance(event, Exception):
                    raise event
                yield event
    finally:
        pump.cancel()
        usage = context.usage
        _LOG.info(
            "turn thread=%s model=%s requests=%d input_tokens=%d output_tokens=%d total_tokens=%d",
            turn.thread.id,
            model,
            usage.requests,
            usage.input_tokens,
            usage.output_tokens,
            usage.total_tokens,
        )


async def _pump(run: Callable[[], Awaitable[RunResult]], message: _Message, turn: Turn, deadline_s: float) -> None:
    failure: Exception | None = None
    try:
        async with asyncio.timeout(deadline_s):
            await run()
    except TimeoutError:
        failure = CustomStreamError(f"The answer took longer than {deadline_s:g} s and was stopped.", allow_retry=True)
    except GeminiFailure as refusal:
        failure = CustomStreamError(refusal.message, allow_retry=refusal.passing)
    except MaxTurnsExceeded:
        failure = CustomStreamError(f"The answer needed more than {MOST_ROUNDS} rounds of tools.", allow_retry=True)
    except AgentsException as refusal:
        _LOG.warning("the run ended: %s: %s", type(refusal).__name__, refusal)
        failure = CustomStreamError("The model did something that cannot be carried out.", allow_retry=True)
    except Exception:
        # What Gemini sent could not be read, or a fault of ours: the log has it, the user is told that it went wrong.
        _LOG.exception("the run failed")
        failure = CustomStreamError("The answer could not be completed: something went wrong.", allow_retry=True)
    # What the user has read stays: the message is finished as far as it came, then the error says that it is not whole.
    message.end()
    turn.stop()
    turn.events.put(failure)


class _Message:
    """What the model says, as the events of an assistant message; one begins with the first words of each answer."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._id: str | None = None
        self._since: datetime | None = None
        self._text: list[str] = []

    def write(self, text: str) -> None:
        """Add text; the first text begins the message."""
        if self._id is None:
            self._id, self._since, self._text = self._turn.new_id("message"), now(), []
            self._turn.show(ThreadItemAddedEvent(item=self._item(self._id, [])))
            self._update(AssistantMessageContentPartAdded(content_index=0, content=AssistantMessageContent(text="")))
        self._text.append(text)
        self._update(AssistantMessageContentPartTextDelta(content_index=0, delta=text))

    def calling(self, tool: str) -> None:
        """Show that a tool is about to be used."""
        self._turn.show(ProgressUpdateEvent(text=f"{DURING.get(tool, f'Using {tool}')}…", icon="bolt"))

    def end(self) -> None:
        """Finish the message, if one is open."""
        if self._id is None:
            return
        content = AssistantMessageContent(text="".join(self._text))
        self._update(AssistantMessageContentPartDone(content_index=0, content=content))
        self._turn.show(ThreadItemDoneEvent(item=self._item(self._id, [content.model_copy()])))
        self._id = None

    def _update(self, update: Any) -> None:
        assert self._id is not None
        self._turn.show(ThreadItemUpdatedEvent(item_id=self._id, update=update))

    def _item(self, identifier: str, content: list[AssistantMessageContent]) -> AssistantMessageItem:
        assert self._since is not None
        return AssistantMessageItem(
            id=identifier, thread_id=self._turn.thread.id, created_at=self._since, content=content
        )
