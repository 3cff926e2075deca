"""The Gemini stand-in, as this run starts it and speaks to it: scripts in, gates open, journal out.

It is a program of its own (`python -m gemini_standin`); nothing of it is imported here.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..diagnosis.printed import TAKEN
from ..script import TELLS, WORDS, Step
from ..target.config_error import ConfigError
from ..transcript import Call, Transcript
from .byte_code import keeping_byte_code
from .kept_calls import CALLS_MB, KeptCalls
from .process import Begin, Died, Process, begun

if TYPE_CHECKING:
    import httpx

START_S = 15.0
"""Seconds that it has to print its URL: a cold start on a loaded machine takes three."""


AT_A_TIME = 200
"""Calls of the journal that are asked for at once. A request has up to 20 MB."""

ONLY_NOTED = ("credentials",)
"""Rules of Gemini's that only leave a complaint here. A second credential is our own canary (OPENAI_ORG_ID), put into
the environment to see whether it leaks: refusing every call for it, as Gemini would, would hide all other findings."""


def _taken(port: int) -> str:
    return (
        f"port {port}, on which the server's requests to Gemini are awaited (--standin-port), is taken: something "
        "listens on it, perhaps another run or `chatkit-conformance standin`. End that, or give another port and start "
        "the server with GEMINI_BASE_URL=http://127.0.0.1:PORT/v1beta/openai/."
    )


class StandInFailed(Died):
    """The stand-in did not start, or ended: our fault, or that of a port that is taken."""


class StandIn:
    """The stand-in's process and its control face.

    Args:
        port: where it shall listen, 0 for any free port. begin: how its program is begun.
        also_responses: whether it plays OpenAI's Responses API, too.
        upstream: base URL of the real Gemini, which then answers every request; "": scripts do.
        kept_mb: megabytes of memory that its journal may take here.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        begin: Begin = begun,
        also_responses: bool = False,
        upstream: str = "",
        kept_mb: float = CALLS_MB,
    ) -> None:
        self.url = ""
        self._port = port
        self.kept = KeptCalls(kept_mb)
        self._client: httpx.AsyncClient | None = None
        self.process = Process(
            (
                *(sys.executable, "-m", "gemini_standin", "--port", str(port), *_noted()),
                *(("--also-responses",) if also_responses else ()),
                *(("--upstream", upstream) if upstream else ()),
            ),
            env=own_environment(),
            name="the stand-in",
            begin=begin,
        )

    @property
    def base_url(self) -> str:
        """What a server's GEMINI_BASE_URL shall be."""
        return f"{self.url}/v1beta/openai/"

    async def start(self) -> None:
        """Start it and wait until it has told its URL. Raises StandInFailed, or ConfigError where its port is taken."""
        import httpx

        try:
            await self.process.start()
            self.url = (await self.process.first_url(START_S)).rstrip("/")
        except Died as e:
            if self._port and re.search(TAKEN, str(e)):
                raise ConfigError(_taken(self._port)) from e
            raise StandInFailed(str(e)) from e
        self._client = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=httpx.Timeout(10.0, read=60.0))

    async def stop(self) -> None:
        """End it."""
        if self._client:
            await self._client.aclose()
        await self.process.clear()

    async def put_script(self, nonce: str, turn: Iterable[Step], profile: str | None, side: Step | None = None) -> None:
        """Register the steps of a turn under a nonce; `side` answers a request beside it, such as for a title."""
        await self._ask("PUT", f"scripts/{nonce}", json=_script(profile, turn, side))

    def wish(self, role: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
        """None: a script names the server's own tool."""
        return None

    def words(self, nonce: str) -> str:
        """None: the script says it."""
        return ""

    def missing(self, nonce: str, t: Transcript) -> str:
        """Nothing: what is scripted is played."""
        return ""

    def may_ask_again(self) -> bool:
        """No: a script is never asked for."""
        return False

    async def open_gate(self, name: str) -> None:
        """Let go whoever waits at the gate, now or later."""
        await self._ask("POST", f"gates/{name}")

    async def set(self, **settings: Any) -> None:
        """Change settings: see gemini_standin/settings.py. Raises ValueError for one that it refuses."""
        await self._ask("POST", "settings", json=settings)

    async def reset(self) -> None:
        """Have it forget everything, as if it had just been started."""
        await self._ask("POST", "reset")
        self.kept = KeptCalls(self.kept.kept_mb)

    async def journal(
        self, nonces: Iterable[str] = (), *, at_least: int = 0, finished: bool = False, timeout_s: float = 0.0
    ) -> tuple[Call, ...]:
        """The calls of these nonces, or all; waits until there are `at_least`, `timeout_s` seconds at most."""
        params: list[tuple[str, str | int | float | bool | None]] = [("nonce", nonce) for nonce in nonces]
        if at_least:
            params += [("calls", at_least), ("timeout", timeout_s)]
        if finished:
            params.append(("finished", 1))
        answer = await self._ask("GET", "journal", params=params)
        return tuple(self.kept.call(value) for value in answer["calls"])

    async def all_calls(self) -> tuple[Call, ...]:
        """Every call since the start: those that were told before, and the others, a few at a time."""
        since, more = 0, True
        while more:
            params = {"since": since, "most": AT_A_TIME}
            told = (await self._ask("GET", "journal", params=params))["calls"]
            more = len(told) == AT_A_TIME
            since = max((self.kept.call(value).n for value in told), default=since) + 1
        return tuple(call for _, call in sorted(self.kept.calls.items()))

    async def _ask(self, method: str, path: str, **more: Any) -> Any:
        import httpx

        if self._client is None:
            raise StandInFailed("the stand-in was called before it was started.")
        try:
            response = await self._client.request(method, f"/_standin/{path}", **more)
        except httpx.TransportError as e:
            if not self.process.alive:
                raise StandInFailed(str(self.process.death())) from e
            raise StandInFailed(f"the stand-in does not answer {method} {path}: {e!r}.{self.process.tail()}") from e
        if response.status_code >= 400:
            raise ValueError(f"the stand-in refused {method} {path}: {response.status_code} {response.text[:500]}")
        return response.json() if response.content else {}


def _script(profile: str | None, turn: Iterable[Step], side: Step | None) -> dict[str, Any]:
    played = [{key: value for key, value in step.items() if key not in (TELLS, WORDS)} for step in turn]
    return {"profile": profile, "turn": played, **({"side": side} if side else {})}


def _noted() -> list[str]:
    return [word for rule in ONLY_NOTED for word in ("--note", rule)]


def own_environment() -> dict[str, str]:
    """The environment for a program of ours: this one, with the place we were imported from on its path."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    return {**keeping_byte_code(os.environ), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
