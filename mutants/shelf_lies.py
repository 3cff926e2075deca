"""Ways to lose one's place on a shelf: pages that end too soon or begin anew, titles and retries that go astray."""

from __future__ import annotations

import copy
import html
from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any

from chatkit.types import Page, WidgetItem, WorkflowItem

from reference_server.store import SqlStore

from .answer_lies import pages
from .inside import Method, around, both
from .mutant import JSON, Event, Memory
from .promise_lies import changed, params
from .situations import AGAIN

USUAL = 20
"""Rows of a page where nobody says how many."""

SECONDS = 19
"""Characters of a time up to its second."""

# Pages


def ends_with_hidden(value: JSON, memory: Memory) -> JSON:
    """A page that has fewer rows than were asked for is the last: one from which a hidden row was taken, too."""
    if memory.request.get("type") not in ("threads.get_by_id", "items.list") or not isinstance(value, dict):
        return value
    value = copy.deepcopy(value)
    page = value.get("items", value)
    if isinstance(page.get("data"), list) and len(page["data"]) < (params(memory).get("limit") or USUAL):
        page |= {"has_more": False, "after": None}
    return value


def by_second(value: JSON, memory: Memory) -> JSON:
    """Behind a cursor come the rows of other seconds than its own."""
    known: dict[str, str] = memory.server.setdefault("times", {})
    cursor = known.get(str(params(memory).get("after")))
    for page in pages(value):
        known |= {str(row.get("id")): str(row.get("created_at"))[:SECONDS] for row in page["data"]}
    if cursor and isinstance(value, dict) and isinstance(value.get("data"), list):
        return {**value, "data": [row for row in value["data"] if str(row.get("created_at"))[:SECONDS] != cursor]}
    return value


def newest_behind(request: Event, memory: Memory) -> Event:
    """Behind the first page, lists are newest first."""
    given = request.get("params")
    if isinstance(given, dict) and given.get("after") and given.get("order"):
        return {**request, "params": {**given, "order": "desc"}}
    return request


def _anew(real: Method) -> Method:
    """A full page promises another, which is the first one again."""
    names = signature(real)

    async def instead(*args: Any, **more: Any) -> Page[Any]:
        given = names.bind(*args, **more)
        page: Page[Any] = await real(*given.args)
        if not page.data and given.arguments["after"] is not None:
            given.arguments["after"] = None
            page = await real(*given.args)
        full = page.data and len(page.data) == given.arguments["limit"]
        return page.model_copy(update={"has_more": True, "after": page.data[-1].id}) if full else page

    return instead


# Titles

TITLE = "threads.update"


def titled(how: Callable[[str], str]) -> Callable[[Event, Memory], Event]:
    """A title is changed before it is kept."""

    def change(given: dict[str, Any], memory: Memory) -> None:
        given["title"] = how(str(given.get("title")))

    return changed(TITLE, change)


def cut(text: str) -> str:
    """The first eighty characters."""
    return text[:80]


def escaped(text: str) -> str:
    """Written as HTML."""
    return html.escape(text, quote=False)


def first_title_listed(value: JSON, memory: Memory) -> JSON:
    """A list shows the title under which a thread was listed or read first."""
    first: dict[str, Any] = memory.server.setdefault("titles", {})
    if not isinstance(value, dict):
        return value
    if memory.request.get("type") == "threads.get_by_id" and value.get("title"):
        first.setdefault(str(value.get("id")), value["title"])
    if memory.request.get("type") != "threads.list" or not isinstance(value.get("data"), list):
        return value
    rows = [
        {**row, "title": first.setdefault(row["id"], row["title"])} if row.get("title") else row
        for row in value["data"]
    ]
    return {**value, "data": rows}


# Retries


def _work_spared(real: Method) -> Method:
    async def instead(self: SqlStore, thread_id: str, item_id: str, context: Any) -> None:
        page = await self.load_thread_items(thread_id, None, 500, "desc", context)
        if not any(item.id == item_id and isinstance(item, WidgetItem | WorkflowItem) for item in page.data):
            await real(self, thread_id, item_id, context)

    return instead


def in_another_thread(event: Event, memory: Memory) -> Iterable[Event]:
    """What a retry shows is said to belong to a new thread."""
    item = event.get("item")
    if memory.request.get("type") != AGAIN or not isinstance(item, dict):
        return (event,)
    return ({**event, "item": {**item, "thread_id": f"{item.get('thread_id')}-2"}},)


begin_anew = both(around(SqlStore, "load_thread_items", _anew), around(SqlStore, "load_threads", _anew))
spare_work = around(SqlStore, "delete_thread_item", _work_spared)
