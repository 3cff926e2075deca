"""The paths of the stand-in: Gemini's under /v1beta/openai/, each call in the journal; the control side; and nowhere.

Answers go straight to the server: no middleware stands between a stream and its connection.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.routing import Mount, Route, Router

from .control import PREFIX, control
from .conversation import NONCE
from .entry import Entry
from .errors import Failure, failure
from .journal import Journal
from .models import MODELS, listing
from .native.asked import chat_completion
from .native.writer import NativeSend
from .nesting import read_json
from .refuse import authorization
from .responses.asked import chat_completion as as_completion
from .responses.writer import ResponsesSend
from .stream import until_gone
from .vectors import NATIVE as OTHERS
from .vectors import answer, embeddings
from .wire import LINE, End, Line, Receive, Scope, Send, headers, send_whole

if TYPE_CHECKING:
    from .app import Standin

FACE = "/v1beta/openai/"
NATIVE = ("/v1beta/models/", "/v1/models/")
"""Gemini's own API (see native/); ADK and LiteLLM ask v1beta, some clients v1."""

METHODS = {"generateContent": False, "streamGenerateContent": True}
"""Its methods that ask for words, and whether they stream."""

LARGEST_BODY = 20 * 1024 * 1024
"""Bytes. Gemini's own limit for a request with inline data."""

DROPPED_WITHIN_S = 5.0

NOT_FOUND = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 404 (Not Found)!!1</title>
  <p><b>404.</b> <ins>That\u2019s an error.</ins>
  <p>The requested URL <code>{path}</code> was not found on this server.  <ins>That\u2019s all we know.</ins>
</html>
"""


class TooLarge(Exception):
    """A request body beyond LARGEST_BODY."""


Answer = Callable[[Request, Send, Entry], Awaitable[None]]


def routes(standin: Standin) -> Router:
    """Every path."""

    async def ended(answer: Coroutine[Any, Any, End], request: Request, entry: Entry) -> None:
        line = request.scope.get("extensions", {}).get(LINE)
        end = await until_gone(answer, request.receive, entry)
        if line and end in (End.CLOSE, End.RESET):
            await _drop(line, request.receive, reset=end is End.RESET)

    async def chat(request: Request, send: Send, entry: Entry) -> None:
        head = dict(request.headers.items())
        if standin.upstream is not None:
            passed = standin.pass_on(standin.upstream, head, send, entry, raw=entry.raw, sent=head)
            await ended(passed, request, entry)
            return
        line = request.scope.get("extensions", {}).get(LINE)
        await ended(standin.chat(head, send, entry, line), request, entry)

    async def models(request: Request, send: Send, entry: Entry) -> None:
        if standin.upstream is None:
            await _models(request, send, entry)
            return
        entry.matched = True
        await ended(standin.upstream.answer(entry, b"", dict(request.headers.items()), send), request, entry)

    async def beside(what: Callable[[Any], Any], request: Request, send: Send, entry: Entry) -> None:
        """Answer what asks for no words: it belongs to no conversation."""
        entry.matched = True
        standin.journal.file(entry)
        if standin.upstream is not None:
            head, query = dict(request.headers.items()), request.url.query
            await ended(standin.upstream.answer(entry, entry.raw, head, send, query=query), request, entry)
            return
        try:
            value = answer(what, entry.raw)
        except ValueError as error:
            await _whole(send, entry, 400, "application/json", Failure(code=400, message=str(error)).body())
            return
        await _whole(send, entry, 200, "application/json", json.dumps(value, separators=(",", ":")))

    async def vectors(request: Request, send: Send, entry: Entry) -> None:
        await beside(embeddings, request, send, entry)

    async def native(request: Request, send: Send, entry: Entry) -> None:
        name, _, method = str(request.path_params["name"]).rpartition(":")
        if name and (what := OTHERS.get(method)):
            await beside(what, request, send, entry)
            return
        if method not in METHODS or not name:
            _file(standin.journal, entry)
            await _nowhere(request, send, entry)
            return
        head = dict(request.headers.items())
        key = head.pop("x-goog-api-key", "") or request.query_params.get("key", "")
        if key:
            head["authorization"] = f"Bearer {key}"
        head.pop("accept-encoding", None)  # events are written anew while they pass
        streaming, raw = METHODS[method], entry.raw
        try:
            body = read_json(raw)
        except ValueError:
            body = None
        if isinstance(body, dict):
            entry.raw = json.dumps(chat_completion(body, name, streaming=streaming)).encode()
        if standin.upstream is not None:
            sent, query = dict(request.headers.items()), request.url.query
            passed = standin.pass_on(standin.upstream, head, send, entry, raw=raw, sent=sent, query=query)
            await ended(passed, request, entry)
            return
        line = request.scope.get("extensions", {}).get(LINE)
        await ended(standin.chat(head, NativeSend(send), entry, line), request, entry)

    async def responses(request: Request, send: Send, entry: Entry) -> None:
        try:
            body = read_json(entry.raw)
        except ValueError:
            body = None
        if not standin.settings.also_responses or not isinstance(body, dict):
            _file(standin.journal, entry)
            await _nowhere(request, send, entry)
            return
        head = {k: v for k, v in request.headers.items() if k != "accept-encoding"}  # events are written anew
        entry.raw = json.dumps(as_completion(body)).encode()
        line = request.scope.get("extensions", {}).get(LINE)
        await ended(standin.chat(head, ResponsesSend(send, body), entry, line), request, entry)

    return Router(
        [
            Mount(PREFIX, control(standin)),
            Route(f"{FACE}chat/completions", Journaled(standin, "POST", chat)),
            Route(f"{FACE}responses", Journaled(standin, "POST", responses)),
            Route(f"{FACE}embeddings", Journaled(standin, "POST", vectors)),
            Route(f"{FACE}models", Journaled(standin, "GET", models)),
            Route(f"{FACE}models/{{name:path}}", Journaled(standin, "GET", models)),
            *(Route(f"{prefix}{{name:path}}", Journaled(standin, "POST", native)) for prefix in NATIVE),
        ],
        default=Journaled(standin, "", _nowhere),
        redirect_slashes=False,
    )


class Journaled:
    """A path whose calls are kept in the journal, from their arrival to their end.

    Args:
        method: the one that it answers; all others lead nowhere. answer: what it says.
    """

    def __init__(self, standin: Standin, method: str, answer: Answer) -> None:
        self._standin = standin
        self._method = method
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            raw = await _body(receive)
        except TooLarge:
            text = f"Request payload size exceeds the limit: {LARGEST_BODY} bytes."
            body = Failure(code=400, message=text).body().encode()
            await send_whole(send, 400, headers("application/json", 0.0, zipped=False), body)
            return
        journal = self._standin.journal
        entry = journal.add(method=scope["method"], path=scope["path"], headers=scope["headers"], raw=raw)
        answer = self._answer if entry.method == self._method else _nowhere
        if answer is _nowhere or entry.method == "GET":
            _file(journal, entry)
        try:
            await answer(Request(scope, receive), send, entry)
        finally:
            if not entry.ended:
                entry.gone_at = time.monotonic()
            journal.close(entry)


def _file(journal: Journal, entry: Entry) -> None:
    """File a call that no script answers under the nonce in its text, if it has one."""
    entry.nonce = next(reversed(NONCE.findall(entry.raw.decode("utf-8", "replace"))), "")
    journal.file(entry)


async def _models(request: Request, send: Send, entry: Entry) -> None:
    """The model list, or one model."""
    name = str(request.path_params.get("name", "")).removeprefix("models/")
    refused = next(authorization(request.headers), None)
    if refused is None and name and name not in MODELS:
        refused = failure("not-found", None, name)
    if refused:
        entry.complaints = (refused.message,)
        await _whole(send, entry, refused.code, "application/json", refused.body())
        return
    entry.matched = True
    value = listing()
    if name:
        value = next(m for m in value["data"] if m["id"] == f"models/{name}")
    await _whole(send, entry, 200, "application/json", json.dumps(value, separators=(",", ":")))


async def _nowhere(request: Request, send: Send, entry: Entry) -> None:
    """The front end's 404 for a path that is not Gemini's."""
    await _whole(send, entry, 404, "text/html; charset=UTF-8", NOT_FOUND.format(path=entry.path))


async def _whole(send: Send, entry: Entry, status: int, content_type: str, text: str) -> None:
    entry.status = status
    entry.sent.append((time.monotonic(), text))
    await send_whole(send, status, headers(content_type, 0.0, zipped=False), text.encode())
    entry.finished_at = time.monotonic()


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise TooLarge
        if not message.get("more_body"):
            return b"".join(parts)


async def _drop(line: Line, receive: Receive, reset: bool) -> None:
    """End the connection and wait until it is ended, so that the server adds no answer of its own."""
    if reset:
        await line.reset()
    else:
        line.close()
    async with asyncio.timeout(DROPPED_WITHIN_S):
        while (await receive())["type"] != "http.disconnect":
            pass
