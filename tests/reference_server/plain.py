"""The reference server without the pieces of reference_server/speed: the plain path in the place of each.

Run as `python -m tests.reference_server.plain --port 0`, from the root of the checkout.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Any

from agents import Agent
from chatkit.types import ChatKitReq
from pydantic import TypeAdapter

import reference_server.chat
from reference_server.__main__ import main
from reference_server.speed import collector, loading


def _parsed(body: str | bytes | bytearray) -> ChatKitReq:
    adapter: TypeAdapter[ChatKitReq] = TypeAdapter(ChatKitReq)
    return adapter.validate_json(body)


class PlainAgent(Agent[Any]):
    """An agent as everybody makes one, its tools in `tools`."""

    def __init__(self, *, always: list[Any], **more: Any) -> None:
        super().__init__(tools=always, **more)
        self._made = {"always": always, **more}

    def for_one_run(self) -> PlainAgent:
        """A new one: each run's agent has a model of its own."""
        return PlainAgent(**self._made)


if __name__ == "__main__":
    setattr(reference_server.chat, "parse_request", _parsed)  # noqa: B010 - a module's name, put in another's place
    setattr(reference_server.chat, "ReadyAgent", PlainAgent)  # noqa: B010 - as above
    setattr(loading, "lightly", nullcontext)  # noqa: B010 - as above
    setattr(collector, "settle", lambda: None)  # noqa: B010 - as above
    sys.exit(main())
