"""The web face: one ChatKit endpoint, uploads, health, a page; every refusal is JSON and says what is wrong."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import timedelta
from importlib.metadata import version
from typing import ClassVar

from agents import Tool
from chatkit.server import StreamingResult
from chatkit.store import NotFoundError
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from reference_server.attachments import SHOWN_AS_IMAGE, AttachmentTooLarge
from reference_server.auth import COOKIE, by_cookie, token_for, user_of
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.cross_site import refuse_foreign
from reference_server.database_away import RETRY_AFTER_S, in_a_line, is_away
from reference_server.event_stream import EventStream, error_frame
from reference_server.gemini_compat.tracing import silence_tracing
from reference_server.page import HEADERS, page
from reference_server.rate_limit import RateLimit
from reference_server.refusal import Refusal, ThreadLocked
from reference_server.settings import Settings
from reference_server.store import open_store

_LOG = logging.getLogger("reference_server.http")
_HEALTH_S = 2.0
# Bytes of a disk below which nothing more can be counted on.
_LEAST_FREE = 1024 * 1024
_DEMO_LIFETIME = timedelta(hours=12)


def _tools_of(settings: Settings) -> AbstractAsyncContextManager[list[Tool] | None]:
    """The tools of an MCP server, where the settings name one; None for those of this process."""
    if not settings.tools_mcp:
        return nullcontext()
    from reference_server.mcp.client import tools_of

    return tools_of(settings)


Endpoint = Callable[[Request], Awaitable[Response]]


class Web:
    """The endpoints over one set of settings. `demo_user` adds a sign-in for a local demonstration."""

    kind: ClassVar[type[TaskChat]] = TaskChat
    """The chat that is served."""

    def __init__(self, settings: Settings, *, demo_user: str | None = None) -> None:
        self.settings = settings
        self.demo_user = demo_user
        # Only who was given the address signs in as the demo user.
        self.demo_key = secrets.token_urlsafe(16)
        self._limit = RateLimit(settings.rate_limit)
        # A thread of pictures is many downloads and one request: they have a limit of their own.
        self._downloads = RateLimit(settings.rate_limit)
        self._chat: TaskChat | None = None

    @property
    def chat(self) -> TaskChat:
        """The chat, once the application has started."""
        assert self._chat is not None, "the application has not started"
        return self._chat

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Open the database, and close everything at the end."""
        silence_tracing()
        async with _tools_of(self.settings) as tools:
            self._chat = self.kind(self.settings, await open_store(self.settings.database_url), tools)
            yield
            await self._chat.close()

    async def chatkit(self, request: Request) -> Response:
        """POST /chatkit: every ChatKit request."""
        context = self._caller(request)
        self._limit.check(context.user_id)
        body = await _body(request, self.settings.max_body_bytes, self.settings.body_timeout)
        try:
            result = await self.chat.process(body, context)
        except ThreadLocked as locked:
            return EventStream(_only(error_frame(locked.message, allow_retry=False)))
        if isinstance(result, StreamingResult):
            return EventStream(result.json_events)
        return Response(result.json, media_type="application/json", headers={"cache-control": "no-store"})

    async def upload(self, request: Request) -> Response:
        """PUT or POST /attachments/{id}: the bytes of a registered file."""
        context = self._caller(request)
        self._limit.check(context.user_id)
        content = await _body(request, self.settings.max_attachment_bytes, self.settings.body_timeout)
        attachment = await self.chat.files.save_content(request.path_params["attachment_id"], content, context)
        shown = attachment.model_dump_json(exclude_none=True, context={"exclude_metadata": True})
        return Response(shown, media_type="application/json")

    async def download(self, request: Request) -> Response:
        """GET /attachments/{id}: the bytes, for their owner; only harmless images are shown in place."""
        context = self._caller(request)
        self._downloads.check(context.user_id)
        attachment_id = request.path_params["attachment_id"]
        attachment = await self.chat.sql.load_attachment(attachment_id, context)
        content = await self.chat.files.load_content(attachment_id, context)
        harmless = attachment.mime_type in SHOWN_AS_IMAGE
        headers = {
            "content-disposition": "inline" if harmless else "attachment",
            "x-content-type-options": "nosniff",
            "cross-origin-resource-policy": "same-site",
            "cache-control": "private, max-age=3600",
        }
        return Response(
            content, media_type=attachment.mime_type if harmless else "application/octet-stream", headers=headers
        )

    async def health(self, _: Request) -> Response:
        """GET /health: that the server runs and its database answers."""
        try:
            async with asyncio.timeout(_HEALTH_S):
                await self.chat.sql.database.ping()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _LOG.error("the database does not answer: %s", in_a_line(error))
            return JSONResponse({"status": "unhealthy", "database": "unreachable"}, status_code=503)
        if (free := self.chat.sql.database.free_bytes()) is not None and free < _LEAST_FREE:
            _LOG.error("the disk of the database is full: %d bytes are free", free)
            return JSONResponse({"status": "unhealthy", "database": "disk full"}, status_code=503)
        return JSONResponse({"status": "ok", "model": self.settings.gemini_model, "chatkit": version("openai-chatkit")})

    async def home(self, _: Request) -> Response:
        """GET /: the ChatKit web component, mounted against this server."""
        return HTMLResponse(page(self.settings.chatkit_domain_key), headers=HEADERS)

    async def demo(self, request: Request) -> Response:
        """GET /demo?key=...: sign in as the demo user."""
        if self.demo_user is None or not secrets.compare_digest(request.query_params.get("key", ""), self.demo_key):
            raise Refusal(404, "not_found", "there is nothing here")
        answer = RedirectResponse("/", status_code=303)
        token = token_for(self.demo_user, self.settings.jwt_secret, lifetime=_DEMO_LIFETIME, **self._named)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", max_age=int(_DEMO_LIFETIME.total_seconds()))
        return answer

    def _caller(self, request: Request) -> RequestContext:
        user_id = user_of(request, self.settings.jwt_secret, **self._named)
        if by_cookie(request):
            refuse_foreign(request, self.settings.own_origins)
        return RequestContext(user_id=user_id, origin=self.settings.public_url or str(request.base_url).rstrip("/"))

    @property
    def _named(self) -> dict[str, str]:
        return {"issuer": self.settings.jwt_issuer, "audience": self.settings.jwt_audience}


def make_app(web: Web) -> FastAPI:
    """The ASGI application."""
    app = FastAPI(
        title="ChatKit reference server", lifespan=web.lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    for path, methods, endpoint in (
        ("/chatkit", ["POST"], web.chatkit),
        ("/attachments/{attachment_id}", ["PUT", "POST"], web.upload),
        ("/attachments/{attachment_id}", ["GET"], web.download),
        ("/health", ["GET"], web.health),
        ("/demo", ["GET"], web.demo),
        ("/", ["GET"], web.home),
    ):
        app.router.add_route(path, _answered(endpoint), methods=methods)
    app.add_exception_handler(HTTPException, _http_exception)
    if web.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(web.settings.cors_origins),
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["authorization", "content-type"],
            expose_headers=["retry-after"],
        )
    return app


def _answered(endpoint: Endpoint) -> Endpoint:
    """`endpoint` with every exception as a JSON answer; caught here, inside of CORS, so that a browser may read it."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refusal as refusal:
            return _refused(refusal.status, refusal.code, refusal.message, refusal.headers)
        except NotFoundError as refusal:
            return _refused(404, "not_found", str(refusal) or "not found")
        except AttachmentTooLarge as refusal:
            return _refused(413, "too_large", str(refusal))
        except ValidationError as refusal:
            return _invalid(refusal)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it
        except Exception as error:
            if is_away(error):
                _LOG.error("%s %s: the database is away: %s", request.method, request.url.path, in_a_line(error))
                wait = {"Retry-After": str(RETRY_AFTER_S)}
                return _refused(503, "database_away", "the database is not available right now; try again", wait)
            _LOG.exception("%s %s failed", request.method, request.url.path)
            return _refused(500, "server_error", "something went wrong on the server")

    return answered


def _invalid(refusal: ValidationError) -> Response:
    errors = refusal.errors(include_url=False, include_context=False, include_input=False)
    kinds = {error["type"] for error in errors}
    if "json_invalid" in kinds:
        return _refused(400, "invalid_json", "the body is not JSON")
    if kinds & {"union_tag_invalid", "union_tag_not_found"} and not errors[0]["loc"]:
        return _refused(400, "unknown_type", errors[0]["msg"])
    where = "; ".join(f"{'.'.join(map(str, error['loc'])) or 'body'}: {error['msg']}" for error in errors[:5])
    return _refused(422, "invalid_request", where)


def _refused(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    # Escaped to ASCII: a message may quote an id that no UTF-8 can hold.
    body = json.dumps({"error": {"code": code, "message": message}})
    return Response(body, status_code=status, headers=headers, media_type="application/json")


async def _http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "method_not_allowed"}
    return _refused(
        error.status_code, codes.get(error.status_code, "http_error"), str(error.detail), dict(error.headers or {})
    )


async def _body(request: Request, most: int, within_s: float) -> bytes:
    announced = request.headers.get("content-length", "")
    too_large = Refusal(413, "too_large", f"the body is above {most} bytes")
    if announced.isdecimal() and int(announced) > most:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(within_s):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise too_large
                parts.append(part)
    except TimeoutError:
        raise Refusal(408, "body_too_slow", f"the body did not come within {within_s:g} s") from None
    return b"".join(parts)


async def _only(frame: bytes) -> AsyncIterator[bytes]:
    yield frame
