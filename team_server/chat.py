"""The chat: one run of the team for each turn, and one more for each button that was waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

from agents import (
    Agent,
    InputGuardrailTripwireTriggered,
    OutputGuardrailTripwireTriggered,
    RunContextWrapper,
    Runner,
    RunState,
    Tool,
    TResponseInputItem,
)
from chatkit.actions import Action
from chatkit.errors import CustomStreamError
from chatkit.types import ThreadItemReplacedEvent, ThreadMetadata, ThreadStreamEvent, WidgetItem

from reference_server.answering import MOST_ROUNDS, RUN, Speech, show
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.gemini_compat.model import GeminiModel
from reference_server.settings import Settings
from reference_server.store import SqlStore
from reference_server.tools import all_tools
from reference_server.turn import Turn
from team_server import approval
from team_server.gatekeeper import TeamGatekeeper
from team_server.guards import NOT_ASKED, NOT_TOLD
from team_server.history import ThreadSession
from team_server.silence import Silence
from team_server.team import Plan, team
from team_server.thoughts import ThoughtfulSpeech

Input = list[TResponseInputItem] | RunState[Any, Any]
Begin = Callable[[Agent[Turn], RunContextWrapper[Turn]], Awaitable[Input]]
"""What a run begins with: messages, or a run that was stopped."""


class TeamChat(TaskChat):
    """The reference server's chat, answered by a team of agents."""

    def __init__(self, settings: Settings, store: SqlStore, tools: list[Tool] | None = None) -> None:
        super().__init__(settings, store, [*(all_tools() if tools is None else tools), approval.order_plant()])
        self._gatekeeper = TeamGatekeeper(store)

    async def action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Do what a button says: a decision lets the run go on that waits for it."""
        if action.type not in approval.DECISIONS or sender is None:
            async for event in super().action(thread, action, sender, context):
                yield event
            return
        state = await approval.claim(action, self.sql.database, context.user_id)
        if state is None:
            raise CustomStreamError("This was decided already.", allow_retry=False)
        yield ThreadItemReplacedEvent(item=approval.decided(sender, action.type))

        async def begin(agent: Agent[Turn], run: RunContextWrapper[Turn]) -> Input:
            return await approval.resumed(agent, state, action.type, run)

        async for event in self._run(begin, [], self._turn(thread, context), self._settings.gemini_model):
            yield event

    def _answered(
        self, history: list[TResponseInputItem], turn: Turn, model: str, tool: str | None
    ) -> AsyncIterator[ThreadStreamEvent]:
        async def begin(agent: Agent[Turn], run: RunContextWrapper[Turn]) -> Input:
            return history[-1:]

        return self._run(begin, history[:-1], turn, model, tool)

    def _run(
        self, begin: Begin, before: list[TResponseInputItem], turn: Turn, model: str, tool: str | None = None
    ) -> AsyncIterator[ThreadStreamEvent]:
        def start(speech: Speech, context: RunContextWrapper[Turn]) -> Callable[[], Awaitable[None]]:
            speaking, silent = (GeminiModel(model, self._gemini, heard) for heard in (speech, Silence()))
            agent = team(speaking, silent, self._tools, tool)
            session = ThreadSession(turn.thread.id, before)

            async def run() -> None:
                try:
                    result = await Runner.run(
                        agent,
                        await begin(agent, context),
                        session=session,
                        context=cast("Turn", context),
                        max_turns=MOST_ROUNDS,
                        run_config=RUN,
                    )
                except InputGuardrailTripwireTriggered as tripped:
                    speech.take_back()
                    raise CustomStreamError(NOT_ASKED, allow_retry=False) from tripped
                except OutputGuardrailTripwireTriggered as tripped:
                    speech.take_back()
                    raise CustomStreamError(NOT_TOLD, allow_retry=False) from tripped
                if result.interruptions:
                    await approval.ask(result, turn)
                elif isinstance(result.final_output, Plan):
                    speech.write(result.final_output.in_words())

            return run

        return show(start, turn, model, deadline_s=self._settings.turn_timeout, kind=ThoughtfulSpeech)
