"""What makes a right server ill: around its application, or in how it asks its model."""

from __future__ import annotations

import asyncio
import gzip as zipping
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

App = Any
Wrap = Callable[[App], App]

STREAM = b"text/event-stream"


def web_page() -> App:
    """A page at every path."""

    async def page(_: Request) -> Response:
        return HTMLResponse("<!doctype html><title>Shop</title>")

    return Starlette(routes=[Route("/{rest:path}", page, methods=["GET", "POST"])])


def stock() -> App:
    """The SDK's own example of a server, with nothing of ours."""
    from chatkit.server import StreamingResult

    from tests.compat.probe import Memory, Stock

    server = Stock(Memory(), os.environ["GEMINI_BASE_URL"])

    async def post(request: Request) -> Response:
        result = await server.process(await request.body(), {})
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(result.json, media_type="application/json")

    return Starlette(routes=[Route("/chatkit", post, methods=["POST"])])


def tell(text: str) -> None:
    """Print it, as a server's log does."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def other_secret() -> None:
    """Check tokens with another secret than the run's."""
    os.environ["JWT_SECRET"] = "a-secret-that-stands-in-the-code-of-the-server"


# Around the application


def moved_301(app: App) -> App:
    """Answer at /chatkit/, and send /chatkit on in the wrong way."""

    async def moved(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/chatkit":
            await RedirectResponse("/chatkit/", status_code=301)(scope, receive, send)
            return
        await app({**scope, "path": scope["path"].rstrip("/")}, receive, send)

    return moved


def with_headers(change: Callable[[dict[bytes, bytes]], None]) -> Wrap:
    """Change the request's headers before the application sees them."""

    def wrap(app: App) -> App:
        async def changed(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                headers = dict(scope["headers"])
                change(headers)
                scope = {**scope, "headers": list(headers.items())}
            await app(scope, receive, send)

        return changed

    return wrap


def _from_cookie(headers: dict[bytes, bytes]) -> None:
    headers.pop(b"authorization", None)
    if found := re.search(rb"access_token=([^;]+)", headers.get(b"cookie", b"")):
        headers[b"authorization"] = b"Bearer " + found[1]


cookie_only = with_headers(_from_cookie)


def one_user(app: App) -> App:
    """Whoever asks with a token is user a, whose token came first."""
    first: dict[str, bytes] = {}

    def change(headers: dict[bytes, bytes]) -> None:
        if given := headers.get(b"authorization"):
            headers[b"authorization"] = first.setdefault("a", given)

    return with_headers(change)(app)


def knows_only_a(app: App) -> App:
    """Whoever is not the first user is refused."""
    first: dict[str, bytes] = {}

    async def wrap(scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization")
        if given and given != first.setdefault("a", given):
            await JSONResponse({"error": "unknown user"}, 403)(scope, receive, send)
            return
        await app(scope, receive, send)

    return wrap


def fails(printed: str) -> Wrap:
    """Print this for each request, and answer 500."""

    def wrap(app: App) -> App:
        async def failing(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            tell(printed)
            await JSONResponse({"error": "internal"}, 500)(scope, receive, send)

        return failing

    return wrap


class Passing:
    """What stands between the application and a streamed answer: each message goes through `handle`."""

    def __init__(self, send: Any) -> None:
        self.send = send
        self.stream = False

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.stream = STREAM in dict(message["headers"]).get(b"content-type", b"")
        await (self.handle(message) if self.stream else self.send(message))

    async def handle(self, message: dict[str, Any]) -> None:
        """Send it on, as it is; subclasses change it."""
        await self.send(message)


def through(passing: Callable[[Any], Passing]) -> Wrap:
    """An application whose streams go through this."""

    def wrap(app: App) -> App:
        async def wrapped(scope: Any, receive: Any, send: Any) -> None:
            await app(scope, receive, passing(send))

        return wrapped

    return wrap


def _kind(message: dict[str, Any], kind: str) -> dict[str, Any]:
    headers = [(k, v) for k, v in message["headers"] if k != b"content-type"]
    return {**message, "headers": [*headers, (b"content-type", kind.encode())]}


def called(kind: str) -> Wrap:
    """Streams under another content type."""

    class Renamed(Passing):
        async def handle(self, message: dict[str, Any]) -> None:
            await self.send(_kind(message, kind) if "headers" in message else message)

    return through(Renamed)


class _Lines(Passing):
    async def handle(self, message: dict[str, Any]) -> None:
        if "headers" in message:
            await self.send(_kind(message, "application/x-ndjson"))
            return
        text = message.get("body", b"").replace(b"data: ", b"").replace(b"\n\n", b"\n")
        await self.send({**message, "body": text})


class _Foreign(Passing):
    async def handle(self, message: dict[str, Any]) -> None:
        if message.get("body"):
            chunk = {"object": "chat.completion.chunk", "choices": [{"delta": {"content": "Hi"}, "index": 0}]}
            message = {**message, "body": b"data: " + json.dumps(chunk).encode() + b"\n\n"}
        await self.send(message)


class _Done(Passing):
    async def handle(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            await self.send({"type": "http.response.body", "body": b"data: [DONE]\n\n", "more_body": True})
        await self.send(message)


class _Endless(Passing):
    async def handle(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            await asyncio.Event().wait()
        await self.send(message)


class _OneId(Passing):
    async def handle(self, message: dict[str, Any]) -> None:
        if message.get("body"):
            event = json.loads(message["body"].removeprefix(b"data: "))
            if event.get("item", {}).get("type") == "assistant_message":
                event["item"]["id"] = "__fake_id__"
            if "item_id" in event:
                event["item_id"] = "__fake_id__"
            message = {**message, "body": b"data: " + json.dumps(event).encode() + b"\n\n"}
        await self.send(message)


lines_of_json = through(_Lines)
other_protocol = through(_Foreign)
done_line = through(_Done)
never_ends = through(_Endless)
one_id = through(_OneId)


def hangs(app: App) -> App:
    """Answer no stream at all."""

    class Silent(Passing):
        async def handle(self, message: dict[str, Any]) -> None:
            await asyncio.Event().wait()

    return through(Silent)(app)


def breaks_off(why: Exception) -> Wrap:
    """Break a stream off after its first event, by an exception that nobody catches."""

    class Broken(Passing):
        async def handle(self, message: dict[str, Any]) -> None:
            await self.send(message)
            if message.get("body"):
                raise why

    return through(Broken)


def buffered(*, gzip: bool = False) -> Wrap:
    """Keep a stream back until it is whole, as a proxy or a compressing middleware does."""

    class Kept(Passing):
        async def handle(self, message: dict[str, Any]) -> None:
            if "headers" in message:
                self.start, self.body = message, b""
                return
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                body = zipping.compress(self.body) if gzip else self.body
                more = [(b"content-encoding", b"gzip")] if gzip else [(b"content-length", b"%d" % len(body))]
                await self.send({**self.start, "headers": [*self.start["headers"], *more]})
                await self.send({"type": "http.response.body", "body": body})

    return through(Kept)


def cors(origin: str, headers: Sequence[str] = ("authorization", "content-type")) -> Wrap:
    """Let pages of this origin in, with these headers."""

    def wrap(app: App) -> App:
        return CORSMiddleware(app, allow_origins=[origin], allow_methods=["POST"], allow_headers=headers)

    return wrap


def sets_cookie(line: str) -> Wrap:
    """Set a cookie with each stream."""

    class Setting(Passing):
        async def handle(self, message: dict[str, Any]) -> None:
            if "headers" in message:
                message = {**message, "headers": [*message["headers"], (b"set-cookie", line.encode())]}
            await self.send(message)

    return through(Setting)


# How the model is asked


class Rewriting(httpx.AsyncHTTPTransport):
    """Sends a request on after `change` has changed it."""

    def __init__(self, change: Callable[[httpx.Request], httpx.Request | None]) -> None:
        super().__init__(trust_env=False)
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await super().handle_async_request(self._change(request) or request)


def asking(model: Any, change: Callable[[httpx.Request], httpx.Request | None]) -> None:
    """Let the model's requests go through this."""
    old = model._http
    model._http = httpx.AsyncClient(base_url=old.base_url, headers=old.headers, transport=Rewriting(change))


def at_path(path: str) -> Callable[[Any], None]:
    """Ask at this path of the model's host."""

    def change(request: httpx.Request) -> None:
        request.url = request.url.copy_with(path=path)

    return lambda model: asking(model, change)


def with_header(name: str, value: str) -> Callable[[Any], None]:
    """Send this header in place of what it has; "" leaves it out."""

    def change(request: httpx.Request) -> None:
        del request.headers[name]
        if value:
            request.headers[name] = value

    return lambda model: asking(model, change)


def with_openai_key(model: Any) -> None:
    """Send OPENAI_API_KEY."""
    with_header("authorization", f"Bearer {os.environ['OPENAI_API_KEY']}")(model)


def with_field(name: str, value: Any) -> Callable[[Any], None]:
    """Send one more field."""

    def change(request: httpx.Request) -> httpx.Request:
        body = {**json.loads(request.content), name: value}
        headers = {k: v for k, v in request.headers.items() if k not in ("content-length", "content-type")}
        return httpx.Request(request.method, request.url, headers=headers, json=body, extensions=request.extensions)

    return lambda model: asking(model, change)


def at_host(url: str) -> Callable[[Any], None]:
    """Ask another host, as a client does that reads proxies from the environment."""

    def put(model: Any) -> None:
        model._http = httpx.AsyncClient(base_url=url, headers=model._http.headers, timeout=5)

    return put


def named(name: str) -> Callable[[Any], None]:
    """Ask for this model."""

    def put(model: Any) -> None:
        model.name = name

    return put
