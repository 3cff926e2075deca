"""What stands around the target while it is judged: stand-in, egress proxy, and the target's own process.

`started_environment` is what a started command gets; docs and README show the same table.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from gemini_standin.models import DEFAULT

from ..diagnosis.printed import DATABASE, STARTS, sign_in
from ..direction import RealModel
from ..http.allowance import RUN_MB
from ..http.client import Client
from ..target.config_error import ConfigError
from ..target.secret import Secrets, header_secrets
from ..target.target import Target, User, endpoint
from ..transcript import Reply, Transcript
from .byte_code import keeping_byte_code
from .egress_proxy import EgressProxy
from .health import until_healthy
from .inherited import inherited, secret_values
from .kept_calls import CALLS_MB
from .lag import crowding
from .list_request import address_of, may_be_chatkit
from .process import Begin, Died, Process, accepts, begun, free_port
from .rounds import Rounds
from .shared_restart import SharedRestart, Span
from .standin import StandIn
from .unwatched import SETTING

MODEL = DEFAULT
"""The model that a started server is told to use."""

USERS = {name: User(name=name, headers={"Authorization": f"Bearer {{token:{name}}}"}) for name in ("a", "b")}
"""The users of a started command whose target file names none, where tokens can be minted."""

KNOWN_S = 2.0
"""Seconds in which the end of a program that refuses connections is known at the latest."""


class Unreachable(Exception):
    """There is no target to judge. The message says what was tried, what came, and what to type.

    Args:
        place: another path of the same server that answers as ChatKit does, or "".
        failing: whether it is there and fails, so that what it printed has the reason.
    """

    def __init__(self, why: str, *, place: str = "", failing: bool = False) -> None:
        super().__init__(why)
        self.place, self.failing = place, failing


class ModelRefused(Exception):
    """The real model refuses whatever it is asked. The message says why, and what to type."""


class TestEnvironment:
    """Everything that a run starts, and the way to the target.

    Args:
        target: as its owner describes it. After `start`, `target` has its URL and its users' real credentials.
        begin: how the target's and the stand-in's programs are begun.
        real: makes the real model, which the stand-in asks where the target's upstream is live.
        rounds: what keeps the stand-in from one run to the next; None: this run starts and stops its own.
    """

    __test__ = False  # by its name pytest would take it for a class of tests

    def __init__(
        self,
        target: Target,
        *,
        begin: Begin = begun,
        real: Callable[[], RealModel] | None = None,
        rounds: Rounds | None = None,
    ) -> None:
        self.target = target
        self._rounds = rounds
        self.real = real() if real is not None and target.upstream == "live" else None
        self._begin = begin
        self.egress = EgressProxy()
        self.standin: StandIn | None = None
        self.process: Process | None = None
        self.secrets = Secrets()
        self._client: Client | None = None
        self._stack = AsyncExitStack()
        self._port = 0
        self.own_url = ""
        """The started server's own endpoint; `target.url` is the proxy's, where one is asked in its place."""
        self._restarting = asyncio.Lock()
        self.shared: SharedRestart | None = None
        self._notices: list[str] = []
        self.awaited: tuple[str, float] = ("", 0.0)
        """What is being started and waited for, in words, and since when, monotonic seconds."""
        self.stretched = True
        """Whether a server that starts on a busy machine gets longer than its target's time; set before `start`."""
        self.memory = 1
        """How many times the memory of a run it may take (http/allowance.py); set before `start`."""

    @property
    def can_restart(self) -> bool:
        """Whether this run started the target."""
        return self.process is not None

    @property
    def port(self) -> int:
        """The port that a started target was given, 0 where it was started by nobody here."""
        return self._port

    def ask_at(self, url: str) -> None:
        """Ask at this URL from now on, which leads to the started server: `own_url` stays where that one answers."""
        self.client.base_url, self.client.endpoint_path = address_of(url)
        self.target = replace(self.target, url=url)

    @property
    def client(self) -> Client:
        """Speaks HTTP with the target."""
        if self._client is None:
            raise RuntimeError("the environment was not started")
        return self._client

    @property
    def asked(self) -> list[Reply]:
        """The requests that are under way with the target."""
        return self._client.under_way if self._client is not None else []

    @property
    def undirected(self) -> str:
        """Why the model cannot be scripted, or ""."""
        if self.target.upstream == "stand-in" or self.real is not None:
            return ""
        return (
            f"the server's model cannot be scripted (upstream mode {self.target.upstream!r}): start the server with "
            "GEMINI_BASE_URL=http://127.0.0.1:PORT/v1beta/openai/ and run with --standin-port PORT, "
            "or let the run start it: chatkit-conformance run -- COMMAND."
        )

    async def start(self) -> None:
        """Start stand-in, egress proxy and target. Raises Died, or ConfigError for a token without a secret."""
        try:
            if self.real is not None:
                await self._stack.enter_async_context(self.real)
            if self.real is not None or self.target.upstream == "stand-in":
                self.awaited = ("the stand-in, which has not told its address", time.monotonic())
                await self._start_standin()
            if self.target.command:
                await self._start_command()
            else:
                self.target = self.target.minted()
                self.secrets = self.target.known_secrets()
        except BaseException:
            await self.stop()
            raise
        self._client = Client(*address_of(self.target.url), kept_mb=RUN_MB * self.memory)
        self._client.sessions.on_new = lambda name, value: self.keep_secrets_of(User(name="", cookies={name: value}))
        self._stack.push_async_callback(self._client.aclose)

    async def stop(self) -> list[str]:
        """Stop all that was started, the target first; returns what its end showed, in sentences."""
        await self._stack.aclose()
        return self._notices

    async def restart(self, *, kill: bool = False) -> Span:
        """Stop the target and start it again, on the same port and data. Raises Died where it does not come up.

        Where conversations share a restart, it begins when all of them want it. Returns from when to when it took.
        """
        return await (self._restart(kill) if self.shared is None else self.shared.reached(kill=kill))

    async def before_restart(self) -> None:
        """Wait until the conversations that share a restart with the caller's wait for it, so that it comes at once."""
        if self.shared is not None:
            await self.shared.others_wait()

    @contextlib.contextmanager
    def sharing(self, members: int) -> Iterator[SharedRestart]:
        """Share each restart among so many conversations, inside this block."""
        self.shared = SharedRestart(members=members, restart=self._restart)
        try:
            yield self.shared
        finally:
            self.shared = None

    async def revive(self) -> None:
        """Start the target again that ended by itself, whoever waits to share a restart. Raises Died as `restart`."""
        await self._restart(True)

    async def _restart(self, kill: bool) -> Span:
        if self.process is None:
            raise RuntimeError("the target was not started by this run")
        began = time.monotonic()
        async with self._restarting:
            await self.process.stop(kill=kill)
            await self.process.start()
            await self._wait_until_ready(self.process)
        if not self.target.through:
            self.client.base_url, _ = address_of(self.target.url)
        return began, time.monotonic()

    def at_path(self, path: str) -> None:
        """Ask at this path of the same server from now on."""
        self.client.endpoint_path = path
        self.own_url = self.client.base_url + path
        self.target = replace(self.target, url=self.own_url, path=path)

    def keep_secrets_of(self, *users: User) -> None:
        """Know the tokens of these users for what may be written nowhere."""
        for user in users:
            self.secrets = self.secrets.with_more(
                header_secrets(user.name, {**user.headers, **user.query}, user.cookies)
            )

    def printed(self, since: int = 0) -> list[str]:
        """What the started target printed, from that line on, without a secret; nothing where none was started."""
        lines = list(self.process.lines)[since:] if self.process else []
        return [self.secrets.scrub(line) for line in lines]

    def without_secrets(self, reply: Reply) -> Reply:
        """The reply as it may be quoted: whole texts are cleared of secrets, for one that is cut is not known again."""
        t = Transcript(exchange="", replies=(reply,))
        return Transcript.from_json(self.secrets.scrub_json(t.to_json())).replies[0]

    async def settled(self) -> None:
        """Wait until no restart is under way."""
        async with self._restarting:
            pass

    async def still_there(self) -> None:
        """Raise Died where the target does not accept connections any more."""
        if self.process is not None and not self.process.alive:
            raise self.process.death()
        if not await _accepts(self.own_url or self.target.url):
            if self.process is not None:  # that it ended may be known a moment later
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.process.ended(), KNOWN_S)
                if not self.process.alive:
                    raise self.process.death()
            raise Died(f"the target at {self.target.url} stopped during the run: it now refuses connections.")

    async def _start_standin(self) -> None:
        fresh = StandIn(
            port=self.target.standin_port,
            begin=self._begin,
            also_responses=self.target.also_responses,
            upstream=self.real.base_url if self.real else "",
            kept_mb=CALLS_MB * self.memory,
        )
        if self._rounds is not None and self.real is None:  # the real model's budget and address are of one run
            self.standin = await self._rounds.standin(fresh)
        else:
            self.standin = fresh
            self._stack.push_async_callback(fresh.stop)
            await fresh.start()

    async def front_still_there(self) -> None:
        """Raise Died where the proxy, through which the target is asked, does not accept connections any more."""
        if self.target.through and not await _accepts(self.target.through):
            raise Died(f"{self.target.through} stopped during the run: it now refuses connections; the server runs on.")

    async def _start_command(self) -> None:
        proxy = await self.egress.start()
        self._stack.push_async_callback(self.egress.stop)
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="chatkit-conformance-"))
        self._port = self.target.port or free_port()
        if self.target.port and await accepts("127.0.0.1", self.target.port):
            raise ConfigError(
                f"port {self.target.port}, which the server shall have, is taken: something listens on it. End that, "
                "or give another port, which the proxy leads to."
            )
        base_url = self.standin.base_url if self.standin else ""
        self.target = replace(
            self.target,
            jwt_secret=self.target.jwt_secret or secrets.token_urlsafe(48),
            users=self.target.users or (USERS if self.target.auth == "bearer" else {}),
        ).minted()
        added = started_environment(self.target, Path(folder), port=self._port, base_url=base_url, proxy=proxy)
        if self.real is not None:
            added["GEMINI_MODEL"] = self.real.model
        canaries = {name: added[name] for name in ("GEMINI_API_KEY", "OPENAI_API_KEY", "OPENAI_ORG_ID")}
        self.secrets = self.target.known_secrets().with_more(canaries)

        def filled(text: str) -> str:
            return text.replace("{port}", str(self._port)).replace("{gemini_base_url}", base_url)

        own = {name: filled(value) for name, value in self.target.env.items()}
        self.secrets = self.secrets.with_more(secret_values(os.environ)).with_more(secret_values(own))
        withheld = sorted(secret_values(os.environ).keys() - added.keys() - own.keys())
        self.process = Process(
            [filled(part) for part in self.target.command],
            env={**keeping_byte_code(inherited(os.environ)), **added, **own},
            name="the server",
            cwd=self.target.cwd,
            begin=self._begin,
        )
        self._stack.push_async_callback(self._end_process)
        await self.process.start()
        try:
            await self._wait_until_ready(self.process)
        except Died as e:
            lines = self.printed()
            why = sign_in(lines, STARTS) or sign_in(lines, DATABASE)
            told = f"{why}\n{e}" if why else str(e)
            if not withheld:
                raise Died(told) from e
            raise Died(
                f"{told}\nIt did not inherit {', '.join(withheld)}, which may be secret. If it needs one, name it in "
                f'the target file, under [target.env]: {withheld[0]} = "${{{withheld[0]}}}".'
            ) from e

    async def _end_process(self) -> None:
        if self.process is not None:
            left = await self.process.clear()
            if left:
                self._notices.append(
                    f"the server left {len(left)} process{'es' * (len(left) > 1)} running in a session of their own, "
                    f"which the run ended: {', '.join(left)[:300]}"
                )

    async def _wait_until_ready(self, process: Process) -> None:
        named = " ".join((*self.target.command, *self.target.env.values()))
        headers = self.target.users["a"].sent() if "a" in self.target.users else {}

        async def fits(url: str) -> bool:
            return await may_be_chatkit(endpoint(url, self.target.path), headers)

        self.awaited = (
            f"the server, which is neither on port {self._port} (given as PORT) nor at a URL that it printed",
            time.monotonic(),
        )
        url = await process.listening(
            self._port, self.target.start_deadline_s, named=named, fits=fits, stretched=self.stretched
        )
        self.own_url = endpoint(url, self.target.path)
        if self._client is None or not self.target.through:
            self.target = replace(self.target, url=self.own_url)
        if not self.target.health:
            return
        parts = urlsplit(self.own_url)
        health = f"{parts.scheme}://{parts.netloc}{self.target.health}"
        self.awaited = (f"an answer of {health}", time.monotonic())
        deadline = time.monotonic() + self.target.start_deadline_s * (crowding() if self.stretched else 1.0)
        await until_healthy(health, process, deadline)


async def _accepts(url: str) -> bool:
    parts = urlsplit(url)
    return await accepts(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80), 5.0)


def started_environment(target: Target, folder: Path, *, port: int, base_url: str, proxy: str) -> dict[str, str]:
    """What is added to the environment of a started command.

    Args:
        folder: where its database goes. base_url: the stand-in's, or "" to leave what is set. proxy: the egress proxy.
    """
    added = {
        "PORT": str(port),
        "GEMINI_API_KEY": "AIza" + secrets.token_hex(18)[:35],
        "GEMINI_MODEL": MODEL,
        "JWT_SECRET": target.jwt_secret,
        "DATABASE_URL": f"sqlite+aiosqlite:///{(folder / 'target.db').as_posix()}",
        "RATE_LIMIT": "0",
        "OPENAI_API_KEY": f"sk-canary-{secrets.token_hex(16)}",
        "OPENAI_ORG_ID": f"org-canary-{secrets.token_hex(8)}",
        "PYTHONUNBUFFERED": "1",
        SETTING: "1",
    }
    if base_url:
        added |= model_addresses(base_url)
    added |= dict.fromkeys(_cased("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), proxy)
    return added | dict.fromkeys(_cased("NO_PROXY"), "127.0.0.1,localhost")


def model_addresses(base_url: str) -> dict[str, str]:
    """The environment variables that lead to the stand-in: in OpenAI's format, and as Gemini's own API."""
    return {"GEMINI_BASE_URL": base_url, **{name: base_url.removesuffix(cut) for name, cut in NATIVE.items()}}


NATIVE = {"GOOGLE_GEMINI_BASE_URL": "/v1beta/openai/", "GEMINI_API_BASE": "/openai/"}
"""Where libraries for Gemini's own API take its address (google-genai, ADK; LiteLLM), and what ours has beyond it."""


def _cased(*names: str) -> list[str]:
    return [spelled for name in names for spelled in (name, name.lower())]
