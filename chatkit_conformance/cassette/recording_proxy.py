"""The recording proxy: a proxy between a server and Gemini that passes everything on and keeps what passed, scrubbed.

The server is given its address as Gemini's base URL, so it works for servers in any language. The key stays here: the
server holds one that opens nothing, and the proxy puts the real one in its place. Before each request it asks the
budget; what is beyond it is refused in Gemini's own form and never sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import httpx
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from .budget import Budget
from .scrub import request_headers, response_headers, scrub_text
from .tape import TapedCall

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol
else:
    Protocol = AutoHTTPProtocol

DROP = "tap.drop"
"""Scope extension: a function that closes the connection as it is."""

FACE = "/v1beta/openai/"
KEYS = ("x-goog-api-key", "authorization")
"""Headers that may hold the key: that of Gemini's own API, and that of the OpenAI-compatible endpoint."""

SILENCE_S = 120.0
"""Seconds for which Gemini may say nothing: longer than any server of ours waits."""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "content-length",
        "accept-encoding",
        "authorization",
        "x-goog-api-key",
    }
)
"""Headers that are between two neighbours (RFC 9110, 7.6.1), or that the recording proxy sets itself."""

QUIET_HEADERS = frozenset({"transfer-encoding", "connection", "keep-alive", "content-length"})


class RecordingProxy:
    """The proxy. Use it with `async with`.

    Args:
        upstream: Gemini's base URL, or the stand-in's; it may be set later. key: sent in place of the server's.
        secrets: more texts that must not be kept. budget: asked before each request.
        ends_at_refusal: whether nothing more is sent once Gemini refused the key or the model, or cannot be reached.
    """

    def __init__(
        self,
        *,
        upstream: str = "",
        key: str = "",
        secrets: Sequence[str] = (),
        budget: Budget | None = None,
        ends_at_refusal: bool = False,
    ) -> None:
        self.upstream = upstream
        self.calls: list[TapedCall] = []
        self.budget = budget or Budget()
        self._ends_at_refusal = ends_at_refusal
        self._key = key
        self._secrets = [s for s in (key, *secrets) if s]
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(SILENCE_S, connect=10.0), follow_redirects=False)
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            http=_Protocol,
            lifespan="off",
            log_config=None,
            log_level="critical",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None

    @property
    def base_url(self) -> str:
        """What the server's GEMINI_BASE_URL shall be."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}{FACE}"

    async def __aenter__(self) -> RecordingProxy:
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        if self._serving is not None:
            await asyncio.wait({self._serving}, timeout=5)
        await self._http.aclose()
        self._socket.close()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        call = TapedCall(method=request.method, path=scope["path"].removeprefix(FACE))
        headers = dict(request.headers.items())
        call.request_headers = request_headers(headers, self._secrets)
        call.body = scrub_text(body.decode("utf-8", "replace"), self._secrets)
        refusal = self.budget.refusal()
        if refusal:
            await _refused(429, refusal)(scope, receive, send)
            return
        self.budget.requests += 1
        self.calls.append(call)
        passing = asyncio.ensure_future(self._pass(call, headers, body, request, send))
        leaving = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({passing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not passing.done():
                call.ended = "left"
                call.ended_s = time.monotonic() - self._began(call)
        finally:
            passing.cancel()
            leaving.cancel()
            await asyncio.gather(passing, leaving, return_exceptions=True)
            self._close(call)

    async def _pass(self, call: TapedCall, headers: dict[str, str], body: bytes, request: Request, send: Send) -> None:
        """Ask Gemini, hand on what comes. A cut answer is cut here too: it returns without ending the transfer."""
        began = self._began(call)
        asked = {n: v for n, v in headers.items() if n.lower() not in HOP_BY_HOP}
        asked |= {"accept-encoding": "identity", **self._credential(headers)}
        url = self._address(call.path, request.url.query)
        raw = bytearray()
        try:
            async with self._http.stream(call.method, url, content=body, headers=asked) as answer:
                call.status = answer.status_code
                call.response_headers = response_headers(answer.headers.multi_items(), self._secrets)
                kept = [(n, v) for n, v in answer.headers.raw if n.decode().lower() not in QUIET_HEADERS]
                await send({"type": "http.response.start", "status": answer.status_code, "headers": kept})
                streams = answer.headers.get("content-type", "").startswith("text/event-stream")
                async for piece in answer.aiter_raw():
                    raw += piece
                    events = raw.count(b"\n\n") if streams else 0
                    call.at += [time.monotonic() - began] * max(0, events - len(call.at))
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            call.ended_s = time.monotonic() - began
            call.at = call.at or [call.ended_s]
            # Before the server is told: what it does next must find this call closed.
            call.text = bytes(raw).decode("utf-8", "surrogateescape")
            await send({"type": "http.response.body", "body": b""})
        except httpx.HTTPError as error:
            call.ended, call.ended_s = "cut", time.monotonic() - began
            if not call.status and isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
                request.scope["extensions"][DROP]()
            elif not call.status:
                text = f"Gemini could not be reached at {self.upstream}: {type(error).__name__}: {error}"
                if self._ends_at_refusal:
                    self.budget.ended = f"{text}. Check GEMINI_BASE_URL and the network."
                await _refused(502, text)(request.scope, request.receive, send)
                call.status = 502
        finally:
            call.text = bytes(raw).decode("utf-8", "surrogateescape")

    def _credential(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The key, in the header in which the server's own came; that one itself where there is no other."""
        name = next((name for name in KEYS if name in headers), "authorization")
        if not self._key:
            return {name: headers.get(name, "")}
        return {name: f"Bearer {self._key}" if name == "authorization" else self._key}

    def _address(self, path: str, query: str) -> str:
        """Where a request is sent on to: below the endpoint, or to Gemini's own API beside it."""
        base = self.upstream.rstrip("/")
        if path.startswith("/"):
            base, path = base.removesuffix("/openai").removesuffix("/v1beta"), path.removeprefix("/")
        asked = "&".join(part for part in query.split("&") if part and not part.startswith("key="))
        return f"{base}/{path}?{asked}" if asked else f"{base}/{path}"

    def _began(self, call: TapedCall) -> float:
        if call.began is None:
            call.began = time.monotonic()
        return call.began

    def _close(self, call: TapedCall) -> None:
        """Scrub the answer, count its tokens."""
        call.text = scrub_text(call.text, self._secrets)
        if self._ends_at_refusal and not self.budget.ended:
            self.budget.ended = lasting_refusal(call)
        call.tokens = tokens_of(call.text)
        self.budget.add(call.tokens)
        call.over.set()


REFUSED: Mapping[int, str] = {
    401: "Set GEMINI_API_KEY to a key that is valid (https://aistudio.google.com/apikey).",
    403: "Set GEMINI_API_KEY to a key that may use this model (https://aistudio.google.com/apikey).",
    404: "Set GEMINI_MODEL to a model that there is, and GEMINI_BASE_URL to an address that ends in /openai/.",
}
"""Statuses that the same request meets again, and what to do."""

KEY_INVALID = "API key"
"""Words of Gemini's 400 that speaks of the key (reason API_KEY_INVALID); any other 400 speaks of the request."""


def lasting_refusal(call: TapedCall) -> str:
    """Why Gemini would refuse each request as it refused this one, and what to type; "" where it would not."""
    status = 401 if call.status == 400 and KEY_INVALID in call.text else call.status
    if status not in REFUSED:
        return ""
    said = " ".join(call.text.split())[:SHOWN]
    return f"Gemini refused the first request with HTTP {call.status}: {said} {REFUSED[status]}"


SHOWN = 300
"""Characters of a refusal that are shown."""


def tokens_of(text: str) -> dict[str, int]:
    """The usage that an answer tells, streamed or not: the last one in it."""
    found: dict[str, int] = {}
    for line in re.split(r"\r?\n\r?\n", text) if text.startswith("data:") else [text]:
        try:
            value = json.loads(line.removeprefix("data: "))
        except ValueError:
            continue
        usage = value.get("usage") or _native(value.get("usageMetadata")) if isinstance(value, dict) else None
        if isinstance(usage, dict):
            found = {k: v for k, v in usage.items() if isinstance(v, int) and not isinstance(v, bool)}
    return found


def _native(usage: object) -> dict[str, object]:
    """The usage as Gemini's own API tells it, in the words of the other endpoint."""
    names = {"promptTokenCount": "prompt_tokens", "candidatesTokenCount": "completion_tokens"}
    names["totalTokenCount"] = "total_tokens"
    return {ours: usage.get(theirs) for theirs, ours in names.items()} if isinstance(usage, dict) else {}


class _Protocol(Protocol):
    """HTTP/1.1 whose application may close the connection before any answer, as Gemini may."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        super().connection_made(transport)
        app = self.app

        async def with_drop(scope: Scope, receive: Receive, send: Send) -> None:
            scope["extensions"] = {DROP: transport.close}
            await app(scope, receive, send)

        self.app = with_drop


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]  # a generator there
        return contextlib.nullcontext()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _refused(status: int, message: str) -> Response:
    """A refusal in Gemini's form."""
    name = {429: "RESOURCE_EXHAUSTED", 502: "UNAVAILABLE"}.get(status, "UNKNOWN")
    error = {"error": {"code": status, "message": message, "status": name}}
    return Response(f"[{json.dumps(error, indent=2)}\n]", status, media_type="application/json")
