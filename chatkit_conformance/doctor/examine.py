"""The examination: what is looked at, in the order in which one thing depends on another, within a few seconds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from ..diagnosis.answered import answered_wrongly
from ..diagnosis.asked import retirements
from ..diagnosis.diagnosis import Diagnosis
from ..diagnosis.front import dropped_cookie, weak_cookies
from ..diagnosis.printed import DATABASE, sign_in
from ..diagnosis.versions import clash_of, told
from ..running.environment import TestEnvironment, Unreachable
from ..running.first_look import find_chatkit
from ..running.in_front import refuse_other_server
from ..talk import Talk
from ..target.target import Target
from ..transcript import Reply
from . import browser, interpreter, starting, turns
from .chart import Chart
from .tool_turn import tool_turn

EXAMS = (
    "start",
    "endpoint",
    "database",
    "credentials",
    "model",
    "answer",
    "stream",
    "second turn",
    "tools",
    "users",
    "origin",
    "cookies",
    "versions",
)
"""What is looked at."""

WITHIN_S = 10.0
"""Seconds for all of it."""

AFTER_START_S = 3.5
"""Seconds of them that are kept for what comes after the start."""


async def examine(target: Target, *, origin: str = "", within_s: float = WITHIN_S, as_of: date | None = None) -> Chart:
    """Start what is to be started, look at it, and stop it again.

    Args:
        origin: that of the page that will use the server, "" where it is not asked. within_s: seconds for all of it.
        as_of: the day for retirements of models; today.

    Raises:
        ConfigError: the target cannot be started as it is described. StandInFailed: a fault of ours.
    """
    began = time.monotonic()
    limit = max(2.0, within_s - AFTER_START_S)
    given = replace(target, start_deadline_s=min(target.start_deadline_s, limit))
    examination = Examination(given, origin, as_of or datetime.now(UTC).date(), within_s)
    try:
        async with asyncio.timeout(within_s):
            await examination.look()
    except TimeoutError:
        examination.over(within_s)
    finally:
        await examination.end()
    examination.chart.seconds = time.monotonic() - began
    return examination.chart


class Examination:
    """One look at one target."""

    def __init__(self, target: Target, origin: str, as_of: date, within_s: float) -> None:
        self.environment = TestEnvironment(target)
        self.environment.stretched = False  # the whole visit has a time of its own
        self.chart = Chart(target=target.name)
        self._origin = origin
        self._as_of = as_of
        self._within_s = within_s
        self._replies: list[Reply] = []
        self._asking: asyncio.Task[dict[str, str]] | None = None

    async def look(self) -> None:
        """Look at everything, until something is wrong on which the rest depends."""
        chart = self.chart
        whole = await self._start() and await self._endpoint() and await self._turns()
        chart.unseen(EXAMS, "what is above comes first" if not whole else "there is nothing to look at")

    def over(self, within_s: float) -> None:
        """Say where the time was over. That says nothing of the server, and is no all-clear."""
        seen = {exam.name for exam in self.chart.exams}
        at = next((name for name in EXAMS if name not in seen), "")
        if at and self.chart.cause is None:
            says = (
                f"Nothing wrong was seen, but the {within_s:g} s were over before all was looked at: it got to {at!r}."
            )
            do = f"Give it more time: --within {within_s * 3:g}."
            self.chart.over(at, Diagnosis(id="time-over", says=says, do=do))
        self.chart.unseen(EXAMS, "the time was over")

    async def end(self) -> None:
        """Stop everything that was started, at once: nothing of it is kept."""
        if self._asking is not None:
            self._asking.cancel()
        if (process := self.environment.process) is not None:
            with contextlib.suppress(ProcessLookupError):
                await process.stop(kill=True)
        await self.environment.stop()

    async def _start(self) -> bool:
        environment, chart = self.environment, self.chart
        cause = await starting.start(environment)
        if not environment.target.command:
            return True
        self._asking = asyncio.create_task(self._installed())
        if cause is not None:
            declared = clash_of(await self._versions())
            chart.wrong("start", declared if cause.id in ("versions", "start") and declared else cause)
            return False
        chart.right("start", f"it listens: {environment.target.url}")
        return True

    async def _installed(self) -> dict[str, str]:
        """Ask the command's Python what is installed for it."""
        environment = self.environment
        if (process := environment.process) is None:
            return {}
        family = await asyncio.to_thread(process.family)
        pythons = [p for p in (interpreter.python_of(process.command, process.environ),) if p]
        pythons += interpreter.of_processes(family.values())
        return await interpreter.installed(pythons, process.environ, environment.target.cwd)

    async def _versions(self) -> dict[str, str]:
        return await self._asking if self._asking is not None else {}

    async def _endpoint(self) -> bool:
        environment, chart = self.environment, self.chart
        try:
            for said in await find_chatkit(environment):
                chart.note("endpoint", said)
                chart.path = "" if environment.target.through else environment.client.endpoint_path
        except Unreachable as why:
            return await self._unreached(str(why))
        if not any(exam.name == "endpoint" for exam in chart.exams):
            chart.right("endpoint", f"ChatKit answers at {environment.client.endpoint_path}")
        chart.right("database", "a list of threads is read")
        return True

    async def _unreached(self, why: str) -> bool:
        """Say why smoke got no page of threads: the database, the credentials, else as it says itself."""
        environment, chart = self.environment, self.chart
        if self._in_front:
            chart.wrong("endpoint", Diagnosis(id="in-front", says=why, do=""))
        elif found := sign_in(environment.printed(), DATABASE):
            chart.wrong("database", found)
        elif "HTTP 401" in why or "HTTP 403" in why:
            chart.wrong("credentials", await browser.locked_out(environment, why))
        else:
            chart.wrong("endpoint", Diagnosis(id="endpoint", says=why, do=""))
        return False

    async def _turns(self) -> bool:
        environment, chart = self.environment, self.chart
        open_door = await browser.asks_nobody(environment)
        if open_door and environment.target.users:
            chart.note("credentials", 'whoever asks is answered; a server without sign-in says so: auth = "none"')
        else:
            chart.right("credentials", "user a is taken" if environment.target.users else "nobody is asked to sign in")
        talk = self._talk()
        first = await turns.first_turn(environment, talk, self._within_s)
        self._replies.append(first.reply)
        try:
            await refuse_other_server(environment, first.reply.thread_id)
        except Unreachable as why:
            return await self._unreached(str(why))
        if cause := await turns.wrong_model_side(environment, first):
            chart.wrong("model", cause)
            return False
        self._say_model(first)
        if cause := answered_wrongly(first.reply, first.printed):
            stock = await self._stock(cause, "first turn")
            unseen = environment.standin is None and first.reply.ended == "deadline"
            chart.wrong("answer", _patient(cause) if unseen else stock or cause)
            return False
        chart.right("answer", f"{len(first.reply.events)} events in {_took(first.reply):.2f} s, ended whole")
        if cause := turns.wrong_buffering(first):
            chart.wrong("stream", await self._whose(cause))
        else:
            chart.right("stream", "its first event came before the model had ended" if first.opened_at else "it flows")
        if await self._second(talk, first.reply):
            await self._tools(talk, first)
        await self._browser(first.reply.thread_id, open_door=open_door)
        self._look_at_versions(await self._versions())
        return True

    @property
    def _in_front(self) -> bool:
        """Whether what is asked now is a proxy in front of the server."""
        environment = self.environment
        return bool(environment.target.through) and environment.target.url != environment.own_url

    async def _whose(self, cause: Diagnosis) -> Diagnosis:
        """Whether it is the proxy that buffers: the server itself is sent a message, too."""
        if not self._in_front:
            return cause
        environment, there = self.environment, self.environment.target.url
        environment.ask_at(environment.own_url)
        own = await turns.first_turn(environment, self._talk(), self._within_s)
        environment.ask_at(there)
        if turns.wrong_buffering(own):
            return cause
        says = f"{there} buffers, and the server behind it does not. {cause.says}"
        return Diagnosis(id="in-front", says=says, do=cause.do)

    async def _stock(self, cause: Diagnosis, turn: str) -> Diagnosis | None:
        """The versions whose stock parts fail in this turn, where they are installed and it did fail so."""
        return clash_of(await self._versions(), shows=turn) if cause.id in ("error", "breaks-off") else None

    def _say_model(self, first: turns.Turned) -> None:
        chart = self.chart
        if self.environment.standin is None:
            chart.unseen(["model"], "the model is not ours: only what the browser sees is looked at")
        elif soon := retirements(first.calls, self._as_of):
            chart.note("model", " ".join(soon))
        else:
            chart.right("model", f"asked for {', '.join(dict.fromkeys(c.model for c in first.calls if c.model))}")

    async def _second(self, talk: Talk, first: Reply) -> bool:
        chart = self.chart
        if not first.thread_id:
            says = "The first answer names no thread (thread.created), so that no second message can be sent to it."
            chart.wrong("second turn", Diagnosis(id="no-thread", says=says, do="Send thread.created first."))
            return False
        second = await turns.second_turn(self.environment, talk, first.thread_id, self._within_s)
        self._replies.append(second.reply)
        if cause := turns.wrong_second(first, second):
            stock = await self._stock(cause, "second turn")
            chart.wrong("second turn", _both(cause, stock) if stock else cause)
            return False
        chart.right("second turn", f"answered in {_took(second.reply):.2f} s")
        return True

    async def _tools(self, talk: Talk, first: turns.Turned) -> None:
        answer_s = self._within_s * turns.SCRIPTED
        cause, said = await tool_turn(self.environment, talk, first.reply.thread_id, first.calls, answer_s)
        if cause:
            self.chart.wrong("tools", cause)
        elif said:
            self.chart.right("tools", said)

    async def _browser(self, thread: str, *, open_door: bool) -> None:
        environment, chart = self.environment, self.chart
        if "b" not in environment.target.users or open_door:
            why = "nobody is asked to sign in" if open_door else "one user is known: [users.b], or a started command"
            chart.unseen(["users"], why)
        elif cause := await browser.wrong_users(environment, thread):
            chart.wrong("users", cause)
        else:
            chart.right("users", "user b is taken, and does not see user a's thread")
        if not self._origin:
            chart.unseen(["origin"], "no --origin was given")
        else:
            cause, answer = await browser.wrong_origin(environment, self._origin)
            self._replies.append(answer)
            if cause:
                chart.wrong("origin", cause)
            else:
                chart.right("origin", f"a page of {self._origin} may use it")
        https, loopback = browser.place(environment.target.url)
        if cause := dropped_cookie(self._replies, https=https, loopback=loopback):
            chart.wrong("cookies", cause)
        elif weak := weak_cookies(self._replies):
            chart.note("cookies", " ".join(weak))
        else:
            chart.right("cookies", "none is set that a browser drops")

    def _look_at_versions(self, installed: Mapping[str, str]) -> None:
        chart = self.chart
        if not installed:
            why = "no Python was found behind the command" if self.environment.target.command else "by URL"
            chart.unseen(["versions"], why)
        elif clash := clash_of(installed):
            chart.note("versions", f"{', '.join(told(installed))}: {clash.says} {clash.do}")
        else:
            chart.right("versions", ", ".join(told(installed)))

    def _talk(self) -> Talk:
        environment = self.environment
        talk = Talk(
            exchange="doctor",
            dialect="gemini-3",
            target=environment.target,
            client=environment.client,
            server=environment,
            standin=environment.standin,
            undirected=environment.undirected,
        )
        talk.comes_again = False  # it looks for seconds, and a limit is what it may find
        return talk


def _both(cause: Diagnosis, stock: Diagnosis) -> Diagnosis:
    """A turn that failed, told by the versions whose stock parts fail so."""
    return Diagnosis(id=stock.id, says=f"{stock.says} {cause.says}", do=stock.do)


def _patient(cause: Diagnosis) -> Diagnosis:
    """An answer by a model of their own that was not there in time: that model may need longer."""
    return Diagnosis(id="time-over", says=cause.says, do="If its model takes so long, give it more time: --within 60.")


def _took(reply: Reply) -> float:
    return (reply.ended_at or reply.sent_at) - reply.sent_at
