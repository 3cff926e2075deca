"""A shop's orders on the SDK, without the Agents SDK: a router and a critic that ask for JSON, files, hidden notes.

It shares a store in memory with the other servers on the SDK. Files come in two steps, the second signed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import uvicorn
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import AttachmentStore, NotFoundError
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    Attachment,
    AttachmentCreateParams,
    AttachmentUploadDescriptor,
    ClientEffectEvent,
    ErrorEvent,
    FileAttachment,
    HiddenContextItem,
    NoticeEvent,
    ProgressUpdateEvent,
    StreamOptions,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)
from pydantic import AnyUrl, ValidationError
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from odd_servers.on_sdk import Shelf as Memory
from odd_servers.over_starlette import Streamed

from .bestellungen_model import Broken, ask, once

JSON = Any
ORDERS: dict[int, JSON] = {
    4711: {"kunde": {"name": "Ann"}, "positionen": [{"artikel": "Farn", "menge": 2}], "stand": "unterwegs"}
}
TOOLS: list[JSON] = [
    {
        "type": "function",
        "function": {
            "name": "bestellung_suchen",
            "description": "Schlägt eine Bestellung nach.",
            "parameters": {
                "type": "object",
                "properties": {
                    "filter": {
                        "type": "object",
                        "properties": {"nummer": {"type": "integer"}, "mit_positionen": {"type": "boolean"}},
                        "required": ["nummer"],
                    }
                },
                "required": ["filter"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "rueckgabe_anmelden",
            "description": "Meldet eine Rückgabe an.",
            "parameters": {
                "type": "object",
                "properties": {
                    "nummer": {"type": "integer"},
                    "grund": {"type": "string", "enum": ["defekt", "zu spät"]},
                },
                "required": ["nummer", "grund"],
            },
        },
    },
]
ROUTE = {
    "type": "object",
    "properties": {"intent": {"type": "string", "enum": ["order", "smalltalk"]}},
    "required": ["intent"],
}
REVIEW = {
    "type": "object",
    "properties": {"accept": {"type": "boolean"}, "remark": {"type": "string"}},
    "required": ["accept"],
}


class Shelf(Memory):
    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, tuple[str, Attachment]] = {}

    async def save_attachment(self, attachment: Attachment, context: Any) -> None:
        if attachment.id in self.files:
            await self.load_attachment(attachment.id, context)
        self.files[attachment.id] = (context["user"], attachment)

    async def load_attachment(self, attachment_id: str, context: Any) -> Attachment:
        owner, found = self.files.get(attachment_id, ("", None))
        if found is None or owner != context["user"]:
            raise NotFoundError("file")
        return found

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        await self.load_attachment(attachment_id, context)
        del self.files[attachment_id]


class Files(AttachmentStore[Any]):
    def __init__(self, shelf: Shelf, base: str) -> None:
        self.shelf, self.base = shelf, base
        self.bytes: dict[str, bytes] = {}

    def signed(self, id: str) -> str:
        return jwt.encode({"file": id}, os.environ["JWT_SECRET"] + "-of-uploads", algorithm="HS256")

    async def create_attachment(self, input: AttachmentCreateParams, context: Any) -> Attachment:
        if input.size < 0 or input.size > 5_000_000 or not input.name:
            raise ValueError("size")
        id = f"datei_{uuid.uuid4().hex}"
        upload = AttachmentUploadDescriptor(
            url=AnyUrl(f"{self.base}/upload/{id}"), method="PUT", headers={"X-Upload": self.signed(id)}
        )
        return FileAttachment(
            id=id, name=input.name, mime_type=input.mime_type, upload_descriptor=upload, metadata={"shelf": 7}
        )

    def words(self, id: str) -> str:
        return self.bytes.get(id, b"")[:2000].decode("utf-8", "replace")

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        await self.shelf.load_attachment(attachment_id, context)
        self.bytes.pop(attachment_id, None)


class Desk(ChatKitServer[Any]):
    def __init__(self, shelf: Shelf, files: Files) -> None:
        super().__init__(shelf, files)
        self.shelf, self.files = shelf, files
        self.turns: dict[str, asyncio.Lock] = {}

    def get_stream_options(self, thread: ThreadMetadata, context: JSON) -> StreamOptions:
        return StreamOptions(allow_cancel=False)

    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: JSON
    ) -> AsyncGenerator[ThreadStreamEvent, None]:
        async with self.turns.setdefault(thread.id, asyncio.Lock()):
            try:
                async for event in self._graph(thread, message, context):
                    yield event
            except (Broken, httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
                print("the model:", type(error).__name__, flush=True)
                yield ErrorEvent(
                    code="custom", message="Das Modell ist nicht erreichbar.", allow_retry=getattr(error, "retry", True)
                )

    async def _graph(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: JSON
    ) -> AsyncGenerator[ThreadStreamEvent, None]:
        yield ProgressUpdateEvent(icon="compass", text="Ich überlege, worum es geht …")
        page = await self.shelf.load_thread_items(thread.id, None, 10_000, "asc", context)
        messages: list[Any] = [{"role": "system", "content": "Du bist der Kundendienst. Sei kurz."}]
        for item in page.data:
            if isinstance(item, UserMessageItem):
                quoted = f"> {item.quoted_text}\n" if item.quoted_text else ""
                text = quoted + "".join(part.text for part in item.content)
                parts = [{"type": "text", "text": text}]
                for file in item.attachments:
                    parts.append(
                        {
                            "type": "text",
                            "text": f"[Datei {file.name}] {self.files.words(file.id)}",
                        }
                    )
                messages.append({"role": "user", "content": parts if len(parts) > 1 else text})
            elif isinstance(item, AssistantMessageItem):
                messages.append({"role": "assistant", "content": "".join(part.text for part in item.content)})
            elif isinstance(item, HiddenContextItem):
                messages.append({"role": "system", "content": f"Notiz: {item.content}"})
        if message is not None:
            asked = "".join(part.text for part in message.content)
            with contextlib.suppress(Broken, httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
                route = json.loads(await once("Wähle den Zweck.", asked, "route", ROUTE))["intent"]
                note = HiddenContextItem(
                    id=self.shelf.generate_item_id("message", thread, context),
                    thread_id=thread.id,
                    created_at=now(),
                    content={"intent": route},
                )
                yield ThreadItemDoneEvent(item=note)
            if thread.title is None:
                thread.title = (asked.strip() or "Neues Gespräch")[:48]
        for _ in range(8):
            answer: JSON = {"text": "", "calls": [], "cut": False}
            item = AssistantMessageItem(
                id=self.shelf.generate_item_id("message", thread, context),
                thread_id=thread.id,
                created_at=now(),
                content=[],
            )
            try:
                async for delta in ask(messages, TOOLS, answer):
                    if not item.content:
                        item.content = [AssistantMessageContent(text="")]
                        yield ThreadItemAddedEvent(item=item.model_copy(deep=True))
                    yield ThreadItemUpdatedEvent(
                        item_id=item.id, update=AssistantMessageContentPartTextDelta(content_index=0, delta=delta)
                    )
            except Exception:
                if item.content:
                    item.content = [AssistantMessageContent(text=answer["text"])]
                    yield ThreadItemDoneEvent(item=item)
                raise
            if item.content:
                item.content = [AssistantMessageContent(text=answer["text"])]
                yield ThreadItemDoneEvent(item=item)
            if not answer["calls"]:
                if not answer["text"].strip():
                    raise Broken(True)
                if answer["cut"]:
                    yield NoticeEvent(level="warning", message="Die Antwort wurde gekürzt.")
                with contextlib.suppress(Broken, httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
                    review = json.loads(await once("Prüfe die Antwort.", answer["text"], "review", REVIEW))
                    if review["accept"] is not True:
                        item.content = [AssistantMessageContent(text=f"{answer['text']}\n\n_(ungeprüft)_")]
                        yield ThreadItemReplacedEvent(item=item)
                return
            messages.append({"role": "assistant", "content": answer["text"] or None, "tool_calls": answer["calls"]})
            for call in answer["calls"]:
                yield ClientEffectEvent(name="tool", data={"name": call["function"]["name"]})
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": use(call["function"])})
        raise Broken(False)


def use(function: JSON) -> str:
    try:
        told = json.loads(function["arguments"] or "{}")
        if function["name"] == "bestellung_suchen":
            found = ORDERS.get(told["filter"]["nummer"])
            return json.dumps(found, ensure_ascii=False) if found else "Diese Bestellung gibt es nicht."
        if function["name"] == "rueckgabe_anmelden":
            return f"Rückgabe zu {told['nummer']} angemeldet."
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return f"Fehler: {type(error).__name__}"
    return "Dieses Werkzeug gibt es nicht."


def now() -> datetime:
    return datetime.now(UTC)


def user_of(request: Request) -> str | None:
    _, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        told = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], options={"require": ["exp", "sub"]})
        return str(told["sub"])
    except jwt.PyJWTError:
        return None


shelf = Shelf()
files = Files(shelf, f"http://127.0.0.1:{os.environ['PORT']}")
desk = Desk(shelf, files)


async def post(request: Request) -> Response:
    user = user_of(request)
    if not user:
        return JSONResponse({"fehler": "anmelden"}, 401, headers={"WWW-Authenticate": "Bearer"})
    body = await request.body()
    if len(body) > 2_000_000:
        return JSONResponse({"fehler": "zu groß"}, 413)
    context = {"user": user}
    try:
        told = json.loads(body)
        json.dumps(told, ensure_ascii=False).encode()
        if told["type"] in (
            "threads.add_client_tool_output",
            "threads.add_structured_input",
            "threads.custom_action",
            "threads.sync_custom_action",
            "input.transcribe",
        ):
            return JSONResponse({"fehler": "gibt es hier nicht"}, 400)
        params = told.get("params") or {}
        if isinstance(limit := params.get("limit"), int) and limit < 1:
            return JSONResponse({"fehler": "limit"}, 400)
        if isinstance(id := params.get("thread_id"), str):
            await shelf.load_thread(id, context)
            item = params.get("item_id")
            if isinstance(item, str) and not isinstance(await shelf.load_item(id, item, context), UserMessageItem):
                return JSONResponse({"fehler": "keine Nachricht"}, 400)
            if isinstance(ids := params.get("item_ids"), list):
                for each in ids:
                    await shelf.load_item(id, str(each), context)
        if isinstance(given := params.get("input"), dict):
            for each in given.get("attachments") or []:
                await shelf.load_attachment(str(each), context)
            model = (given.get("inference_options") or {}).get("model")
            if model and not model.startswith("gemini-"):
                return JSONResponse({"fehler": "modell"}, 400)
        result = await desk.process(body, context)
    except NotFoundError:
        return JSONResponse({"fehler": "gibt es nicht"}, 404)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return JSONResponse({"fehler": "keine Anfrage"}, 400)
    if isinstance(result, StreamingResult):
        return Streamed(result.json_events, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")


async def upload(request: Request) -> Response:
    id = request.path_params["id"]
    if id not in shelf.files or request.headers.get("x-upload") != files.signed(id):
        return PlainTextResponse("no", 404)
    files.bytes[id] = (await request.body())[:5_000_000]
    return Response(status_code=204)


app = Starlette(
    routes=[Route("/kundendienst/chatkit", post, methods=["POST"]), Route("/upload/{id}", upload, methods=["PUT"])]
)
app.add_middleware(
    CORSMiddleware,
    allow_origins=["http://localhost:5173"],
    allow_methods=["POST", "PUT"],
    allow_headers=["authorization", "content-type"],
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", timeout_graceful_shutdown=2)
