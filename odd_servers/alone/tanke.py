"""tanke's own HTTP: one connection, one request, read and routed by hand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import time
from collections import defaultdict

import httpx

from odd_servers.alone.tanke_model import ModelFailed
from odd_servers.alone.tanke_turn import HOME, JSON, MOST_BODY, No, Shelf, Turn, made_id, now, page, public, user_item

LOCKS: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
COUNT = iter(range(time.time_ns(), 2**63))
CLIENT = httpx.AsyncClient(timeout=httpx.Timeout(20.0), limits=httpx.Limits(max_connections=200))
SECRET = os.environ["JWT_SECRET"].encode()


def fill(text: str) -> bytes:
    """A part of a token, read."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def who(head: dict[str, str]) -> str:
    """The tenant and the user of a token; both must be named."""
    try:
        scheme, token = head["authorization"].split(" ", 1)
        first, body, mark = token.split(".")
        wanted = hmac.new(SECRET, f"{first}.{body}".encode(), hashlib.sha256).digest()
        claims = json.loads(fill(body))
        right = hmac.compare_digest(wanted, fill(mark)) and json.loads(fill(first))["alg"] == "HS256"
        if (
            scheme.lower() != "bearer"
            or not right
            or not float(claims.get("nbf", 0)) <= time.time() < float(claims["exp"])
            or not head["x-org"]
        ):
            raise No(401)
        return f"{head['x-org']}/{claims['sub']}"
    except (KeyError, ValueError, TypeError, AttributeError):
        raise No(401) from None


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request of one connection."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError, asyncio.LimitOverrunError):
        try:
            async with asyncio.timeout(20):
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                head = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
                method, path, _ = first.split(" ", 2)
                size = int(head.get("content-length", "0"))
                if "chunked" in head.get("transfer-encoding", ""):
                    body = b""
                    while n := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                        body += (await reader.readexactly(n + 2))[:-2]
                        if len(body) > MOST_BODY:
                            raise No(413)
                    await reader.readuntil(b"\r\n")
                elif 0 <= size <= MOST_BODY:
                    body = await reader.readexactly(size)
                else:
                    raise No(413)
            if path.split("?")[0] == "/halsa":
                await plain(writer, 200, {"ok": True})
            elif path.split("?")[0] != "/v2/chatkit":
                raise No(404)
            elif method != "POST":
                raise No(405)
            else:
                await answer(writer, reader, Shelf(who(head)), body)
        except No as why:
            await plain(writer, why.status, {"fel": why.status})
        except ValueError:
            await plain(writer, 400, {"fel": 400})
    writer.close()


async def plain(writer: asyncio.StreamWriter, status: int, said: JSON) -> None:
    """A whole answer."""
    raw = json.dumps(said).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(raw)}\r\n"
    writer.write(f"{head}connection: close\r\n\r\n".encode() + raw)
    await writer.drain()


async def answer(writer: asyncio.StreamWriter, reader: asyncio.StreamReader, shelf: Shelf, body: bytes) -> None:
    """Route by type."""
    try:
        asked = json.loads(body)
        kind, given = asked["type"], asked.get("params") or {}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise No(400) from None
    if not isinstance(given, dict):
        raise No(422)
    if kind == "threads.create":
        doc = {"id": made_id("tråd"), "n": next(COUNT), "created_at": now(), "title": None, "items": []}
        new = user_item(doc, given)
        await stream(writer, reader, shelf, doc, [new], fresh=True)
    elif kind == "threads.add_user_message":
        doc = shelf.get(given.get("thread_id"))
        await stream(writer, reader, shelf, doc, [user_item(doc, given)])
    elif kind == "threads.retry_after_item":
        doc = shelf.get(given.get("thread_id"))
        if not any(i["id"] == given.get("item_id") and i["type"] == "user_message" for i in doc["items"]):
            raise No(404)
        await stream(writer, reader, shelf, doc, [], after=given["item_id"])
    elif kind == "threads.get_by_id":
        await plain(writer, 200, public(shelf.get(given.get("thread_id"))))
    elif kind == "threads.list":
        got = page(shelf.all(), given)
        await plain(writer, 200, {**got, "data": [public(doc, []) for doc in got["data"]]})
    elif kind == "items.list":
        await plain(writer, 200, page(shelf.get(given.get("thread_id"))["items"], given))
    elif kind == "threads.update":
        doc = shelf.get(given.get("thread_id"))
        if not isinstance(given.get("title"), str):
            raise No(422)
        doc["title"] = given["title"]
        shelf.put(doc)
        await plain(writer, 200, public(doc))
    elif kind == "threads.delete":
        if not isinstance(given.get("thread_id"), str):
            raise No(422)
        shelf.drop(given["thread_id"])
        await plain(writer, 200, {})
    elif kind == "items.feedback":
        doc = shelf.get(given.get("thread_id"))
        ids = given.get("item_ids")
        if not isinstance(ids, list) or given.get("kind") not in ("positive", "negative"):
            raise No(422)
        if not {*map(str, ids)} <= {i["id"] for i in doc["items"]}:
            raise No(404)
        await plain(writer, 200, {})
    else:
        raise No(400)


async def stream(
    writer: asyncio.StreamWriter,
    reader: asyncio.StreamReader,
    shelf: Shelf,
    doc: JSON,
    new: list[JSON],
    *,
    fresh: bool = False,
    after: str = "",
) -> None:
    """An answer as server-sent events, numbered, with CRLF; it stops when the reader goes away."""
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\nconnection: close\r\n"
        b"transfer-encoding: chunked\r\n\r\n"
    )
    number = 0

    def send(event: JSON) -> None:
        nonlocal number
        number += 1
        retry = "retry: 3000\r\n" if number == 1 else ""
        raw = f"{retry}id: {number}\r\ndata: {json.dumps(event)}\r\n\r\n".encode()
        writer.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n")

    async def work() -> None:
        async with LOCKS[doc["id"]]:
            have = doc if fresh else shelf.get(doc["id"])
            if after:
                place = next((n for n, i in enumerate(have["items"]) if i["id"] == after), -1)
                for gone in have["items"][place + 1 :]:
                    send({"type": "thread.item.removed", "item_id": gone["id"]})
                have["items"] = have["items"][: place + 1]
            have["items"] += new
            shelf.put(have)
            if fresh:
                send({"type": "thread.created", "thread": public(have, [])})
            for item in new:
                send({"type": "thread.item.done", "item": item})
            send({"type": "stream_options", "stream_options": {"allow_cancel": True}})
            turn = Turn(shelf, have, CLIENT)
            try:
                async with contextlib.aclosing(turn.events()) as events:
                    async for event in events:
                        send(event)
                        await writer.drain()
            except ModelFailed as why:
                for event in (*turn.thought_over(), *turn.close()):
                    send(event)
                send({"type": "error", "code": "custom", "message": str(why), "allow_retry": why.retry})
                print(f"modellen: {why}: {why.__cause__!r}", flush=True)
            finally:
                turn.thought_over()
                turn.close()

    working = asyncio.ensure_future(work())
    gone = asyncio.ensure_future(reader.read(1))
    await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
    if not working.done():
        working.cancel()
    gone.cancel()
    with contextlib.suppress(asyncio.CancelledError, ConnectionError):
        await working
    with contextlib.suppress(ConnectionError):
        writer.write(b"0\r\n\r\n")
        await writer.drain()


async def main() -> None:
    """Serve on PORT."""
    HOME.mkdir(parents=True, exist_ok=True)
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]), limit=1 << 20)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
