"""The bytes of a chat completion, written as the Responses API writes them while they are sent."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from ..native.writer import DONE, NativeSend
from ..wire import Send
from .said import Response


class ResponsesSend(NativeSend):
    """A `send` in front of another: each chunk as the events that it becomes, a body that is no stream at its end.

    What cannot be read (a fault's doing) passes as it is. A stream that is cut has no last event.

    Args:
        asked: the request's body.
    """

    NEVER: ClassVar = frozenset()

    def __init__(self, send: Send, asked: Mapping[str, Any]) -> None:
        super().__init__(send)
        self._response = Response(asked=asked)

    def event(self, event: bytes) -> bytes:
        """The events of one chunk; behind the last comes what ends the response."""
        data = event.removeprefix(b"data: ")
        if data == DONE:
            return b"".join(map(_line, self._response.end()))
        try:
            chunk = json.loads(data)
        except ValueError:
            return event + b"\n\n"
        if not isinstance(chunk, dict):
            return event + b"\n\n"
        return b"".join(map(_line, self._response.take(chunk)))

    def whole(self, body: bytes) -> bytes:
        """A response, or an error without the list around it."""
        with contextlib.suppress(ValueError):
            value = json.loads(body)
            if isinstance(value, list) and len(value) == 1:
                return json.dumps(value[0]).encode()
            if isinstance(value, dict) and "choices" in value:
                for _ in (*self._response.take(value), *self._response.end()):
                    pass
                return json.dumps(self._response.whole(self._response.status)).encode()
        return body


def _line(event: Mapping[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
