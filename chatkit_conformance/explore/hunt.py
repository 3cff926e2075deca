"""The hunt: holds drawn conversations side by side until the budget is over, judges each, and shrinks what breaks."""

from __future__ import annotations

import asyncio
import math
import time
from asyncio import FIRST_COMPLETED
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..check import MUST, SHOULD, Check
from ..exchange import Exchange
from ..judging.judge import Result, judge
from ..moves.move import Move, MoveKind
from ..moves.notes import MOVES
from ..moves.planning import kinds_of, lacking
from ..moves.stage import Stage
from ..moves.table import WITH_SCENES
from ..running.host import Host
from ..transcript import DIED, Transcript
from .covered import Covered
from .draw import Conversation, Drawer, drawable
from .shrink import shrunk

SIDE_BY_SIDE = 20
"""Conversations that are held at once."""

KEPT = 24
"""Conversations in which nothing broke that are kept for the report, the first ones."""

GRACE_S = 1.0
"""Seconds beyond the budget in which a conversation may come to its end."""

CONVERSATION_S = 60.0
"""Seconds that one conversation may take."""

DIALECT = "gemini-3"

REPLAYS = 3
"""Times that a conversation is held again at most, until it breaks the same check once more."""

SHARE = {MUST: 0.5, SHOULD: 0.1}
"""Part of the time that is left which shrinking one finding may take, by the level of its check."""

BROKEN = ("failed", "warned")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A breach.

    Args:
        check: the check. moves: the shortest conversation that still breaks it. drawn: how many moves it had first.
        transcript: the shortest conversation as it was held. again: whether it broke again when it was held again.
        restarted: whether it was held on a server that was started anew, since this one was broken for all.
    """

    check: Check
    moves: Conversation
    drawn: int
    transcript: Transcript
    result: Result
    again: bool
    restarted: bool = False


@dataclass(slots=True, kw_only=True)
class Explored:
    """What came of it."""

    found: list[Found] = field(default_factory=list)
    kept: list[Transcript] = field(default_factory=list)
    covered: Covered = field(default_factory=Covered)
    kinds: Mapping[str, MoveKind] = field(default_factory=dict)


class Hunt:
    """Draws, holds, judges and shrinks.

    Args:
        host: holds exchanges. checks: the invariants. people: users of a conversation.
        seconds: the budget. seed: what conversations are drawn from. tell: called with each thing worth telling.
        first: whether the first breach, shrunk, is enough.
    """

    def __init__(
        self,
        host: Host,
        checks: Sequence[Check],
        *,
        people: int,
        seconds: float,
        seed: int,
        tell: Tell = lambda _: None,
        first: bool = False,
    ) -> None:
        self.explored = Explored()
        self._host = host
        self._checks = checks
        self._people = people
        self._seed = seed
        self._tell = tell
        self._first = first
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._held = 0
        self._known: set[str] = set()
        self.passed: set[str] = set()
        """Ids of checks that some conversation passed."""
        self.under_way: dict[int, Conversation] = {}
        """What is being held, by number: what to look at where the server dies."""
        self._shrinking = asyncio.Lock()
        self._calm = _Crossing()

    @property
    def left_s(self) -> float:
        """Seconds of the budget that are left."""
        return self._ends - time.monotonic()

    async def go(self) -> Explored:
        """Hunt until the budget is over. Raises Died."""
        talk = self._host.talk("explore", DIALECT)
        usable = kinds_of(WITH_SCENES, talk.learnt, talk.tools)
        self.explored.kinds = drawable(usable)
        self.explored.covered.left_out |= {
            name: lacking(talk.learnt, talk.tools, kind, Move(kind=name))
            for name, kind in WITH_SCENES.items()
            if name not in usable
        }
        self._host.lives.spares = False
        self._ends = time.monotonic() + self._seconds  # what starting the target took is not the hunt's
        drawer = Drawer(self.explored.kinds, people=self._people, seed=self._seed)
        workers = [asyncio.create_task(self._work(drawer)) for _ in range(SIDE_BY_SIDE)]
        try:
            # What is still held when the budget is over is dropped; a finding that is being shrunk is not.
            while running := [task for task in workers if not task.done()]:
                await asyncio.wait(running, timeout=max(self.left_s, 0.0) + GRACE_S, return_when=FIRST_COMPLETED)
                if self.left_s <= 0 and not self._shrinking.locked():
                    break
                for task in workers:
                    if task.done():
                        task.result()
        finally:
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return self.explored

    async def _work(self, drawer: Drawer) -> None:
        while self.left_s > 0:
            moves = drawer.next()
            alone = any(self.explored.kinds[move.kind].alone for move in moves)
            async with self._calm.alone() if alone else self._calm.beside():
                if self.left_s <= 0:
                    return
                t = await self._hold(moves)
            if DIED in t.notes:
                # Whoever talked with the server when it ended is suspected: by itself the one to blame ends it again.
                async with self._calm.alone():
                    t = await self._hold(moves)
                if DIED not in t.notes:
                    continue
            self._make_room()
            self.explored.covered.add(t)
            if broken := self._broken(t):
                await self._take(moves, t, broken)
            elif len(self.explored.kept) < KEPT:
                self.explored.kept.append(t)

    def _make_room(self) -> None:
        """Let go of what was kept of earlier conversations: few of them are, and what is not kept whole accuses."""
        environment = self._host.environment
        calls = environment.standin.kept if environment.standin else None
        if environment.client.allowance.left < environment.client.allowance.kept_mb * 500_000:
            environment.client.allowance.let_go()
        if calls is not None and calls.left < calls.kept_mb * 500_000:
            calls.let_go()

    async def _hold(self, moves: Conversation, name: str = "") -> Transcript:
        self._held += 1

        async def hold(talk: object) -> None:
            stage = Stage(talk, WITH_SCENES, people=self._people)  # type: ignore[arg-type]  # a Talk, as Hold says
            await stage.hold(moves, patient=False)  # a server that hangs would take all the time

        number = self._held
        exchange = Exchange(name=name or f"explored_{number:04}", story="drawn", hold=hold, deadline_s=CONVERSATION_S)
        self.under_way[number] = moves
        t = await self._host.hold(exchange, DIALECT)
        self._host.lives.whole += DIED not in t.notes
        del self.under_way[number]
        return t

    def _judged(self, check: Check, t: Transcript) -> Result:
        state = self._host.state
        known = state.probed.with_declared(state.target.declared)
        return judge(check, [t], known, state.probed.reasons())

    def _broken(self, t: Transcript) -> list[Result]:
        """The invariants that a conversation breaks, MUST before SHOULD."""
        results = [self._judged(check, t) for check in self._checks]
        self.passed |= {r.check.id for r in results if r.outcome == "passed"}
        broken = [r for r in results if r.outcome in (*BROKEN, "error")]
        return sorted(broken, key=lambda r: (r.outcome != "error", r.check.level != MUST))

    async def _take(self, moves: Conversation, t: Transcript, broken: Sequence[Result]) -> None:
        """Shrink what was not found before; one finding at a time, and with nothing beside it but its own trials."""
        async with self._shrinking:
            for result in broken:
                if result.check.id in self._known or (self._first and self.explored.found):
                    continue
                self._known.add(result.check.id)
                self._tell(f"found {result.check.id} in {len(moves)} moves: {result.got[:120]}")
                async with self._calm.alone():
                    found = await self._shrink(moves, t, result)
                if DIED in t.notes:
                    self._host.lives.spares = True  # what ends the server is known: the rest is hunted without it
                self.explored.found.append(found)
                if self._first:
                    self._ends = time.monotonic()
                    return
                self._known |= {r.check.id for r in self._broken(found.transcript) if r.check.id in self._known}

    async def _shrink(self, moves: Conversation, t: Transcript, result: Result) -> Found:
        check, drawn = result.check, len(moves)
        ends = time.monotonic() + max(self.left_s * SHARE.get(check.level, 0.0), 5.0)
        trials = Trials(self, check, apart=DIED in t.notes, ends=ends)
        again = await trials.prepare(moves)
        if again:
            seen = _seen_in(moves, t, result)
            kinds = self.explored.kinds
            moves = await shrunk(moves, kinds, trials.fails, seen=seen, go_on=lambda: time.monotonic() < ends)
        name = f"found_{len(self.explored.found) + 1:02}"
        for _ in range(REPLAYS if again else 0):
            held = await trials.hold(moves, name)
            if (judged := self._judged(check, held)).outcome in BROKEN:
                t, result = held, judged
                break
        else:
            again = False
        return Found(
            check=check,
            moves=moves,
            drawn=drawn,
            transcript=replace(t, exchange=name),
            result=replace(result, findings=tuple(replace(f, exchange=name) for f in result.findings)),
            again=again,
            restarted=trials.restarts,
        )


def _seen_in(moves: Conversation, t: Transcript, result: Result) -> int | None:
    """The place of the first move in which the breach was seen; None where it was seen at the end, or nowhere."""
    labels = {finding.finding.reply for finding in result.findings}
    left = iter(enumerate(moves))
    for row in t.notes.get(MOVES, ()):
        place = next((n for n, move in left if (move.kind, dict(move.args)) == (row["kind"], row["args"])), None)
        if labels & set(row["replies"]):
            return place
    return None


class Trials:
    """Holds candidates for one check's shortest conversation.

    Args:
        apart: one after the other, for the one that ends the server breaks off all others.
        ends: when none is begun any more that takes a start of the server, monotonic seconds.
    """

    def __init__(self, hunt: Hunt, check: Check, *, apart: bool = False, ends: float = math.inf) -> None:
        self.restarts = False
        self._ends = ends
        self._apart = apart
        self._hunt = hunt
        self._check = check

    async def prepare(self, moves: Conversation) -> bool:
        """Whether the conversation breaks the check again; finds out whether the server must be started anew for it.

        A server that is broken for everybody by now, such as one whose places are used up, breaks it with any
        conversation, though it passed the check before: then each candidate gets a server that was just started.
        """
        if len(moves) > 1 and self._check.id in self._hunt.passed and await self._breaks((Move(kind="begin"),)):
            self.restarts = self._hunt._host.environment.can_restart
        for _ in range(REPLAYS):
            if (await self.fails([moves]))[0]:
                return True
        return False

    async def fails(self, batch: Sequence[Conversation]) -> list[bool]:
        """Which of these conversations break the check; held side by side, apart, or each on a fresh server."""
        if self.restarts or self._apart:
            found: list[bool] = []
            for moves in batch:  # each takes a start of the server: the first is enough, and none is begun too late
                found.append(not any(found) and time.monotonic() < self._ends and await self._breaks(moves))
            return found
        return list(await asyncio.gather(*(self._breaks(moves) for moves in batch)))

    async def hold(self, moves: Conversation, name: str = "") -> Transcript:
        """Hold one candidate."""
        if self.restarts:
            await self._hunt._host.environment.restart(kill=True)
        return await self._hunt._hold(moves, name)

    async def _breaks(self, moves: Conversation) -> bool:
        return self._hunt._judged(self._check, await self.hold(moves)).outcome in BROKEN


class _Crossing:
    """Lets many be beside each other, or one alone."""

    def __init__(self) -> None:
        self._inside = 0
        self._changed = asyncio.Condition()
        self._alone = asyncio.Lock()

    def beside(self) -> _Pass:
        """To be one of many."""
        return _Pass(self, alone=False)

    def alone(self) -> _Pass:
        """To be the only one."""
        return _Pass(self, alone=True)


@dataclass(slots=True)
class _Pass:
    crossing: _Crossing
    alone: bool

    async def __aenter__(self) -> None:
        crossing = self.crossing
        await crossing._alone.acquire()
        if self.alone:
            async with crossing._changed:
                await crossing._changed.wait_for(lambda: crossing._inside == 0)
            return
        crossing._inside += 1
        crossing._alone.release()

    async def __aexit__(self, *_: object) -> None:
        crossing = self.crossing
        if self.alone:
            crossing._alone.release()
            return
        async with crossing._changed:
            crossing._inside -= 1
            crossing._changed.notify_all()
