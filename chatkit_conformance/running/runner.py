"""The runner: holds the exchanges side by side, in a thread of its own with an event loop of its own.

Whoever judges asks for a transcript by exchange and dialect and waits until it is there. The order of a run: start
what is needed, smoke, discovery, the exchanges side by side, those that want to be alone one after the other, and last
the whole run's own transcript. Each exchange has a deadline, and so has the run; a target that dies ends it at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, field, replace

from ..check import WHOLE_RUN, Check, Untestable
from ..exchange import Exchange
from ..judging.catalogue import exchanges
from ..judging.judge import ABSENT, SUITE_ERROR
from ..talk import Talk
from ..target.learnt import Learnt
from ..target.secret import Secrets, header_secrets
from ..target.target import Target
from ..target.tools import missing_roles
from ..transcript import CUT, Call, Transcript
from .capabilities import Probed, probe
from .discovery import NAME, Discovered, discover
from .environment import TestEnvironment
from .process import Begin, Died, begun
from .smoke import smoke
from .standin import StandInFailed
from .visitors import takes_visitors
from .whole_run import whole_run

SIDE_BY_SIDE = 16
"""Exchanges held at once: enough that waiting overlaps, few enough that a small server is not measured as slow."""

SETTLE_S = 1.0
"""Seconds that the journal has to close the calls of an exchange that has ended."""

STOP_S = 20.0
"""Seconds that stopping everything may take: a server gets SIGTERM and five seconds, then SIGKILL."""

Key = tuple[str, str]
"""An exchange's name, and the dialect it is held in."""


class RunCut(Exception):
    """The run was ended before this transcript was made. The message says by what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What to hold.

    Args:
        exchanges: the exchanges, and for each the dialects.
        deadline_s: seconds for the whole run. seed: makes the nonces.
        whole: whether the whole run's transcript is asked for.
    """

    exchanges: tuple[tuple[Exchange, tuple[str, ...]], ...]
    deadline_s: float = 300.0
    seed: int = 0
    whole: bool = True
    side_by_side: int = SIDE_BY_SIDE

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every transcript that will be made."""
        held = tuple((exchange.name, dialect) for exchange, dialects in self.exchanges for dialect in dialects)
        return (*held, (WHOLE_RUN, "")) if self.whole else held

    def covers(self, check: Check, known: Mapping[str, Exchange]) -> bool:
        """Whether it holds all that there is of what a check is judged on: every exchange, in every dialect of it.

        A check of the whole run, and an invariant, is judged on every exchange. `known`: all of them.
        """
        held = {exchange.name: set(dialects) for exchange, dialects in self.exchanges}
        every = check.everywhere or WHOLE_RUN in check.on
        wanted = [e for e in known.values() if every or check.judges(e.name)]
        return all(set(exchange.dialects) <= held.get(exchange.name, set()) for exchange in wanted)


@dataclass(slots=True, kw_only=True)
class RunState:
    """What the runner has to say beside transcripts; written by its thread, read by anyone."""

    target: Target
    discovered: Discovered = field(default_factory=lambda: Discovered(directed=False))
    probed: Probed = field(default_factory=Probed)
    visitors: bool = False
    warnings: list[str] = field(default_factory=list)
    scrub: Callable[[str], str] = str
    log: str = ""
    started_s: float = 0.0
    """Seconds until the target was up and had answered smoke and discovery."""


class Runner:
    """Holds a plan's exchanges with a target.

    Args:
        keep: called with each transcript as it is made, from the runner's thread.
        begin: how the target's and the stand-in's programs are begun.
    """

    def __init__(
        self,
        target: Target,
        plan: RunPlan,
        *,
        keep: Callable[[Transcript], None] = lambda _: None,
        begin: Begin = begun,
    ) -> None:
        self.live = False
        self.plan = plan
        self.state = RunState(target=target)
        self.environment = TestEnvironment(target, begin=begin)
        self.ready: Future[None] = Future()
        self._made: dict[Key, Future[Transcript]] = {key: Future() for key in plan.keys}
        self._keep = keep
        self._thread = threading.Thread(target=self._run_thread, name="exchanges", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped = threading.Event()
        self._ending = False

    def start(self) -> None:
        """Begin. Returns at once."""
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Wait for the end of smoke and discovery. Raises Unreachable, Died or ConfigError."""
        self.ready.result()

    @property
    def secrets(self) -> Secrets:
        """What may reach no file."""
        return self.environment.secrets

    def transcripts_of(self, check: Check) -> list[Transcript]:
        """What a check is judged on, as soon as all of it is there. Raises RunCut, Died."""
        return [self._made[key].result() for key in self.plan.keys if check.judges(key[0])]

    def find(self, exchange: str, dialect: str) -> Transcript | None:
        """The transcript, as soon as it is there, or None where it is not in the plan. Raises RunCut, Died."""
        made = self._made.get((exchange, dialect))
        return made.result() if made else None

    def covers(self, check: Check) -> bool:
        """Whether all is held that a run of every check holds for this one."""
        return self.plan.covers(check, exchanges())

    def as_made(self) -> Iterator[Transcript]:
        """All transcripts, each as soon as it is there. Raises RunCut, Died."""
        for made in as_completed(self._made.values()):
            yield made.result()

    def stop(self) -> None:
        """Cut what is still being held, and stop everything that was started. Returns when that is done."""
        if self._loop is not None and not self._stopped.is_set():
            with contextlib.suppress(RuntimeError):  # it closed this very moment
                self._loop.call_soon_threadsafe(self._cancel)
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _cancel(self) -> None:
        if self._task is not None and not self._ending:
            self._task.cancel()

    def _run_thread(self) -> None:
        try:
            asyncio.run(self._run())
        except asyncio.CancelledError:
            self._fail(RunCut("the run was stopped"))
        except BaseException as e:
            self._fail(e)
        finally:
            self._stopped.set()
            self._fail(RunCut("the run ended without it"))

    async def _run(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        environment, began = self.environment, time.monotonic()
        try:
            async with asyncio.timeout(self.plan.deadline_s):
                await environment.start()
                self.state.target, self.state.scrub = environment.target, environment.secrets.scrub
                await self._unless_it_dies(self._look_around())
                self.state.started_s = time.monotonic() - began
                self.ready.set_result(None)
                await self._unless_it_dies(self._hold_all())
        except TimeoutError:
            raise RunCut(f"the run's deadline of {self.plan.deadline_s:g} s passed; raise it with --deadline") from None
        finally:
            await asyncio.shield(self._end())

    async def _end(self) -> None:
        self._ending = True
        if self.environment.process is not None:
            self.state.log = self.environment.secrets.scrub("\n".join(self.environment.process.lines) + "\n")
        await self.environment.stop()

    async def _look_around(self) -> None:
        environment = self.environment
        await smoke(environment.client, environment.target)
        if environment.undirected:
            self.state.discovered = Discovered(directed=False, reason=environment.undirected)
        else:
            talk = self._talk(NAME, "gemini-3")
            try:
                self.state.discovered = await discover(talk)
                if self.state.discovered.directed:
                    await self._probe(talk)
            except Untestable as why:
                self.state.discovered = Discovered(directed=False, reason=str(why))
            self._keep(talk.transcript(await talk.calls()))
        if self.state.discovered.directed:
            self.state.visitors = await takes_visitors(environment.client, environment.target)
        if not self.state.discovered.directed:
            self.state.warnings.append(self.state.discovered.reason)
        if notice := self.environment.target.auth_notice:
            self.state.warnings.append(notice)

    async def _probe(self, talk: Talk) -> None:
        talk.tools = self.state.discovered.tools
        self.state.probed = await probe(talk, talk.replies[0], self.environment.target.capabilities)
        if notice := self.state.probed.notice():
            self.state.warnings.append(notice)

    async def _unless_it_dies(self, work: Coroutine[None, None, None]) -> None:
        holding = asyncio.create_task(work)
        watching = asyncio.create_task(self._watch())
        try:
            done, _ = await asyncio.wait({holding, watching}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (holding, watching):
                task.cancel()
            await asyncio.gather(holding, watching, return_exceptions=True)

    async def _watch(self) -> None:
        """Ends, with Died, when a program of ours ends that should not."""
        environment = self.environment
        standin = environment.standin.process if environment.standin else None
        while True:
            waits = [asyncio.create_task(p.ended()) for p in (standin, environment.process) if p is not None]
            if not waits:
                await asyncio.Event().wait()
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
            if standin is not None and not standin.alive:
                raise StandInFailed(str(standin.death()))
            await environment.settled()
            if environment.process is not None and not environment.process.alive:
                raise environment.process.death()

    async def _hold_all(self) -> None:
        free = asyncio.Semaphore(self.plan.side_by_side)
        pairs = [(exchange, dialect) for exchange, dialects in self.plan.exchanges for dialect in dialects]

        async def hold(exchange: Exchange, dialect: str) -> None:
            async with free:
                await self._hold(exchange, dialect)

        async with asyncio.TaskGroup() as group:
            for exchange, dialect in pairs:
                if not exchange.alone:
                    group.create_task(hold(exchange, dialect))
        for exchange, dialect in pairs:
            if exchange.alone:
                await self._hold(exchange, dialect)
        await self.environment.still_there()
        if self.plan.whole:
            held = [future.result() for key, future in self._made.items() if key[0] != WHOLE_RUN]
            self._set(await whole_run(self.environment, held, directed=self.state.discovered.directed))

    async def _hold(self, exchange: Exchange, dialect: str) -> None:
        talk = self._talk(exchange.name, dialect)
        absent, reason = self._prerequisite(exchange)
        began = time.monotonic()
        if absent:
            talk.note(ABSENT, absent)
            reason = self.state.probed.reasons().get(absent, f"capability {absent!r} declared absent")
        if not reason:
            reason = await self._speak(exchange, talk)
        ended = time.monotonic()
        self._keep_secret(talk)
        calls = await self._calls_of(talk)
        self._set(talk.transcript(calls, untestable=reason or None, started_at=began, ended_at=ended))

    def _keep_secret(self, talk: Talk) -> None:
        """The tokens of a talk's visitors, before anything of it is written."""
        environment = self.environment
        for user in talk.visited.values():
            environment.secrets = environment.secrets.with_more(header_secrets(user.name, user.headers, user.cookies))
        self.state.scrub = environment.secrets.scrub

    async def _speak(self, exchange: Exchange, talk: Talk) -> str:
        """Hold it; returns why it could not be held, or ""."""
        task = asyncio.ensure_future(exchange.hold(talk))
        try:
            await asyncio.wait({task}, timeout=exchange.deadline_s)
        finally:
            if not task.done():
                talk.cut_open_replies()
                talk.note(CUT, exchange.deadline_s)
                task.cancel()
                await asyncio.wait({task}, timeout=SETTLE_S * 5)
        if not task.done() or task.cancelled():
            return "" if talk.opened else f"nothing was sent within its deadline of {exchange.deadline_s:g} s"
        failure = task.exception()
        if isinstance(failure, Untestable):
            return str(failure) or f"exchange {exchange.name} gave no reason"
        if isinstance(failure, Died):
            raise failure
        if failure is not None:
            trace = "".join(traceback.format_exception(failure))
            talk.note(SUITE_ERROR, f"exchange {exchange.name} raised:\n{trace}")
        return ""

    def _prerequisite(self, exchange: Exchange) -> tuple[str, str]:
        """The declared-absent capability, and else the reason, for which it cannot be held; "" and "" where it can."""
        capabilities = self.state.probed.with_declared(self.environment.target.declared)
        needed = (exchange.capability, "tools" if exchange.roles else None)
        absent = next((name for name in needed if name and capabilities.get(name) is False), "")
        if absent:
            return absent, ""
        tools = self.state.discovered.tools
        if exchange.roles and not self.state.discovered.directed:
            return "", self.state.discovered.reason
        if any(role not in tools for role in exchange.roles):
            return "", missing_roles(exchange.roles, tools)
        return "", ""

    async def _calls_of(self, talk: Talk) -> tuple[Call, ...]:
        calls = await talk.calls(at_least=0, timeout_s=0)
        if any(call.finished_at is None and call.gone_at is None for call in calls):
            calls = await talk.calls(at_least=len(calls), finished=True, timeout_s=SETTLE_S)
        return calls

    def _talk(self, exchange: str, dialect: str) -> Talk:
        environment, discovered = self.environment, self.state.discovered
        usable = environment.standin if not discovered.reason else None
        return Talk(
            exchange=exchange,
            dialect=dialect,
            target=environment.target,
            client=environment.client,
            server=environment,
            standin=usable,
            undirected=discovered.reason,
            tools=discovered.tools,
            learnt=Learnt(
                capabilities=self.state.probed.with_declared(environment.target.capabilities),
                declared=discovered.declared,
                visitors=self.state.visitors,
            ),
            seed=self.plan.seed,
        )

    def _set(self, transcript: Transcript) -> None:
        self._keep(transcript)
        self._made[transcript.exchange, transcript.dialect].set_result(transcript)

    def _fail(self, why: BaseException) -> None:
        if isinstance(why, BaseExceptionGroup):
            why = why.exceptions[0]
        if not self.ready.done():
            self.ready.set_exception(why)
        for future in self._made.values():
            if not future.done():
                future.set_exception(why)


def plan_for(exchanges: Mapping[str, Exchange], names: Iterable[str], *, dialect: str = "", **more: object) -> RunPlan:
    """The plan that holds the named exchanges.

    Args:
        dialect: one dialect for all, "all" for both families in all, "" for each exchange's own.
    """
    wanted = set(names)
    both = ("gemini-3", "gemini-2.5")
    chosen = tuple(
        (
            exchange,
            {"": exchange.dialects, "all": tuple(dict.fromkeys((*both, *exchange.dialects)))}.get(dialect, (dialect,)),
        )
        for name, exchange in exchanges.items()
        if name in wanted
    )
    return replace(RunPlan(exchanges=chosen, whole=WHOLE_RUN in wanted), **more)  # type: ignore[arg-type]  # Plan's fields
