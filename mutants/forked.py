"""Programs forked from a process that has loaded everything: see `mutants.fork_server`.

`begin` takes the place of `chatkit_conformance.running.process.begun`. The first to call it starts the fork server;
what is forked finds it by the environment, so that a judge's server comes out of the same one as the judge.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from chatkit_conformance.running.begun import LONGEST_LINE, Running, begun

PLACE = "MUTANTS_FORK_SERVER"
"""Environment variable that names the fork server's socket."""

START_S = 60.0
"""Seconds until a program runs: the first waits until everything is imported."""


async def begin(command: Sequence[str], env: Mapping[str, str], cwd: str | None) -> Running:
    """Begin a program: `python -m MODULE ...` is forked, anything else is begun as the system does."""
    if list(command[:2]) != [sys.executable, "-m"]:
        return await begun(command, env, cwd)
    place = os.environ.get(PLACE) or _start_server()
    made = Forked()
    asked = {
        "module": command[2],
        "arguments": command[3:],
        "env": {**env, PLACE: place},
        "cwd": cwd or str(Path.cwd()),
    }
    await made.start(asked, place)
    return made


class Forked:
    """A program of the fork server's. See `chatkit_conformance.running.process.Running`."""

    def __init__(self) -> None:
        self.pid = 0
        self.returncode: int | None = None
        self.stdout = asyncio.StreamReader(limit=LONGEST_LINE)
        self.stderr = asyncio.StreamReader(limit=LONGEST_LINE)
        self._line: asyncio.StreamWriter | None = None
        self._ended: asyncio.Task[None] | None = None

    async def start(self, asked: Mapping[str, object], place: str) -> None:
        """Have it forked. Raises OSError where that takes too long."""
        loop = asyncio.get_running_loop()
        pipes = [os.pipe(), os.pipe()]
        try:
            line = socket.socket(socket.AF_UNIX)
            line.connect(place)
            socket.send_fds(line, [json.dumps(asked).encode() + b"\n"], [theirs for _, theirs in pipes])
        finally:
            for _, theirs in pipes:
                os.close(theirs)
        for (ours, _), stream in zip(pipes, (self.stdout, self.stderr), strict=True):
            protocol = asyncio.StreamReaderProtocol(stream)
            await loop.connect_read_pipe(lambda protocol=protocol: protocol, os.fdopen(ours, "rb", 0))  # type: ignore[misc]  # a default binds it
        reader, writer = await asyncio.open_unix_connection(sock=line)
        try:
            self.pid = int(await asyncio.wait_for(reader.readline(), START_S))
        except (TimeoutError, ValueError) as e:
            writer.close()
            raise OSError(f"{asked['module']} was not forked within {START_S:g} s") from e
        self._line = writer
        self._ended = asyncio.create_task(self._end(reader, writer))

    def hang_up(self) -> None:
        """Let go of it: the fork server kills it, as it does when its asker has died."""
        if self._line is not None:
            self._line.close()

    async def wait(self) -> int:
        """Wait until it ends; returns how."""
        assert self._ended is not None
        await asyncio.shield(self._ended)
        assert self.returncode is not None
        return self.returncode

    async def _end(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        code = await reader.readline()
        # Nothing is said where the fork server itself was ended, and all its programs with it.
        self.returncode = int(code) if code else -9
        writer.close()


@cache
def _start_server() -> str:
    folder = tempfile.mkdtemp(prefix="mutants-")
    place = str(Path(folder, "fork-server"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen(64)
        server = subprocess.Popen(
            [sys.executable, "-m", "mutants.fork_server", str(listener.fileno())],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
    atexit.register(_stop_server, server, folder)
    return place


def _stop_server(server: subprocess.Popen[bytes], folder: str) -> None:
    assert server.stdin is not None
    server.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(5)
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)
