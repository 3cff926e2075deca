"""One of the servers by hand, over Starlette and uvicorn."""

from __future__ import annotations

import json
from contextlib import aclosing

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .access import QUERY
from .answering import LARGEST, Answered, answered
from .chat import Chat


class Streamed(StreamingResponse):
    """A stream whose turn is closed when the browser leaves, not when the collector comes by."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self.body_iterator):  # type: ignore[type-var]  # always a generator here
            await super().__call__(scope, receive, send)


def _sent(made: Answered) -> Response:
    if made.frames is not None:
        return Streamed(made.frames, media_type="text/event-stream", headers={"cache-control": "no-cache"})
    if made.body is None:
        return Response(status_code=made.status)
    # In ASCII: what a client sent may hold half a letter, which has no UTF-8.
    return Response(json.dumps(made.body), made.status, media_type="application/json")


def application(chat: Chat) -> Starlette:
    """The server, as an application."""

    async def post(request: Request) -> Response:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return JSONResponse({"error": "too large"}, status_code=413)
        made = await answered(chat, {**request.headers, QUERY: request.url.query}, bytes(body))
        sent = _sent(made)
        sent.headers.update(dict(made.headers))
        for line in made.cookies:
            sent.headers.append("set-cookie", line)
        return sent

    async def moved(request: Request) -> Response:
        return RedirectResponse("/chatkit/", status_code=307)

    if chat.habits.slash:
        return Starlette(
            routes=[Route("/chatkit/", post, methods=["POST"]), Route("/chatkit", moved, methods=["POST"])]
        )
    return Starlette(routes=[Route("/chatkit", post, methods=["POST"])])


def serve(chat: Chat, port: int) -> None:
    """Serve until stopped."""
    uvicorn.run(application(chat), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2)
