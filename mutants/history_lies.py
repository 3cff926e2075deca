"""Ways to tell the model the past wrongly: windows on the wrong end, calls without results, answers left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatkit.types import AssistantMessageItem, Page, SDKHiddenContextItem, WidgetItem, WorkflowItem

from reference_server.store import SqlStore

from .inside import Method, around
from .instruction_lies import Rows, is_later
from .model_lies import turn_start
from .mutant import Patch

WHOLE = 500
"""Items that the reference server asks its store for when it makes a history."""

LONG = 1500
"""Characters of a message that `shortened` leaves."""

Items = list[Any]
"""The newest first, as the server loads them."""


def made_of(how: Callable[[Items], Items]) -> Patch:
    """Change the items of which a history is made; whoever else reads them reads what there is."""

    def wrap(real: Method) -> Method:
        async def instead(
            self: SqlStore, thread_id: str, after: str | None, limit: int, order: str, context: Any
        ) -> Page[Any]:
            page: Page[Any] = await real(self, thread_id, after, limit, order, context)
            whole = limit == WHOLE and order == "desc" and after is None
            return page.model_copy(update={"data": how(page.data)}) if whole else page

        return instead

    return around(SqlStore, "load_thread_items", wrap)


def oldest(count: int) -> Callable[[Items], Items]:
    """Of a long thread the oldest items are sent."""
    return lambda items: items[-count:]


def without(*types: type) -> Callable[[Items], Items]:
    """Items of these types are not sent."""
    return lambda items: [item for item in items if not isinstance(item, types)]


ANSWERS = (AssistantMessageItem,)
WORK = (WidgetItem, WorkflowItem)
STOPS = (SDKHiddenContextItem,)


def without_first(items: Items) -> Items:
    """The message that began the thread is not sent once there is another."""
    return items[:-1] if len(items) > 2 else items


def without_partial(items: Items) -> Items:
    """An answer that the user broke off is not sent."""
    stopped = {n + 1 for n, item in enumerate(items) if isinstance(item, SDKHiddenContextItem)}
    return [item for n, item in enumerate(items) if n not in stopped or not isinstance(item, AssistantMessageItem)]


def since_start() -> Patch:
    """Only what was said since the server's start is sent."""
    known: set[str] = set()

    def saving(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, item: Any, *args: Any, **more: Any) -> None:
            known.add(item.id)
            await real(self, thread_id, item, *args, **more)

        return instead

    def patch() -> None:
        around(SqlStore, "save_item", saving)()
        made_of(lambda items: [item for item in items if item.id in known])()

    return patch


# In the request itself


def answers_doubled(rows: Rows) -> Rows:
    """Each earlier answer is sent two times."""
    start = turn_start({"messages": rows})
    made: Rows = []
    for n, m in enumerate(rows):
        made.append(m)
        if n < start and m.get("role") == "assistant" and not m.get("tool_calls"):
            made.append(dict(m))
    return made


def all_doubled(rows: Rows) -> Rows:
    """The whole past is sent two times."""
    start = turn_start({"messages": rows})
    past = [m for m in rows[:start] if m.get("role") != "system"]
    return [*rows[:start], *past, *rows[start:]]


def answer_before_question(rows: Rows) -> Rows:
    """Each earlier answer stands before what it answers."""
    start = turn_start({"messages": rows})
    for n in range(1, start):
        if rows[n].get("role") == "assistant" and rows[n - 1].get("role") == "user":
            rows[n - 1], rows[n] = rows[n], rows[n - 1]
    return rows


def first_call_cut(rows: Rows) -> Rows:
    """When tools were used in two rounds, the first call is cut off from its result."""
    rounds = [n for n, m in enumerate(rows) if m.get("tool_calls")]
    return [m for n, m in enumerate(rows) if len(rounds) < 2 or n != rounds[0]]


def first_round_cut(rows: Rows) -> Rows:
    """When tools were used in three rounds, the first is not sent any more."""
    rounds = [n for n, m in enumerate(rows) if m.get("tool_calls")]
    if len(rounds) < 3:
        return rows
    return rows[: rounds[0]] + rows[rounds[1] :]


def text_before_call_lost(rows: Rows) -> Rows:
    """What the model said before it called a tool is not sent back."""
    return [{**m, "content": None} if m.get("tool_calls") else m for m in rows]


def question_lost_after_tool(rows: Rows) -> Rows:
    """The user's message is not sent once its tools have run."""
    start = turn_start({"messages": rows})
    if not rows or rows[-1].get("role") != "tool" or not is_later(rows):
        return rows
    return rows[:start] + rows[start + 1 :]


def shortened(rows: Rows) -> Rows:
    """Of long earlier messages the start is sent."""
    for m in rows[: turn_start({"messages": rows})]:
        if m.get("role") != "system" and isinstance(m.get("content"), str):
            m["content"] = m["content"][:LONG]
    return rows
