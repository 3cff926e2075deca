"""The start of a command: does it come up, and if not, why?"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from ..diagnosis.diagnosis import Diagnosis
from ..diagnosis.printed import DATABASE, SOCKET, STARTS, last_words, sign_in
from ..running.environment import TestEnvironment
from ..running.process import Died

LOOK_S = 0.3
"""Seconds between two looks at the ports of a server that starts."""


async def start(environment: TestEnvironment) -> Diagnosis | None:
    """Start everything; why the server does not come up, or None."""
    if not environment.target.command:
        await environment.start()
        return None
    starting = asyncio.ensure_future(environment.start())
    try:
        elsewhere = await _watched(environment, starting)
    finally:
        if not starting.done():
            starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        try:
            await starting
        except Died as died:
            return why_not(died, environment.printed(), elsewhere)
    return None


async def _watched(environment: TestEnvironment, starting: asyncio.Future[None]) -> set[int]:
    """Wait until it is up or will not be; the ports that it listens on in place of the one that it was given.

    A server may listen on a port of its own and print its URL seconds later: that is waited for, as a run does.
    """
    found: set[int] = set()
    while not starting.done():
        await asyncio.wait({starting}, timeout=LOOK_S)
        process = environment.process
        if process is None or not process.alive:
            continue
        now = await process.ports()
        if environment.port not in now:  # else it listens, and is not ready
            found = now or found
    return found


def _port(ports: set[int]) -> Diagnosis:
    named = ", ".join(map(str, sorted(ports)))
    return Diagnosis(
        id="port",
        says=f"The server listens on port {named}, and not on the one that it was given as PORT, and printed no URL of "
        "it in time.",
        do="Write {port} in its command, as --port {port}, let it read PORT from its environment, or print its URL.",
    )


def why_not(died: Died, lines: Sequence[str], ports: set[int]) -> Diagnosis:
    """Why a command did not come up.

    Args:
        died: what the start raised. lines: what it printed. ports: those that it listened on meanwhile.
    """
    first = str(died).splitlines()[0]
    if found := sign_in(lines, STARTS) or sign_in(lines, DATABASE):
        return found
    if ports:
        return _port(ports)
    if found := sign_in(lines, (SOCKET,)):
        return found
    if "could not be started" in first:
        return Diagnosis(id="command", says=first, do="")
    if said := last_words(lines):
        return Diagnosis(id="start", says=f"{first} The last that it printed: {said}.", do="Mend that first.")
    return Diagnosis(
        id="start",
        says=f"{first} It printed nothing.",
        do="Start it by hand to see why; for one that starts slowly: --within 60.",
    )
