"""A program that was begun: what of it can be watched, and how the system begins one."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import SubprocessStreamProtocol
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

LONGEST_LINE = 1 << 20
"""Bytes of a line of output above which it is passed over."""


class Running(Protocol):
    """A program that was begun, the leader of a process group of its own."""

    @property
    def pid(self) -> int:
        """Its process id, and its group's."""

    @property
    def returncode(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""

    @property
    def stdout(self) -> asyncio.StreamReader | None:
        """What it prints."""

    @property
    def stderr(self) -> asyncio.StreamReader | None:
        """What it complains of."""

    async def wait(self) -> int:
        """Wait until it ends; returns `returncode`."""


Begin = Callable[[Sequence[str], Mapping[str, str], str | None], Awaitable[Running]]
"""Begins a program: its command, its whole environment, where (None for here). Raises OSError where it can not."""


class _Exit(SubprocessStreamProtocol):
    """Tells when the process ends. asyncio's own `wait` may wait until its output ends, which children can hold."""

    def __init__(self, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=limit, loop=loop)
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        """Note it."""
        super().process_exited()
        self.exited.set()


class BegunProgram:
    """A program that the system began."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _Exit) -> None:
        self._transport = transport
        self._protocol = protocol
        self.pid = transport.get_pid()
        self.stdout = protocol.stdout
        self.stderr = protocol.stderr

    @property
    def returncode(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        return self._transport.get_returncode()

    async def wait(self) -> int:
        """Wait until the process ends, and not for its output."""
        await self._protocol.exited.wait()
        return self.returncode or 0

    def close(self) -> None:
        """Let go of its output, which children of it may hold open."""
        self._transport.close()


async def begun(command: Sequence[str], env: Mapping[str, str], cwd: str | None) -> BegunProgram:
    """Begin a program as the system does. Raises OSError where it can not."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: _Exit(LONGEST_LINE, loop),
        *command,
        env=dict(env),
        cwd=cwd,
        start_new_session=os.name == "posix",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return BegunProgram(transport, protocol)
