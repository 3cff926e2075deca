"""More ways to show or to allow what is not for the one who asks: elsewhere, later, to users who look alike."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterable
from contextvars import ContextVar
from typing import Any, cast

import jwt
from chatkit.types import HiddenContextItem, NoticeEvent, SDKHiddenContextItem, SyncCustomActionResponse
from starlette.requests import Request
from starlette.responses import Response

import reference_server.app as app
import reference_server.event_stream as event_stream
from reference_server.app import Web
from reference_server.attachments import SqlAttachmentStore
from reference_server.auth import COOKIE, by_cookie
from reference_server.chat import TaskChat
from reference_server.context import RequestContext

from .inside import Method, around, both
from .mutant import Event, Memory

QUERY = "SELECT body FROM threads WHERE owner = :owner AND id = :id"

# Hidden items


def hidden_by_sync(real: Method) -> Method:
    """A button that is waited for is answered with the note that nobody is to see."""

    async def instead(self: TaskChat, thread: Any, action: Any, sender: Any, context: Any) -> SyncCustomActionResponse:
        made: SyncCustomActionResponse = await real(self, thread, action, sender, context)
        page = await self.sql.load_thread_items(thread.id, None, 1, "desc", context)
        hidden = [item for item in page.data if isinstance(item, HiddenContextItem)]
        return made.model_copy(update={"updated_item": hidden[0]}) if hidden else made

    return instead


def _telling_notes(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        page = await self.sql.load_thread_items(thread.id, None, 10, "desc", context)
        for item in page.data:
            if isinstance(item, HiddenContextItem | SDKHiddenContextItem):
                yield NoticeEvent(level="info", message=str(item.content))
        async for event in real(self, thread, message, context):
            yield event

    return instead


# Files

_GONE: dict[str, bytes] = {}


def _buried(real: Method) -> Method:
    async def instead(self: SqlAttachmentStore, attachment_id: str, context: Any) -> None:
        try:
            _GONE[attachment_id] = await self.load_content(attachment_id, context)
        finally:
            await real(self, attachment_id, context)

    return instead


def _dug_up(real: Method) -> Method:
    async def instead(self: Web, request: Request) -> Response:
        content = _GONE.get(request.path_params["attachment_id"])
        if content is None:
            made: Response = await real(self, request)
            return made
        self._caller(request)
        return Response(content, media_type="application/octet-stream")

    return instead


_TRUSTED: ContextVar[RequestContext | None] = ContextVar("trusted", default=None)
"""Who the caller of this request says to be, where nobody verifies it."""


def _as_it_says(real: Method) -> Method:
    return lambda self, request: _TRUSTED.get() or real(self, request)


def any_token_for_files(real: Method) -> Method:
    """A token for a file is read, and not verified. Needs `_as_it_says`."""

    async def instead(self: Web, request: Request) -> Response:
        token = request.headers.get("authorization", "").partition(" ")[2] or request.cookies.get(COOKIE, "")
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            claims = {}
        subject, before = claims.get("sub"), None
        if isinstance(subject, str):
            origin = str(request.base_url).rstrip("/")
            before = _TRUSTED.set(RequestContext(user_id=subject, origin=origin))
        try:
            made: Response = await real(self, request)
            return made
        finally:
            if before is not None:
                _TRUSTED.reset(before)

    return instead


def _for_ever(real: Method) -> Method:
    """A token in the cookie is verified, but for its end."""

    def instead(self: Web, request: Request) -> RequestContext:
        token = request.cookies.get(COOKIE, "") if by_cookie(request) else ""
        try:
            claims = jwt.decode(token, self.settings.jwt_secret, ["HS256"], options={"verify_exp": False})
        except jwt.InvalidTokenError:
            claims = {}
        if not isinstance(claims.get("exp"), int) or claims["exp"] > time.time():
            return cast(RequestContext, real(self, request))
        return RequestContext(user_id=str(claims["sub"]), origin=str(request.base_url).rstrip("/"))

    return instead


def by_name(real: Method) -> Method:
    """Files of one name are one file."""
    read: dict[str, bytes] = {}

    async def instead(self: SqlAttachmentStore, attachment_id: str, context: Any) -> bytes:
        known = await self.store.load_attachment(attachment_id, context)
        content = await real(self, attachment_id, context)
        return read.setdefault(known.name, content)

    return instead


# Who is who


def by_letters(count: int) -> Any:
    """Users are told apart by the first letters of their ids."""

    def wrap(real: Method) -> Method:
        def instead(self: RequestContext, *, user_id: str, **more: Any) -> None:
            real(self, **{**more, "user_id": user_id[:count]})

        return instead

    return wrap


# The server's inside


def query_in_refusal() -> None:
    """Headers of a refusal tell the query that found nothing."""
    kept = vars(app)
    real = kept["_refused"]

    def instead(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
        made: Response = real(status, code, message, {**(headers or {}), "x-query": QUERY})
        return made

    kept["_refused"] = instead


def key_in_header() -> None:
    """Headers of a stream tell the key for the model."""
    event_stream._HEADERS["x-upstream"] = f"key {os.environ.get('GEMINI_API_KEY', '')}"


def title_of_others(event: Event, memory: Memory) -> Iterable[Event]:
    """A stream begins with progress that tells what is talked about elsewhere."""
    title = (event.get("thread") or {}).get("title")
    before = memory.server.get("title")
    if title:
        memory.server["title"] = title
    if event.get("type") == "stream_options" and before:
        return (event, {"type": "progress_update", "text": f"Others ask: {before}"})
    return (event,)


hide_badly = around(TaskChat, "sync_action", hidden_by_sync)
tell_notes = around(TaskChat, "respond", _telling_notes)
keep_cookies = around(Web, "_caller", _for_ever)
keep_deleted_files = both(around(SqlAttachmentStore, "delete_attachment", _buried), around(Web, "download", _dug_up))
trust_for_files = both(around(Web, "_caller", _as_it_says), around(Web, "download", any_token_for_files))
trust_for_uploads = both(around(Web, "_caller", _as_it_says), around(Web, "upload", any_token_for_files))
share_by_name = around(SqlAttachmentStore, "load_content", by_name)
cut_users = around(RequestContext, "__init__", by_letters(8))
