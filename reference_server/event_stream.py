"""The streaming response: the turn runs in a task of its own, and a lost client ends it at an await.

With Starlette's StreamingResponse the SDK's generator stands at a `yield` while bytes are sent; a cancellation then
never reaches it, and the partial answer is lost. Here it only ever stands at its own awaits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from chatkit.types import ErrorEvent
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from reference_server.channel import Channel
from reference_server.database_away import in_a_line, is_away

_LOG = logging.getLogger("reference_server.stream")
_HEADERS = {
    "content-type": "text/event-stream",
    "cache-control": "no-store, no-transform",
    # Proxies such as nginx would hold events back until their buffer is full.
    "x-accel-buffering": "no",
}


class EventStream(Response):
    """Sends the frames of `events` as they come; whatever goes wrong, the last frame says so."""

    def __init__(self, events: AsyncIterator[bytes]) -> None:
        super().__init__(status_code=200, headers=_HEADERS)
        del self.headers["content-length"]
        self._events = events
        self._frames: Channel[bytes | None] = Channel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        turn = asyncio.create_task(self._run())
        watch = asyncio.create_task(_until_gone(receive, turn))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            more = True
            while more:
                body, more = await self._ready()
                await send({"type": "http.response.body", "body": body, "more_body": more})
        except OSError:
            turn.cancel()
        except asyncio.CancelledError:
            turn.cancel()
            raise
        finally:
            watch.cancel()
            await asyncio.wait([turn])

    async def _ready(self) -> tuple[bytes, bool]:
        """What can be sent, and whether more will come. What is ready together goes out in one write, the end too."""
        frames = await self._frames.take()
        return b"".join(frame for frame in frames if frame is not None), frames[-1] is not None

    async def _run(self) -> None:
        try:
            async for frame in self._events:
                self._frames.put(frame)
        except asyncio.CancelledError:
            self._frames.put(error_frame("The answer was stopped.", allow_retry=True))
        except Exception as error:
            if is_away(error):
                _LOG.error("a stream ended: the database is away: %s", in_a_line(error))
                self._frames.put(error_frame("The database is not available right now.", allow_retry=True))
                return
            _LOG.exception("the stream failed")
            self._frames.put(error_frame("Something went wrong on the server.", allow_retry=True))
        finally:
            self._frames.put(None)


def error_frame(message: str, *, allow_retry: bool) -> bytes:
    """One `error` event as it stands in a stream."""
    event = ErrorEvent(code="custom", message=message, allow_retry=allow_retry)
    return b"data: " + event.model_dump_json(exclude_none=True).encode() + b"\n\n"


async def _until_gone(receive: Receive, turn: asyncio.Task[None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    turn.cancel()
