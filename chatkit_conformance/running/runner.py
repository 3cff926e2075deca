"""The runner: holds the exchanges side by side, in a thread of its own with an event loop of its own.

Whoever judges asks for a transcript by exchange and dialect and waits until it is there. The order of a run: start
what is needed, smoke, discovery, the exchanges side by side, those that want to be alone one after the other (or
together, where they share a restart), and last the whole run's own transcript. Each exchange has a deadline, and so has
the run; a target that dies is started again, and only one that never stays up ends the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, as_completed

from ..check import WHOLE_RUN, Check
from ..direction import RealModel
from ..exchange import Exchange
from ..http.allowance import THOROUGH_TIMES
from ..http.limit import Limit
from ..judging.catalogue import exchanges
from ..target.secret import Secrets
from ..target.target import Target
from ..transcript import DIED, Transcript
from .busy_time import LOOK_EVERY_S, lengthened
from .busy_time import told as told_of_length
from .died_under import died_under, told, unexplained
from .environment import ModelRefused, TestEnvironment
from .first_wait import first_wait
from .host import Host, RunState
from .in_words import InWords
from .leak_search import LeakSearch
from .once_more import is_late, once_more
from .plan import ASKED_SIDE_BY_SIDE, RUN_S, SIDE_BY_SIDE, Key, RunPlan, companies
from .process import Begin, begun
from .rounds import Rounds
from .shared_restart import SharedRestart
from .tidying import tidied
from .turned_away import Held, after_the_limit, is_refused
from .watch import unless_it_dies
from .whole_run import whole_run

STOP_S = 20.0
"""Seconds that stopping everything may take: a server gets SIGTERM and five seconds, then SIGKILL."""


OVERTIME_S = 6.0
"""Seconds after the run's deadline in which its conversations are cut and written down."""

AFTER_DEATH = 4
"""Conversations at once after the server has died under some: each further death breaks off fewer."""

HUNG_SHOWN = 5
"""Conversations that are named where the run's deadline cut more."""


class RunCut(Exception):
    """The run was ended before this transcript was made. The message says by what."""


class Runner:
    """Holds a plan's exchanges with a target.

    Args:
        keep: called with each transcript as it is made, from the runner's thread.
        begin: how the target's and the stand-in's programs are begun.
        real: makes the real model, where the target's upstream is live.
        rounds: where it is held as one of several runs; None: it is the only one.
    """

    def __init__(
        self,
        target: Target,
        plan: RunPlan,
        *,
        keep: Callable[[Transcript], None] = lambda _: None,
        begin: Begin = begun,
        real: Callable[[], RealModel] | None = None,
        rounds: Rounds | None = None,
    ) -> None:
        self.plan = plan
        self.environment = TestEnvironment(target, begin=begin, real=real, rounds=rounds)
        self.environment.memory = THOROUGH_TIMES if plan.thorough else 1
        self._hold = rounds.hold if rounds is not None else asyncio.run
        self.live = self.environment.real is not None
        words = InWords(plan.asking) if plan.asking is not None else None
        self.host = Host(self.environment, seed=plan.seed, patience=plan.patience, keep=keep, words=words)
        self.state.allowed_s = self._quiet_s = plan.deadline_s or RUN_S * plan.patience
        self._began = 0.0
        self._limit = Limit()
        self.ready: Future[None] = Future()
        self._made: dict[Key, Future[Transcript]] = {key: Future() for key in plan.keys}
        self._keep = keep
        self._leaks = LeakSearch()
        self._thread = threading.Thread(target=self._run_thread, name="exchanges", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped = threading.Event()
        self.quiet = threading.Event()
        """Set when no conversations are held side by side any more: from then on there is time to judge."""
        self._ending = False

    @property
    def state(self) -> RunState:
        """What is known beside transcripts."""
        return self.host.state

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
        return [self._result(self._made[key]) for key in self.plan.keys if check.judges(key[0])]

    def find(self, exchange: str, dialect: str) -> Transcript | None:
        """The transcript, as soon as it is there, or None where it is not in the plan. Raises RunCut, Died."""
        made = self._made.get((exchange, dialect))
        return self._result(made) if made else None

    def _result(self, made: Future[Transcript]) -> Transcript:
        """What was made; waits until a moment after the run's deadline, even where the runner's loop is held up."""
        while True:
            ends_at = self.host.ends_at
            try:
                return made.result(max(0.1, ends_at + OVERTIME_S + 1.0 - time.monotonic()))
            except TimeoutError:
                if self.host.ends_at <= ends_at:
                    raise RunCut(f"{self._passed}. The harness was held up by what came") from None

    @property
    def held(self) -> tuple[int, int]:
        """How many conversations are over, and of how many."""
        return sum(made.done() for made in self._made.values()), len(self._made)

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
            self._hold(self._run())
        except asyncio.CancelledError:
            self._fail(RunCut("the run was stopped"))
        except ModelRefused as e:
            self._fail(RunCut(str(e)))
        except BaseException as e:
            self._fail(e)
        finally:
            self._stopped.set()
            self.quiet.set()
            self._fail(RunCut("the run ended without it"))

    async def _run(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._began = began = time.monotonic()
        self.host.ends_at = began + self.state.allowed_s
        environment = self.environment
        try:
            async with (
                asyncio.timeout(self.state.allowed_s + OVERTIME_S) as limit,
                self.host.lag,
                self._lengthening(limit),
            ):
                await self._begin()
                self.state.started_s = time.monotonic() - began
                if self.plan.deadline_s is None:
                    self._quiet_s *= self.host.pace.factor
                self.ready.set_result(None)
                # From here on each conversation ends by itself when the time is over, and its transcript is kept.
                self._set_end(limit)
                await unless_it_dies(environment, self._hold_all(), self.host.lives)
        except TimeoutError:
            raise RunCut(self._passed) from None
        finally:
            await asyncio.shield(self._end())

    async def _begin(self) -> None:
        """Start everything and look around. Raises RunCut, which says what hung, where the run's time is over first."""
        beginning = asyncio.ensure_future(self._look())
        try:
            while not beginning.done() and not self.host.time_is_over:
                await asyncio.wait({beginning}, timeout=self.host.ends_at - time.monotonic())
            hung = "" if beginning.done() else first_wait(self.environment)
        finally:
            if not beginning.done():
                beginning.cancel()
                await asyncio.wait({beginning}, timeout=OVERTIME_S)
        if hung:
            raise RunCut(f"{self._passed}. Under way: {hung}")
        beginning.result()

    async def _look(self) -> None:
        await self.environment.start()
        self.environment.awaited = ("the server's request to the model", time.monotonic())
        self.environment.client.patience = self.host.patience
        self._limit = self.environment.client.limit
        self._limit.ends_at = lambda: self.host.ends_at
        self.state.target, self.state.scrub = self.environment.target, self.environment.secrets.scrub
        await unless_it_dies(self.environment, self.host.look_around())

    @contextlib.asynccontextmanager
    async def _lengthening(self, limit: asyncio.Timeout) -> AsyncIterator[None]:
        """Inside this block, let the run's end wait for what waited for a processor."""

        async def look() -> None:
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                self._set_end(limit)

        looking = asyncio.create_task(look(), name="run's end")
        try:
            yield
        finally:
            looking.cancel()

    def _set_end(self, limit: asyncio.Timeout) -> None:
        """Say when the run ends, as far as it is known now. A deadline that somebody gave stays as it is."""
        if self.plan.deadline_s is None:
            self.state.allowed_s = lengthened(self._own_s, self.host.waited_s)
        self.host.ends_at = self._began + self.state.allowed_s
        if not limit.expired():  # it may have been just now: the next `await` says so
            left = self.host.ends_at - time.monotonic() + OVERTIME_S
            limit.reschedule(asyncio.get_running_loop().time() + left)

    async def _end(self) -> None:
        self._ending = True
        if self.host.time_is_over and self.environment.process is not None:
            await self.environment.process.stop(kill=True)  # what hangs would not end by being asked to
        if self.environment.process is not None:
            self.state.log = self.environment.secrets.scrub("\n".join(self.environment.process.lines) + "\n")
        if self.plan.asking is not None and self.ready.done() and self.host.made:
            if self.environment.process is None:  # one that was started by the run keeps nothing
                self.state.warnings += await tidied(self.environment.client, self.host.made, keep=self.plan.asking.keep)
            self.state.warnings.append(self.plan.asking.spent())
        if self.environment.real is not None:
            self.state.warnings.append(self.environment.real.spent())
        self.state.warnings += await self.environment.stop()

    async def _hold_all(self) -> None:
        began = time.monotonic()
        most = SIDE_BY_SIDE if self.plan.asking is None else ASKED_SIDE_BY_SIDE
        at_once = self.plan.side_by_side or self.host.pace.side_by_side(most)
        self.state.warnings += filter(None, (self.host.pace.notice(self.plan.side_by_side or most),))
        pairs = [(exchange, dialect) for exchange, dialects in self.plan.exchanges for dialect in dialects]
        late: list[Held] = []
        broken: list[Held] = []
        refused: list[Held] = []
        waiting = (pair for pair in pairs if not pair[0].alone)

        async def hold(place: int) -> None:
            """Hold what waits, one after the other; after a death, or at a limit, only in the first places."""
            while (
                (place < AFTER_DEATH or not broken)
                and place < self._limit.side_by_side(at_once)
                and (pair := next(waiting, None))
            ):
                made = await self.host.hold(*pair)
                if DIED in made.notes:
                    broken.append((*pair, made))
                elif is_refused(made):
                    refused.append((*pair, made))
                elif is_late(made):
                    late.append((*pair, made))
                else:
                    self._set(made)

        async with asyncio.TaskGroup() as group:
            for place in range(at_once):
                group.create_task(hold(place))
        self.quiet.set()
        early = asyncio.ensure_future(asyncio.to_thread(self._search_early))
        for made in [*await died_under(self.host, broken), *await once_more(self.host, late)]:
            self._set(made)
        for made in await after_the_limit(self.host, refused):
            self._set(made)
        later: list[Held] = []
        away: list[Held] = []
        for together in companies(pair for pair in pairs if pair[0].alone):
            if not self.host.time_is_over:
                await self._still_there()  # or a restart would hide that it died
            with self.environment.sharing(len(together)) as shared:
                async with asyncio.TaskGroup() as group:
                    for exchange, dialect in together:
                        group.create_task(self._hold_in_company(exchange, dialect, shared, later, away))
        for made in [*await died_under(self.host, later), *await after_the_limit(self.host, away)]:
            self._set(made)
        self.state.warnings += filter(None, (told(self.host.lives),))
        self.state.cut = self.host.spent
        if self.host.time_is_over:
            self.state.cut = self._what_was_cut()
        else:
            await self._still_there()
        self.host.tell_of_bounds(time.monotonic() - began)
        lasted_s = time.monotonic() - self._began
        self.state.warnings += filter(None, (told_of_length(self._own_s, self.state.allowed_s, lasted_s),))
        await early
        if self.plan.whole:
            held = [future.result() for key, future in self._made.items() if key[0] != WHOLE_RUN]
            deaths = unexplained(self.host.lives, held, (first for _, _, first in (*broken, *later)))
            directed = self.state.discovered.directed
            died_at = [death.at for death in self.host.lives.deaths]
            whole = await whole_run(
                self.environment, held, directed=directed, leaks=self._leaks, deaths=deaths, died_at=died_at
            )
            self._set(whole)

    def _search_early(self) -> None:
        """Look for secrets in what is there, while the processor waits for the server to start again."""
        if self.plan.whole:
            there = [made for made in self._made.values() if made.done() and made.exception() is None]
            self._leaks.search(self.secrets, (made.result() for made in there))

    async def _still_there(self) -> None:
        """Wait until the server runs, where it is ours to start again. Raises Died where it is not there any more."""
        if self.environment.can_restart:
            await self.host.lives.up()
        else:
            await self.environment.still_there()
        await self.environment.front_still_there()

    async def _hold_in_company(
        self, exchange: Exchange, dialect: str, shared: SharedRestart, broken: list[Held], refused: list[Held]
    ) -> None:
        try:
            made = await self.host.hold(exchange, dialect)
        finally:
            await shared.ended()
        if DIED in made.notes:
            broken.append((exchange, dialect, made))
        elif is_refused(made):
            refused.append((exchange, dialect, made))
        else:
            self._set(made)

    @property
    def _own_s(self) -> float:
        """Seconds that the run may take on a quiet machine, with what the server's limit holds it back."""
        return self._quiet_s + self._limit.given_s

    @property
    def _passed(self) -> str:
        more = round(self.state.allowed_s - self._own_s)
        given = f", {more} s of them given since the machine was busy," if more else ""
        return f"the run's deadline of {round(self.state.allowed_s, 1):g} s{given} passed; raise it with --deadline"

    def _what_was_cut(self) -> str:
        """What the run's deadline cut, in words; "" where everything had been held."""
        hung, unbegun = self.host.under_way, self.host.unbegun
        if not hung and not unbegun:
            return ""
        shown = "; ".join(hung[:HUNG_SHOWN]) + (f" and {len(hung) - HUNG_SHOWN} more" if len(hung) > HUNG_SHOWN else "")
        return (
            self._passed
            + (f". Under way: {shown}" if hung else "")
            + (f". Not begun: {unbegun} conversation{'s' * (unbegun != 1)}" if unbegun else "")
        )

    def _set(self, transcript: Transcript) -> None:
        self.host.lives.whole += DIED not in transcript.notes
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
