"""Waits until a started server says that it is ready, where it has a path that says so."""

from __future__ import annotations

import contextlib
import time

from .process import Process

STARTING = 503
"""Status with which a health path says: not yet."""

NO_HTTP_S = 2.0
"""Seconds of answers that are no HTTP, after which the server counts as ready: a request says what is wrong with it."""


async def until_healthy(health: str, process: Process, deadline: float) -> None:
    """Return when this URL answers anything but STARTING, or at the deadline, on the clock of `time.monotonic`.

    A server may take connections long before it answers, and one without such a path is ready when it answers.
    """
    import httpx

    wrong_since = 0.0
    async with httpx.AsyncClient(trust_env=False) as http:
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(httpx.HTTPError):
                try:
                    async with http.stream("GET", health, timeout=left) as answer:  # its body may be any size
                        if answer.status_code != STARTING:
                            return
                except httpx.RemoteProtocolError:  # cut while it starts, or bytes that are no HTTP
                    wrong_since = wrong_since or time.monotonic()
                    if time.monotonic() - wrong_since > NO_HTTP_S:
                        return
            await process.changed(min(0.1, left))
