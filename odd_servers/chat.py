"""What is answered to each request: JSON, or the events of a turn."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

from . import guard, preparing
from .guard import asked_for
from .habits import Habits
from .model import Answer, Model, ModelFailed
from .renewing import Renewing
from .showing import begun, ended, pieces
from .tasks import SETS, Tasks
from .threads import NotThere, Row, Threads, texts

JSON = Any
Event = dict[str, JSON]

ROUNDS = 12
INSTRUCTIONS = "You are the assistant of a small shop. Be brief."
TITLE = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}


class Wrong(Exception):
    """The request is not one that is taken. The message is for its sender."""


class Chat:
    """One server's mind."""

    def __init__(self, habits: Habits, threads: Threads, tasks: Tasks, model: Model) -> None:
        self.habits, self.threads, self.tasks, self.model = habits, threads, tasks, model
        self.tools = SETS.get(habits.tools)
        self.places = asyncio.Semaphore(habits.queue) if habits.queue else None
        self.renewing = Renewing() if habits.renews else None
        self.answering: set[str] = set()
        """The users who are answered at this moment, where each has one answer at a time."""
        self._turns: dict[str, asyncio.Lock] = {}

    # Requests that are answered with JSON

    def answer(self, user: str, kind: str, params: Mapping[str, JSON]) -> JSON:
        """The answer. Raises NotThere or Wrong."""
        take = {
            "threads.list": self._list,
            "threads.get_by_id": self._get,
            "threads.update": self._rename,
            "threads.delete": self._delete,
            "items.list": self._items,
            "items.feedback": self._feedback if self.habits.feedback else None,
        }.get(kind)
        if take is None:
            raise Wrong(f"{kind} is not offered here")
        return take(user, params)

    def _list(self, user: str, asked: Mapping[str, JSON]) -> JSON:
        _check_page(asked)
        return self.threads.page([self._shown(row) for row in self.threads.mine(user)], asked)

    def _shown(self, row: Row) -> JSON:
        return {**self.threads.meta(row), "items": {"data": [], "has_more": False, "after": None}}

    def _get(self, user: str, asked: Mapping[str, JSON]) -> JSON:
        return self.threads.whole(self.threads.get(user, asked.get("thread_id")))

    def _items(self, user: str, asked: Mapping[str, JSON]) -> JSON:
        _check_page(asked)
        return self.threads.page(self.threads.get(user, asked.get("thread_id")).items, asked)

    def _rename(self, user: str, asked: Mapping[str, JSON]) -> JSON:
        if not isinstance(asked.get("title"), str):
            raise Wrong("a title is a string")
        row = self.threads.get(user, asked.get("thread_id"))
        row.title = asked["title"]
        self.threads.save()
        return self._shown(row)

    def _delete(self, user: str, asked: Mapping[str, JSON]) -> JSON:
        self.threads.delete(user, asked.get("thread_id"))
        return {}

    def _feedback(self, user: str, asked: Mapping[str, JSON]) -> JSON:
        if asked.get("kind") not in ("positive", "negative") or not isinstance(asked.get("item_ids"), list):
            raise Wrong("feedback is positive or negative, on a list of items")
        self.threads.get(user, asked.get("thread_id"))
        return {}

    # Turns

    def turn(self, user: str, kind: str, params: Mapping[str, JSON]) -> AsyncIterator[Event]:
        """The events of a turn. Raises NotThere or Wrong before the first of them."""
        if kind == "threads.create":
            message = _message(params)
            return self._say(user, None, message)
        row = self.threads.get(user, params.get("thread_id"))
        if kind == "threads.add_user_message":
            return self._say(user, row, _message(params))
        if kind == "threads.retry_after_item":
            asked = next((n for n, i in enumerate(row.items) if i["id"] == params.get("item_id")), None)
            if asked is None or row.items[asked]["type"] != "user_message":
                raise NotThere("no such message")
            return self._again(user, row, asked)
        raise Wrong(f"nothing in this thread waits for {kind}")

    async def _say(self, user: str, row: Row | None, message: JSON) -> AsyncIterator[Event]:
        if row is None:
            row = self.threads.create(user)
            yield {"type": "thread.created", "thread": self.threads.whole(row)}
        async with self._in_turn(row):
            item = {
                "id": self.threads.new_id("message", row),
                "thread_id": row.id,
                "created_at": self.threads.now(),
                "type": "user_message",
                "content": message["content"],
                "attachments": [],
                "quoted_text": message.get("quoted_text"),
                "inference_options": message.get("inference_options") or {},
            }
            self.threads.put(row, item)
            yield {"type": "thread.item.done", "item": item}
            async for event in self._respond(user, row):
                yield event

    async def _again(self, user: str, row: Row, at: int) -> AsyncIterator[Event]:
        async with self._in_turn(row):
            gone, row.items[at + 1 :] = row.items[at + 1 :], []
            self.threads.save()
            for item in gone:
                yield {"type": "thread.item.removed", "item_id": item["id"]}
            async for event in self._respond(user, row):
                yield event

    @contextlib.asynccontextmanager
    async def _in_turn(self, row: Row) -> AsyncIterator[None]:
        async with self._turns.setdefault(row.id, asyncio.Lock()):
            yield

    async def _respond(self, user: str, row: Row) -> AsyncIterator[Event]:
        newest = row.items[-1]
        try:
            way, asked = self.habits.guard, _words(newest)
            if way not in ("", "beside") and not await guard.judged(way, self.model, asked):
                yield {"type": "notice", "level": "warning", "message": "I cannot talk about that."}
                return
            events = self._rounds(user, row)
            if way == "beside":
                events = guard.beside(way, self.model, asked, events)
            async with contextlib.aclosing(events):
                async for event in events:
                    yield event
            async for event in self._named(row):
                yield event
        except ModelFailed as failed:
            yield {"type": "error", "code": "custom", "message": str(failed), "allow_retry": failed.retry}

    async def _rounds(self, user: str, row: Row) -> AsyncGenerator[Event, None]:
        """Answers of the model and the tools that it calls, until it calls no more. Raises ModelFailed."""
        messages = await preparing.WAYS[self.habits.prepares](self.model, self._told(user, row))
        for _ in range(ROUNDS):
            answer = Answer()
            async with contextlib.aclosing(self._answered(row, messages, answer)) as answered:
                async for event in answered:
                    yield event
            if not answer.calls:
                return
            messages.append(answer.message())
            for call in answer.calls:
                async for event in self._run(user, row, call, messages):
                    yield event
        raise ModelFailed("The model called tools without an end.")

    async def _answered(self, row: Row, messages: list[JSON], answer: Answer) -> AsyncGenerator[Event, None]:
        item: dict[str, JSON] = {
            "id": self.threads.new_id("message", row),
            "thread_id": row.id,
            "created_at": self.threads.now(),
            "type": "assistant_message",
            "content": [],
        }
        said, whole = "", False
        finished: list[Event] = []
        more = {"tools": self.tools.declared()} if self.tools else {}
        shown = pieces(self.habits.answer, item)
        try:
            async with contextlib.aclosing(self.model.ask(messages, answer, **more)) as asked:
                async for new in asked:
                    said += new
                    for event in () if self.habits.retells else shown.more(new):
                        yield event
            if self.habits.retells and said:
                said = await preparing.retold(self.model, said)
                for event in shown.more(said):
                    yield event
            whole = True
        finally:
            # Also where the browser left or the model broke: what was shown is kept, and only that.
            if said and (whole or shown.begun):
                item["content"] = [{"type": "output_text", "text": said, "annotations": []}]
                self.threads.put(row, item)
                finished = shown.end(said)
        for event in finished:
            yield event

    async def _run(self, user: str, row: Row, call: JSON, messages: list[JSON]) -> AsyncIterator[Event]:
        function = call["function"]
        about = {"id": self.threads.new_id("step", row), "thread_id": row.id, "created_at": self.threads.now()}
        for event in begun(self.habits.shown, about, function["name"]):
            if event["type"] == "thread.item.done":
                self.threads.put(row, event["item"])
            yield event
        result = "error: there are no tools"
        if self.tools:
            result = self.tools.run(self.tasks, user, function["name"], function["arguments"])
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        for event in ended(self.habits.shown, about, function["name"], result):
            if "item" in event:
                self.threads.put(row, event["item"])
            yield event

    def _told(self, user: str, row: Row) -> list[JSON]:
        """The thread, as the model is told of it."""
        system = INSTRUCTIONS
        if self.tools and self.tools.takes_user:
            system += f"\n\nThe signed-in user's id is {user}. Pass it as user_id to every tool."
        said = [("user" if i["type"] == "user_message" else "assistant", _words(i)) for i in row.items if _words(i)]
        if self.habits.history == "transcript":
            told = "\n".join(f"{who.capitalize()}: {text}" for who, text in said[:-1])
            system += f"\n\nThe conversation so far:\n{told}" if told else ""
            said = said[-1:]
        turns = [(self.habits.instructions, system), *said]
        return [{"role": role, "content": self._content(text)} for role, text in turns]

    def _content(self, text: str) -> JSON:
        return [{"type": "text", "text": text}] if self.habits.parts else text

    async def _named(self, row: Row) -> AsyncIterator[Event]:
        if row.title is not None or not self.habits.titles:
            return
        text = _words(row.items[0])
        title = text[:40]
        with contextlib.suppress(ModelFailed, ValueError, KeyError, TypeError):
            if self.habits.titles == "words":
                title = (await self.model.once("Write a short title for this conversation.", text)).strip()[:80]
            elif self.habits.titles == "schema":
                title = str(json.loads(await self.model.once("Name it.", text, **asked_for("title", TITLE)))["title"])
        if row.title is None:
            row.title = title
            self.threads.save()
            yield {"type": "thread.updated", "thread": self._shown(row)}


def _words(item: Mapping[str, JSON]) -> str:
    if item["type"] not in ("user_message", "assistant_message"):
        return ""
    quoted = item.get("quoted_text")
    return (f"> {quoted}\n\n" if quoted else "") + "".join(texts(item))


def _check_page(asked: Mapping[str, JSON]) -> None:
    limit = asked.get("limit")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise Wrong("limit is a number from 1 on")
    if asked.get("order") not in (None, "asc", "desc"):
        raise Wrong("order is asc or desc")


def _message(params: Mapping[str, JSON]) -> JSON:
    given = params.get("input")
    message: dict[str, JSON] = given if isinstance(given, dict) else {}
    content = message.get("content")
    good = isinstance(content, list) and all(
        isinstance(p, dict) and p.get("type") in ("input_text", "input_tag") and isinstance(p.get("text"), str)
        for p in content
    )
    if not good or message.get("attachments"):
        raise Wrong("a message is a list of texts and tags, without attachments")
    options = message.get("inference_options") or {}
    model = options.get("model") if isinstance(options, dict) else None
    if model and not str(model).startswith("gemini-"):
        raise Wrong("there is no such model here")
    return message
