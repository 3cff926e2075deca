"""What befalls the server while everybody talks: a table, and what the model is scripted to answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from chatkit_conformance.load_analysis.kinds import answer_text

from .stage import Stage

Outages = list[tuple[float, float]]
"""From when to when nothing could succeed, in monotonic seconds."""

AWAY_S = 5.0
"""Seconds for which the database is away."""

HEALTHY = "zqok"
SPEECH: dict[str, Any] = {"text": answer_text(1600), "chunk_chars": 40, "first_s": 0.8, "gap_s": 0.05}
"""A model's answer of 2.8 s."""

FAILING: dict[str, dict[str, Any]] = {
    "zqf0": {"kind": "http", "status": 503},
    "zqf1": {"kind": "http", "status": 429, "retry_delay": "41s"},
    "zqf2": {"kind": "cut", "at": "mid-text"},
    "zqf3": {"kind": "reset", "at": "before-first-token"},
    "zqf4": {"kind": "error-event", "at": "mid-text"},
}
"""Failures of the model's call, one for each family of nonces."""


def families(share: float) -> list[str]:
    """The prefixes of nonces in the proportion in which they are used: so large a share fails, each kind as often."""
    if not share:
        return [HEALTHY]
    failing = list(FAILING)
    return [HEALTHY] * round(len(failing) * (1 - share) / share) + failing


def scripts() -> dict[str, Any]:
    """The families as the stand-in takes them."""
    failing = {prefix: {"turn": [{**SPEECH, "fault": fault}]} for prefix, fault in FAILING.items()}
    return {HEALTHY: {"turn": [SPEECH]}, **failing}


During = Callable[[Stage, float], Coroutine[Any, Any, Outages]]
"""What is done while people talk for so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One scene.

    Args:
        name: its name. does: what befalls the server, in words. databases: on which it is played.
        during: what does it. share: of model calls that fail meanwhile.
    """

    name: str
    does: str
    during: During
    databases: tuple[str, ...] = ("sqlite", "postgres")
    share: float = 0.2


async def _nothing(stage: Stage, seconds: float) -> Outages:
    return []


def _now_and_then(begin: Callable[[Stage], AbstractAsyncContextManager[None]], for_s: float, every_s: float) -> During:
    """Again and again, too short for anything to fail by it."""

    async def during(stage: Stage, seconds: float) -> Outages:
        until = time.monotonic() + seconds
        while time.monotonic() < until - every_s:
            async with begin(stage):
                await asyncio.sleep(for_s)
            await asyncio.sleep(every_s - for_s)
        return []

    return during


def _once(begin: Callable[[Stage], AbstractAsyncContextManager[None]], for_s: float) -> During:
    """In the middle, for so long that nothing can succeed meanwhile."""

    async def during(stage: Stage, seconds: float) -> Outages:
        await asyncio.sleep(seconds / 4)
        began = time.monotonic()
        async with begin(stage):
            await asyncio.sleep(for_s)
        return [(began, time.monotonic())]

    return during


def _throughout(begin: Callable[[Stage], AbstractAsyncContextManager[None]]) -> During:
    async def during(stage: Stage, seconds: float) -> Outages:
        async with begin(stage):
            await asyncio.sleep(seconds)
        return []

    return during


async def _killed(stage: Stage, seconds: float) -> Outages:
    await asyncio.sleep(seconds / 4)
    began = time.monotonic()
    await stage.kill()
    await stage.start()
    return [(began, time.monotonic())]


def _between(name: str, *arguments: float) -> Callable[[Stage], AbstractAsyncContextManager[None]]:
    def begin(stage: Stage) -> AbstractAsyncContextManager[None]:
        made: AbstractAsyncContextManager[None] = getattr(stage.between, name)(*arguments)
        return made

    return begin


LOCKED_S, LOCKED_EVERY_S, LATE_S = 0.3, 1.0, 0.02

SCENES = (
    Scene(name="quiet", does="nothing fails", during=_nothing, share=0.0),
    Scene(name="model", does="20 % of model calls fail", during=_nothing),
    Scene(
        name="locked",
        does=f"and another program locks the database for {LOCKED_S:g} s of every {LOCKED_EVERY_S:g} s",
        during=_now_and_then(Stage.locked, LOCKED_S, LOCKED_EVERY_S),
        databases=("sqlite",),
    ),
    Scene(
        name="held",
        does=f"and another program locks the database for {AWAY_S:g} s",
        during=_once(Stage.locked, AWAY_S),
        databases=("sqlite",),
    ),
    Scene(
        name="slow",
        does=f"and each answer of the database is {LATE_S * 1000:g} ms late",
        during=_throughout(_between("slow", LATE_S)),
        databases=("postgres",),
    ),
    Scene(
        name="frozen",
        does=f"and the database says nothing for {AWAY_S:g} s",
        during=_once(_between("frozen"), AWAY_S),
        databases=("postgres",),
    ),
    Scene(
        name="gone",
        does=f"and the database is gone for {AWAY_S:g} s, its connections broken",
        during=_once(_between("gone"), AWAY_S),
        databases=("postgres",),
    ),
    Scene(name="quiet again", does="nothing fails, in the same process", during=_nothing, share=0.0),
    Scene(name="killed", does="and the server is ended by kill -9, and started again", during=_killed),
)
"""In the order in which they are played, each after all of the one before has ended."""
