"""Swedish, on bare asyncio: thinks aloud first, draws what tools found as widgets, parts long answers in messages.

One JSON document per thread; routes by hand, as in Go; two credentials: who you are, and for which organisation.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import secrets
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from odd_servers.alone.tanke_model import Asker, ModelFailed

JSON = Any
HOME = Path(os.environ["DATABASE_URL"].partition(":///")[2]).with_suffix(".dokument")
MOST_BODY, PAGE, ROUNDS, PARTS_AT = 2_000_000, 25, 12, 1200


class No(Exception):
    """A request that is refused, with its status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def now() -> str:
    return datetime.now(UTC).isoformat()


def made_id(kind: str) -> str:
    return f"{kind}-{secrets.token_urlsafe(9)}"


class Shelf:
    """Threads of one tenant and user, each a document in a file of its own."""

    def __init__(self, owner: str) -> None:
        self.folder = HOME / hashlib.sha256(owner.encode()).hexdigest()[:24]
        self.folder.mkdir(parents=True, exist_ok=True)

    def file(self, id: str) -> Path:
        return self.folder / (hashlib.sha256(id.encode("utf-8", "replace")).hexdigest()[:32] + ".json")

    def get(self, id: Any) -> JSON:
        if not isinstance(id, str):
            raise No(422)
        try:
            return json.loads(self.file(id).read_text())
        except FileNotFoundError:
            raise No(404) from None

    def put(self, doc: JSON) -> None:
        new = self.file(doc["id"]).with_suffix(".new")
        new.write_text(json.dumps(doc))
        new.replace(self.file(doc["id"]))

    def drop(self, id: str) -> None:
        self.get(id)
        self.file(id).unlink()

    def all(self) -> list[JSON]:
        docs = [json.loads(path.read_text()) for path in self.folder.glob("*.json") if path.stem != "uppgifter"]
        return sorted(docs, key=lambda doc: doc["n"])

    def tasks(self) -> JSON:
        path = self.folder / "uppgifter.json"
        return json.loads(path.read_text()) if path.exists() else {"nästa": 1, "rader": []}

    def put_tasks(self, tasks: JSON) -> None:
        path = self.folder / "uppgifter.json"
        path.with_suffix(".new").write_text(json.dumps(tasks))
        path.with_suffix(".new").replace(path)


def public(doc: JSON, rows: list[JSON] | None = None) -> JSON:
    items = page(doc["items"] if rows is None else rows, {"limit": 50, "order": "asc"})
    return {
        **{k: doc[k] for k in ("id", "created_at", "title")},
        "status": {"type": "active"},
        "metadata": {},
        "items": items,
    }


def page(rows: list[JSON], given: JSON) -> JSON:
    limit, order, after = given.get("limit"), given.get("order") or "desc", given.get("after")
    if order not in ("asc", "desc") or (limit is not None and (type(limit) is not int or limit < 1)):
        raise No(422)
    rows = rows if order == "asc" else rows[::-1]
    if after is not None:
        try:
            mark = base64.urlsafe_b64decode(after.encode()).decode()
        except (ValueError, AttributeError):
            raise No(422) from None
        places = [n for n, row in enumerate(rows) if row["id"] == mark]
        if not places:
            raise No(422)
        rows = rows[places[0] + 1 :]
    size = min(limit or PAGE, 100)
    cut = rows[:size]
    more = len(rows) > size
    last = base64.urlsafe_b64encode(cut[-1]["id"].encode()).decode() if more else None
    return {"data": cut, "has_more": more, "after": last}


def tool(name: str, says: str, **properties: JSON) -> JSON:
    needed = [key for key, value in properties.items() if not value.pop("fritt", False)]
    schema = {"type": "object", "properties": properties, "required": needed}
    return {"type": "function", "function": {"name": name, "description": says, "parameters": schema}}


TEXT, NR, YES = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
TOOLS = [
    tool("add_errand", "Create a task.", title={**TEXT}, description={**TEXT, "fritt": True}),
    tool("list_errands", "List the tasks."),
    tool(
        "edit_errand", "Update a task.", id={**NR}, title={**TEXT, "fritt": True}, description={**TEXT, "fritt": True}
    ),
    tool("drop_errand", "Delete a task.", id={**NR}),
    tool("finish_errand", "Complete a task.", id={**NR}),
    tool("finish_all_errands", "Complete all tasks, if confirmed.", confirm={**YES}),
    tool("drop_all_errands", "Delete all tasks, if confirmed.", confirm={**YES}),
]


def run_tool(shelf: Shelf, name: str, words: str) -> JSON:
    try:
        given = json.loads(words)
    except ValueError:
        return {"error": "the arguments are no JSON"}
    if not isinstance(given, dict):
        return {"error": "the arguments are no object"}
    book = shelf.tasks()
    rows = book["rader"]
    row = next((r for r in rows if r["id"] == given.get("id") and type(given.get("id")) is int), None)
    for key in ("title", "description"):
        if key in given and not isinstance(given[key], str):
            return {"error": f"{key} must be a text"}
    if name == "add_errand":
        if not given.get("title"):
            return {"error": "title is missing"}
        row = {"id": book["nästa"], "title": given["title"], "description": given.get("description", ""), "done": False}
        book["nästa"] += 1
        rows.append(row)
    elif name == "list_errands":
        return {"errands": rows}
    elif name in ("finish_all_errands", "drop_all_errands"):
        if given.get("confirm") is not True:
            return {"error": "not confirmed: nothing was changed"}
        for each in rows:
            each["done"] = True
        if name == "drop_all_errands":
            rows.clear()
        row = {"changed": "all"}
    elif name not in {t["function"]["name"] for t in TOOLS}:
        return {"error": f"there is no tool {name}"}
    elif row is None:
        return {"error": f"there is no errand {given.get('id')!r}"}
    elif name == "edit_errand":
        row.update({k: given[k] for k in ("title", "description") if k in given})
    elif name == "finish_errand":
        row["done"] = True
    else:
        rows.remove(row)
    shelf.put_tasks(book)
    return row


def history(doc: JSON) -> list[JSON]:
    made: list[JSON] = [{"role": "system", "content": "You keep errands. Answer briefly."}]
    for item in doc["items"]:
        if item["type"] == "user_message":
            said = "".join(part["text"] for part in item["content"])
            quoted = f"> {item['quoted_text']}\n\n" if item.get("quoted_text") else ""
            made.append({"role": "user", "content": quoted + said})
        elif item["type"] == "assistant_message":
            made.append({"role": "assistant", "content": item["content"][0]["text"]})
    return made


def user_item(doc: JSON, given: JSON) -> JSON:
    given = given.get("input")
    if not isinstance(given, dict) or not isinstance(given.get("content"), list):
        raise No(422)
    for part in given["content"]:
        if not isinstance(part, dict) or part.get("type") not in ("input_text", "input_tag"):
            raise No(422)
        if not isinstance(part.get("text"), str):
            raise No(422)
    if given.get("attachments") or not isinstance(given.get("quoted_text", ""), str | None):
        raise No(422)
    options = given.get("inference_options") or {}
    if not isinstance(options, dict):
        raise No(422)
    return {
        "id": made_id("du"),
        "thread_id": doc["id"],
        "created_at": now(),
        "type": "user_message",
        "content": given["content"],
        "attachments": [],
        "quoted_text": given.get("quoted_text"),
        "inference_options": {k: v for k, v in options.items() if k in ("model", "tool_choice")},
    }


class Turn:
    """One answer: writes events to a queue, and keeps what is whole in the thread's document."""

    def __init__(self, shelf: Shelf, doc: JSON, client: httpx.AsyncClient) -> None:
        self.shelf, self.id, self.client = shelf, doc["id"], client
        self.open: JSON = None
        self.thinking: JSON = None
        self.began = time.monotonic()

    def item(self, type: str, **more: JSON) -> JSON:
        return {"id": made_id("ai"), "thread_id": self.id, "created_at": now(), "type": type, **more}

    def keep(self, item: JSON) -> JSON:
        with contextlib.suppress(No):
            doc = self.shelf.get(self.id)
            doc["items"].append(item)
            self.shelf.put(doc)
        return {"type": "thread.item.done", "item": item}

    def close(self) -> list[JSON]:
        item, self.open = self.open, None
        return [self.keep(item)] if item and item["content"][0]["text"] else []

    def thought_over(self) -> list[JSON]:
        item, self.thinking = self.thinking, None
        if item is None:
            return []
        item["workflow"]["summary"] = {"duration": max(1, round(time.monotonic() - self.began))}
        return [self.keep(item)]

    async def events(self) -> AsyncGenerator[JSON, None]:
        messages = history(self.shelf.get(self.id))
        self.thinking = self.item(
            "workflow", workflow={"type": "reasoning", "tasks": [], "summary": None, "expanded": False}
        )
        yield {"type": "thread.item.added", "item": json.loads(json.dumps(self.thinking))}
        for _ in range(ROUNDS):
            asker = Asker(self.client)
            async with contextlib.aclosing(asker.ask(messages, TOOLS)) as heard:
                async for kind, text in heard:
                    if kind == "thought":
                        for event in self.thought(text):
                            yield event
                        continue
                    for event in self.thought_over():
                        yield event
                    if kind == "word":
                        for event in self.word(text):
                            yield event
            for event in self.close():
                yield event
            if asker.short:
                yield {"type": "notice", "level": "warning", "message": "Svaret blev avkortat."}
            if not asker.calls:
                return
            messages.append({"role": "assistant", "content": asker.text or None, "tool_calls": asker.calls})
            for call in asker.calls:
                found = run_tool(self.shelf, call["function"]["name"], call["function"]["arguments"])
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": json.dumps(found)})
                yield self.keep(self.item("widget", widget=drawn(call["function"]["name"], found), copy_text=None))
        raise ModelFailed("Modellen kom inte till ett slut.", retry=True)

    def thought(self, text: str) -> list[JSON]:
        if self.thinking is None:
            return []
        tasks = self.thinking["workflow"]["tasks"]
        new = not tasks
        if new:
            tasks.append({"type": "thought", "content": "", "title": None, "status_indicator": "none"})
        tasks[0]["content"] += text
        update = {"type": f"workflow.task.{'added' if new else 'updated'}", "task_index": 0, "task": dict(tasks[0])}
        return [{"type": "thread.item.updated", "item_id": self.thinking["id"], "update": update}]

    def word(self, text: str) -> list[JSON]:
        made: list[JSON] = []
        if (
            self.open
            and len(self.open["content"][0]["text"]) > PARTS_AT
            and self.open["content"][0]["text"][-1] == "\n"
        ):
            made += self.close()
        if self.open is None:
            self.open = self.item("assistant_message", content=[{"type": "output_text", "text": "", "annotations": []}])
            made.append({"type": "thread.item.added", "item": {**self.open, "content": []}})
        self.open["content"][0]["text"] += text
        update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": text}
        return [*made, {"type": "thread.item.updated", "item_id": self.open["id"], "update": update}]


def drawn(name: str, found: JSON) -> JSON:
    rows = found.get("errands", [found])
    lines = [{"type": "Text", "value": f"{name}: {json.dumps(row, ensure_ascii=False)[:200]}"} for row in rows[:10]]
    return {"type": "Card", "children": lines or [{"type": "Text", "value": f"{name}: tomt"}]}
