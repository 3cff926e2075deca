"""The stand-in of one pytest run: started when the first test wants it, emptied before each, stopped at the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from ..running.standin import StandIn
from ..transcript import Call

ANSWER_S = 70.0
"""Seconds for one answer of the stand-in: longer than it waits for a request by itself."""

T = TypeVar("T")


class DoubleSession:
    """The stand-in's process, asked from tests of any kind: its event loop is that of a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gemini double", daemon=True)
        self._thread.start()
        self._standin = StandIn()
        self._do(self._standin.start())

    @property
    def base_url(self) -> str:
        """Its address in OpenAI's format."""
        return self._standin.base_url

    def reset(self) -> None:
        """Forget scripts, settings and requests."""
        self._do(self._standin.reset())

    def set(self, **settings: Any) -> None:
        """Change settings. Raises ValueError for a script that cannot be played."""
        self._do(self._standin.set(**settings))

    def calls(self, *, at_least: int = 0, timeout_s: float = 0.0) -> tuple[Call, ...]:
        """The requests so far; with `at_least`, as soon as there are so many or the time is over."""
        return self._do(self._standin.journal(at_least=at_least, timeout_s=timeout_s))

    def close(self) -> None:
        """Stop it."""
        self._do(self._standin.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_S)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_S)
