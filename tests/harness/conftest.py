"""Targets and runs for the tests of the harness: real programs, real ports."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PATIENCE_S = 240.0
"""Seconds after which a test gives a run up: twenty times what one takes on an idle machine."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A finished command: its exit code, what it printed, and its report's folder."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def results(self) -> dict[str, Any]:
        """results.json."""
        value: dict[str, Any] = json.loads((self.folder / "results.json").read_text())
        return value

    def outcomes(self) -> dict[str, str]:
        """Outcome of each check."""
        return {row["id"]: row["outcome"] for row in self.results["results"]}


@pytest.fixture
def environment() -> Callable[..., dict[str, str]]:
    """Makes this environment, with the checkout importable and the tiny suites in place of the real ones."""

    def make(**more: str) -> dict[str, str]:
        suites = str(HERE / "tiny_suites")
        return {**os.environ, "PYTHONPATH": str(ROOT), "CHATKIT_CONFORMANCE_SUITES": suites, **more}

    return make


Cli = Callable[..., Ran]


@pytest.fixture
def cli(tmp_path: Path, environment: Callable[..., dict[str, str]]) -> Cli:
    """Runs `chatkit-conformance` in an empty folder."""

    def run(*arguments: str, **env: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "chatkit_conformance", *arguments],
            cwd=tmp_path,
            env=environment(**env),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr, folder=tmp_path / "chatkit-report")

    return run


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def odd_server(answer: Answer) -> AsyncIterator[str]:
    """A server on a free port that does with each connection what `answer` does; its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.fixture
def serving() -> Callable[[Answer], Any]:
    """Makes odd servers."""
    return odd_server
