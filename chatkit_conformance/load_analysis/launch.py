"""The launch of a load: stand-in, target, probe server and generator started, watched, and stopped whatever happens.

`Site` is a target with what stands around it; `hold_round` holds one round of load on a site and leaves its rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..running.discovery import discover
from ..running.environment import USERS, TestEnvironment
from ..running.process import Died, Process, free_port
from ..running.standin import own_environment
from ..talk import Talk
from ..target.secret import Secrets
from ..target.target import Target, User
from ..target.tools import call_of
from .kinds import KINDS, TALK, Kind, Pace
from .meters import Meter
from .place import load_dir
from .plan import ENVIRONMENT, LoadPlan
from .rows import STANDIN_FILE

USERS_OF_A_LOAD = 50
"""Users minted for a started target, so that no per-user lock or list is all that is measured."""

LOOK_S = 0.5
RULER_START_S = 10.0
GENERATOR_GRACE_S = 60.0
"""Seconds beyond a round's own time and the turns' deadline, after which a generator that does not end is ended."""

DEAD_AFTER = 3
"""Looks in a row at which the target refuses connections, before it counts as gone."""

Tell = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Site:
    """A target, started, with its stand-in.

    Args:
        environment: what was started. kinds: the kinds of turns that can be scripted. note: what could not be, and why.
    """

    environment: TestEnvironment
    kinds: tuple[Kind, ...] = (TALK,)
    note: str = ""

    @property
    def standin_url(self) -> str:
        """The stand-in's URL, or ""."""
        return self.environment.standin.url if self.environment.standin else ""

    @property
    def users(self) -> tuple[dict[str, str], ...]:
        """Headers of each user."""
        users = self.environment.target.users.values()
        return tuple(user.sent() for user in users) or ({},)


@dataclass(slots=True, kw_only=True)
class LoadRound:
    """A round as it was held: where its rows are, what the meters read, and why it ended early, if it did."""

    plan: LoadPlan
    folder: Path
    target: Meter | None = None
    standin: Meter | None = None
    lateness: dict[str, Any] = field(default_factory=dict)
    lost_stamps: int = 0
    gone: str = ""
    broken: str = ""
    interrupted: str = ""


def with_users(target: Target) -> Target:
    """The target with users enough for a load, where we start it and it names none."""
    if not target.command or target.users:
        return target
    more = {
        f"u{n}": User(name=f"u{n}", headers={"Authorization": f"Bearer {{token:u{n}}}"}) for n in range(USERS_OF_A_LOAD)
    }
    return replace(target, users={**USERS, **more})


@asynccontextmanager
async def site_of(target: Target, pace: Pace) -> AsyncIterator[Site]:
    """A target started, its tools discovered, its stand-in scripted. Raises Died where it does not come up."""
    environment = TestEnvironment(with_users(target))
    await environment.start()
    try:
        site = Site(environment=environment)
        if environment.standin is not None:
            await _direct(site, pace)
        yield site
    finally:
        await environment.stop()


async def _direct(site: Site, pace: Pace) -> None:
    environment = site.environment
    talk = Talk(
        exchange="load",
        dialect="gemini-3",
        target=environment.target,
        client=environment.client,
        server=environment,
        standin=environment.standin,
        tools={},
        seed=int(time.time()),
    )
    found = await discover(talk, environment)
    if not found.directed:
        raise Died(found.reason)
    made: dict[str, Any] = {}
    kinds: list[Kind] = []
    missing: list[str] = []
    for kind in KINDS.values():
        lacks = [role for role in kind.roles if role not in found.tools]
        if lacks:
            missing.append(kind.name)
            continue
        steps = kind.script(pace, lambda role, **facts: call_of(found.tools[role], facts))
        made[kind.prefix] = {"turn": steps}
        kinds.append(kind)
    site.kinds = tuple(kinds)
    site.note = f"no tool found for: {', '.join(missing)}" if missing else ""
    await ask(site.standin_url, "POST", "settings", {"journal": "light", "families": made})


async def ask(url: str, method: str, path: str, body: Any = None) -> Any:
    """One question to a stand-in's control side."""
    import httpx

    async with httpx.AsyncClient(trust_env=False, timeout=30.0) as http:
        answer = await http.request(method, f"{url}/_standin/{path}", json=body)
    if answer.status_code >= 400:
        raise ValueError(f"the stand-in refused {method} {path}: {answer.status_code} {answer.text[:500]}")
    return answer.json()


@asynccontextmanager
async def probe_server(options: Sequence[str] = (), pin: Sequence[str] = ()) -> AsyncIterator[str]:
    """A probe server started; its URL."""
    command = (*pin, sys.executable, "-m", "chatkit_conformance.load_analysis.probe_server", *options)
    process = Process(command, env=own_environment(), name="the probe server")
    await process.start()
    try:
        yield (await process.first_url(RULER_START_S)).rstrip("/")
    finally:
        await process.stop()


async def hold_round(
    plan: LoadPlan,
    site: Site | None,
    *,
    extra: Sequence[str] = (),
    pin: Sequence[str] = (),
    tell: Tell = print,
    stop: asyncio.Event | None = None,
) -> LoadRound:
    """Hold one round.

    Args:
        plan: with the folder for its rows. site: the target's, None for a probe server or a target that is not watched.
        extra: more arguments for Locust. pin: what stands before the command, such as taskset and its arguments.
        tell: takes a line of progress. stop: set to end the round early.
    """
    held = LoadRound(plan=plan, folder=_folder(plan))
    held.target = Meter(site.environment.process.pid) if site and site.environment.process else None
    held.standin = Meter(site.environment.standin.process.pid) if site and site.environment.standin else None
    with tempfile.TemporaryDirectory(prefix="chatkit-load-") as private:
        file = _written(plan, private)
        process = Process(
            [*pin, *generator_command(plan, extra)],
            name="the generator",
            env={**own_environment(), ENVIRONMENT: str(file)},
        )
        if site and site.standin_url:
            await ask(site.standin_url, "DELETE", "lateness")
        mark = (await ask(site.standin_url, "GET", "stamps"))["next"] if site and site.standin_url else 0
        await process.start()
        try:
            await _watch(held, process, site, mark, tell, stop or asyncio.Event())
        finally:
            await process.stop()
            if site:
                without_secrets(held.folder, site.environment.secrets)
    return held


def without_secrets(folder: Path, secrets: Secrets) -> None:
    """Clear the rows of a round of what a server told in its errors: the report is made of them."""
    for path in folder.glob("*.jsonl"):
        text = path.read_text(encoding="utf-8")
        if secrets.found_in(text):
            path.write_text(secrets.scrub(text), encoding="utf-8")


def _folder(plan: LoadPlan) -> Path:
    folder = Path(plan.rows)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _written(plan: LoadPlan, private: str) -> Path:
    """The plan in a file of a private folder: it has credentials."""
    file = Path(private, "plan.json")
    file.write_text(json.dumps(plan.to_json()), encoding="utf-8")
    return file


def generator_command(plan: LoadPlan, extra: Sequence[str] = ()) -> list[str]:
    """Locust's command line."""
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(load_dir() / "locustfile.py"),
        "--headless",
        "--loglevel",
        "ERROR",
        "--only-summary",
        "--stop-timeout",
        "1",
    ]
    if plan.workers > 1 and not extra:
        port = str(free_port())
        command += ["--processes", str(plan.workers), "--master-bind-port", port, "--master-port", port]
    return command + list(extra)


async def _watch(
    held: LoadRound, process: Process, site: Site | None, mark: int, tell: Tell, stop: asyncio.Event
) -> None:
    begun = time.monotonic()
    last = begun + held.plan.seconds + held.plan.turn_deadline_s + GENERATOR_GRACE_S
    refused, told_at = 0, begun
    with (held.folder / STANDIN_FILE).open("w", encoding="utf-8") as stamps:
        while process.alive:
            await _pause(process, stop)
            for meter in filter(None, (held.target, held.standin)):
                meter.look()
            if site and site.standin_url:
                mark = await _harvest(held, site.standin_url, stamps, mark)
            refused = refused + 1 if site and await _dead(site) else 0
            if refused >= DEAD_AFTER:
                held.gone = f"the target stopped responding {time.monotonic() - begun:.0f} s after the start"
                if site and site.environment.process and not site.environment.process.alive:
                    held.gone = str(site.environment.process.death())
            if stop.is_set():
                held.interrupted = f"interrupted {time.monotonic() - begun:.0f} s after the start"
            if time.monotonic() > last:
                held.broken = "the generator did not finish in time and was stopped"
            if held.gone or held.interrupted or held.broken:
                break
            if time.monotonic() - told_at >= 5:
                told_at = time.monotonic()
                tell(progress(held.folder, begun))
        await process.stop()
        if site and site.standin_url:
            with contextlib.suppress(OSError, ValueError):
                mark = await _harvest(held, site.standin_url, stamps, mark)
                held.lateness = await ask(site.standin_url, "GET", "lateness")
    for meter in filter(None, (held.target, held.standin)):
        meter.look()
    if not (held.gone or held.interrupted or held.broken) and not list(held.folder.glob("rows-*.jsonl")):
        held.broken = f"the generator wrote nothing.{process.tail()}"


async def _pause(process: Process, stop: asyncio.Event) -> None:
    ended, stopped = asyncio.ensure_future(process.ended()), asyncio.ensure_future(stop.wait())
    await asyncio.wait({ended, stopped}, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
    for waiting in (ended, stopped):
        waiting.cancel()


async def _harvest(held: LoadRound, url: str, stamps: Any, mark: int) -> int:
    answer = await ask(url, "GET", f"stamps?since={mark}")
    held.lost_stamps += int(answer["lost"])
    stamps.writelines(f"{json.dumps(row, separators=(',', ':'))}\n" for row in answer["calls"])
    stamps.flush()
    return int(answer["next"])


async def _dead(site: Site) -> bool:
    if site.environment.process is not None:
        return not site.environment.process.alive
    try:
        await site.environment.still_there()
    except Died:
        return True
    return False


def progress(folder: Path, begun: float) -> str:
    """A line of how it stands, from the last tick of each worker."""
    ticks = []
    for path in folder.glob("rows-*.jsonl"):
        with path.open("rb") as lines:
            lines.seek(max(0, path.stat().st_size - 65536))
            found = [line for line in lines if line.startswith(b'{"row":"tick"') and line.endswith(b"}\n")]
        ticks += [json.loads(found[-1])] if found else []
    flying, ended = sum(t["in_flight"] for t in ticks), sum(t["ended"] for t in ticks)
    return f"{time.monotonic() - begun:5.0f} s   {flying:4d} in flight   {ended:6d} turns ended"
