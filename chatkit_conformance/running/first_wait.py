"""What a run waits for before its first conversation, in words: what hung, where its time was over by then."""

from __future__ import annotations

import time

from ..transcript import Reply
from .environment import TestEnvironment


def first_wait(environment: TestEnvironment) -> str:
    """The request that is under way, or what is being started, and for how many seconds it was waited for."""
    now = time.monotonic()
    if asked := environment.asked:
        return "; ".join(_asked(reply, now) for reply in asked)
    what, since = environment.awaited
    return f"{what} for {now - since:.1f} s" if what else "nothing was started yet"


def _asked(reply: Reply, now: float) -> str:
    words = f"{reply.type or 'a request'} ({reply.label}) for {now - reply.sent_at:.1f} s"
    if not reply.status:
        return f"{words}, without an answer"
    came = f"{len(reply.events)} events" if reply.streamed else "its head"
    return f"{words}, of which HTTP {reply.status} and {came} had come"
