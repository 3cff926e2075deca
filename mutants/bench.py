"""The harness on one mutant: its exchanges are held until all that is named for it has fired, then it is let go."""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from chatkit_conformance.check import WHOLE_RUN, Check
from chatkit_conformance.exchange import Exchange
from chatkit_conformance.judging import catalogue as suites
from chatkit_conformance.judging.judge import Result
from chatkit_conformance.judging.judge import judge as judge_check
from chatkit_conformance.running.environment import Unreachable
from chatkit_conformance.running.plan import RunPlan, plan_for
from chatkit_conformance.running.process import Begin, Died
from chatkit_conformance.running.runner import RunCut, Runner
from chatkit_conformance.running.settings import target_of
from chatkit_conformance.transcript import Transcript

from .forked import begin
from .mutant import Mutant
from .verdict import CONTROL, FIRED, Verdict, judged, sentinels, target_file

DEADLINE_S = 240.0
"""Seconds that one mutant's run may take; the longest seen, a full one on a machine six times overloaded, took 125."""

WHOLE_S = 900.0
"""The same for the reference server, which is held whole, in both dialects, beside the others."""

AGAIN_S = 60.0
"""Seconds of it for the conversations that told the mutant before, or as many as the longest may take; what is left is
for all others."""

AT_ONCE = 6
"""Exchanges held side by side with a liar: fewer than in a run, so that less is begun in vain when it is found out."""


def deadline_s(one: Mutant) -> float:
    """Seconds that its run may take."""
    return WHOLE_S if one is CONTROL else DEADLINE_S


class Bench:
    """Holds exchanges with one mutant, and judges.

    Args:
        one: the mutant. everything: every check and every exchange, to the end.
        odd: which MUST checks a near miss meets, as a glob of ids. first: exchanges that are held before the others.
        noise: ids of checks that fire on the reference server as it is.
        only: exchanges in whose place nothing else is held but what the sentinels need.
        within_s: seconds that the run may take.
        begin: how the server and the stand-in are begun.
    """

    def __init__(
        self,
        one: Mutant,
        *,
        everything: bool = False,
        odd: str = "*",
        first: Iterable[str] = (),
        noise: Sequence[str] = (),
        only: Iterable[str] = (),
        within_s: float | None = None,
        begin: Begin = begin,
    ) -> None:
        self._one = one
        self._checks = chosen(one, everything=everything, odd=odd)
        self._beside = [check for check in self._checks if check.id in sentinels(one)]
        # Of one that is known to survive, anything that fires is news.
        wanted = one.named or [check.id for check in self._checks if check not in self._beside]
        self._watched = [check for check in self._checks if check.id in wanted and check.id not in noise]
        self._to_the_end = everything or one.near_miss
        self._first = tuple(first)
        self._only = set(only)
        self._within_s = within_s or deadline_s(one)
        self._held: list[Transcript] = []
        self._fired: dict[str, Result] = {}
        program = ("reference_server",) if one is CONTROL else ("mutants", one.name)
        target = target_of(file=str(target_file(one)), command=(sys.executable, "-m", *program))
        plan = self._plan()
        self._planned = {exchange.name for exchange, _ in plan.exchanges}
        self._runner = Runner(target, plan, begin=begin)

    def hold(self) -> str:
        """Hold what is needed. Returns why it proves nothing, or ""."""
        self._runner.start()
        try:
            self._runner.wait_until_ready()
            for transcript in self._runner.as_made():
                self._take(transcript)
                if self._found_out():
                    break
        except (Died, RunCut, Unreachable) as why:
            return "" if self._fired else str(why).replace("\n", " ")[:400]
        finally:
            self._runner.stop()
        return ""

    def results(self) -> list[Result]:
        """What became of every check that was chosen."""
        return [self._judged(check, self._held_for(check)) for check in self._checks]

    def scrub(self, text: str) -> str:
        """The text without the run's secrets."""
        return self._runner.state.scrub(text)

    def told_in(self) -> tuple[str, ...]:
        """The exchanges in which the named checks fired first."""
        return tuple(dict.fromkeys(result.findings[0].exchange for result in self._fired.values()))

    def _take(self, transcript: Transcript) -> None:
        self._held.append(transcript)
        for check in self._watched:
            if check.id not in self._fired and check.judges(transcript.exchange):
                result = self._judged(check, [transcript])
                if result.outcome in FIRED:
                    self._fired[check.id] = result

    def _found_out(self) -> bool:
        if self._to_the_end or not self._fired:
            return False
        held = {transcript.exchange for transcript in self._held}
        # A named check that has not fired in what is made for it, or told this mutant before, stays silent.
        silent = [check for check in self._watched if check.id not in self._fired] if self._one.named else []
        return (self._needed_beside() | self._aimed(silent)) & self._planned <= held

    def _aimed(self, checks: Iterable[Check]) -> set[str]:
        """The exchanges that were made for these checks; for an invariant, those that told this mutant before."""
        names: set[str] = set()
        for check in checks:
            names |= set(self._first if check.everywhere else check.on)
        return names

    def _needed_beside(self) -> set[str]:
        """The exchanges of the sentinels; an invariant has seen enough in any."""
        return {name for check in self._beside if not check.everywhere for name in check.on} - {WHOLE_RUN}

    def _held_for(self, check: Check) -> list[Transcript]:
        return [transcript for transcript in self._held if check.judges(transcript.exchange)]

    def _judged(self, check: Check, held: Sequence[Transcript]) -> Result:
        state = self._runner.state
        return judge_check(check, held, state.probed.with_declared(state.target.declared), state.probed.reasons())

    def _plan(self) -> RunPlan:
        one = self._one
        dialect = "all" if one is CONTROL else "" if one.near_miss else one.dialect
        seed = zlib.crc32(one.name.encode())
        # A sentinel that is an invariant sees what is held; it has nothing held for it.
        made_for = suites.exchanges_for(self._checks if self._to_the_end else self._watched)
        wanted = (self._only or made_for) | self._needed_beside() | {*one.beside}
        known = {**suites.exchanges(), **self._thorough()}
        plan = plan_for(known, wanted, dialect=dialect, deadline_s=self._within_s, seed=seed)
        # What told it before comes first, then what is made for it, what the sentinels need, and what a check was made
        # for at all; generated conversations come last.
        ranks = (self._first, self._aimed(self._watched), self._needed_beside(), self._aimed(suites.checks()))
        in_order = sorted(plan.exchanges, key=lambda pair: [pair[0].name not in rank for rank in ranks])
        at_once = None if self._to_the_end else AT_ONCE
        return replace(plan, exchanges=tuple(in_order), side_by_side=at_once)

    def _thorough(self) -> dict[str, Exchange]:
        """The exchanges of thorough runs alone, of the named checks that are judged in no others."""
        usual, every = suites.exchanges(), suites.exchanges(thorough=True)
        named = (check for check in self._checks if check.id in self._one.named and not check.everywhere)
        alone = (check for check in named if not usual.keys() & set(check.on))
        return {name: every[name] for check in alone for name in check.on if name in every}


def chosen(one: Mutant, *, everything: bool = False, odd: str = "*") -> list[Check]:
    """The checks that judge a mutant: those named for it and the sentinels; a near miss meets every MUST check.

    One that is known to survive meets all, so that the first which catches it is told.

    Args:
        everything: all checks. odd: which MUST checks a near miss meets, as a glob of ids.
    """
    if one.near_miss and one is not CONTROL:
        return suites.selected([odd if one.meets == "*" else one.meets], ["MUST"])
    if everything or one.survives or one is CONTROL:
        return suites.checks()
    return suites.selected([*one.named, *sentinels(one)])


def judge(
    one: Mutant, *, everything: bool = False, noise: Sequence[str] = (), odd: str = "*", first: Iterable[str] = ()
) -> Verdict:
    """Let the harness judge one mutant; see Bench. `noise`: checks that fire on the reference server as it is."""
    began = time.monotonic()

    def held(within_s: float, *, first: Iterable[str] = (), only: Iterable[str] = ()) -> Verdict:
        bench = Bench(one, everything=everything, odd=odd, noise=noise, first=first, only=only, within_s=within_s)
        trouble = bench.hold()
        seconds = time.monotonic() - began
        verdict = judged(one, bench.results(), seconds=seconds, trouble=trouble, noise=noise, told_in=bench.told_in())
        return replace(verdict, found=tuple(map(bench.scrub, verdict.found)))

    told_before = set(first) if not everything and not one.near_miss and one.named else set()
    # Where all that is named for it was told before, the same conversations tell it again; nothing else is begun.
    every = suites.exchanges(thorough=True)
    again_s = max([AGAIN_S, *(every[name].deadline_s for name in told_before if name in every)])
    if told_before and (verdict := held(again_s, only=told_before)).right and not verdict.silent:
        return verdict
    return held(deadline_s(one) - (time.monotonic() - began), first=first)
