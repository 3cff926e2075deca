"""The showcase: the reference server with tools of its own, put in place before the server is made."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from agents import Agent, FunctionTool, StopAtTools, Tool, TResponseInputItem
from agents.tool_context import ToolContext
from chatkit.types import ClientToolCallItem, GeneratedImageItem, StructuredInputItem

import reference_server.chat as chat
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.tools import all_tools
from reference_server.turn import Turn

from . import shown

SIGNATURE = "skip_thought_signature_validator"
"""What Google's documentation says to send where a call's own signature is not kept: ChatKit's item has no place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """One tool: what it shows, and whether the turn ends with it."""

    name: str
    description: str
    run: Callable[[Turn, str, dict[str, Any]], Awaitable[str]]
    ends: bool = False


SHOWS = (
    Show(
        name="pick_color_in_browser",
        description="Let the user's browser pick a colour.",
        run=shown.call_browser,
        ends=True,
    ),
    Show(name="ask_questions", description="Ask the user three questions in a form.", run=shown.ask, ends=True),
    Show(name="cite_sources", description="Say what the weather is, with sources.", run=shown.cite),
    Show(name="draw_picture", description="Draw a picture.", run=shown.draw),
    Show(name="lock_conversation", description="Lock the conversation.", run=shown.lock),
    Show(name="write_widget", description="Write a card.", run=shown.write_widget),
)

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"wish": {"type": "string", "description": "In words."}}}


def tools() -> list[Tool]:
    """The seven tools, and those of the showcase."""
    return [*all_tools(), *map(_tool, SHOWS)]


def _tool(show: Show) -> FunctionTool:
    async def invoke(context: ToolContext[Any], arguments: str) -> str:
        return await show.run(context.context, context.tool_call_id, json.loads(arguments or "{}"))

    return FunctionTool(
        name=show.name,
        description=show.description,
        params_json_schema=SCHEMA,
        on_invoke_tool=invoke,
        strict_json_schema=False,
    )


class History(HistoryConverter):
    """What was said, the answers of browsers and of forms in it."""

    async def client_tool_call_to_input(self, item: ClientToolCallItem) -> Any:
        """The call with its output; a pending one is left out, since the model may not see a call alone."""
        made: Any = await super().client_tool_call_to_input(item)
        if made:
            made[0]["provider_data"] = {"thought_signature": SIGNATURE}
        return made

    async def structured_input_to_input(self, item: StructuredInputItem) -> list[TResponseInputItem]:
        """Questions and answers in plain words."""
        rows = []
        for question in item.inputs:
            answer = question.answer
            said = "not answered" if answer is None or answer.skipped else ", ".join(answer.values)
            rows.append(f"{question.question} {said}")
        return [{"role": "user", "content": "(The user was asked: " + "; ".join(rows) + ")"}]

    async def generated_image_to_input(self, item: GeneratedImageItem) -> list[TResponseInputItem]:
        """A picture by its address."""
        return [{"role": "user", "content": f"(Shown to the user: {item.image.url if item.image else 'a picture'})"}]


def install(history: type[History] = History, *, stops: bool = True) -> None:
    """Make the reference server a showcase; call it before the server is made.

    Args:
        history: what tells the model of the past. stops: whether a turn ends where it waits for the user.
    """
    real = chat.TaskChat._agent

    def agent(self: chat.TaskChat, *args: Any) -> Agent[Turn]:
        made = real(self, *args)
        waiting = [show.name for show in SHOWS if show.ends]
        return replace(made, tool_use_behavior=StopAtTools(stop_at_tool_names=waiting)) if stops else made

    # By name: the reference server has no seam for this, and needs none.
    setattr(chat, "all_tools", tools)  # noqa: B010 - see above
    setattr(chat, "HistoryConverter", history)  # noqa: B010 - see above
    setattr(chat.TaskChat, "_agent", agent)  # noqa: B010 - see above
