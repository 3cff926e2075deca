"""The host: looks around once, and then holds exchanges with what stands around the target, one at a call."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from ..check import WITHOUT, ModelAway, NotJudged, Untestable
from ..direction import ModelDirector, NotSent
from ..exchange import Exchange
from ..http.retry_after import REFUSED
from ..judging.judge import ABSENT, LEFT_OUT, SUITE_ERROR
from ..talk import Talk
from ..target.learnt import Learnt
from ..target.paged import is_paged
from ..target.target import Target
from ..transcript import CUT, DIED, HELD_UP, IN_WORDS, NOT_SENT, STARVED, Call, Transcript
from .capabilities import Probed
from .discovery import NAME, Discovered
from .environment import TestEnvironment
from .first_look import first_look
from .in_words import InWords
from .lag import Lag
from .lives import Lives
from .newest_page import NewestPages
from .pace import ServerPace
from .plan import RUN_S
from .prerequisite import prerequisite
from .process import Died
from .refused import refused_in
from .roles import of_tasks
from .starved import Starved

TOLD_S = 0.1
"""Seconds of being held up that a transcript tells of."""

BUSY = 0.25
"""Share of a conversation's time in which the harness was held up, from which on a missed deadline says nothing."""

WARNED = 0.1
"""Share of a run's time in which the harness was held up, from which on the run says so."""

STARVING = 0.5
"""Share of a run's time in which the server was ready and got no processor, from which on the run says so."""

LEAST_S = 5.0
"""Seconds of a run below which its share says little: a start alone takes one or two."""


OVER = "the run's time was over"
"""Why a conversation was cut or not begun, for whoever reads its transcript."""

LONGEST = 4.0
"""How many times its deadline a conversation may last whose replies each come in time."""

LOOK_S = 0.25
"""Seconds between two looks at a conversation that lasts longer than its deadline."""

SETTLE_S = 1.0
"""Seconds that the journal has to close the calls of an exchange that has ended."""


@dataclass(slots=True, kw_only=True)
class RunState:
    """What the runner has to say beside transcripts; written by its thread, read by anyone."""

    target: Target
    discovered: Discovered = field(default_factory=lambda: Discovered(directed=False))
    probed: Probed = field(default_factory=Probed)
    visitors: bool = False
    side_requests: bool = False
    no_tasks: str = ""
    first_thread: tuple[str, str] = ("", "")
    said_there: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    scrub: Callable[[str], str] = str
    log: str = ""
    cause: str = ""
    """What is wrong with the set-up as a whole, and what to type, or ""."""
    cut: str = ""
    """Why not every conversation was held whole, where the run's time was over."""
    allowed_s: float = RUN_S
    """Seconds for the whole run, once they are known to be more than usual."""
    started_s: float = 0.0
    """Seconds until the target was up and had answered smoke and discovery."""


class Host:
    """Holds exchanges with a target that is up.

    Args:
        environment: what stands around the target. seed: makes the nonces.
        patience: what the caller multiplies all deadlines with.
        keep: called with the transcript of the discovery. ends_at: monotonic seconds at which the run's time is over.
        words: directs the model in words, where it plays no script.
    """

    def __init__(
        self,
        environment: TestEnvironment,
        *,
        seed: int = 0,
        patience: float = 1.0,
        keep: Callable[[Transcript], None] = lambda _: None,
        ends_at: float = math.inf,
        words: InWords | None = None,
    ) -> None:
        self.environment = environment
        self.ends_at = ends_at
        self.words = words
        self.made: dict[str, tuple[str, dict[str, str]]] = {}
        """Threads that the run made: id -> their exchange, and the headers of their user."""
        self.under_way: list[str] = []
        """What was under way when the run's time was over: exchange, dialect, and each open reply."""
        self.spent = ""
        """Why the real model was asked no more, where a conversation was left out for it."""
        self.unbegun = 0
        """Conversations whose turn never came."""
        self.state = RunState(target=environment.target)
        self.lag = Lag()
        self._starved = Starved()
        self.lives = Lives(environment)
        self.pace = ServerPace()
        self._patience = patience
        self._pages = NewestPages()
        self._seed = seed
        self._keep = keep

    def patience(self) -> float:
        """By how much deadlines are stretched now: as the caller said, the server is slow, and the machine busy."""
        return self._patience * self.pace.factor * self.lag.factor()

    @property
    def starved_s(self) -> float:
        """Seconds, in all, for which the started server was ready to run and got no processor."""
        process = self.environment.process
        return self._starved.total_s(process.pid if process is not None and process.alive else 0)

    @property
    def waited_s(self) -> float:
        """Seconds, in all, for which the run could not go on since other programs had the processor."""
        return max(self.starved_s, self.lag.total_s)

    def tell_of_bounds(self, lasted_s: float) -> None:
        """Warn where the server sent more than is kept, and where the harness was so late that times say less."""
        client, standin = self.environment.client, self.environment.standin
        kept = standin.kept.notice if standin else ""
        self.state.warnings += filter(None, (client.allowance.notice, client.limit.notice, kept))
        if (late := self.lag.total_s) > WARNED * lasted_s and lasted_s > LEAST_S:
            self.state.warnings.append(
                f"the machine was busy: the harness itself was held up for {late:.1f} s of {lasted_s:.1f} s. Deadlines "
                "were stretched by it, but times that were measured are longer than they would be on a quiet machine."
            )
        elif (starved := self.starved_s) > STARVING * lasted_s and lasted_s > LEAST_S:
            self.state.warnings.append(
                f"the machine was busy: for {starved:.1f} s of {lasted_s:.1f} s the server was ready to run and got no "
                "processor. Times that were measured are longer than they would be on a quiet machine."
            )

    @property
    def time_is_over(self) -> bool:
        """Whether the run's time is over."""
        return time.monotonic() >= self.ends_at

    async def look_around(self) -> None:
        """Ask whether it is ChatKit, and what it can. Raises Unreachable, ConfigError."""
        state, environment = self.state, self.environment
        if self.words is not None and environment.real is not None:
            self.words.seen, self.words.refusal = environment.standin, lambda: refusal_of(environment)
        talk = self.talk(NAME, "gemini-3" if self.words is None else "")
        try:
            seen = await first_look(self.environment, talk, self._keep, in_words=self.words is not None)
        finally:
            self._note_made(talk)
        state.target, state.discovered, state.probed = self.environment.target, seen.discovered, seen.probed
        state.visitors, state.side_requests = seen.visitors, seen.side_requests
        self.pace, state.cause, state.no_tasks = seen.pace, seen.cause, seen.no_tasks
        state.first_thread = seen.first_thread
        state.warnings += seen.warnings

    async def hold(self, exchange: Exchange, dialect: str, *, again: int = 0) -> Transcript:
        """Hold one exchange, until its deadline at most. Raises Died.

        Args:
            again: how often it was held before: its messages then have other marks.
        """
        talk = self.talk(exchange.name, dialect, again=again)
        if exchange.roles and self._lists_by_page and self.state.visitors:
            talk.own_users["a"] = f"{exchange.name}-{secrets.token_hex(4)}"
        await self.lives.up()
        if exchange.roles and self._lists_by_page and not self.state.visitors and self.words is None:
            await self._pages.told(talk, self.talk)
        absent, reason = prerequisite(exchange, self.state, in_words=self.words is not None)
        if not reason and not absent and (reason := self._left_out(exchange)):
            talk.note(LEFT_OUT, reason)
        if not reason and not absent and self.time_is_over:
            self.unbegun += 1
            reason = f"it was not held: {OVER}."
        began, late, starved = time.monotonic(), self.lag.total_s, self.starved_s
        if absent:
            talk.note(ABSENT, absent)
            reason = self.state.probed.reasons().get(absent, f"capability {absent!r} declared absent")
        if not reason:
            reason = await self._speak(exchange, talk)
        ended = time.monotonic()
        self._note_made(talk)
        if self.words is not None and (refusal := self.words.refusal()):
            if not reason and any(reply.errored for reply in talk.replies):
                talk.note(LEFT_OUT, refusal)
                reason = refusal
            if reason == refusal:
                self.spent = refusal
        if any(reply.ended in ("cut", "refused") for reply in talk.replies):
            await self.lives.told()
        deaths = self.lives.since(began)
        self.lives.learn(talk.replies, deaths)
        if deaths:
            talk.note(DIED, [death.to_json(talk.replies) for death in deaths])
        self.environment.keep_secrets_of(*talk.visited.values())  # before anything of it is written
        self.state.scrub = self.environment.secrets.scrub
        calls = await self._calls_of(talk)
        if refused := refused_in(talk, calls):
            talk.note(REFUSED, refused)
        late = self.lag.total_s - late
        if late > TOLD_S:
            talk.note(HELD_UP, round(late, 3))
        if (starved := self.starved_s - starved) > TOLD_S:
            talk.note(STARVED, round(starved, 3))
        if not reason and late > BUSY * (ended - began) and _was_cut(talk):
            reason = (
                f"the machine was busy: the harness itself was held up for {late:.1f} s of {ended - began:.1f} s, so "
                "what came after its deadline says nothing of the server. Run it again on a quieter machine."
            )
        return talk.transcript(calls, untestable=reason or None, started_at=began, ended_at=ended)

    async def _speak(self, exchange: Exchange, talk: Talk) -> str:
        """Hold it; returns why it could not be held, or "".

        Its deadline ends it where a reply was late by itself. One that merely has many replies, each in time, may take
        several times as long: that is no fault of the reply that happens to be open.
        """
        task, began, late = asyncio.ensure_future(exchange.hold(talk)), time.monotonic(), self.lag.total_s
        dying = asyncio.ensure_future(self.lives.next_death())
        allowed = exchange.deadline_s * self._patience * self.pace.factor
        try:
            while not task.done():
                more = talk.restarting_s + talk.held_back_s + (self.lag.total_s - late)
                left = allowed + more - (time.monotonic() - began)
                to_the_end = self.ends_at - time.monotonic()
                if to_the_end <= 0 or (left <= 0 and (talk.late or left < -allowed * (LONGEST - 1))):
                    break
                wait_s = min(left if left > 0 else LOOK_S, to_the_end)
                await asyncio.wait({task, dying}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
                if dying.done():
                    await _fall_silent(talk)
                    task.cancel()
                    await asyncio.wait({task}, timeout=SETTLE_S * 5)
                    return ""
        finally:
            dying.cancel()
            over = not task.done() and self.time_is_over
            if over:
                self.under_way.append(_under_way(exchange, talk))
            if not task.done():
                talk.cut_open_replies()
                talk.note(CUT, allowed)
                task.cancel()
                await asyncio.wait({task}, timeout=SETTLE_S * 5)
        if over:
            return f"it was cut: {OVER} while it was held."
        if not task.done() or task.cancelled():
            return "" if talk.opened else f"nothing was sent within its deadline of {allowed:g} s"
        failure = task.exception()
        if isinstance(failure, NotJudged) and self.words is not None:
            talk.note(LEFT_OUT, str(failure))
            if isinstance(failure, ModelAway) and not self.words.away:
                self.words.away = str(failure)
                self.state.warnings.append(str(failure))
        if isinstance(failure, Untestable):
            return str(failure) or f"exchange {exchange.name} gave no reason"
        if failure is not None and (not_sent := _not_sent(failure)):
            talk.note(NOT_SENT, not_sent)
            return ""
        if isinstance(failure, Died):
            raise failure
        if failure is not None:
            trace = "".join(traceback.format_exception(failure))
            talk.note(SUITE_ERROR, f"exchange {exchange.name} raised:\n{trace}")
        return ""

    def _left_out(self, exchange: Exchange) -> str:
        """Why this kind of run does not hold it, or ""."""
        if self.words is None:
            return ""
        return self.words.asking.left_out.get(exchange.name, "") or (
            self.state.no_tasks if of_tasks(exchange.roles) else ""
        )

    def _note_made(self, talk: Talk) -> None:
        """Keep what threads a conversation made, to take them away at the end."""
        if self.words is None:
            return
        deleted = {r.params.get("thread_id") for r in talk.replies if r.type == "threads.delete" and r.status < 300}
        for reply in talk.replies:
            if reply.of("thread.created") and reply.thread_id not in deleted and not reply.raw:
                self.made[reply.thread_id] = (talk.exchange, talk.user_headers(reply.user))

    @property
    def _lists_by_page(self) -> bool:
        """Whether tasks of others may push those of a conversation off the page that it reads."""
        read = self.state.discovered.tools.get("read")
        return read is not None and is_paged(read)

    async def _calls_of(self, talk: Talk) -> tuple[Call, ...]:
        calls = await talk.calls(at_least=0, timeout_s=0)
        if any(call.finished_at is None and call.gone_at is None for call in calls):
            calls = await talk.calls(at_least=len(calls), finished=True, timeout_s=SETTLE_S)
        return calls

    def talk(self, exchange: str, dialect: str, *, again: int = 0) -> Talk:
        """What an exchange of that name is held with. `again`: how often it was before."""
        environment, discovered = self.environment, self.state.discovered
        usable: ModelDirector | None = self.words or (environment.standin if not discovered.reason else None)
        talk = Talk(
            exchange=exchange,
            dialect=dialect,
            target=environment.target,
            client=environment.client,
            server=environment,
            standin=usable,
            undirected=discovered.reason,
            tools=discovered.tools,
            learnt=Learnt(
                capabilities=self.state.probed.with_declared(environment.target.declared),
                declared=discovered.declared,
                visitors=self.state.visitors,
                side_requests=self.state.side_requests,
                first_thread=self.state.first_thread,
                said_there=self.state.said_there,
            ),
            seed=self._seed + again,
            deadly=lambda: self.lives.deadly,
        )
        if self.words is not None:
            talk.note(IN_WORDS, True)
        if without := environment.target.without:
            talk.note(WITHOUT, without)
        return talk


def refusal_of(environment: TestEnvironment) -> str:
    """Why the real model is asked no more, or ""."""
    return environment.real.refusal if environment.real is not None else ""


def _not_sent(failure: BaseException) -> str:
    """Why a conversation ended before a request that was not sent, side by side with others or not; else ""."""
    if not isinstance(failure, BaseExceptionGroup):
        return str(failure) if isinstance(failure, NotSent) else ""
    found, rest = failure.split(NotSent)
    return str(found.exceptions[0]) if found is not None and rest is None else ""


async def _fall_silent(talk: Talk) -> None:
    """Let what was under way when the server died come to its end, and leave out what was asked of nobody after it."""
    asked = len(talk.opened)
    ending = [asyncio.ensure_future(made.finish()) for made in talk.opened if not made.over]
    if ending:
        await asyncio.wait(ending, timeout=SETTLE_S)
    del talk.opened[asked:]
    while talk.opened and talk.opened[-1].reply.ended == "refused":
        talk.opened.pop()


def _under_way(exchange: Exchange, talk: Talk) -> str:
    """What of a conversation is under way: its name, and the replies that have not ended, each with its seconds."""
    now = time.monotonic()
    replies = [f"{made.reply.label} for {now - made.reply.sent_at:.1f} s" for made in talk.opened if not made.over]
    return f"{exchange.name} ({talk.dialect}{': ' * bool(replies)}{', '.join(replies)})"


def _was_cut(talk: Talk) -> bool:
    """Whether anything of it ended at a deadline of ours."""
    return CUT in talk.notes or talk.late
