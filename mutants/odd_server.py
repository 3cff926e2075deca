"""What near misses do inside: other credentials, pages, ids and titles, other ways to show that a tool runs."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, MutableMapping
from email.utils import formatdate
from time import time
from typing import Any
from uuid import uuid4

import uvicorn
from chatkit.server import StreamingResult
from chatkit.types import (
    ClientEffectEvent,
    Page,
    ThreadItemDoneEvent,
    ThreadMetadata,
    UserMessageItem,
    WidgetItem,
)
from chatkit.widgets import DynamicWidgetRoot
from starlette.requests import HTTPConnection

import reference_server.app as app
import reference_server.rate_limit as rate_limit
import reference_server.tools as tools
from reference_server.auth import COOKIE
from reference_server.chat import TaskChat, _title_of
from reference_server.refusal import Refusal
from reference_server.store import SqlStore
from reference_server.turn import Turn, now

from .between import App, Message, Receive, Send
from .history_lies import WHOLE
from .inside import Method, around, both
from .mutant import Patch

PAGE = 7
"""Rows that a page of `capped_pages` has at most."""

# Credentials


def _user_by(read: Any) -> Patch:
    """Credentials are read in this way and in no other."""

    def patch() -> None:
        kept = vars(app)
        real = kept["user_of"]

        def instead(connection: HTTPConnection, secret: str, **named: str) -> str:
            headers = [(b"cookie", f"{COOKIE}={read(connection)}".encode())]
            bare = {**connection.scope, "headers": headers}
            return str(real(HTTPConnection(bare), secret, **named))

        kept["user_of"] = instead

    return patch


by_cookie_only = _user_by(lambda connection: connection.cookies.get(COOKIE, ""))
by_key_only = _user_by(lambda connection: connection.headers.get("x-api-key", ""))


def waits_until_a_date(real: Method) -> Method:
    """A refusal for too many requests says when to come back as a date."""

    def instead(self: rate_limit.RateLimit, user_id: str) -> None:
        try:
            real(self, user_id)
        except Refusal as refusal:
            seconds = float(refusal.headers.get("Retry-After", refusal.headers.get("retry-after", 1)))
            refusal.headers = {"Retry-After": formatdate(time() + seconds, usegmt=True)}
            raise

    return instead


tell_date = around(rate_limit.RateLimit, "check", waits_until_a_date)

# Pages, ids, titles


def capped_pages(real: Method) -> Method:
    """A page has few rows, whatever was asked for, and says that there are more."""

    async def instead(self: SqlStore, *args: Any, **more: Any) -> Page[Any]:
        if "limit" in more:
            more["limit"] = min(more["limit"], PAGE)
        else:
            args = tuple(min(a, PAGE) if isinstance(a, int) and a != WHOLE else a for a in args)
        page: Page[Any] = await real(self, *args, **more)
        return page

    return instead


cap_pages = both(around(SqlStore, "load_threads", capped_pages), around(SqlStore, "load_thread_items", capped_pages))


def uuids(real: Method) -> Method:
    """Ids are bare UUIDs."""
    return lambda self, *args: str(uuid4())


def long_ids(real: Method) -> Method:
    """Ids have two hundred characters."""
    return lambda self, *args: f"{real(self, *args)}_{'x' * 160}"


make_uuids = both(around(SqlStore, "generate_item_id", uuids), around(SqlStore, "generate_thread_id", uuids))
make_long_ids = around(SqlStore, "generate_item_id", long_ids)


def untitled(real: Method) -> Method:
    """No thread gets a title of its own."""

    async def instead(self: TaskChat, thread: ThreadMetadata, items: Any, context: Any) -> None:
        thread.title = (await self.sql.load_thread(thread.id, context)).title

    return instead


def titled_later(real: Method) -> Method:
    """A thread gets its title when it is read after its first turn, and nobody is told in the stream."""

    async def instead(self: TaskChat, thread_id: str, context: Any) -> Any:
        thread = await self.sql.load_thread(thread_id, context)
        if thread.title is None:
            first = (await self.sql.load_thread_items(thread_id, None, 1, "asc", context)).data
            thread.title = _title_of(first[0]) if first and isinstance(first[0], UserMessageItem) else None
            await self.sql.save_thread(thread, context)
        return await real(self, thread_id, context)

    return instead


give_no_titles = around(TaskChat, "_name", untitled)
give_titles_later = both(give_no_titles, around(TaskChat, "_load_full_thread", titled_later))

# How a tool is shown


class _Unshown(tools._Display):
    """A step that nobody sees."""

    def __init__(self, turn: Turn, name: str) -> None:
        pass

    def stop(self) -> None:
        """Nothing was begun."""

    def end(self, title: str, detail: str | None, **more: Any) -> None:
        """Nothing is shown."""


class _Effects(_Unshown):
    """A step that the page draws, at its start and at its end."""

    def __init__(self, turn: Turn, name: str) -> None:
        self._turn = turn
        turn.show(ClientEffectEvent(name="tool_started", data={"tool": name}))

    def end(self, title: str, detail: str | None, **more: Any) -> None:
        """The page is told what came of it."""
        self._turn.show(ClientEffectEvent(name="tool_ended", data={"said": title}))


class _Cards(_Unshown):
    """A step that is a widget when it is over."""

    def __init__(self, turn: Turn, name: str) -> None:
        self._turn = turn

    def end(self, title: str, detail: str | None, **more: Any) -> None:
        """A card with what came of it."""
        children = [{"type": "Text", "value": f"{title}. {detail or ''}"}]
        card = DynamicWidgetRoot.model_validate({"type": "Card", "children": children})
        turn = self._turn
        item = WidgetItem(
            id=turn.new_id("message"), thread_id=turn.thread.id, created_at=now(), widget=card, copy_text=title
        )
        turn.show(ThreadItemDoneEvent(item=item))


def _shown_by(display: type[tools._Display], *, widgets: bool) -> Patch:
    def patch() -> None:
        kept = vars(tools)
        kept["_Display"] = display
        if not widgets:
            kept["_show_widget"] = lambda turn, outcome: None

    return patch


show_by_progress = _shown_by(_Unshown, widgets=False)
show_by_effect = _shown_by(_Effects, widgets=False)
show_by_widget = _shown_by(_Cards, widgets=True)

# Errors as status codes, messages that steer, bytes that are packed


def refused_at_once(real: Method) -> Method:
    """Where the model fails before it has said anything, the request is answered with a status instead of a stream."""

    async def instead(self: TaskChat, request: Any, context: Any) -> Any:
        result = await real(self, request, context)
        if not isinstance(result, StreamingResult):
            return result
        # In one task from its first frame to its last: the SDK sets a context variable at the start of a stream, and
        # resets it at the end.
        frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        pump = asyncio.create_task(_pumped(result.json_events, frames))
        begun: list[bytes] = []
        while (frame := await frames.get()) is not None:
            begun.append(frame)
            if b'"type":"error"' in frame and not any(
                b"assistant_message" in one or b"workflow" in one for one in begun
            ):
                raise Refusal(502, "model_failed", "The model could not answer. Please try again in a moment.")
            if any(word in frame for word in (b"assistant_message", b"progress_update", b"workflow", b"widget")):
                break
        else:
            frames.put_nowait(None)  # the end, for whoever reads on
        return StreamingResult(_chained(begun, frames, pump))

    return instead


async def _pumped(source: AsyncIterator[bytes], frames: asyncio.Queue[bytes | None]) -> None:
    try:
        async for frame in source:
            frames.put_nowait(frame)
    finally:
        frames.put_nowait(None)


async def _chained(
    begun: list[bytes], rest: asyncio.Queue[bytes | None], pump: asyncio.Task[None]
) -> AsyncGenerator[bytes, None]:
    try:
        for frame in begun:
            yield frame
        while (more := await rest.get()) is not None:
            yield more
    finally:
        pump.cancel()
        await asyncio.wait([pump])


refuse_at_once = around(TaskChat, "process", refused_at_once)


def steered(real: Method) -> Method:
    """A message that comes while its thread is answered ends that answer, which is kept, and is answered itself."""

    async def instead(self: TaskChat, thread: Any, item: Any, context: Any) -> AsyncIterator[Any]:
        await self.busy.end(context.user_id, thread.id)
        async for event in real(self, thread, item, context):
            yield event

    return instead


steer = around(TaskChat, "_process_new_thread_item_respond", steered)


def packed() -> None:
    """Every answer is gzip where the caller takes it, streams too, an event at a time."""
    real = uvicorn.Config.__init__

    def instead(self: uvicorn.Config, given: App, *args: Any, **more: Any) -> None:
        real(self, _Packed(given), *args, **more)

    # By name: the signature is wider than a type checker can be told in one line.
    setattr(uvicorn.Config, "__init__", instead)  # noqa: B010 - see above


class _Packed:
    """An application whose answers are packed."""

    def __init__(self, given: App) -> None:
        self._app = given

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection."""
        taken = dict(scope.get("headers", ())).get(b"accept-encoding", b"")
        if scope["type"] != "http" or b"gzip" not in taken:
            await self._app(scope, receive, send)
            return
        packer = zlib.compressobj(wbits=31)

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(k, v) for k, v in message["headers"] if k.lower() != b"content-length"]
                message = {**message, "headers": [*kept, (b"content-encoding", b"gzip")]}
            elif message["type"] == "http.response.body":
                last = not message.get("more_body", False)
                body = packer.compress(message.get("body", b""))
                body += packer.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)
                message = {**message, "body": body}
            await send(message)

        await self._app(scope, receive, out)


def slashed() -> None:
    """The endpoint has a slash at its end, to which whoever leaves it out is sent on."""
    real = uvicorn.Config.__init__

    def instead(self: uvicorn.Config, given: App, *args: Any, **more: Any) -> None:
        async def moved(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            if scope.get("path") == "/chatkit":
                headers = [(b"location", b"/chatkit/"), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 307, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
            else:
                path = "/chatkit" if scope.get("path") == "/chatkit/" else scope.get("path")
                await given({**scope, "path": path} if path else scope, receive, send)

        real(self, moved, *args, **more)

    setattr(uvicorn.Config, "__init__", instead)  # noqa: B010 - as above
