"""What goes wrong with a tool that takes the user's yes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agents import FunctionTool, RunResult
from chatkit.widgets import WidgetRoot
from sqlalchemy import text

import team_server.approval as approval
from reference_server.turn import Turn

from .mutant import Event, Memory
from .team_lies import install

PRESS = "threads.custom_action"


def unasked() -> None:
    """The tool runs like any other."""
    install()
    kept = vars(approval)
    real = kept["order_plant"]

    def instead() -> FunctionTool:
        made: FunctionTool = real()
        made.needs_approval = False
        return made

    kept["order_plant"] = instead


def unclaimed() -> None:
    """Each press decides anew."""
    install()

    async def anything(*args: Any) -> None:
        return None

    vars(approval)["_CLAIM"] = text("UPDATE approvals SET decided = TRUE WHERE owner = :owner AND id = :id")
    vars(approval)["check"] = anything


def refusal_approves() -> None:
    """Both buttons say yes."""
    install()
    vars(approval)["REFUSE"] = approval.APPROVE
    kept = vars(approval)
    real = kept["resumed"]

    async def instead(agent: Any, state: dict[str, Any], decision: str, context: Any) -> Any:
        return await real(agent, state, approval.APPROVE, context)

    kept["resumed"] = instead


def in_memory() -> None:
    """What waits is known to the process alone."""
    install()
    kept = vars(approval)
    ask, claim = kept["ask"], kept["claim"]
    waiting: set[str] = set()

    async def asked(result: RunResult, turn: Turn) -> None:
        waiting.add(turn.context.user_id)
        await ask(result, turn)

    async def claimed(action: Any, database: Any, user_id: str) -> dict[str, Any] | None:
        state: dict[str, Any] | None = await claim(action, database, user_id)
        return state if user_id in waiting else None

    kept.update(ask=asked, claim=claimed)


def forgotten() -> None:
    """A decision is taken, and nothing follows from it."""
    install()
    kept = vars(approval)
    real = kept["resumed"]

    async def instead(agent: Any, state: dict[str, Any], decision: str, context: Any) -> Any:
        await real(agent, state, decision, context)
        return "The user has decided."

    kept["resumed"] = instead


def unshown() -> None:
    """A run that waits shows nothing."""
    install()

    async def instead(result: RunResult, turn: Turn) -> None:
        return None

    vars(approval)["ask"] = instead


def yes_and_no() -> None:
    """The buttons say Yes and No."""
    install()
    kept = vars(approval)
    real = kept["_root"]

    def instead(children: list[dict[str, Any]]) -> WidgetRoot:
        for child in children:
            for button in child.get("children", ()):
                button["label"] = {"Approve": "Yes, order it", "Refuse": "No"}[button["label"]]
        made: WidgetRoot = real(children)
        return made

    kept["_root"] = instead


def after_decision(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """Turns after a decision are dead."""
    return memory.request.get("type") == PRESS


def unanswered(event: Event, memory: Memory) -> Iterable[Event]:
    """Nothing is said after a decision."""
    said = str(event.get("item", {}).get("type")) == "assistant_message" or "update" in event
    return () if memory.request.get("type") == PRESS and said else (event,)
