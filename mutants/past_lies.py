"""More ways to tell the model less, or other things, than was said: in some rounds, some messages, some threads."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable
from typing import Any

from chatkit.types import AssistantMessageItem, SDKHiddenContextItem, UserMessageItem, WidgetItem, WorkflowItem

import reference_server.gemini_compat.history as history
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.store import SqlStore

from .history_lies import Items
from .inside import Method, around, both
from .instruction_lies import Change, Rows, is_later, with_rows
from .model_lies import messages, turn_start
from .mutant import Event

HURRY_S = 0.05
"""Seconds between two requests from which on they are in each other's way."""

# When the instructions are missing


def rounds_before(rows: Rows) -> int:
    """How many rounds of tools the current turn has had."""
    return sum(bool(m.get("tool_calls")) for m in rows[turn_start({"messages": rows}) :])


def after_two_rounds(rows: Rows) -> bool:
    """Whether two rounds of tools are over."""
    return rounds_before(rows) >= 2


def after_unanswered(rows: Rows) -> bool:
    """Whether an earlier message has no answer: two of the user's follow each other."""
    start = turn_start({"messages": rows})
    return any(rows[n - 1].get("role") == rows[n].get("role") == "user" for n in range(1, start + 1))


def with_quotation(rows: Rows) -> bool:
    """Whether the current message quotes something."""
    return bool(rows) and "The user refers to this:" in json.dumps(rows[turn_start({"messages": rows})])


def hurried() -> Callable[[Rows], bool]:
    """Whether another request was sent just before."""
    last = [0.0]

    def soon(rows: Rows) -> bool:
        before, last[0] = last[0], time.monotonic()
        return last[0] - before < HURRY_S

    return soon


def of_before() -> Callable[[Rows], bool]:
    """Whether the thread was begun before the start."""
    begun: set[str] = set()

    def old(rows: Rows) -> bool:
        first = json.dumps(next((m for m in rows if m.get("role") == "user"), None))
        if not is_later(rows):
            begun.add(first)
        return first not in begun

    return old


# What is left out or changed


def no_tools_on(when: Callable[[Rows], bool]) -> Change:
    """No tool is declared."""

    def change(body: Event) -> Event:
        gone = ("tools", "tool_choice", "parallel_tool_calls")
        return {k: v for k, v in body.items() if k not in gone} if when(messages(body)) else body

    return change


def first_picture_only(rows: Rows) -> Rows:
    """Of several pictures in a message the first is sent."""
    for m in rows:
        parts = m.get("content")
        if isinstance(parts, list):
            pictures = [part for part in parts if "image_url" in part]
            m["content"] = [part for part in parts if "image_url" not in part or part is pictures[0]]
    return rows


def quotation_cut(rows: Rows) -> Rows:
    """Of what is quoted the first twelve characters are sent."""
    for m in rows:
        if isinstance(m.get("content"), str):
            m["content"] = re.sub(r"(The user refers to this: .{12})[^\n]*", r"\1…", m["content"])
    return rows


def earlier_in_ascii(rows: Rows) -> Rows:
    """Letters of earlier answers that are not English become question marks."""
    for m in rows[: turn_start({"messages": rows})]:
        if m.get("role") == "assistant" and isinstance(m.get("content"), str):
            m["content"] = m["content"].encode("ascii", "replace").decode()
    return rows


def results_cut(limit: int) -> Callable[[Rows], Rows]:
    """Results of tools are cut."""

    def change(rows: Rows) -> Rows:
        for m in rows:
            if m.get("role") == "tool" and isinstance(m.get("content"), str):
                m["content"] = m["content"][:limit]
        return rows

    return change


def earlier_results_done(rows: Rows) -> Rows:
    """Of all rounds but the last it is only told that they are done."""
    rounds = [n for n, m in enumerate(rows) if m.get("tool_calls")]
    for m in rows[: rounds[-1]] if rounds else ():
        if m.get("role") == "tool":
            m["content"] = '{"ok": true}'
    return rows


def short_forgotten(rows: Rows) -> Rows:
    """Earlier messages of the user's of four words at most are left out."""
    start = turn_start({"messages": rows})
    return [
        m
        for n, m in enumerate(rows)
        if n >= start or m.get("role") != "user" or len(re.sub(r"\(ref \w+\)", "", str(m.get("content"))).split()) > 4
    ]


# Which items a history is made of: the newest first


def no_answer_after_tools(items: Items) -> Items:
    """An answer that came after a tool is left out."""
    shown = (WidgetItem, WorkflowItem)
    return [
        item
        for n, item in enumerate(items)
        if not (isinstance(item, AssistantMessageItem) and any(isinstance(i, shown) for i in items[n + 1 : n + 2]))
    ]


def no_left_question(items: Items) -> Items:
    """A message whose answer was left is left out, with the answer."""
    gone: set[int] = set()
    for n, item in enumerate(items):
        if isinstance(item, SDKHiddenContextItem):
            end = next((m for m in range(n, len(items)) if isinstance(items[m], UserMessageItem)), n)
            gone |= set(range(n, end + 1))
    return [item for n, item in enumerate(items) if n not in gone]


def no_old_files() -> Callable[[Items], Items]:
    """Files of messages from before the start are left out."""
    known: set[str] = set()

    def change(items: Items) -> Items:
        known.update(item.id for item in items[:1])
        return [
            item.model_copy(update={"attachments": []})
            if isinstance(item, UserMessageItem) and item.id not in known
            else item
            for item in items
        ]

    return change


_REMOVED: dict[str, list[str]] = {}


def _keeping(real: Method) -> Method:
    async def instead(self: SqlStore, thread_id: str, item_id: str, context: Any) -> None:
        page = await self.load_thread_items(thread_id, None, 200, "desc", context)
        for item in page.data:
            if item.id == item_id and isinstance(item, AssistantMessageItem):
                _REMOVED.setdefault(thread_id, []).append("".join(part.text for part in item.content))
        await real(self, thread_id, item_id, context)

    return instead


def _reminding(real: Method) -> Method:
    async def instead(self: HistoryConverter, items: Any) -> Any:
        made = await real(self, items)
        removed = _REMOVED.get(items[0].thread_id, []) if items else []
        return [*({"role": "assistant", "content": text} for text in removed if text.strip()), *made]

    return instead


remember_removed = both(
    around(SqlStore, "delete_thread_item", _keeping), around(HistoryConverter, "to_agent_input", _reminding)
)


def cut_files() -> None:
    """Text files are cut to their first thirty bytes."""
    # By name: the number is a constant, which nothing else needs to set.
    setattr(history, "_LONGEST_TEXT_FILE", 30)  # noqa: B010 - see above


def previous_thread() -> Change:
    """Each conversation is told the newest message of the one that was answered before."""
    last: list[dict[str, Any]] = []

    def change(rows: Rows) -> Rows:
        start = turn_start({"messages": rows})
        mine = copy.deepcopy(rows[start]) if rows else {}
        told = [*rows[:start], *(m for m in last if m != mine and not is_later(rows)), *rows[start:]]
        last[:] = [mine] if mine else []
        return told

    return with_rows(change)
