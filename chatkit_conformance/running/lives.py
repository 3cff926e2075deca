"""A server that ends by itself is started again, so that one bad request does not keep the others from being judged.

Who was talking with it when it ended is held again, alone: what ends it then, too, is to blame, and the transcript
says so (note DIED). What nobody could bring about again is told by the whole run. A type of request that ended it each
time that it was sent is not sent any more (DEADLY). A server that ends under every conversation is given up (FUTILE).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..diagnosis.printed import last_words
from ..transcript import Reply
from .environment import TestEnvironment
from .process import Died

FUTILE = 6
"""Deaths after which a server under which no conversation was ever held to its end is given up."""

DEADLY = 3
"""Deaths during which a request of one type was under way, and never one of it answered, after which it is left out."""

TOLD_S = 0.3
"""Seconds after a connection broke off in which the end of the server's process is seen, if that was the reason."""

NEAR_S = 1.0
"""Seconds before a death was seen in which the connections broke that it ended."""

TOLD_LINES = 40
"""Lines of its output that are kept of a death."""

UP_S = 60.0
"""Seconds for which a conversation waits for a server that is started again; its own deadline ends the start first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """One end of the server that nobody asked for.

    Args:
        at: when it was seen, monotonic seconds. how: "ended with code 7". said: its own last words.
        printed: its last lines, without secrets.
    """

    at: float
    how: str
    said: str
    printed: tuple[str, ...]

    def to_json(self, replies: Sequence[Reply] = ()) -> dict[str, Any]:
        """As a note has it. `replies`: of the conversation, in which one was under way."""
        last = under_way(replies, self)
        return {
            "at": self.at,
            "how": self.how,
            "said": self.said,
            "printed": list(self.printed),
            "request": last.type if last else "",
            "reply": last.label if last else "",
        }


def under_way(replies: Sequence[Reply], death: Death) -> Reply | None:
    """The reply that was under way when the server died: the first that broke off unanswered, else in mid-answer."""
    near = [r for r in replies if r.ended == "cut" and (r.ended_at or r.sent_at) >= death.at - NEAR_S]
    unanswered = [r for r in near if not r.status]
    return next(iter((*unanswered, *reversed(near), *reversed(replies))), None)


class Lives:
    """Starts the server again, and knows of each death.

    `whole` counts the conversations that were held to their end. `spares`: whether a request that ended the server
    each time is not sent any more.
    """

    def __init__(self, environment: TestEnvironment) -> None:
        self.deaths: list[Death] = []
        self.whole = 0
        self.spares = True
        self._answered: set[str] = set()
        self._under_way: dict[str, set[float]] = {}
        self._environment = environment
        self._news = asyncio.Event()
        self._up = asyncio.Event()
        self._up.set()
        self._read = 0

    async def watch(self) -> None:
        """Start it again whenever it has ended. Raises Died where it does not come up, or never stays up."""
        environment = self._environment
        while environment.process is not None:
            await environment.process.ended()
            await environment.settled()
            if environment.process.alive:
                continue
            self._up.clear()
            died = environment.process.death()
            self._note(died)
            if self.whole == 0 and len(self.deaths) >= FUTILE:
                raise Died(f"the server never stays up: it ended {len(self.deaths)} times. {died}")
            await environment.revive()
            self._up.set()
        await asyncio.Event().wait()

    async def up(self) -> None:
        """Wait until it runs."""
        process = self._environment.process
        if process is not None and not process.alive:
            self._up.clear()  # that it ended is known here first
        async with asyncio.timeout(UP_S):
            await self._up.wait()

    async def told(self) -> None:
        """Wait a moment for a death: a connection that broke off is known before the end of the process is."""
        if self._environment.process is not None:
            dying = asyncio.ensure_future(self.next_death())
            await asyncio.wait({dying}, timeout=TOLD_S)
            dying.cancel()

    async def next_death(self) -> None:
        """Wait for the next one."""
        await self._news.wait()

    def learn(self, replies: Sequence[Reply], deaths: Sequence[Death]) -> None:
        """Take in what was answered in a conversation, and what was under way when the server died."""
        self._answered |= {reply.type for reply in replies if reply.status and reply.ended == "closed"}
        for death in deaths:
            if (last := under_way(replies, death)) is not None:
                self._under_way.setdefault(last.type, set()).add(death.at)

    @property
    def deadly(self) -> frozenset[str]:
        """Types of request that end the server each time, and are spared."""
        if not self.spares:
            return frozenset()
        found = {type for type, deaths in self._under_way.items() if type and len(deaths) >= DEADLY}
        return frozenset(found - self._answered)

    def since(self, at: float) -> list[Death]:
        """The deaths from a time on, monotonic seconds."""
        return [death for death in self.deaths if death.at >= at]

    def _note(self, died: Died) -> None:
        lines = self._environment.printed(self._read) or self._environment.printed()[-TOLD_LINES:]
        self._read = len(self._environment.process.lines) if self._environment.process else 0
        how = str(died).partition("\n")[0].removeprefix("the server ").rstrip(".")
        self.deaths.append(
            Death(at=time.monotonic(), how=how, said=last_words(lines) or "nothing", printed=tuple(lines[-TOLD_LINES:]))
        )
        self._news.set()
        self._news = asyncio.Event()
