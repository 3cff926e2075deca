"""A server that somebody else started, whose model improvises, as runs by URL find it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatkit_conformance.running.process import Process, free_port
from chatkit_conformance.running.standin import StandIn
from chatkit_conformance.target.credentials import mint
from gemini_standin.models import DEFAULT

ROOT = Path(__file__).parent.parent.parent
SECRET = "a-secret-of-the-tests-that-is-long-enough-to-sign"  # signs tokens of a server that ends with the test
SUITES = {"CHATKIT_CONFORMANCE_SUITES": str(ROOT / "suites")}


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A server that somebody else started.

    Args:
        standin: its model, which improvises, and which the run knows not. through: or the port at which it asks its
            model, where nobody listens yet.
    """

    url: str
    standin: StandIn
    through: int = 0

    def options(self) -> list[str]:
        """The options that name it and two users."""
        a, b = (f"Authorization: Bearer {mint(user, SECRET)}" for user in "ab")
        port = ["--standin-port", str(self.through)] if self.through else []
        return ["--url", self.url, *port, "--header", a, "--header-b", b, "--rate", "6000"]


@asynccontextmanager
async def deployed(folder: Path, *command: str, through: int = 0) -> AsyncIterator[Deployed]:
    """The reference server, or another command, in front of an improvising model, or of a port of this machine."""
    standin, port = StandIn(port=0), free_port()
    await standin.start()
    asked = f"http://127.0.0.1:{through}/v1beta/openai/" if through else standin.base_url
    env = {
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
        "GEMINI_BASE_URL": asked,
        "GEMINI_API_KEY": "AIza" + "k" * 35,
        "GEMINI_MODEL": DEFAULT,
        "JWT_SECRET": SECRET,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'deployed.db'}",
        "RATE_LIMIT": "0",
    }
    process = Process(command or (sys.executable, "-m", "reference_server"), env=env, name="the server")
    try:
        await process.start()
        yield Deployed(url=f"{await process.listening(port, 30)}/chatkit", standin=standin, through=through)
    finally:
        await process.stop()
        await standin.stop()


JUDGED = ("passed", "failed", "warned")
"""Outcomes of a check that was judged."""


async def run(cli: Callable[..., Any], *arguments: str) -> Any:
    """The command, beside the processes whose output is being read."""
    return await asyncio.to_thread(cli, "run", *arguments, **SUITES)
