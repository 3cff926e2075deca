"""A started program: its group, its output, its end.

Rules: it runs in a process group of its own, so that stopping it stops its children; everything it prints is kept (the
last of it) and can be shown when it dies; every wait has a deadline and ends at once when the program ends, whoever
still holds its output; and it ends with the run, however that ends (guard.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import secrets
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urlsplit

from ..http.own_host import is_own_host
from .begun import Begin as Begin
from .begun import BegunProgram
from .begun import Running as Running
from .begun import begun as begun
from .guard import MARK, end, guard, marked
from .lag import crowding
from .not_begun import why_not_begun
from .output import Output
from .ports import listened

ELSEWHERE_S = 10.0
"""Seconds for which a URL of another port, at which nothing like ChatKit answers, is not yet taken for the server."""

LAST_WORDS_S = 0.5
"""Seconds that the output of a program that has ended is waited for; a child of it may hold it open."""

STOP_S = 5.0
"""Seconds between SIGTERM and SIGKILL: uvicorn gives open streams this long."""

LOOK_EVERY_S = 1.0
"""Seconds between two looks at the ports that it listens on without a word."""

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
"""A control sequence of a terminal (ECMA-48 section 5.4); a printed URL may have some in its middle."""

_URL = re.compile(r"https?://[\w.\-\[\]:]+(?:/[^\s\"'<>,;)]*)?")

IN_BACKGROUND = (
    " A command that leaves its server in the background cannot be judged: keep it in the foreground, or start it "
    "yourself and name it with --url."
)
"""What to type where a program ended without a fault."""


class Died(Exception):
    """A program that was started has ended, or did not come up in time. The message shows its last lines."""


_KEPT_PORTS = (20_000, 32_768)
"""Below what Linux (32768 on), macOS and Windows (49152 on) take for outgoing connections."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that was free a moment ago, and that the system gives to no outgoing connection.

    A server binds it seconds later, and again after each restart. A port that the system hands out can be somebody's
    connection by then.
    """
    # The system's own chance: two runs whose generators were seeded alike would want the same ports.
    for port in random.SystemRandom().sample(range(*_KEPT_PORTS), 100):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((host, port))
            return port
    raise OSError(f"none of 100 ports between {_KEPT_PORTS[0]} and {_KEPT_PORTS[1]} is free on {host}")


class Process:
    """One program that we start and stop.

    Args:
        command: program and arguments. env: its whole environment. cwd: where, or "" for here.
        name: what to call it in messages. begin: how it is begun.
    """

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], name: str, cwd: str = "", begin: Begin = begun
    ) -> None:
        self.command = tuple(command)
        self.name = name
        self.lines = Output()
        self._mark = secrets.token_hex(8)
        self._env = {**env, MARK: self._mark}
        self._cwd = cwd or None
        self._begin = begin
        self._running: Running | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()
        self._printed: list[str] = []
        self._awaited = False

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self._running is not None and self._running.returncode is None

    @property
    def pid(self) -> int:
        """Its process id, or 0 where it was never started."""
        return self._running.pid if self._running else 0

    @property
    def watching(self) -> frozenset[asyncio.Task[None]]:
        """What reads its output and waits for its end, as long as it runs."""
        return frozenset(self._readers)

    @property
    def environ(self) -> Mapping[str, str]:
        """Its whole environment."""
        return self._env

    def family(self) -> dict[int, str]:
        """The processes that it is now, its children among them: the command line of each (where the system tells)."""
        return marked({self._mark})

    async def ports(self) -> set[int]:
        """The TCP ports on which it and its children listen; empty where the system does not tell."""
        return await asyncio.to_thread(lambda: listened(self.family()))

    async def start(self) -> None:
        """Start it. Raises Died where the system can not."""
        self._printed = []
        try:
            self._running = await self._begin(self.command, self._env, self._cwd)
        except OSError as e:
            raise Died(f"{self.name}: {why_not_begun(self.command, self._cwd or '', e)}") from e
        if (guarding := guard()) is not None and isinstance(self._running, BegunProgram):
            guarding.watch(self._mark, self._running.pid)
        out, err = self._running.stdout, self._running.stderr
        self._readers = [asyncio.create_task(self._read(s, s is out)) for s in (out, err) if s]
        self._readers.append(asyncio.create_task(self._wait()))

    async def first_url(self, timeout_s: float) -> str:
        """The first URL in its standard output. Raises Died when it ends, or after `timeout_s` seconds."""

        def printed_url() -> str:
            return next((m[0] for line in self._printed for m in _URL.finditer(line)), "")

        deadline = time.monotonic() + timeout_s
        while not (url := printed_url()):
            if (left := deadline - time.monotonic()) <= 0:
                raise Died(f"{self.name} did not print its URL within {timeout_s:g} s.{self.tail()}")
            await self.changed(left)
        return url

    async def listening(
        self,
        port: int,
        timeout_s: float,
        *,
        named: str = "",
        fits: Callable[[str], Awaitable[bool]] | None = None,
        stretched: bool = True,
    ) -> str:
        """The URL at which it listens: `port`, else one that it printed, as soon as one accepts connections.

        Where the system tells, a port on which it listens without a word counts too, if what answers there fits.
        A printed URL counts where its host is this machine, or stands in what the user named. No other is called.
        One of another port may be something else's, of a tool server or a page: see ELSEWHERE_S.

        Args:
            timeout_s: seconds that it has; `stretched`, up to four times as many on a busy machine.
            named: text in which the user names hosts, such as the command.
            fits: whether what answers at a URL may be the server; without it, whatever accepts connections is.

        Raises:
            Died: the program ended, or its time passed.
        """
        began, allowed, elsewhere = time.monotonic(), timeout_s, 0.0
        looked, silent = began, set[int]()
        self._awaited = True
        while time.monotonic() < began + allowed:
            allowed = max(allowed, timeout_s * crowding()) if stretched else allowed
            await self._check()
            printed = self._urls(named)
            own = [url for url in printed if urlsplit(url).port == port]
            for url in (*own, f"http://127.0.0.1:{port}", f"http://[::1]:{port}"):
                if there := await _open(url):
                    return self._at(there)
            for url in (url for url in printed if url not in own):
                if there := await _open(url):
                    elsewhere = elsewhere or time.monotonic()
                    waited = time.monotonic() - elsewhere > ELSEWHERE_S
                    if fits is None or waited or await fits(there):
                        return self._at(there)
            if fits is not None and time.monotonic() - looked > LOOK_EVERY_S:
                silent = await self.ports() - {port, *(urlsplit(url).port for url in printed)}
                for url in (f"http://localhost:{other}" for other in sorted(silent)[:3]):
                    if (there := await _open(url)) and await fits(there):
                        return self._at(there)
                looked = time.monotonic()
            await self.changed(0.05)
        foreign = next((url for url in self._printed_urls() if not _may_call(url, named)), "")
        raise Died(
            f"{self.name} did not listen on port {port} (given as PORT) within {round(allowed, 1):g} s, and printed no "
            f"URL that answers. Use {{port}} in the command, or print the URL."
            + (
                f" It listens on port {', '.join(map(str, sorted(silent)))}, where no ChatKit answers."
                if silent
                else ""
            )
            + (f" {foreign} is another machine: to judge what is there, give it as --url." if foreign else "")
            + self.tail()
        )

    def _at(self, url: str) -> str:
        self._awaited = False
        return url

    async def changed(self, timeout_s: float) -> None:
        """Wait until it prints something or ends, `timeout_s` seconds at most. Raises Died when it has ended."""
        self._news.clear()
        await self._check()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout_s)
        await self._check()

    async def ended(self) -> None:
        """Wait until it ends."""
        if self._running:
            await self._running.wait()

    async def stop(self, *, kill: bool = False) -> None:
        """End it and its children: SIGTERM, then SIGKILL after STOP_S seconds; at once with `kill`."""
        running = self._running
        if running is None:
            return
        if running.returncode is None and not kill:
            self._signal(running.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.wait(), STOP_S)
        self._signal(running.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running.wait(), STOP_S)
        await asyncio.wait(self._readers, timeout=1.0)
        for reader in self._readers:
            reader.cancel()
        if isinstance(running, BegunProgram):
            running.close()
            if (guarding := guard()) is not None:
                guarding.forget(self._mark)

    async def clear(self) -> tuple[str, ...]:
        """Stop it for good, and end what it left in sessions of its own; the command line of each of those."""
        await self.stop()
        left = marked({self._mark})
        end(left)
        return tuple(left.values())

    def tail(self, lines: int = 12) -> str:
        """Its last lines, indented below a heading, or a sentence that it printed nothing."""
        last = self.lines.last(lines)
        return "\nIts last lines:\n" + "\n".join(f"    {line}" for line in last) if last else "\nIt printed nothing."

    def death(self) -> Died:
        """What to raise when it is found dead."""
        code = self._running.returncode if self._running else None
        how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        away = IN_BACKGROUND if code == 0 and self._awaited else ""
        return Died(f"{self.name} {how}.{away}{self.tail()}")

    async def _read(self, stream: asyncio.StreamReader, spoken: bool) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # a line longer than the limit: its rest follows
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip("\r\n")
            self.lines.add(text)
            if spoken and len(self._printed) < 1000:
                self._printed.append(_COLOUR.sub("", text))
            self._news.set()

    async def _wait(self) -> None:
        if self._running:
            await self._running.wait()
            self._news.set()

    def _printed_urls(self) -> list[str]:
        given = {value for key, value in self._env.items() if key.endswith(("_URL", "_PROXY"))}
        found = [m[0] for line in self._printed for m in _URL.finditer(line)]
        return [url for url in found if not any(value.startswith(url.rstrip("/")) for value in given)]

    def _urls(self, named: str) -> list[str]:
        return [url for url in self._printed_urls() if _may_call(url, named)][:3]

    async def _check(self) -> None:
        """Raises Died where it has ended, with its last words: they may come a moment after its end."""
        if not self.alive:
            if self._readers:
                await asyncio.wait(self._readers, timeout=LAST_WORDS_S)
            raise self.death()

    def _signal(self, pid: int, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(pid, number)
            else:
                os.kill(pid, number)


async def accepts(host: str, port: int, timeout_s: float = 1.0) -> bool:
    """Whether something accepts connections there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), timeout_s)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _open(url: str) -> str:
    """The URL as it can be called, where something accepts connections there; else ""."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    for name in EVERYWHERE.get(host, (host,)):
        if name and await accepts(name, port):
            return url if name == host else parts._replace(netloc=f"{_bracketed(name)}:{port}").geturl()
    return ""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


EVERYWHERE = {"0.0.0.0": ("127.0.0.1",), "::": ("127.0.0.1", "::1"), "localhost": ("localhost", "::1")}
"""Hosts that a server prints which listens on every address, or on one of two, and where it is called then."""


def _may_call(url: str, named: str) -> bool:
    """Whether a URL that a program printed names this machine, or a host that the user named."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:  # it only looks like a URL
        return False
    return is_own_host(host) or re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])", named) is not None
