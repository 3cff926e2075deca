"""What goes wrong with a team of agents: handoffs, guardrails, sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from agents import Agent, FunctionTool, Handoff, Model, Tool, TResponseInputItem, handoff
from agents.extensions.handoff_filters import remove_all_tools

import team_server.chat as chat
import team_server.guards as guards
from reference_server.answering import Speech
from reference_server.app import Web
from reference_server.store import SqlStore
from reference_server.turn import Turn
from team_server.history import ThreadSession
from team_server.team import Plan
from team_server.thoughts import ThoughtfulSpeech

from .mutant import Event, Memory, Patch
from .turn_lies import Mark

Team = Agent[Turn]


def install() -> None:
    """The team, in the place of the reference server's one agent."""
    Web.kind = chat.TeamChat


def with_team(change: Callable[[Team, Model], Team]) -> Patch:
    """The team, its front desk changed; `change` gets the model that only the run hears, too."""

    def patch() -> None:
        install()
        kept = vars(chat)
        real = kept["team"]

        def instead(speaking: Model, silent: Model, tools: Sequence[Tool], choice: str | None = None) -> Team:
            return change(real(speaking, silent, tools, choice), silent)

        kept["team"] = instead

    return patch


def gardener_of(desk: Team) -> Team:
    """The agent that is handed over to first."""
    gardener = desk.handoffs[0]
    assert not isinstance(gardener, Handoff)
    return gardener


def in_name_only(desk: Team, silent: Model) -> Team:
    """Who is handed over to is the front desk under another name."""
    other = replace(gardener_of(desk), instructions=desk.instructions, tools=desk.tools, handoffs=desk.handoffs)
    return replace(desk, handoffs=[other, *desk.handoffs[1:]])


def unheard(desk: Team, silent: Model) -> Team:
    """Nobody hears what the other agent says."""
    return replace(desk, handoffs=[replace(gardener_of(desk), model=silent), *desk.handoffs[1:]])


def without_calls(desk: Team, silent: Model) -> Team:
    """The other agent is not told of calls and results."""
    bare = handoff(gardener_of(desk), input_filter=remove_all_tools)
    return replace(desk, handoffs=[bare, *desk.handoffs[1:]])


def nested_history() -> None:
    """The other agent is told the conversation as one summary."""
    install()
    kept = vars(chat)
    kept["RUN"] = replace(kept["RUN"], nest_handoff_history=True)


def after_call(tool: str) -> Mark:
    """Turns after one that shows the call of this tool are dead."""
    return lambda event, memory, state: event.get("type") == "progress_update" and tool in str(event.get("text"))


def mute_translator(desk: Team, silent: Model) -> Team:
    """What the agent that is a tool answers is lost."""

    async def nothing(context: Any, arguments: str) -> str:
        await real(context, arguments)
        return "Done."

    *others, translate = desk.tools
    assert isinstance(translate, FunctionTool)
    real = translate.on_invoke_tool
    return replace(desk, tools=[*others, replace(translate, on_invoke_tool=nothing)])


def ends_with_tools(desk: Team, silent: Model) -> Team:
    """The turn ends with the result of a tool."""
    return replace(desk, tool_use_behavior="stop_on_first_tool")


def planner_speaks(desk: Team, silent: Model) -> Team:
    """The planner's JSON is shown as it comes."""
    gardener, planner = desk.handoffs
    assert isinstance(planner, Agent)
    return replace(desk, handoffs=[gardener, replace(planner, model=desk.model)])


def planner_with_tools(desk: Team, silent: Model) -> Team:
    """The planner has the front desk's tools."""
    gardener, planner = desk.handoffs
    assert isinstance(planner, Agent)
    return replace(desk, handoffs=[gardener, replace(planner, tools=desk.tools)])


def plan_unshown() -> None:
    """Of a plan, nothing but that it was made is shown."""
    install()

    def instead(self: Plan) -> str:
        return "The plan is made."

    setattr(Plan, "in_words", instead)  # noqa: B010 - one method of somebody else's class


def without_schema(body: Event) -> Event:
    """The model is not told the schema of the answer."""
    return {key: value for key, value in body.items() if key != "response_format"}


def asleep() -> None:
    """The guards let everything pass."""
    install()
    vars(guards)["UNSPOKEN"] = "words that nobody says"


def undeleted() -> None:
    """What is removed from the screen stays in the store."""
    install()

    async def instead(self: SqlStore, *args: Any, **more: Any) -> None:
        return None

    setattr(SqlStore, "delete_thread_item", instead)  # noqa: B010 - one method of somebody else's class


def error_dropped(event: Event, memory: Memory) -> Iterable[Event]:
    """No error is told."""
    return () if event.get("type") == "error" else (event,)


class Twice(ThreadSession):
    """A session beside a history: both tell everything."""

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """What was said, twice."""
        return [*self._items, *self._items]


class Remembering(ThreadSession):
    """A session that keeps what was said, whatever becomes of it in the thread."""

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """What the thread holds, and what it does not hold any more."""
        there = str(self._items)
        gone = [text for text in _SAID.get(self.session_id, ()) if text not in there]
        return [*self._items, *({"role": "assistant", "content": text} for text in gone)]  # type: ignore[list-item]  # a plain message


_SAID: dict[str, list[str]] = {}


def with_session(kind: type[ThreadSession]) -> Patch:
    """The team with another session."""

    def patch() -> None:
        install()
        vars(chat)["ThreadSession"] = kind
        real = Speech.write

        def instead(self: Speech, text: str) -> None:
            real(self, text)
            said = _SAID.setdefault(self._turn.thread.id, [])
            begun = "".join(self._text)
            if said and begun.startswith(said[-1]):
                said.pop()
            said.append(begun)

        setattr(Speech, "write", instead)  # noqa: B010 - one method of somebody else's class

    return patch


def thoughts_undone() -> None:
    """A thought is shown, and not kept."""
    install()

    def instead(self: ThoughtfulSpeech) -> None:
        self._shown = None

    setattr(ThoughtfulSpeech, "_close", instead)  # noqa: B010 - one method of somebody else's class


def thoughts_as_steps(event: Event) -> None:
    """A thought is a step like any other."""
    event["item"]["workflow"]["type"] = "custom"


def is_thought(event: Event) -> bool:
    """Whether an event carries a workflow of thoughts."""
    item = event.get("item") or {}
    return item.get("type") == "workflow" and item["workflow"]["type"] == "reasoning"
