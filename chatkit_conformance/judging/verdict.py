"""The verdict on a run: one word each for the run, ChatKit's client, tools for tasks, strictness, and how it is said.

Terminal, report, badge, summary, JUnit and exit code read it here and nowhere else. What was not judged is never a yes:
a run that asked for a part, that judged nothing, or that is green only by its baseline has a word of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..check import MAY, MUST, SHOULD, Level
from ..results.outcome import HELD, RED, UNASKED, UNSHOWN, Tone
from .application import of_tasks

if TYPE_CHECKING:
    from ..results.model import CheckResult, RunResults, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictWords:
    """How one word of the verdict reads.

    Args:
        label: at the end of a terminal's output. said: as the answer to a question ("strict: yes").
        sign, tone: how it is drawn. exit: the exit code of a run of that word.
    """

    label: str
    said: str
    sign: str
    tone: Tone
    exit: int


WORDS: Mapping[Word, VerdictWords] = {
    "conforms": VerdictWords(label="CONFORMS", said="yes", sign="✓", tone="ok", exit=0),
    "known_failures": VerdictWords(
        label="NO WORSE THAN ITS BASELINE", said="no worse than the baseline", sign="=", tone="warn", exit=0
    ),
    "partial": VerdictWords(
        label="NOTHING WRONG IN THIS PART", said="judged only in part", sign="…", tone="off", exit=0
    ),
    "nothing_judged": VerdictWords(label="NOTHING JUDGED", said="not judged", sign="?", tone="unsure", exit=0),
    "incomplete": VerdictWords(label="INCOMPLETE", said="not shown", sign="…", tone="unsure", exit=1),
    "not_shown": VerdictWords(label="FINDINGS", said="not shown", sign="?", tone="unsure", exit=1),
    "findings": VerdictWords(label="FINDINGS", said="no", sign="✕", tone="bad", exit=1),
    "suite_failed": VerdictWords(label="ERROR", said="the suite failed", sign="E", tone="bad", exit=4),
}
"""Every word. The exit code tells what was found, not how much was asked for: a part that holds ends 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One severity's checks in numbers.

    `kept` passed, `breached` failed or warned, `unsure` could not be judged, `expected` failed as the baseline says,
    `off` do not apply. `of` are all that there are, None where the file does not say.
    """

    level: Level
    kept: int
    breached: int
    unsure: int
    expected: int
    off: int
    of: int | None

    @property
    def judged(self) -> int:
        """Checks that count at this level."""
        return self.kept + self.breached + self.unsure + self.expected

    @property
    def whole(self) -> bool:
        """Whether every check of it was in the run."""
        return self.lacks(0)

    def lacks(self, number: int) -> bool:
        """Whether every check of it was in the run but for so many."""
        return self.of == self.judged + self.off + number

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
            return "bad" if self.level == MUST else "warn"
        return "warn" if self.expected else "ok" if self.whole else "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on a run.

    Args:
        word: of the run, which decides the exit code. musts: whether every MUST holds.
        client: whether ChatKit's own client works with the server, which every MUST decides but those of tasks.
        tasks: whether it works as a task application, which those decide (application.py).
        strict: whether every SHOULD holds, too.
        headline: for people. sentence: with the numbers. tone: the colour of the headline.
    """

    word: Word
    musts: Word
    client: Word
    tasks: Word
    strict: Word
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

    @property
    def sign(self) -> str:
        """One character for it."""
        return WORDS[self.musts].sign

    @property
    def label(self) -> str:
        """The word of the whole run, as a terminal shows it."""
        return WORDS[self.word].label

    @property
    def exit(self) -> int:
        """The exit code: 0, 1 findings or cut, 4 the suite itself failed."""
        return WORDS[self.word].exit

    @property
    def selected(self) -> int:
        """Checks that were in the run."""
        return sum(t.judged + t.off for t in (self.must, self.should, self.may))

    @property
    def whole(self) -> bool:
        """Whether every check that there is was in the run."""
        return all(t.whole for t in (self.must, self.should, self.may))

    @property
    def of(self) -> int | None:
        """All checks that there are, or None where the file does not say."""
        parts = [t.of for t in (self.must, self.should, self.may)]
        return None if None in parts else sum(part for part in parts if part is not None)

    @property
    def answers(self) -> tuple[tuple[str, VerdictWords], ...]:
        """The questions, and how their answers read. That of tasks is not asked where no check of them applied."""
        tasks = (("works as a task application", WORDS[self.tasks]),) if self.tasks != "nothing_judged" else ()
        return (("works with ChatKit's client", WORDS[self.client]), *tasks, ("strict", WORDS[self.strict]))


def verdict_of(run: RunResults) -> Verdict:
    """The verdict on a run, from its results, its selection, its baseline and whether it was cut."""
    must, should, may = (_tally(run, level) for level in (MUST, SHOULD, MAY))
    rows = [row for row in run.results if row.level == MUST]
    musts = _must(run, rows, whole=must.whole)
    left = sum(row.outcome == "not_judged" and of_tasks(row.id) for row in rows)
    client = _must(run, [row for row in rows if not of_tasks(row.id)], whole=must.lacks(left))
    asked = [row for row in rows if of_tasks(row.id) and row.outcome not in UNASKED]
    tasks: Word = _must(run, asked, whole=must.whole) if asked else "nothing_judged"
    strict = _strict(run, must, should)
    word = _word(run, strict if run.strict else musts)
    tone = WORDS[musts].tone
    return Verdict(
        word=word,
        musts=musts,
        client=client,
        tasks=tasks,
        strict=strict,
        headline=_headline(run, musts, client, strict, must),
        sentence=_sentence(run, must, should, may),
        tone="warn" if tone == "ok" and WORDS[word].exit else tone,
        must=must,
        should=should,
        may=may,
    )


def _word(run: RunResults, green: Word) -> Word:
    """The run's word. `green`: what it is where nothing is red."""
    outcomes = {row.outcome for row in run.results}
    if "error" in outcomes:
        return "suite_failed"
    if outcomes & RED or (run.strict and "warned" in outcomes) or run.stale:
        return "findings"
    return green if run.complete else "incomplete"


def _must(run: RunResults, rows: list[CheckResult], *, whole: bool) -> Word:
    """The word for these MUST checks."""
    if any(row.outcome == "failed" for row in rows):
        return "findings"
    return _asked(run, rows, whole=whole)


def _strict(run: RunResults, must: Tally, should: Tally) -> Word:
    rows = list(run.results)
    if any(row.outcome in ("failed", "warned") for row in rows):
        return "findings"
    return _asked(run, rows, whole=must.whole and should.whole)


def _asked(run: RunResults, rows: Iterable[CheckResult], *, whole: bool) -> Word:
    """The word where none of these rows failed. `whole`: whether every check of their kind was in the run."""
    outcomes = {row.outcome for row in rows}
    if any(row.outcome == "error" for row in run.results):
        return "suite_failed"
    if not run.complete and run.results:
        return "incomplete"
    if outcomes & UNSHOWN:
        return "not_shown"
    if all(row.outcome in UNASKED for row in run.results):
        return "nothing_judged"
    if not whole:
        return "partial"
    if not outcomes - UNASKED:
        return "nothing_judged"
    return "known_failures" if "expected_failure" in outcomes else "conforms"


TASKS_OPEN: Mapping[Word, tuple[str, str]] = {
    "findings": (
        "Works with ChatKit’s client, but not as a task application",
        "Does not work as a task application",
    ),
    "not_shown": (
        "Works with ChatKit’s client; not shown to work as a task application",
        "Not shown to work as a task application",
    ),
}
"""What is said where only checks of tools for tasks are open: where the client was judged whole, and where not."""


def _headline(run: RunResults, musts: Word, client: Word, strict: Word, must: Tally) -> str:
    if musts == "partial":
        return _headline_of_a_part(run)
    if musts in TASKS_OPEN and client not in TASKS_OPEN:
        return TASKS_OPEN[musts][client != "conforms"]
    return {
        "conforms": "Works with ChatKit’s client" + (", strictly" if strict == "conforms" else ""),
        "known_failures": f"No worse than its baseline: {_known(must.expected)}",
        "nothing_judged": "Nothing was judged",
        "incomplete": "Cut short: no verdict",
        "not_shown": "Not shown to work with ChatKit’s client",
        "findings": "Does not work with ChatKit’s client",
        "suite_failed": "The suite itself failed",
    }[musts]


def _headline_of_a_part(run: RunResults) -> str:
    """What can be said of the checks that were in the run, and that it is no verdict."""
    outcomes = [row.outcome for row in run.results if row.outcome != "not_judged"]
    known = outcomes.count("expected_failure")
    wrong = {*outcomes} - HELD - {"not_applicable", "expected_failure"}
    found = "No MUST failed" if wrong else _known(known) if known else "Nothing wrong"
    of = f" of {sum(asked.of for asked in run.selection.values())}" if run.selection else ""
    return f"{found} in {len(outcomes)}{of} checks: the others were not judged"


def _known(count: int) -> str:
    return f"{count} known failure{'s' if count != 1 else ''}"


def _sentence(run: RunResults, must: Tally, should: Tally, may: Tally) -> str:
    said = [text for tally in (must, should, may) if (text := _tally_text(tally))]
    unexpected = sum(row.outcome == "unexpected_pass" for row in run.results)
    if unexpected:
        said.append(f"{unexpected} passed that the baseline expects to fail")
    if run.stale:
        said.append(f"{len(run.stale)} of the baseline's entries fit no check")
    if broken := sum(row.outcome == "error" for row in run.results):
        said.append(f"{broken} of the suite's own checks crashed: please report it")
    if not run.complete:
        said.append(
            "The run was cut short, so this is only a part of the results" if run.results else "No check was run"
        )
    return ". ".join(said or ["No check applied"]) + "."


def _tally_text(tally: Tally) -> str:
    if not tally.judged:
        return ""
    words = [f"{tally.kept} of {tally.judged} {tally.level} checks passed"]
    words += [f"{tally.breached} {'failed' if tally.level == MUST else 'warned'}"] if tally.breached else []
    words += [f"{tally.unsure} could not be tested"] if tally.unsure else []
    words += [f"{tally.expected} failed as the baseline expects"] if tally.expected else []
    left = (tally.of or 0) - tally.judged - tally.off
    words += [f"{left} were not in this run"] if left > 0 else []
    return ", ".join(words)


def _tally(run: RunResults, level: Level) -> Tally:
    outcomes = [row.outcome for row in run.results if row.level == level]
    asked = run.selection.get(level)
    return Tally(
        level=level,
        kept=sum(outcome in HELD for outcome in outcomes),
        breached=outcomes.count("failed") + outcomes.count("warned"),
        unsure=sum(outcome in UNSHOWN for outcome in outcomes),
        expected=outcomes.count("expected_failure"),
        off=outcomes.count("not_applicable"),
        of=asked.of if asked else None,
    )
