"""What a run comes to, in words that a person reads in one glance."""

from __future__ import annotations

from dataclasses import dataclass

from .outcome import Tone
from .plain import plain
from .run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One level's checks in numbers. `judged` leaves out what does not apply; `kept` are those that passed."""

    level: str
    kept: int
    breached: int
    unsure: int
    expected: int
    off: int

    @property
    def judged(self) -> int:
        """Checks that count at this level."""
        return self.kept + self.breached + self.unsure + self.expected

    @property
    def share(self) -> float:
        """The part that passed, from 0 to 1; 0 where there is none."""
        return self.kept / self.judged if self.judged else 0.0

    @property
    def tone(self) -> Tone:
        """The colour for it."""
        if not self.judged:
            return "off"
        if self.breached + self.unsure:
            return "bad" if self.level == "MUST" else "warn"
        return "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict: a sign and a headline, a sentence with the numbers, and each level's tally."""

    sign: str
    headline: str
    sentence: str
    tone: Tone
    must: Tally
    should: Tally
    may: Tally

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """The levels that have checks."""
        return tuple(t for t in (self.must, self.should, self.may) if t.judged or t.off)


def verdict_of(run: Run) -> Verdict:
    """What the run comes to.

    MUST decides whether the server works with ChatKit's client, SHOULD whether it is right to the letter. A run
    that was cut short, or judged nothing, has no good verdict; what was found until then stands.
    """
    must, should, may = (_tally(run, level) for level in ("MUST", "SHOULD", "MAY"))
    broken = sum(result.outcome.name == "error" for result in run.results)
    sign, headline, tone = _headline(run, must, should, broken)
    said = _said(must, should, may)
    if broken:
        said.append(f"{broken} of the suite's own checks broke: please report it")
    if not run.complete:
        said.append("The run was cut short, so what follows is only a part" if run.results else "No check was reached")
    sentence = ". ".join(said) + "."
    return Verdict(
        sign=sign, headline=headline, sentence=plain(sentence, 900), tone=tone, must=must, should=should, may=may
    )


def _headline(run: Run, must: Tally, should: Tally, broken: int) -> tuple[str, str, Tone]:
    if not run.results:
        return "?", "Nothing was judged", "unsure"
    if must.breached and must.breached > broken:
        return "✕", "Does not work with ChatKit’s client", "bad"
    if broken:
        return "E", "The suite itself failed", "bad"
    if not run.complete:
        return "…", "Cut short: no verdict", "unsure"
    if must.unsure or not must.judged:
        return "?", "Not shown to work with ChatKit’s client", "unsure"
    if should.breached or should.unsure:
        return "✓", "Works with ChatKit’s client", "ok"
    return "✓", "Works with ChatKit’s client, to the letter", "ok"


def _said(must: Tally, should: Tally, may: Tally) -> list[str]:
    said = []
    for tally in (must, should, may):
        if not tally.judged:
            continue
        words = [f"{tally.kept} of {tally.judged} {tally.level} checks passed"]
        words += [f"{tally.breached} {'failed' if tally.level == 'MUST' else 'warned'}"] if tally.breached else []
        words += [f"{tally.unsure} could not be tested"] if tally.unsure else []
        words += [f"{tally.expected} failed as the baseline expects"] if tally.expected else []
        said.append(", ".join(words))
    return said


def _tally(run: Run, level: str) -> Tally:
    names = [r.outcome.name for r in run.results if r.level == level]
    breaches = [r for r in run.results if r.level == level and r.outcome.breach]
    unsure = sum(r.outcome.tone == "unsure" for r in breaches)
    return Tally(
        level=level,
        kept=names.count("passed"),
        breached=len(breaches) - unsure,
        unsure=unsure,
        expected=names.count("expected_failure"),
        off=names.count("not_applicable"),
    )
