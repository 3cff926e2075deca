"""More that makes a right server ill, or only odd: at its start, around it, and in how it asks its model."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import httpx
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, PlainTextResponse

from .symptoms import App, Passing, Wrap, asking, named, tell, through

# At the start


def ends_with(*lines: str) -> Callable[[], None]:
    """Print these lines and end."""

    def begin() -> None:
        for line in lines:
            tell(line)
        sys.exit(1)

    return begin


def raises(error: Exception) -> Callable[[], None]:
    """Raise this before anything listens."""

    def begin() -> None:
        raise error

    return begin


def tells_its_url_after(seconds: float, port: int) -> Callable[[], None]:
    """Print the URL so many seconds after the start."""

    def begin() -> None:
        threading.Timer(seconds, print, (f"Server ready: http://127.0.0.1:{port}",), {"flush": True}).start()

    return begin


def clock_ahead() -> None:
    """Let this process's clock be two hours ahead."""
    real = time.time
    time.time = lambda: real() + 7200


def without_exceptions_of_proxies() -> None:
    """Forget which hosts are asked without a proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ.pop(name, None)


def exports_traces() -> None:
    """Tell OpenAI of each trace, as the Agents SDK does unless it is told not to."""

    def export() -> None:
        try:
            httpx.post("https://api.openai.com/v1/traces/ingest", json={}, timeout=2)
        except httpx.HTTPError:
            tell("[non-fatal] Tracing: request failed")

    threading.Thread(target=export, daemon=True).start()


# Around the application


def answers(status: int, body: Any, *, first: int = 0, on: str = "") -> Wrap:
    """Answer this in the application's place.

    Args:
        first: how many requests go through before. on: only requests whose body holds this.
    """

    def wrap(app: App) -> App:
        seen = 0

        async def answering(scope: Any, receive: Any, send: Any) -> None:
            nonlocal seen
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            message = await receive()
            if on.encode() in message.get("body", b""):
                seen += 1
                if seen > first:
                    made = PlainTextResponse(body, status) if isinstance(body, str) else JSONResponse(body, status)
                    await made(scope, receive, send)
                    return

            waiting = [message]

            async def again() -> Any:
                return waiting.pop() if waiting else await receive()

            await app(scope, again, send)

        return answering

    return wrap


def secure_only(app: App) -> App:
    """Send who comes by http on to https."""
    return HTTPSRedirectMiddleware(app)


def own_host_only(app: App) -> App:
    """Take requests to the shop's own name alone."""
    return TrustedHostMiddleware(app, allowed_hosts=["shop.example.com"])


def at(path: str) -> Wrap:
    """Answer at this path alone."""

    def wrap(app: App) -> App:
        async def moved(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["path"] != path:
                await JSONResponse({"detail": "Not Found"}, 404)(scope, receive, send)
                return
            await app({**scope, "path": "/chatkit"} if scope["type"] == "http" else scope, receive, send)

        return moved

    return wrap


def refuses_tokens(says: str) -> Wrap:
    """Refuse each token with this reason, as a framework's sign-in does."""
    return answers(401, {"detail": says})


class _NoThread(Passing):
    async def handle(self, message: dict[str, Any]) -> None:
        if b'"thread.created"' not in message.get("body", b""):
            await self.send(message)


class _Pings(Passing):
    async def handle(self, message: dict[str, Any]) -> None:
        if message.get("body"):
            message = {**message, "body": b": ping\r\n\r\n" + message["body"].replace(b"\n", b"\r\n")}
        await self.send(message)


class _Labelled(Passing):
    async def handle(self, message: dict[str, Any]) -> None:
        if "headers" in message:
            message = {**message, "headers": [*message["headers"], (b"content-encoding", b"gzip")]}
        await self.send(message)


no_thread_created = through(_NoThread)
pings = through(_Pings)
labelled_gzip = through(_Labelled)


# How the model is asked


class Loud(httpx.AsyncHTTPTransport):
    """Prints what goes wrong on the way to the model, as a server's log does."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except httpx.HTTPError:
            traceback.print_exc()
            raise


def loud(model: Any, base_url: str = "", **headers: str) -> None:
    """Ask at this base URL, or the one that it has, with these headers, and print what goes wrong."""
    old = model._http
    kept = {**old.headers, **headers}
    model._http = httpx.AsyncClient(base_url=base_url or old.base_url, headers=kept, transport=Loud(trust_env=False))


def by_https(model: Any) -> None:
    """Ask by https what speaks http."""
    loud(model, str(model._http.base_url).replace("http://", "https://"))


def at_closed_port(model: Any) -> None:
    """Ask at a port that nobody listens on."""
    loud(model, "http://127.0.0.1:9/v1beta/openai/")


def at_unknown_host(model: Any) -> None:
    """Ask a host whose name is misspelled."""
    loud(model, "http://generativelanguage.gogleapis.invalid/v1beta/openai/")


def with_key(change: Callable[[str], str]) -> Callable[[Any], None]:
    """Send the key as it is after this."""

    def put(model: Any) -> None:
        loud(model, authorization=f"Bearer {change(os.environ['GEMINI_API_KEY'])}")

    return put


def by_proxy(model: Any) -> None:
    """Take proxies from the environment."""
    old = model._http
    model._http = httpx.AsyncClient(base_url=old.base_url, headers=old.headers, trust_env=True)


def without_signatures(model: Any) -> None:
    """Send calls back without what Gemini gave them beside name and arguments."""

    def change(request: httpx.Request) -> httpx.Request:
        body = json.loads(request.content)
        for message in body["messages"]:
            for call in message.get("tool_calls") or ():
                call.pop("extra_content", None)
        headers = {k: v for k, v in request.headers.items() if k not in ("content-length", "content-type")}
        return httpx.Request(request.method, request.url, headers=headers, json=body, extensions=request.extensions)

    asking(model, change)


def with_prefix(prefix: str) -> Callable[[Any], None]:
    """Ask for the model by its name with this in front."""

    def put(model: Any) -> None:
        named(prefix + model.name)(model)

    return put
