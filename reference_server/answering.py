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
    ThreadItemRemovedEvent,
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
RUN = RunConfig(
    model_provider=NoOther(),
    tracing_disabled=True,
    # A name that the model made up is told to the model, which can then use a tool that there is.
    tool_not_found_behavior="return_error_to_model",
)


Start = Callable[["Speech", RunContextWrapper[Turn]], Callable[[], Awaitable[object]]]
"""Makes the run of a turn: of what hears its model, and of the context that its tools get."""


def answer(
    agent: Agent[Turn], model: str, gemini: Gemini, input: list[TResponseInputItem], turn: Turn, *, deadline_s: float
) -> AsyncIterator[ThreadStreamEvent]:
    """Run the agent; `agent` is for this run alone, and gets its model here. For the rest see `show`."""

    def start(speech: Speech, context: RunContextWrapper[Turn]) -> Callable[[], Awaitable[RunResult]]:
        # The agent is this run's own, and so is its model, which tells the speech what it says.
        agent.model = GeminiModel(model, gemini, speech)
        # Not `run_streamed`: the speech hears the model itself, and the run has whole
        # answers. A context that is wrapped already is taken as it is.
        return partial(Runner.run, agent, input, context=cast("Turn", context), max_turns=MOST_ROUNDS, run_config=RUN)

    return show(start, turn, model, deadline_s=deadline_s)


async def show(
    start: Start, turn: Turn, model: str, *, deadline_s: float, kind: type[Speech] | None = None
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield what the client is to see of a run. Raises CustomStreamError when there is no whole answer.

    `deadline_s` bounds the whole turn in seconds. Ending the iteration early ends the run and the call to Gemini.
    `kind` shows what the model says; None: as plain messages.
    """
    speech = (kind or Speech)(turn)
    context = RunContextWrapper(turn)
    pump = asyncio.create_task(_pump(start(speech, context), speech, turn, deadline_s))
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


async def _pump(run: Callable[[], Awaitable[object]], speech: Speech, turn: Turn, deadline_s: float) -> None:
    failure: Exception | None = None
    try:
        async with asyncio.timeout(deadline_s):
            await run()
    except TimeoutError:
        failure = CustomStreamError(f"The answer took longer than {deadline_s:g} s and was stopped.", allow_retry=True)
    except CustomStreamError as told:
        failure = told
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
    speech.end()
    turn.stop()
    turn.events.put(failure)


class Speech:
    """What the model says, as the events of assistant messages; one begins with the first words of each answer."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._id: str | None = None
        self._since: datetime | None = None
        self._text: list[str] = []
        self._begun: list[str] = []

    def write(self, text: str) -> None:
        """Add text; the first text begins the message."""
        if self._id is None:
            self._id, self._since, self._text = self._turn.new_id("message"), now(), []
            self._begun.append(self._id)
            self._turn.show(ThreadItemAddedEvent(item=self._item(self._id, [])))
            self._update(AssistantMessageContentPartAdded(content_index=0, content=AssistantMessageContent(text="")))
        self._text.append(text)
        self._update(AssistantMessageContentPartTextDelta(content_index=0, delta=text))

    def thinking(self, text: str) -> None:
        """Thoughts are not shown."""

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

    def take_back(self) -> None:
        """Remove every message of this run, the one that is open, too."""
        self._id = None
        for identifier in self._begun:
            self._turn.show(ThreadItemRemovedEvent(item_id=identifier))
        self._begun.clear()

    def _update(self, update: Any) -> None:
        assert self._id is not None
        self._turn.show(ThreadItemUpdatedEvent(item_id=self._id, update=update))

    def _item(self, identifier: str, content: list[AssistantMessageContent]) -> AssistantMessageItem:
        assert self._since is not None
        return AssistantMessageItem(
            id=identifier, thread_id=self._turn.thread.id, created_at=self._since, content=content
        )
