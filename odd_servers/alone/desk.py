"""A task desk over aiohttp: a session and a token against forged requests, cursors that tell nothing, one tool for all.

Behind a page's own backend: who has no session is not let in, and who sends no token of that session is forbidden. A
second message in a thread that is answered is a conflict; what was deleted is gone; an answer goes on when the browser
leaves, and is kept whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from .desk_shelf import Problem, Shelf, now

JSON = Any
ROUNDS, TRIES = 10, 3
SESSIONS = {"s3ss10n-ann": ("ann", "csrf-of-ann"), "s3ss10n-ben": ("ben", "csrf-of-ben")}
RULES = "Du hilfst mit der Aufgabenliste. Antworte knapp."

TASKS_TOOL = {
    "type": "function",
    "function": {
        "name": "tasks",
        "description": "Works with the user's list of tasks.",
        "parameters": {
            "type": "object",
            "properties": {
                "action": {"type": "string", "enum": ["list", "add", "change", "finish", "remove"]},
                "number": {"type": "integer", "description": "place in the list, from 1 on"},
                "title": {"type": "string"},
            },
            "required": ["action"],
        },
    },
}


class Desk:
    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.busy: set[str] = set()
        self.seen: dict[str, list[float]] = {}
        self.running: set[asyncio.Task[None]] = set()
        self.http: aiohttp.ClientSession | None = None

    async def post(self, request: web.Request) -> web.StreamResponse:
        try:
            owner = self._owner(request)
            if most := int(os.environ.get("DESK_LIMIT", "0")):
                seen = self.seen.setdefault(owner, [])
                at = asyncio.get_running_loop().time()
                seen[:] = [t for t in seen if t > at - 60]
                if len(seen) >= most:
                    raise Problem(429, "Bitte langsamer.", **{"Retry-After": str(int(61 - at + seen[0]))})
                seen.append(at)
            try:
                asked = json.loads(await request.read())
                json.dumps(asked, ensure_ascii=False).encode()  # half a letter cannot be kept
                kind, params = asked["type"], asked.get("params") or {}
                if not isinstance(params, dict) or not isinstance(kind, str):
                    raise ValueError(kind)
            except (ValueError, KeyError, TypeError, RecursionError):
                raise Problem(400, "Das ist keine Anfrage.") from None
            if kind in ("threads.create", "threads.add_user_message", "threads.retry_after_item"):
                return await self._turn(request, owner, kind, params)
            answer = self._answer(owner, kind, params)
            return web.Response(
                body=json.dumps(answer), content_type="application/json", headers={"Cache-Control": "no-store"}
            )
        except Problem as problem:
            return problem.response()

    def _owner(self, request: web.Request) -> str:
        owner, token = SESSIONS.get(request.cookies.get("desk", ""), ("", ""))
        if not owner:
            raise Problem(401, "Bitte anmelden.")
        if request.headers.get("X-CSRF-Token") != token:
            raise Problem(403, "Das Formular ist abgelaufen.")
        return owner

    def _answer(self, owner: str, kind: str, params: JSON) -> JSON:
        shelf = self.shelf
        match kind:
            case "threads.list":
                page = shelf.page("threads", "owner=? and gone=0", (owner,), params, "desc")
                page["data"] = [{**row, "items": _empty()} for row in page["data"]]
                return page
            case "threads.get_by_id":
                return self._whole(shelf.thread(owner, params.get("thread_id")))
            case "items.list":
                thread = shelf.thread(owner, params.get("thread_id"))
                return shelf.page("items", "thread=?", (thread["id"],), params, "desc")
            case "threads.update":
                thread = shelf.thread(owner, params.get("thread_id"))
                if not isinstance(params.get("title"), str):
                    raise Problem(422, "title ist ein Text.")
                thread["title"] = params["title"]
                shelf.keep_thread(thread)
                return {**thread, "items": _empty()}
            case "threads.delete":
                thread = shelf.thread(owner, params.get("thread_id"))
                shelf.db.execute("update threads set gone=1 where id=?", (thread["id"],))
                return {}
            case "items.feedback":
                thread = shelf.thread(owner, params.get("thread_id"))
                known = {item["id"] for item in shelf.items(thread["id"])}
                ids = params.get("item_ids")
                if not isinstance(ids, list) or params.get("kind") not in ("positive", "negative"):
                    raise Problem(422, "kind ist positive oder negative.")
                if not known.issuperset(map(str, ids)):
                    raise Problem(404, "Diesen Eintrag gibt es nicht.")
                return {}
        raise Problem(400, f"{kind[:40]} gibt es hier nicht.")

    def _whole(self, thread: JSON) -> JSON:
        return {**thread, "items": self.shelf.page("items", "thread=?", (thread["id"],), {}, "asc")}

    # A turn: it runs as a task of its own, and the browser only listens.

    async def _turn(self, request: web.Request, owner: str, kind: str, params: JSON) -> web.StreamResponse:
        retried = None
        if kind == "threads.create":
            message = _message(params)
            thread = self.shelf.add_thread(owner)
        else:
            thread = self.shelf.thread(owner, params.get("thread_id"))
            if thread["id"] in self.busy:
                raise Problem(409, "Ich antworte hier noch.", **{"Retry-After": "1"})
            if kind == "threads.retry_after_item":
                message = None
                retried = next((i for i in self.shelf.items(thread["id"]) if i["id"] == params.get("item_id")), None)
                if retried is None or retried["type"] != "user_message":
                    raise Problem(404, "Diese Nachricht gibt es nicht.")
            else:
                message = _message(params)
        self.busy.add(thread["id"])
        told: asyncio.Queue[JSON] = asyncio.Queue()
        task = asyncio.create_task(self._run(owner, thread, message, retried, kind == "threads.create", told))
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream;charset=UTF-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        response.enable_chunked_encoding()
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            await response.write(b"\xef\xbb\xbf: desk\r\nretry: 3000\r\n\r\n")
            for number in itertools.count(1):
                while True:
                    try:
                        event = await asyncio.wait_for(told.get(), 0.5)
                        break
                    except TimeoutError:
                        await response.write(b": ping\r\n\r\n")
                if event is None:
                    break
                frame = f"id: {number}\r\ndata: {json.dumps(event, ensure_ascii=True)}\r\n\r\n".encode()
                for at in range(0, len(frame), 1000):
                    await response.write(frame[at : at + 1000])
            await response.write_eof()
        return response

    async def _run(
        self, owner: str, thread: JSON, message: JSON, retried: JSON, new: bool, told: asyncio.Queue[JSON]
    ) -> None:
        try:
            if new:
                told.put_nowait({"type": "thread.created", "thread": self._whole(thread)})
            if message is not None:
                item = {**_item(thread, "user_message"), **message}
                self.shelf.put(item)
                told.put_nowait({"type": "thread.item.done", "item": item})
            if retried is not None:
                items = self.shelf.items(thread["id"])
                for old in items[items.index(retried) + 1 :]:
                    self.shelf.db.execute("delete from items where id=?", (old["id"],))
                    told.put_nowait({"type": "thread.item.removed", "item_id": old["id"]})
            told.put_nowait({"type": "stream_options", "stream_options": {"allow_cancel": True}})
            async for event in self._respond(owner, thread):
                told.put_nowait(event)
            end = _item(thread, "end_of_turn")
            self.shelf.put(end)
            told.put_nowait({"type": "thread.item.done", "item": end})
        except (aiohttp.ClientError, TimeoutError, ValueError, TypeError, AttributeError) as error:
            status = getattr(error, "status", None)
            print("the model failed:", type(error).__name__, status or "", flush=True)
            retry = status is None or status in (429, 500, 502, 503)
            told.put_nowait(
                {"type": "error", "code": "custom", "message": "Gerade geht es nicht.", "allow_retry": retry}
            )
        finally:
            self.busy.discard(thread["id"])
            told.put_nowait(None)

    async def _respond(self, owner: str, thread: JSON) -> AsyncIterator[JSON]:
        messages: list[JSON] = [{"role": "system", "content": RULES}]
        for item in self.shelf.items(thread["id"]):
            if item["type"] in ("user_message", "assistant_message"):
                words = "".join(part["text"] for part in item["content"])
                if item.get("quoted_text"):
                    words = f"«{item['quoted_text']}»\n{words}"
                role = "user" if item["type"] == "user_message" else "assistant"
                if words:
                    messages.append({"role": role, "content": [{"type": "text", "text": words}]})
        for _ in range(ROUNDS):
            calls: list[JSON] = []
            async for event in self._answer_once(thread, messages, calls):
                yield event
            if not calls:
                return
            for call in calls:
                step = {**_item(thread, "task"), "task": _step(call["function"]["name"], "loading")}
                yield {"type": "thread.item.added", "item": step}
                result = self._use(owner, call["function"]["arguments"])
                step = {**step, "task": _step(call["function"]["name"], "complete")}
                self.shelf.put(step)
                yield {"type": "thread.item.done", "item": step}
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        raise ValueError("too many rounds")

    async def _answer_once(self, thread: JSON, messages: list[JSON], calls: list[JSON]) -> AsyncIterator[JSON]:
        item = {**_item(thread, "assistant_message"), "content": []}
        text = ""
        try:
            async for delta in self._asked(messages):
                if delta.get("shortened") and text:
                    yield {"type": "notice", "level": "warning", "message": "Die Antwort wurde gekürzt.", "title": None}
                if new := delta.get("content"):
                    if not text:
                        yield {"type": "thread.item.added", "item": item}
                    text += new
                    yield {
                        "type": "thread.item.updated",
                        "item_id": item["id"],
                        "update": {
                            "type": "assistant_message.content_part.text_delta",
                            "content_index": 0,
                            "delta": new,
                        },
                    }
                for part in delta.get("tool_calls") or ():
                    _grow(calls, part)
        finally:
            if text:
                item = {**item, "content": [{"type": "output_text", "text": text, "annotations": []}]}
                self.shelf.put(item)
        if text:
            yield {"type": "thread.item.done", "item": item}
        if not calls and not text.strip():
            raise ValueError("no words")
        if calls:
            messages.append({"role": "assistant", "content": text or None, "tool_calls": calls})

    async def _asked(self, messages: list[JSON]) -> AsyncIterator[JSON]:
        if self.http is None:
            self.http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_read=15, connect=5))
        body = {"model": os.environ["GEMINI_MODEL"], "messages": messages, "tools": [TASKS_TOOL], "stream": True}
        url = os.environ["GEMINI_BASE_URL"].rstrip("/") + "/chat/completions"
        for tried in itertools.count(1):
            key = os.environ["GEMINI_API_KEY"]
            async with self.http.post(url, json=body, headers={"Authorization": f"Bearer {key}"}) as answer:
                if answer.status in (429, 500, 502, 503) and tried < TRIES:
                    await asyncio.sleep(0.1 * 2**tried)
                    continue
                answer.raise_for_status()
                finished = ""
                async for line in answer.content:
                    data = line.decode().strip().removeprefix("data:").strip()
                    if not line.startswith(b"data:") or data == "[DONE]":
                        if line.strip() and data != "[DONE]" and not line.startswith((b":", b"event", b"id", b"retry")):
                            raise ValueError("something else than an answer")
                        continue
                    chunk = json.loads(data)
                    if not isinstance(chunk, dict) or "error" in chunk:
                        raise ValueError("the model says that something went wrong")
                    for choice in chunk.get("choices") or ():
                        finished = choice.get("finish_reason") or finished
                        yield choice.get("delta") or {}
                if finished not in ("stop", "tool_calls", "length"):
                    raise ValueError(f"finished with {finished!r}")
                if finished == "length":
                    yield {"shortened": True}
                return

    def _use(self, owner: str, arguments: str) -> str:
        try:
            told = json.loads(arguments or "{}")
            rows = self.shelf.db.execute(
                "select n, title, done from tasks where owner=? order by n", (owner,)
            ).fetchall()
            action = told["action"]
            if action == "add":
                self.shelf.db.execute(
                    "insert into tasks (owner, title, done) values (?,?,0)", (owner, str(told["title"]))
                )
                return f"Notiert als Nummer {len(rows) + 1}."
            if action == "list":
                lines = [f"{n}. [{'x' if done else ' '}] {title}" for n, (_, title, done) in enumerate(rows, 1)]
                return "\n".join(lines) or "Die Liste ist leer."
            row = rows[int(told["number"]) - 1]
            change = {
                "change": ("update tasks set title=? where n=?", (str(told.get("title")), row[0])),
                "finish": ("update tasks set done=1 where n=?", (row[0],)),
                "remove": ("delete from tasks where n=?", (row[0],)),
            }[action]
            self.shelf.db.execute(*change)
            return "Erledigt."
        except (ValueError, KeyError, IndexError, TypeError) as error:
            return f"Das ging nicht: {error!r}"


def _grow(calls: list[JSON], part: JSON) -> None:
    """A call may come in pieces that share an index or an id; Gemini leaves either out."""
    id, index, function = part.get("id"), part.get("index"), part.get("function") or {}
    known = next(
        (c for c in calls if (id and c["id"] == id) or (not id and index is not None and c["at"] == index)), None
    )
    if known is None:
        known = {
            "id": id or f"call_{uuid.uuid4().hex}",
            "at": index,
            "type": "function",
            "function": {"name": "", "arguments": ""},
        }
        calls.append(known)
    known["function"]["name"] += function.get("name") or ""
    known["function"]["arguments"] += function.get("arguments") or ""
    if "extra_content" in part:
        known["extra_content"] = part["extra_content"]


def _step(title: str, state: str) -> JSON:
    return {"type": "custom", "title": title, "icon": None, "content": None, "status_indicator": state}


def _empty() -> JSON:
    return {"data": [], "has_more": False, "after": None}


def _item(thread: JSON, kind: str) -> JSON:
    return {"id": f"{kind}/{uuid.uuid4()}·ü", "thread_id": thread["id"], "created_at": now(), "type": kind}


def _message(params: JSON) -> JSON:
    told = params.get("input")
    content = told.get("content") if isinstance(told, dict) else None
    if not isinstance(content, list) or not all(
        isinstance(part, dict) and part.get("type") in ("input_text", "input_tag") and isinstance(part.get("text"), str)
        for part in content
    ):
        raise Problem(422, "Eine Nachricht ist eine Liste von Texten.")
    if told.get("attachments"):
        raise Problem(422, "Anhänge gibt es hier nicht.")
    options = told.get("inference_options") or {}
    model = options.get("model") if isinstance(options, dict) else None
    if model and not str(model).startswith("gemini-"):
        raise Problem(422, "Dieses Modell gibt es hier nicht.")
    return {
        "content": content,
        "attachments": [],
        "quoted_text": told.get("quoted_text"),
        "inference_options": {"tool_choice": None, "model": model},
    }


def main() -> None:
    path = os.environ["DATABASE_URL"].partition(":///")[2]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    desk = Desk(Shelf(path))
    app = web.Application(client_max_size=2_000_000)
    app.router.add_post("/api/bff/chat", desk.post)
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, handler_cancellation=True)


if __name__ == "__main__":
    main()
