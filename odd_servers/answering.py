"""What is sent for a request: a status and JSON, or a stream of frames. The same over Starlette and over sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .access import USER_OF
from .chat import Chat, Event, Wrong
from .threads import NotThere

JSON = Any

STREAMING = (
    "threads.create",
    "threads.add_user_message",
    "threads.add_client_tool_output",
    "threads.add_structured_input",
    "threads.retry_after_item",
    "threads.custom_action",
)
OTHERS = (
    "threads.get_by_id",
    "threads.list",
    "threads.update",
    "threads.delete",
    "items.list",
    "items.feedback",
    "attachments.create",
    "attachments.delete",
    "input.transcribe",
    "threads.sync_custom_action",
)
LARGEST = 4_000_000
KEEP_ALIVE_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A status with JSON, or with the frames of a stream. `cookies`: its Set-Cookie lines. `headers`: more of them."""

    status: int = 200
    body: JSON = None
    frames: AsyncIterator[bytes] | None = None
    cookies: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


async def answered(chat: Chat, headers: Mapping[str, str], body: bytes) -> Answered:
    """The answer to one POST."""
    habits = chat.habits
    if habits.slow_s:
        await asyncio.sleep(habits.slow_s)
    user = chat.renewing.user_of(headers) if chat.renewing else USER_OF[habits.auth](headers)
    if not user:
        return Answered(status=401, body={"error": "sign in first"})
    made = _answered(chat, user, body)
    return replace(made, cookies=chat.renewing.set_cookies(user)) if chat.renewing else made


def _answered(chat: Chat, user: str, body: bytes) -> Answered:
    habits, kind = chat.habits, ""
    try:
        try:
            request = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Wrong("this is not JSON") from error
        if not isinstance(request, dict) or request.get("type") not in (*STREAMING, *OTHERS):
            raise Wrong("this is no request of ChatKit's")
        kind, params = request["type"], request.get("params") or {}
        if not isinstance(params, dict):
            raise Wrong("params is an object")
        if kind in STREAMING and habits.one_each:
            return _one_each(chat, user, kind, params)
        if kind in STREAMING:
            return Answered(frames=_queued(chat.places, _framed(chat.turn(user, kind, params))))
        return Answered(body=chat.answer(user, kind, params))
    except (Wrong, NotThere) as refused:
        return _refused(habits.refusal, kind, refused)


def _one_each(chat: Chat, user: str, kind: str, params: Mapping[str, JSON]) -> Answered:
    """The answer of who has no other at this moment; else when to come back (RFC 6585 section 4)."""
    if user in chat.answering:
        body = {"error": "You have an answer under way; wait for its end."}
        return Answered(status=429, body=body, headers=(("Retry-After", "1"),))
    events = chat.turn(user, kind, params)
    chat.answering.add(user)

    async def frames() -> AsyncGenerator[bytes, None]:
        try:
            async with contextlib.aclosing(_framed(events)) as framed:
                async for frame in framed:
                    yield frame
        finally:
            chat.answering.discard(user)

    return Answered(frames=frames())


def _refused(way: str, kind: str, why: Exception) -> Answered:
    missing = isinstance(why, NotThere)
    status = {
        "403": 403 if missing else 400,
        "409": 404 if missing else 409,
        "422": 422,
    }.get(way, 404 if missing else 400)
    if way == "event" and kind in STREAMING:
        told = {"type": "error", "code": "custom", "message": str(why), "allow_retry": False}
        return Answered(frames=_framed(_once(told)))
    return Answered(status=status, body=None if way == "bare" else {"error": str(why)})


async def _once(event: Event) -> AsyncIterator[Event]:
    yield event


async def _queued(places: asyncio.Semaphore | None, frames: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The frames, once there is a place for this turn. Who waits is told that it is not forgotten."""
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(contextlib.aclosing(frames))
        if places is not None:
            if places.locked():
                yield b'data: {"type": "progress_update", "text": "You are in the queue."}\n\n'
            waiting = asyncio.ensure_future(places.acquire())
            try:
                while not waiting.done():
                    await asyncio.wait({waiting}, timeout=KEEP_ALIVE_S)
                    yield b": still here\n\n"
            except BaseException:
                if not waiting.cancel():
                    places.release()
                raise
            stack.callback(places.release)
        async for frame in frames:
            yield frame


async def _framed(events: AsyncIterator[Event]) -> AsyncGenerator[bytes, None]:
    async for event in events:
        yield b"data: " + json.dumps(event).encode() + b"\n\n"
