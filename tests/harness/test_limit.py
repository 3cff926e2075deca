"""A server that limits how often it is asked is waited for as it says; what tries the limit itself is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from chatkit_conformance.exchange import Exchange
from chatkit_conformance.http.client import Client
from chatkit_conformance.http.limit import AT_ONCE, VAIN, Limit
from chatkit_conformance.http.pending_reply import Limits
from chatkit_conformance.http.retry_after import BRIEF_S, MOST_S, REFUSED, seconds_told
from chatkit_conformance.running.refused import refused_in
from chatkit_conformance.running.turned_away import after_the_limit, is_refused
from chatkit_conformance.script import breaks, calls, fault, reply
from chatkit_conformance.talk import Talk
from chatkit_conformance.transcript import CUT, Call, Transcript

from .test_in_time import PAGE, host_of

Serving = Callable[..., Any]
LIST = {"type": "threads.list", "params": {}}


@dataclass
class Limited:
    """Answers `most` requests of each window of `window_s`, and turns the others away with this Retry-After."""

    most: int = 1
    window_s: float = 0.3
    says: str | None = "0"
    slow_s: float = 0.0
    let_in: list[float] = field(default_factory=list)
    turned_away: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        now = time.monotonic()
        if sum(at > now - self.window_s for at in self.let_in) >= self.most:
            self.turned_away += 1
            after = "" if self.says is None else f"retry-after: {self.says}\r\n"
            writer.write(f"HTTP/1.1 429 Too Many Requests\r\n{after}content-length: 0\r\n\r\n".encode())
        else:
            self.let_in.append(now)
            await asyncio.sleep(self.slow_s)
            writer.write(PAGE)
        await writer.drain()


@pytest.mark.parametrize("says", ["0", None])
async def test_who_is_turned_away_comes_again(serving: Serving, says: str | None) -> None:
    """All are answered, one after the other, and what is measured begins when each was let in."""
    server = Limited(says=says, window_s=0.3)
    async with serving(server) as url, Client(url, limits=Limits(deadline_s=0.5)) as client:
        replies = await asyncio.gather(*(client.send(label=f"{n}", payload=LIST, held_back_s=MOST_S) for n in range(3)))
    assert [r.status for r in replies] == [200] * 3
    assert all(r.ended_at is not None and r.ended_at - r.sent_at < 0.3 for r in replies)
    assert client.limit.turned_away == server.turned_away > 0
    assert client.limit.waited_s >= 0.5
    assert client.limit.side_by_side(16) == AT_ONCE
    assert f"{server.turned_away} request" in client.limit.notice


async def test_nobody_waits_where_nobody_is_turned_away(serving: Serving) -> None:
    """A server without a limit is asked as ever, and nothing is said of one."""
    async with serving(Limited(most=99)) as url, Client(url) as client:
        await asyncio.gather(*(client.send(label=f"{n}", payload=LIST) for n in range(8)))
    assert (client.limit.waited_s, client.limit.notice, client.limit.side_by_side(16)) == (0.0, "", 16)


async def test_what_tries_the_limit_sees_it(serving: Serving) -> None:
    """A request that may not be held back has the 429 as its answer."""
    async with serving(Limited(window_s=9)) as url, Client(url) as client:
        first = await client.send(label="first", payload=LIST)
        second = await client.send(label="second", payload=LIST)
    assert (first.status, second.status, client.limit.turned_away) == (200, 429, 0)


async def test_a_wait_that_is_too_long_is_an_answer(serving: Serving) -> None:
    """Who is to come back in an hour has 429 at once, and the conversation says that it was refused."""

    async def twice(talk: Talk) -> None:
        for label in ("first", "second"):
            await talk.ask("threads.list", {}, label=label)

    began = time.monotonic()
    async with serving(Limited(window_s=9, says="3600")) as url, host_of(url, Limits()) as host:
        held = await host.hold(Exchange(name="made", story="made", hold=twice, deadline_s=5), "")
    assert [r.status for r in held.replies] == [200, 429]
    assert held.notes[REFUSED] == ["second"]
    assert time.monotonic() - began < 3


async def test_a_conversation_is_not_late_for_what_it_was_held_back(serving: Serving) -> None:
    """Neither its own deadline nor that of a reply counts the seconds that the server told it to wait."""

    async def three(talk: Talk) -> None:
        for n in range(3):
            await talk.ask("threads.list", {}, label=f"ask-{n}")

    server = Limited(window_s=0.5)
    async with serving(server) as url, host_of(url, Limits(deadline_s=0.3)) as host:
        held = await host.hold(Exchange(name="made", story="made", hold=three, deadline_s=0.4), "")
    assert [r.status for r in held.replies] == [200] * 3
    assert CUT not in held.notes
    assert server.turned_away > 0


async def test_an_event_is_waited_for_from_when_the_request_was_let_in(serving: Serving) -> None:
    """The seconds in which a request is held back are none of those in which an event must come."""
    async with serving(Limited(window_s=0.6)) as url, Client(url) as client:
        await client.send(label="first", payload=LIST)
        async with client.open(label="second", payload=LIST) as opened:
            assert await opened.wait_for(lambda _: False, 0.2) is None
            await opened.finish()
            assert opened.reply.status == 200


async def test_beside_an_open_answer_nobody_waits_long(serving: Serving) -> None:
    """A conversation whose model may be waiting is not held up by a second request of it."""
    seen: list[float] = []

    async def beside(talk: Talk) -> None:
        async with talk.open("threads.list", {}, label="open"):
            began = time.monotonic()
            await talk.ask("threads.list", {}, label="beside")
            seen.append(time.monotonic() - began)

    server = Limited(window_s=60, says="20", slow_s=1.0)
    async with serving(server) as url, host_of(url, Limits()) as host:
        held = await host.hold(Exchange(name="made", story="made", hold=beside, deadline_s=5), "")
    assert [r.status for r in held.replies if r.label == "beside"] == [429]
    assert seen[0] < 2


async def test_the_model_is_waited_for_from_when_the_request_was_let_in(serving: Serving) -> None:
    """Nobody's model is asked while a request is held back, so that is no time in which it should have been."""

    class Journal:
        """Has a call once the server let somebody in."""

        async def journal(self, nonces: Sequence[str], *, timeout_s: float, **more: Any) -> tuple[Call, ...]:
            await asyncio.sleep(timeout_s)
            return (Call(n=0, nonce="zq", at=1.0),) if len(server.let_in) > 1 else ()

    server = Limited(window_s=0.6)
    async with serving(server) as url, host_of(url, Limits()) as host:
        talk = host.talk("made", "")
        talk._standin = Journal()  # type: ignore[assignment]  # what is asked of it alone
        await talk.raw(b"{}", label="first")
        async with talk.open("threads.list", {}, label="second") as opened:
            await asyncio.sleep(0.1)
            assert [call.nonce for call in await talk.calls("zq", timeout_s=0.1)] == ["zq"]
            await opened.finish()
        assert await talk.calls("zq", at_least=9, timeout_s=0.1)


@pytest.mark.parametrize(("asked", "refused"), [((), ["turn"]), (("zq-turn",), []), (("zq-other",), ["turn"])])
async def test_where_the_model_breaks_only_what_reached_no_model_met_the_limit(
    serving: Serving, asked: tuple[str, ...], refused: list[str]
) -> None:
    """A 429 after the model was asked may be the model's own, passed on; one before is the server's limit."""
    async with serving(Limited(most=0, says="1")) as url, host_of(url, Limits()) as host:
        talk = host.talk("made", "")
        talk.breaks = True
        await talk.raw(b'{"words": "Hello. (ref zq-turn)"}', label="turn")
        calls = [Call(n=n, nonce=nonce, at=1.0) for n, nonce in enumerate(asked)]
        assert [r.status for r in talk.replies] == [429]
        assert refused_in(talk, calls) == refused
        talk.comes_again = False
        assert refused_in(talk, calls) == []


async def test_what_met_the_limit_is_held_once_more_alone(serving: Serving) -> None:
    """The second time counts, and after some that meet it alone, too, the others keep their first."""

    async def one(talk: Talk) -> None:
        await talk.ask("threads.list", {}, label="ask")

    exchange = Exchange(name="made", story="made", hold=one, deadline_s=5)
    first = Transcript(exchange="made", dialect="", notes={REFUSED: ["ask"]})
    async with serving(Limited(most=99)) as url, host_of(url, Limits()) as host:
        assert [is_refused(t) for t in await after_the_limit(host, [(exchange, "", first)] * 2)] == [False, False]
    async with serving(Limited(most=0, says="3600")) as url, host_of(url, Limits()) as host:
        counted = await after_the_limit(host, [(exchange, "", first)] * (VAIN + 2))
    assert [t is first for t in counted] == [False] * VAIN + [True] * 2


async def test_after_the_end_of_the_run_nobody_waits() -> None:
    """What is left of the run's time bounds each wait; so do requests that waited in vain."""
    limit = Limit()
    limit.ends_at = lambda: time.monotonic() + 1
    assert not limit.visit("a", MOST_S).turned_away(429, {"retry-after": "5"})
    limit.ends_at = lambda: time.monotonic() + 99
    assert limit.visit("a", MOST_S).turned_away(429, {"retry-after": "5"})
    limit.vain = VAIN
    assert not limit.visit("a", MOST_S).turned_away(429, {"retry-after": "5"})


async def test_a_window_is_let_pass_as_long_as_the_server_ever_said() -> None:
    """What it told somebody to wait empties its window; what nobody waits for is not waited for here either."""
    limit = Limit()
    limit.close("a", 0.3)
    limit.close("b", 3600)
    began = time.monotonic()
    await limit.rest()
    assert 0.25 < time.monotonic() - began < 2
    assert limit.waited_s >= 0.25


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("41", 41),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1e9", None),
        ("Fri, 99 Dec 2026 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds(text: str, seconds: float | None) -> None:
    """A number of seconds counts, and what is neither a number nor a date says nothing."""
    assert seconds_told(text) == seconds


def test_retry_after_is_read_as_a_date() -> None:
    """A date counts from now on, and one that is over is now."""
    later = datetime.now(UTC) + timedelta(seconds=30)
    assert seconds_told(format_datetime(later, usegmt=True)) == pytest.approx(30, abs=2)
    assert seconds_told("Sun, 06 Nov 1994 08:49:37 GMT") == 0


def test_a_model_that_breaks_may_be_what_is_refused() -> None:
    """Where the model was told to fail, a 429 may be what the server makes of it, and is not asked for again."""
    assert not breaks([reply("Hello."), calls()])
    assert breaks([reply("Hello."), fault("http", status=429)])
    assert breaks([fault("http", status=429, then=reply("Hello."))])
    assert breaks([fault("http", status=429, until="gate", then=reply("Hello."))])
    assert BRIEF_S < MOST_S
