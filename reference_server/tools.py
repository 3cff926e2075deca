"""The verbs as tools of the Agents SDK: arguments checked, time bounded, every outcome visible, no traceback ever."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from agents import FunctionTool, Tool
from agents.tool_context import ToolContext
from chatkit.icons import IconName
from chatkit.types import (
    CustomSummary,
    CustomTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    WidgetItem,
    Workflow,
    WorkflowItem,
    WorkflowTaskUpdated,
)
from pydantic import ValidationError

from reference_server.tasks.arguments import schema_of, wrong_arguments
from reference_server.tasks.verbs import VERBS, Outcome, Verb, why_not
from reference_server.turn import Turn, now

_LOG = logging.getLogger("reference_server.tools")

DURING = {verb.name: verb.during for verb in VERBS}
_DRAWING = frozenset(verb.name for verb in VERBS if verb.draws)


Run = Callable[[Turn, str], Awaitable[Outcome]]
"""Does what a tool does: the turn and the arguments as JSON in, the outcome out."""


def all_tools() -> list[Tool]:
    """The seven tools."""
    return [made_tool(verb.name, verb.description, schema_of(verb.arguments), _runner(verb)) for verb in VERBS]


def _runner(verb: Verb) -> Run:
    async def run(turn: Turn, arguments: str) -> Outcome:
        return await verb.run(turn.tasks, verb.arguments.model_validate_json(arguments or "{}"))

    return run


def made_tool(name: str, description: str, schema: dict[str, Any], run: Run) -> FunctionTool:
    """A tool of the Agents SDK around what does the work: bounded in time, and shown to the user."""

    async def invoke(context: ToolContext[Any], arguments: str) -> str:
        return await _invoke(name, run, context.context, arguments)

    return FunctionTool(
        name=name,
        description=description,
        params_json_schema=schema,
        on_invoke_tool=invoke,
        strict_json_schema=False,
    )


async def _invoke(name: str, run: Run, turn: Turn, arguments: str) -> str:
    display = None if name in _DRAWING else _Display(turn, name)
    failure: str | None = None
    outcome: Outcome | None = None
    try:
        async with asyncio.timeout(turn.tool_timeout_s):
            outcome = await run(turn, arguments)
    except TimeoutError:
        failure = f"{name} took longer than {turn.tool_timeout_s:g} s and was stopped"
    except ValidationError as refusal:
        failure = wrong_arguments(name, refusal)
    except Exception as error:
        failure = why_not(error)
        if failure is None:
            _LOG.exception("%s failed", name)
            failure = f"{name} failed inside the server; nothing else is known"
    if outcome is None:
        _LOG.info("%s: %s", name, failure)
        (display or _Display(turn, name)).end("Not done", failure, icon="info")
        return json.dumps({"error": failure}, ensure_ascii=False)
    if outcome.widget is not None:
        _show_widget(turn, outcome)
    if display is not None:
        display.end(outcome.line, outcome.detail, icon="check-circle")
    return json.dumps(outcome.data, ensure_ascii=False)


def _show_widget(turn: Turn, outcome: Outcome) -> None:
    assert outcome.widget is not None
    turn.show(
        ThreadItemDoneEvent(
            item=WidgetItem(
                id=turn.new_id("message"),
                thread_id=turn.thread.id,
                created_at=now(),
                widget=outcome.widget,
                copy_text=outcome.line,
            )
        )
    )


class _Display:
    """A workflow item of one step: there from the moment the tool starts, complete when it ends.

    Each call has its own item and every event its own copy: ChatKit's AgentContext shares one workflow between all
    tools of a run, and side by side they would write into each other's.
    """

    def __init__(self, turn: Turn, name: str) -> None:
        self._turn = turn
        self._item = WorkflowItem(
            id=turn.new_id("workflow"),
            thread_id=turn.thread.id,
            created_at=now(),
            workflow=Workflow(
                type="custom", tasks=[CustomTask(title=DURING.get(name, f"Using {name}"), status_indicator="loading")]
            ),
        )
        self._ended = False
        turn.steps.append(self)
        turn.show(ThreadItemAddedEvent(item=self._item.model_copy(deep=True)))

    def stop(self) -> None:
        """The turn is over before the tool is."""
        self.end("Not done", None, icon="info")

    def end(self, title: str, detail: str | None, *, icon: IconName) -> None:
        """Say what came of it; only the first word counts."""
        if self._ended:
            return
        self._ended = True
        step = CustomTask(title=title, content=detail, icon=icon, status_indicator="complete")
        self._turn.show(
            ThreadItemUpdatedEvent(
                item_id=self._item.id, update=WorkflowTaskUpdated(task_index=0, task=step.model_copy())
            )
        )
        workflow = Workflow(type="custom", tasks=[step], summary=CustomSummary(title=title, icon=icon))
        self._turn.show(ThreadItemDoneEvent(item=self._item.model_copy(update={"workflow": workflow})))
