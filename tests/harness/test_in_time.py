"""A deadline belongs to a reply: only one that is itself late accuses, and by the measure of its own server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from chatkit_conformance.exchange import Exchange
from chatkit_conformance.http.client import Client
from chatkit_conformance.http.pending_reply import NO_CONNECTION, Limits
from chatkit_conformance.running.environment import TestEnvironment
from chatkit_conformance.running.host import Host
from chatkit_conformance.running.once_more import AGAIN, is_late, once_more
from chatkit_conformance.running.pace import ServerPace, pace_of
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.talk import Talk
from chatkit_conformance.target.target import Target
from chatkit_conformance.transcript import CUT, CUT_EARLY, Ended, Reply, Transcript

Serving = Callable[..., Any]
PAGE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 31\r\n\r\n"
    + b'{"data": [], "has_more": false}'
)


@dataclass
class Slow:
    """Answers after `wait_s`; where `crowded`, one request at a time; a request that says so is never answered."""

    wait_s: float = 0.0
    crowded: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/never" in head:
            await reader.read()
            return
        if self.crowded:
            async with self.lock:
                await asyncio.sleep(self.wait_s)
        else:
            await asyncio.sleep(self.wait_s)
        writer.write(PAGE)
        await writer.drain()


@asynccontextmanager
async def host_of(url: str, limits: Limits, **more: Any) -> AsyncIterator[Host]:
    """A host for the server at this URL, whose replies have these limits."""
    environment = TestEnvironment(Target(url=f"{url}/chatkit", upstream="none"))
    await environment.start()
    environment.client.limits = limits
    host = Host(environment, **more)
    environment.client.patience = host.patience
    try:
        yield host
    finally:
        await environment.stop()


def made(hold: Callable[[Talk], Awaitable[None]], deadline_s: float) -> Exchange:
    """A conversation with this deadline."""
    return Exchange(name="made", story="made", hold=hold, deadline_s=deadline_s)


async def five(talk: Talk) -> None:
    """Five requests, one after another."""
    for n in range(5):
        await talk.ask("threads.list", {}, label=f"n-{n}")


async def five_and_never(talk: Talk) -> None:
    """One that is never answered, beside one that takes its time."""
    async with asyncio.TaskGroup() as group:
        group.create_task(talk.raw(b"", label="never", path="/never"))
        group.create_task(five(talk))


async def test_many_replies_in_time_are_never_late(serving: Serving) -> None:
    """A conversation that is longer than its deadline goes on while each reply comes in time."""
    async with serving(Slow(wait_s=0.1)) as url, host_of(url, Limits(deadline_s=3)) as host:
        held = await host.hold(made(five, 0.2), "")
    assert [r.status for r in held.replies] == [200] * 5
    assert CUT not in held.notes


async def test_a_reply_that_is_cut_with_its_conversation_is_not_to_blame(serving: Serving) -> None:
    """Where another reply was late, the one that was open for a moment only is told apart from it."""
    async with serving(Slow(wait_s=0.35)) as url, host_of(url, Limits(deadline_s=0.5)) as host:
        held = await host.hold(made(five_and_never, 0.2), "")
    never, *others = held.replies
    assert (never.ended, CUT in held.notes, is_late(held)) == ("deadline", True, True)
    assert others[-1].trouble
    assert others[-1].trouble.startswith(CUT_EARLY)
    assert next(a.wrong for a in asked_in(held) if a.reply is held.replies[-1]).startswith(CUT_EARLY)


async def test_a_conversation_without_end_is_cut_all_the_same(serving: Serving) -> None:
    """Replies that each come in time do not keep a conversation going for ever."""

    async def ever(talk: Talk) -> None:
        while True:
            await talk.ask("threads.list", {}, label="again")

    async with serving(Slow(wait_s=0.05)) as url, host_of(url, Limits(deadline_s=3)) as host, asyncio.timeout(10):
        held = await host.hold(made(ever, 0.1), "")
    assert CUT in held.notes


async def test_the_time_of_a_restart_is_none_of_the_conversations(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopping and starting the server has a deadline of its own, however long it takes."""

    async def restarted(self: TestEnvironment, *, kill: bool = False) -> tuple[float, float]:
        began = time.monotonic()
        await asyncio.sleep(0.8)
        return began, time.monotonic()

    async def across(talk: Talk) -> None:
        await talk.restart()
        await five(talk)

    monkeypatch.setattr(TestEnvironment, "restart", restarted)
    monkeypatch.setattr(TestEnvironment, "can_restart", True)
    async with serving(Slow()) as url, host_of(url, Limits(deadline_s=3)) as host:
        held = await host.hold(made(across, 0.15), "")
    assert [r.status for r in held.replies] == [200] * 5
    assert CUT not in held.notes


async def test_what_is_late_only_in_a_crowd_is_held_once_more(serving: Serving) -> None:
    """A server that answers one at a time is late beside others and not alone: the second time counts."""
    one = made(five, 5)

    async with serving(Slow(wait_s=0.15, crowded=True)) as url, host_of(url, Limits(deadline_s=0.4)) as host:
        held = await asyncio.gather(*(host.hold(one, "") for _ in range(4)))
        late = [t for t in held if is_late(t)]
        assert late
        counted = await once_more(host, [(one, "", late[0])])
    assert [is_late(t) for t in counted] == [False]
    assert AGAIN in counted[0].notes
    assert "took too long beside other conversations" in host.state.warnings[-1]


async def test_what_is_late_alone_too_stays_late(serving: Serving) -> None:
    """A request that hangs is late the second time, and no third conversation is held for it."""

    async def never(talk: Talk) -> None:
        await talk.raw(b"", label="never", path="/never")

    async with serving(Slow()) as url, host_of(url, Limits(deadline_s=0.2)) as host:
        first = await host.hold(made(never, 1), "")
        counted = await once_more(host, [(made(never, 1), "", first)] * 3)
    assert [is_late(t) for t in counted] == [True] * 3
    assert counted[1] is first
    assert host.state.warnings == []


@pytest.mark.parametrize(("crowded", "held"), [(False, 16), (True, 4)])
async def test_a_slow_server_is_waited_for_and_not_crowded(serving: Serving, crowded: bool, held: int) -> None:
    """Deadlines grow with what a plain turn takes alone; fewer conversations are held where they wait in a row."""
    async with serving(Slow(wait_s=0.3, crowded=crowded)) as url, Client(url, "/chatkit") as client:
        pace = await pace_of(client, Target(url=url), 1.5)
    assert pace.factor == pytest.approx(3.0, rel=0.2)
    assert held <= pace.side_by_side(16) <= (16 if not crowded else 8)
    assert "--patience N" in pace.notice(16)


async def test_a_quick_server_is_asked_nothing_more() -> None:
    """No request is spent on a server that is quick, and nothing is said of it."""
    async with Client("http://127.0.0.1:1", "/chatkit") as client:
        assert await pace_of(client, Target(url="http://127.0.0.1:1"), 0.1) == ServerPace(alone_s=0.1)
    assert (ServerPace().factor, ServerPace().notice(16), ServerPace().side_by_side(16)) == (1.0, "", 16)


async def test_patience_stretches_every_deadline(serving: Serving) -> None:
    """What the owner asks for with --patience is waited, in replies and in conversations."""
    async with serving(Slow(wait_s=0.5)) as url:
        for patience, ended in ((1.0, "deadline"), (6.0, "closed")):
            async with host_of(url, Limits(deadline_s=0.2), patience=patience) as host:
                held = await host.hold(made(five, 5), "")
            assert held.replies[0].ended == ended


@pytest.mark.parametrize(
    ("ended", "trouble", "late"),
    [
        ("refused", f"{NO_CONNECTION} 10 s: timed out", True),
        ("refused", "could not connect: Connection refused", False),
        ("deadline", "nothing came for 15 s", True),
        ("cut", "the connection broke", False),
    ],
)
def test_a_connection_that_nobody_took_in_time_is_late(ended: Ended, trouble: str, *, late: bool) -> None:
    """A busy machine makes it wait as it makes an answer wait: it is held once more; who refuses at once is not."""
    reply = Reply(label="x", ended=ended, trouble=trouble)
    assert is_late(Transcript(exchange="made", dialect="", replies=(reply,))) is late
