"""A tool that waits for the user's yes: the run stops before it, is kept, and goes on when a button is pressed.

The kept run is the Agents SDK's own state, in the database, so that a restart does not lose it. Whoever presses first
takes it: the row is claimed in one statement, so two presses run the tool once.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from agents import FunctionTool, RunContextWrapper, RunResult, RunState
from chatkit.actions import Action, ActionConfig
from chatkit.types import ThreadItemDoneEvent, WidgetItem
from chatkit.widgets import DynamicWidgetRoot, WidgetRoot
from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, Table, Text, text

from reference_server.database import Database
from reference_server.refusal import Refusal
from reference_server.schema import METADATA
from reference_server.stored_text import key
from reference_server.tasks.arguments import Arguments, schema_of
from reference_server.tasks.verbs import Outcome
from reference_server.tools import made_tool
from reference_server.turn import Turn, now

APPROVE = "approval.approve"
REFUSE = "approval.refuse"
DECISIONS = {APPROVE: "Approved", REFUSE: "Refused"}

Table(
    "approvals",
    METADATA,
    Column("owner", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided", Boolean, nullable=False),
    PrimaryKeyConstraint("owner", "id"),
)
_KEEP = text("INSERT INTO approvals (owner, id, state, decided) VALUES (:owner, :id, :state, FALSE)")
_CLAIM = text("UPDATE approvals SET decided = TRUE WHERE owner = :owner AND id = :id AND decided = FALSE")
_READ = text("SELECT state, decided FROM approvals WHERE owner = :owner AND id = :id")


class Order(Arguments):
    """What to order."""

    title: str


def order_plant() -> FunctionTool:
    """The tool that takes the user's yes."""

    async def run(turn: Turn, arguments: str) -> Outcome:
        task = await turn.tasks.add(title=Order.model_validate_json(arguments or "{}").title)
        return Outcome(data={"ordered": task.title, "task_id": task.id}, line=f"Ordered {task.title}")

    made = made_tool("order_plant", "Order a plant. It costs money: the user is asked first.", schema_of(Order), run)
    made.needs_approval = True
    return made


async def ask(result: RunResult, turn: Turn) -> None:
    """Keep a run that stopped, and show what it waits for."""
    identifier = f"approval_{uuid.uuid4().hex}"
    state = json.dumps(result.to_state().to_json(context_serializer=lambda _: {}))
    row = {"owner": key(turn.context.user_id), "id": key(identifier), "state": state}
    await turn.store.database.execute(_KEEP, row)
    question = "; ".join(f"{item.tool_name} {item.arguments}" for item in result.interruptions)
    item = WidgetItem(
        id=turn.new_id("message"),
        thread_id=turn.thread.id,
        created_at=now(),
        widget=_card(question, identifier),
        copy_text=f"Waits for the user's approval: {question}",
    )
    turn.show(ThreadItemDoneEvent(item=item))


def decided(sender: WidgetItem, decision: str) -> WidgetItem:
    """The card without its buttons."""
    words = DECISIONS[decision]
    said = f"{words}: {(sender.copy_text or '').partition(': ')[2]}"
    card = _root([{"type": "Text", "value": said}])
    return sender.model_copy(update={"widget": card, "copy_text": said})


async def check(action: Action[str, Any], database: Database, user_id: str) -> None:
    """Raise Refusal where the action decides nothing that waits."""
    row = await database.rows(_READ, _row(action, user_id))
    if not row:
        raise Refusal(404, "no_approval", "nothing of this id waits for an approval")
    if row[0].decided:
        raise Refusal(409, "already_decided", "this was decided already")


async def claim(action: Action[str, Any], database: Database, user_id: str) -> dict[str, Any] | None:
    """The state of the run that waits, for whoever comes first; None for everybody else."""
    row = _row(action, user_id)
    if not await database.execute(_CLAIM, row):
        return None
    state: dict[str, Any] = json.loads((await database.rows(_READ, row))[0].state)
    return state


async def resumed(
    agent: Any, state: dict[str, Any], decision: str, context: RunContextWrapper[Turn]
) -> RunState[Any, Any]:
    """The run as it stopped, with the decision."""
    run = await RunState.from_json(agent, state, context_override=context)
    for item in run.get_interruptions():
        if decision == APPROVE:
            run.approve(item)
        else:
            run.reject(item)
    return run


def _row(action: Action[str, Any], user_id: str) -> dict[str, str]:
    identifier = action.payload.get("id") if isinstance(action.payload, dict) else None
    if not isinstance(identifier, str):
        raise Refusal(422, "invalid_action", f"the payload of {action.type} needs an id")
    return {"owner": key(user_id), "id": key(identifier)}


def _card(question: str, identifier: str) -> WidgetRoot:
    buttons = [
        {"type": "Button", "label": label, "style": style, "onClickAction": _action(kind, identifier)}
        for label, style, kind in (("Approve", "primary", APPROVE), ("Refuse", "secondary", REFUSE))
    ]
    return _root([{"type": "Text", "value": question}, {"type": "Row", "gap": 2, "children": buttons}])


def _action(kind: str, identifier: str) -> dict[str, Any]:
    return ActionConfig(type=kind, payload={"id": identifier}).model_dump()


def _root(children: list[dict[str, Any]]) -> WidgetRoot:
    return DynamicWidgetRoot.model_validate({"type": "Card", "size": "sm", "children": children})
