"""A workshop's list over Starlette and OpenAI's client, in Dutch: told in prose, and nothing is deleted before a yes.

A thread that is being answered refuses another question; its list shows each thread with its newest item; the first
words stand in the part that is announced; a title is asked of the model, and comes while the answer is shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import Any

import jwt
import openai
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

JSON = Any
RULES = "Je helpt in de werkplaats met de klussenlijst. Antwoord kort."
model = openai.AsyncOpenAI(
    base_url=os.environ.get("GEMINI_BASE_URL"),
    api_key=os.environ.get("GEMINI_API_KEY", "-"),
    max_retries=2,
    timeout=15,
    default_headers={"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()},  # type: ignore[dict-item]  # left out
    http_client=openai.DefaultAsyncHttpxClient(trust_env=False),
)


class Nee(Exception):
    def __init__(self, status: int, **headers: str) -> None:
        self.status, self.headers = status, headers


class Stuk(Exception):
    """The model gave no answer. `args[0]`: whether asking again may help."""


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fresh(kind: str) -> str:
    return f"{kind}.{secrets.token_hex(8)}"


class Thread:
    def __init__(self, owner: str) -> None:
        self.id, self.owner, self.created_at = fresh("gesprek"), owner, now()
        self.title: str | None = None
        self.items: list[JSON] = []
        self.busy = self.gone = False

    def json(self, items: JSON = None) -> JSON:
        newest = {"data": self.items[-1:], "has_more": len(self.items) > 1}
        if newest["has_more"]:
            newest["after"] = self.items[-1]["id"]
        title = {} if self.title is None else {"title": self.title}
        status = {"type": "active"}
        return {"metadata": {}, "items": items or newest, "status": status, "id": self.id, **title} | {
            "created_at": self.created_at
        }

    def item(self, kind: str, **more: JSON) -> JSON:
        return {"type": kind, "id": fresh("regel"), "thread_id": self.id, "created_at": now(), **more}


threads: dict[str, Thread] = {}
jobs: dict[str, dict[int, JSON]] = {}
numbers = iter(range(1, 10**9))


def page(rows: list[JSON], params: JSON, usual: str) -> JSON:
    limit, order, after = params.get("limit"), params.get("order") or usual, params.get("after")
    if order not in ("asc", "desc") or (limit is not None and (type(limit) is not int or limit <= 0)):
        raise Nee(422)
    rows = rows[::-1] if order == "desc" else rows
    if after is not None:
        rest = [n + 1 for n, row in enumerate(rows) if row["id"] == after]
        if not rest:
            raise Nee(422)
        rows = rows[rest[0] :]
    made: dict[str, JSON] = {"data": rows[: min(limit or 30, 30)], "has_more": len(rows) > min(limit or 30, 30)}
    return {**made, "after": made["data"][-1]["id"]} if made["has_more"] else made


def thread_of(owner: str, params: JSON) -> Thread:
    thread = threads.get(str(params.get("thread_id")))
    if thread is None or thread.owner != owner:
        raise Nee(404)
    return thread


def plain(owner: str, kind: str, params: JSON) -> JSON:
    if kind == "threads.list":
        return page([t.json() for t in threads.values() if t.owner == owner], params, "desc")
    if kind not in ("threads.get_by_id", "items.list", "threads.update", "threads.delete", "items.feedback"):
        raise Nee(422)
    thread = thread_of(owner, params)
    if kind == "threads.get_by_id":
        return thread.json(page(thread.items, {}, "asc"))
    if kind == "items.list":
        return page(thread.items, params, "desc")
    if kind == "threads.delete":
        del threads[thread.id]
        thread.gone = True
        return {}
    if kind == "threads.update":
        if not isinstance(params.get("title"), str):
            raise Nee(422)
        thread.title = params["title"]
        return thread.json()
    if params.get("kind") not in ("positive", "negative") or not isinstance(params.get("item_ids"), list):
        raise Nee(422)
    return {}


def message_of(params: JSON) -> JSON:
    told = params.get("input")
    parts = told.get("content") if isinstance(told, dict) else None
    if not isinstance(parts, list) or (told.get("attachments") or []) != []:
        raise Nee(422)
    for part in parts:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in ("input_text", "input_tag") or not isinstance(part.get("text"), str):
            raise Nee(422)
    wanted = told.get("inference_options") or {}
    if not isinstance(wanted, dict) or (wanted.get("model") and not str(wanted["model"]).startswith("gemini")):
        raise Nee(422)
    return {"content": parts, "attachments": [], "inference_options": wanted, "quoted_text": told.get("quoted_text")}


def words(item: JSON) -> str:
    text = "\n".join(part["text"] for part in item["content"])
    return f"{text}\n(over: {item['quoted_text']})" if item.get("quoted_text") else text


async def turn(thread: Thread, begin: list[JSON], title: asyncio.Task[str] | None) -> AsyncGenerator[JSON, None]:
    try:
        for event in begin:
            yield event
        asked = next(item for item in reversed(thread.items) if item["type"] == "user_message")
        told: list[JSON] = [{"role": "developer", "content": RULES}]
        roles = {"user_message": "user", "assistant_message": "assistant"}
        told += [{"role": roles[i["type"]], "content": words(i)} for i in thread.items if i["type"] in roles]
        for _ in range(9):
            calls: list[JSON] = []
            async with contextlib.aclosing(spoken(thread, asked, told, calls)) as events:
                async for event in events:
                    yield event
            if not calls:
                break
            for call in calls:
                name = call["function"]["name"]
                told.append(
                    {"role": "tool", "tool_call_id": call["id"], "content": use(thread.owner, call["function"])}
                )
                card = {"kaart": "gereedschap", "naam": name, "klaar": True}
                yield {"type": "client_effect", "name": "toon_kaart", "data": card}
        else:
            raise Stuk(False)
        if title is not None and thread.title is None:
            with contextlib.suppress(openai.OpenAIError, Stuk):
                made = await title
                thread.title = thread.title or made
            thread.title = thread.title or words(asked)[:40] or "Gesprek"
            yield {"type": "thread.updated", "thread": thread.json()}
    except (
        openai.OpenAIError,
        Stuk,
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        RecursionError,
    ) as error:
        status = getattr(error, "status_code", None)
        again = error.args[0] if isinstance(error, Stuk) else status is None or status == 429 or status >= 500
        print("het model:", type(error).__name__, str(error)[:200], flush=True)
        yield {"type": "error", "code": "custom", "message": "Het lukt nu niet.", "allow_retry": bool(again)}
    finally:
        if title is not None:
            title.cancel()


async def spoken(thread: Thread, asked: JSON, told: list[JSON], calls: list[JSON]) -> AsyncGenerator[JSON, None]:
    item, text, reason = thread.item("assistant_message", content=[]), "", None
    wanted = asked["inference_options"].get("model") or os.environ["GEMINI_MODEL"]

    def part() -> JSON:
        return {"type": "output_text", "text": text, "annotations": []}

    stream = await model.chat.completions.create(model=wanted, messages=told, tools=TOOLS, stream=True)
    try:
        async for chunk in stream:
            for choice in chunk.choices or ():
                reason = choice.finish_reason or reason
                delta = choice.delta
                if delta is not None and delta.content:
                    text += delta.content
                    kind = {"type": "assistant_message.content_part.text_delta", "delta": delta.content}
                    if text == delta.content:
                        yield {"type": "thread.item.added", "item": item}
                        kind = {"type": "assistant_message.content_part.added", "content": part()}
                    update = {"content_index": 0, **kind}
                    yield {"type": "thread.item.updated", "item_id": item["id"], "update": update}
                for piece in (delta.tool_calls if delta is not None else None) or ():
                    collect(calls, piece.model_dump(exclude_none=True))
        if reason not in ("stop", "tool_calls", "length") or not (calls or text.strip()):
            raise Stuk(reason in (None, "stop"))
    finally:
        if text:
            item = {**item, "content": [part()]}
            if not thread.gone:
                thread.items.append(item)
        await stream.close()
    if text:
        yield {"type": "thread.item.done", "item": item}
    if reason == "length":
        yield {"type": "notice", "level": "info", "message": "Het antwoord is ingekort."}
    if calls:
        told.append({"role": "assistant", "content": text, "tool_calls": calls})


def collect(calls: list[JSON], piece: JSON) -> None:
    function = piece.get("function") or {}
    mine = [c for c in calls if c["id"] == piece.get("id")] if piece.get("id") else calls[-1:]
    if function.get("name") and not (piece.get("id") and mine):
        mine = []
    if not mine:
        mine = [
            {"id": piece.get("id") or fresh("beurt"), "type": "function", "function": {"name": "", "arguments": ""}}
        ]
        calls += mine
    mine[0]["function"]["name"] = mine[0]["function"]["name"] or function.get("name", "")
    mine[0]["function"]["arguments"] += function.get("arguments", "")
    if "extra_content" in piece:
        mine[0]["extra_content"] = piece["extra_content"]


def tool(name: str, says: str, **properties: str) -> JSON:
    schema = {key: {"type": kind.strip("?")} for key, kind in properties.items()}
    needed = [key for key, kind in properties.items() if not kind.endswith("?")]
    parameters = {"type": "object", "properties": schema, "required": needed}
    return {"type": "function", "function": {"name": name, "description": says, "parameters": parameters}}


TOOLS: list[JSON] = [
    tool("klus_toevoegen", "Zet een klus op de lijst.", omschrijving="string"),
    tool("klussen_tonen", "Vertelt welke klussen er zijn."),
    tool("klus_wijzigen", "Geeft een klus een andere omschrijving.", klusnummer="integer", omschrijving="string"),
    tool("klus_afvinken", "Vinkt een klus af.", klusnummer="integer"),
    tool("klus_verwijderen", "Verwijdert een klus; vraag eerst.", klusnummer="integer", bevestigd="boolean?"),
    tool("alles_afvinken", "Vinkt alle klussen af; vraag eerst.", bevestigd="boolean?"),
    tool("alles_verwijderen", "Verwijdert alle klussen; vraag eerst.", bevestigd="boolean?"),
]


def use(owner: str, function: JSON) -> str:
    mine, name = jobs.setdefault(owner, {}), function["name"]
    try:
        told = json.loads(function["arguments"] or "{}")
        if name == "klus_toevoegen":
            number = next(numbers)
            mine[number] = {"wat": str(told["omschrijving"]), "af": False}
            return f"Klus nummer {number} staat erop: {mine[number]['wat']}."
        if name == "klussen_tonen":
            said = [f"klus {n} is “{k['wat']}” ({'af' if k['af'] else 'nog niet af'})" for n, k in mine.items()]
            return f"Er zijn {len(said)} klussen: " + "; ".join(said) + "." if said else "Er is niets te doen."
        if ("verwijderen" in name or "alles" in name) and told.get("bevestigd") is not True:
            return "Nog niet gedaan. Vraag of het echt moet, en roep dan opnieuw aan met bevestigd=true."
        if name == "alles_verwijderen":
            count = len(mine)
            mine.clear()
            return f"Alle {count} klussen zijn weg."
        if name == "alles_afvinken":
            mine.update({n: {**k, "af": True} for n, k in mine.items()})
            return "Alles is af."
        number = int(told["klusnummer"])
        if name == "klus_wijzigen":
            mine[number] = {**mine[number], "wat": str(told["omschrijving"])}
        elif name == "klus_afvinken":
            mine[number] = {**mine[number], "af": True}
        elif name == "klus_verwijderen":
            del mine[number]
        else:
            return "Dat gereedschap is er niet."
        return f"Gedaan met klus {number}."
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return f"Dat ging niet: {type(error).__name__}."


async def title_of(message: JSON) -> str:
    asked = [
        {"role": "system", "content": "Bedenk een titel van drie woorden."},
        {"role": "user", "content": words(message)},
    ]
    made = await model.chat.completions.create(model=os.environ["GEMINI_MODEL"], messages=asked)  # type: ignore[arg-type]  # plain dicts are taken
    return re.sub(r"\s+", " ", made.choices[0].message.content or "").strip()[:50]


def owner_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        told = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.PyJWTError:
        raise Nee(401, **{"WWW-Authenticate": 'Bearer error="invalid_token"'}) from None
    if scheme.lower() != "bearer":
        raise Nee(401)
    return str(told["sub"])


async def answered(request: Request) -> Response:
    owner = owner_of(request)
    body = await request.body()
    if len(body) > 1_000_000:
        raise Nee(413)
    try:
        told = json.loads(body)
        json.dumps(told, ensure_ascii=False).encode()
        kind, params = told["type"], told.get("params") or {}
        if not isinstance(kind, str) or not isinstance(params, dict):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Nee(400) from None
    if kind not in ("threads.create", "threads.add_user_message", "threads.retry_after_item"):
        return JSONResponse(plain(owner, kind, params))
    begin: list[JSON] = []
    title = None
    if kind == "threads.retry_after_item":
        thread = thread_of(owner, params)
        places = [
            n for n, i in enumerate(thread.items) if i["id"] == params.get("item_id") and i["type"] == "user_message"
        ]
        if not places:
            raise Nee(404)
        if thread.busy:
            raise Nee(409, **{"Retry-After": "1"})
        gone, thread.items[places[0] + 1 :] = thread.items[places[0] + 1 :], []
        begin += [{"type": "thread.item.removed", "item_id": item["id"]} for item in gone]
    else:
        message = message_of(params)
        thread = Thread(owner) if kind == "threads.create" else thread_of(owner, params)
        if thread.busy:
            raise Nee(409, **{"Retry-After": "1"})
        if kind == "threads.create":
            threads[thread.id] = thread
            begin.append({"type": "thread.created", "thread": thread.json({"data": [], "has_more": False})})
            title = asyncio.create_task(title_of(message))
        thread.items.append(thread.item("user_message", **message))
        begin.append({"type": "thread.item.done", "item": thread.items[-1]})
    thread.busy = True
    return Turn(thread, turn(thread, begin, title))


class Turn(StreamingResponse):
    """A turn as it is shown. However it ends, its thread is free again."""

    def __init__(self, thread: Thread, events: AsyncGenerator[JSON, None]) -> None:
        super().__init__(frames(events), media_type="text/event-stream")
        self.thread = thread

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.thread.busy = False


async def frames(events: AsyncGenerator[JSON, None]) -> AsyncIterator[str]:
    async with contextlib.aclosing(events):
        async for event in events:
            yield f"data: {json.dumps(event)}\n\n"


async def post(request: Request) -> Response:
    try:
        return await answered(request)
    except Nee as nee:
        return JSONResponse({"fout": nee.status}, nee.status, headers=nee.headers)


app = Starlette(routes=[Route("/klussen/chat", post, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
