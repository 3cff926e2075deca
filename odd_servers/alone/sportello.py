"""A help desk over asyncio's sockets, in Italian: HTTP/1.1 by hand, chunks with a trailer, gzip for streams.

What was said before stands as one transcript in the instructions. Refused streams are a stream with an error; all else
is forbidden, whether it exists or not. Times are those of Rome. What is kept is a log that is read anew at the start.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import jwt

from .sportello_http import Connection, Refused

JSON = Any
ROME = timezone(timedelta(hours=2))
RULES = "Rispondi alle domande di chi scrive allo sportello. Sii breve."


class NoAnswer(Exception):
    """What the model said is no answer. `args[0]`: whether asking again may help."""


def now() -> str:
    return datetime.now(ROME).isoformat()


class Register:
    """Threads with their items, in the order in which they came. Each change is a line of the log."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.threads: dict[str, JSON] = {}
        self.items: dict[str, dict[str, JSON]] = {}
        if path.exists():
            for line in path.read_text("utf-8").splitlines():
                with contextlib.suppress(ValueError):  # the last line, of a process that was killed
                    self._apply(*json.loads(line))
        self.log = path.open("a", encoding="utf-8")

    def change(self, what: str, value: JSON) -> None:
        self._apply(what, value)
        self.log.write(json.dumps([what, value]) + "\n")
        self.log.flush()

    def _apply(self, what: str, value: JSON) -> None:
        if what == "thread":
            self.threads[value["id"]] = value
            self.items.setdefault(value["id"], {})
        elif what == "item":
            self.items.get(value["thread_id"], {})[value["id"]] = value
        elif what == "no item":
            self.items.get(value[0], {}).pop(value[1], None)
        else:
            del self.threads[value], self.items[value]

    def thread(self, owner: str, params: JSON) -> JSON:
        thread = self.threads.get(str(params.get("thread_id")))
        if thread is None or thread["owner"] != owner:
            raise Refused(403, "Questa conversazione non è tua.")
        return thread


def shown(thread: JSON, items: JSON = None) -> JSON:
    page = items or {"data": [], "has_more": False}
    rest = {name: value for name, value in thread.items() if name != "owner" and value is not None}
    return {**rest, "items": page}


def page(rows: list[JSON], params: JSON, usual: str) -> JSON:
    limit, order, after = params.get("limit"), params.get("order") or usual, params.get("after")
    if (limit is not None and (type(limit) is not int or limit < 1)) or order not in ("asc", "desc"):
        raise Refused(400, "Così non si sfoglia.")
    rows = rows if order == "asc" else rows[::-1]
    if after is not None:
        places = [n for n, row in enumerate(rows) if row["id"] == after]
        if not places:
            raise Refused(403, "Questo segno non è tuo.")
        rows = rows[places[0] + 1 :]
    data = rows[: min(limit or 12, 12)]
    more = len(rows) > len(data)
    return {"has_more": more, **({"after": data[-1]["id"]} if more else {}), "data": data}


class Counter:
    def __init__(self, register: Register) -> None:
        self.register = register
        self.turns: dict[str, asyncio.Lock] = {}
        self.model = httpx.AsyncClient(timeout=httpx.Timeout(12, connect=3), trust_env=False)

    def plain(self, owner: str, kind: str, params: JSON) -> JSON:
        kept = self.register
        if kind == "threads.list":
            return page([shown(t) for t in kept.threads.values() if t["owner"] == owner], params, "desc")
        if kind not in ("threads.get_by_id", "items.list", "threads.update", "threads.delete", "items.feedback"):
            raise Refused(400, "Questo lo sportello non lo fa.")
        thread = kept.thread(owner, params)
        items = kept.items[thread["id"]]
        if kind == "items.list":
            return page(list(items.values()), params, "desc")
        if kind == "threads.delete":
            kept.change("no thread", thread["id"])
            return {}
        if kind == "items.feedback":
            ids = params.get("item_ids")
            if not isinstance(ids, list) or params.get("kind") not in ("positive", "negative"):
                raise Refused(400, "Un giudizio è positivo o negativo.")
            if any(id not in items for id in map(str, ids)):
                raise Refused(403, "Questa voce non è tua.")
            return {}
        if kind == "threads.update":
            if not isinstance(params.get("title"), str):
                raise Refused(400, "Un titolo è un testo.")
            thread = {**thread, "title": params["title"]}
            kept.change("thread", thread)
            return shown(thread)
        return shown(thread, page(list(items.values()), {}, "asc"))

    async def turn(self, owner: str, kind: str, params: JSON) -> AsyncGenerator[JSON, None]:
        kept = self.register
        try:
            thread = None if kind == "threads.create" else kept.thread(owner, params)
            message = None if kind == "threads.retry_after_item" else message_of(params)
            if thread is not None and message is None:
                asked = kept.items[thread["id"]].get(str(params.get("item_id")))
                if asked is None or asked["type"] != "user_message":
                    raise Refused(403, "Questa voce non è tua.")
        except Refused as refused:
            yield {"type": "error", "code": "custom", "message": refused.why, "allow_retry": False}
            return
        if thread is None:
            id = f"pratica_{secrets.token_urlsafe(9)}"
            thread = {"id": id, "owner": owner, "created_at": now(), "status": {"type": "active"}, "metadata": {}}
            kept.change("thread", thread)
            yield {"type": "thread.created", "thread": shown(thread)}
        async with self.turns.setdefault(thread["id"], asyncio.Lock()):
            if thread["id"] not in kept.threads:
                return
            if message is not None:
                item = {**item_of(thread, "user_message"), **message}
                kept.change("item", item)
                yield {"type": "thread.item.done", "item": item}
            else:
                later = list(kept.items[thread["id"]])
                for id in later[later.index(params["item_id"]) + 1 :]:
                    kept.change("no item", [thread["id"], id])
                    yield {"type": "thread.item.removed", "item_id": id}
            yield {"type": "progress_update", "text": "Un attimo …"}
            try:
                async with contextlib.aclosing(self.answer(thread)) as events:
                    async for event in events:
                        yield event
            except (
                NoAnswer,
                httpx.HTTPError,
                ValueError,
                KeyError,
                TypeError,
                AttributeError,
                RecursionError,
            ) as error:
                print("nessuna risposta:", type(error).__name__, error, flush=True)
                again = error.args[0] if isinstance(error, NoAnswer) else True
                yield {"type": "error", "code": "custom", "message": "Lo sportello non risponde.", "allow_retry": again}
            latest = kept.threads.get(thread["id"])
            if latest is not None and latest.get("title") is None:
                first = next(iter(kept.items[thread["id"]].values()))
                kept.change("thread", {**latest, "title": said(first)[:30].strip() or "Pratica"})
                yield {"type": "thread.updated", "thread": shown(kept.threads[thread["id"]])}

    async def answer(self, thread: JSON) -> AsyncGenerator[JSON, None]:
        *before, asked = [i for i in self.register.items[thread["id"]].values() if i["type"] in WHO]
        told = "\n".join(f"{WHO[item['type']]}: {said(item)}" for item in before)
        rules = f"{RULES}\n\nFinora si è detto:\n{told}" if told else RULES
        messages = [{"role": "system", "content": rules}, {"role": "user", "content": said(asked)}]
        item, text = {**item_of(thread, "assistant_message"), "content": []}, ""
        try:
            model = asked["inference_options"].get("model") or os.environ["GEMINI_MODEL"]
            async with contextlib.aclosing(self.words(model, messages)) as words:
                async for word in words:
                    if not text:
                        yield {"type": "thread.item.added", "item": item}
                    text += word
                    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": word}
                    yield {"type": "thread.item.updated", "item_id": item["id"], "update": update}
            if not text.strip():
                raise NoAnswer(True, "vuota")
        finally:
            if text:
                item = {**item, "content": [{"type": "output_text", "text": text, "annotations": []}]}
                if thread["id"] in self.register.threads:
                    self.register.change("item", item)
        yield {"type": "thread.item.done", "item": item}

    async def words(self, model: str, messages: list[JSON]) -> AsyncGenerator[str, None]:
        url = os.environ["GEMINI_BASE_URL"].rstrip("/") + "/chat/completions"
        headers = {"authorization": f"Bearer {os.environ['GEMINI_API_KEY']}"}
        body = {"model": model, "messages": messages, "stream": True}
        for pause in (0.1, 0.2, None):
            async with self.model.stream("POST", url, json=body, headers=headers) as response:
                if response.status_code in (429, 500, 502, 503, 504) and pause is not None:
                    await asyncio.sleep(pause)
                    continue
                if response.status_code != 200:
                    raise NoAnswer(response.status_code in (429, 500, 502, 503, 504), f"HTTP {response.status_code}")
                reason = ""
                async for line in lines_of(response):
                    if not line.strip() or line.startswith(":"):
                        continue
                    if not line.startswith("data:"):
                        raise NoAnswer(True, "non è una risposta")
                    if line[5:].strip() == "[DONE]":
                        continue
                    chunk = json.loads(line[5:])
                    if "error" in chunk:
                        raise NoAnswer(True, "si è interrotta")
                    for choice in chunk.get("choices") or ():
                        reason = choice.get("finish_reason") or reason
                        if word := (choice.get("delta") or {}).get("content"):
                            if not isinstance(word, str):
                                raise NoAnswer(True, "non sono parole")
                            yield word
                if reason == "length":
                    yield " […]"
                elif reason != "stop":
                    raise NoAnswer(not reason, reason or "interrotta")
                return


async def lines_of(response: httpx.Response) -> AsyncIterator[str]:
    """By line feeds alone: JSON may hold what else ends a line."""
    rest = b""
    async for part in response.aiter_bytes():
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield line.decode().rstrip("\r")
    yield rest.decode()


WHO = {"user_message": "Cliente", "assistant_message": "Sportello"}


def said(item: JSON) -> str:
    text = " ".join(part["text"] for part in item["content"])
    return f"(a proposito di «{item['quoted_text']}») {text}" if item.get("quoted_text") else text


def item_of(thread: JSON, kind: str) -> JSON:
    return {"id": f"voce_{secrets.token_urlsafe(9)}", "thread_id": thread["id"], "created_at": now(), "type": kind}


def message_of(params: JSON) -> JSON:
    told = params.get("input")
    content = told.get("content") if isinstance(told, dict) else None
    good = isinstance(content, list) and all(
        isinstance(p, dict) and p.get("type") in ("input_text", "input_tag") and isinstance(p.get("text"), str)
        for p in content
    )
    if not good or told.get("attachments"):
        raise Refused(400, "Un messaggio è fatto di testi.")
    options = told.get("inference_options") or {}
    model = options.get("model") if isinstance(options, dict) else None
    if model is not None and not str(model).startswith("gemini-"):
        raise Refused(400, "Questo modello non c'è.")
    quoted = {"quoted_text": told["quoted_text"]} if told.get("quoted_text") else {}
    return {"content": content, "attachments": [], "inference_options": {"model": model} if model else {}, **quoted}


def owner_of(given: str) -> str:
    scheme, _, token = given.partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise jwt.InvalidTokenError
        told = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.PyJWTError:
        raise Refused(401, "Chi sei?") from None
    return str(told["sub"])


async def main() -> None:
    path = Path(os.environ["DATABASE_URL"].partition(":///")[2]).with_suffix(".sportello")
    counter = Counter(Register(path))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Connection(counter, owner_of, reader, writer).serve()

    server = await asyncio.start_server(connected, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
