"""What `run` shows while it runs: where it is, each failure at once, a line per area; then what to mend first.

The report's path is the last line. `quiet` leaves the verdict and what is wrong; `verbose` tells of every check.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from itertools import groupby
from typing import TextIO, get_args

import pytest

from ..check import AREAS
from ..judged_run.judging_time import INTERRUPTED
from ..judging.levels import LEVEL_WORDS
from ..judging.verdict import verdict_of
from ..pytest_faces.items import CheckItem
from ..pytest_faces.plugin import SESSION, SETTINGS
from ..pytest_faces.session import Session
from ..results.last_failed import COUNTED
from ..results.model import CheckResult, RunResults
from ..results.outcome import OUTCOMES, Outcome
from ..running.settings import Settings
from ..visible import complain
from . import WRONG_USAGE
from .findings_table import findings_table
from .interrupted import say_interrupted
from .no_autoload import NO_AUTOLOAD
from .printer import Printer, When
from .time_left import TimeLeft

SHOWN_AS: tuple[Outcome, ...] = get_args(Outcome)
"""The order in which the last line counts outcomes."""

MENDED_FIRST = 5
"""Causes that are told in full; a person mends one and runs again."""

NAMED_ONCE = 3
"""Ids named for a reason that several untestable checks share."""


class Progress:
    """A pytest plugin in place of its terminal reporter.

    Args:
        settings: handed to the judging plugin. out: where to print. colour: see Printer.
        loud: -1 for the verdict alone, 0, or 1 for every check and finding.
    """

    def __init__(self, settings: Settings, out: TextIO | None = None, *, colour: When = "auto", loud: int = 0) -> None:
        self.settings = settings
        self.session: Session | None = None
        self._printer = Printer(out or sys.stdout, colour)
        self._loud = loud
        self._left: Counter[str] = Counter()
        self._marks: dict[str, list[Outcome]] = {}
        self._total = 0
        self._first: dict[str, Outcome | None] = {}
        self._told: set[str] = set()
        self._began = time.monotonic()
        self._trouble: list[str] = []
        self._clock: TimeLeft | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand over the settings."""
        os.environ.pop(NO_AUTOLOAD, None)
        config.stash[SETTINGS] = self.settings

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say what is about to happen."""
        self.session = session.config.stash.get(SESSION, None)
        items = [item for item in session.items if isinstance(item, CheckItem)]
        self._total = len(items)
        self._left = Counter(item.check.area for item in items)
        if self.session is not None:
            first = [item.check.id for item in items if self.session.comes_first(item)]
            self._first = dict.fromkeys(first) if len(first) < len(items) else {}
        verb = "starting" if self.settings.target.command else "asking"
        self._say(f"{self._total} check{'s' * (self._total != 1)}; {verb} {self.settings.target.name}")
        if (asking := self.settings.asking([item.check for item in items])) is not None:
            self._printer.line(asking.announced())
        if self.settings.real is not None:
            self._printer.line(self.settings.real().announced())
        if self._printer.live and self.session is not None:
            self._clock = TimeLeft(self.session.run, self._total, self._printer.stand)

    @pytest.hookimpl(trylast=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that can not be collected is a fault of ours."""
        if report.failed:
            self._trouble.append(report.longreprtext)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Show one result."""
        row = getattr(report, "chatkit", None)
        if row is not None:
            self._show(CheckResult.model_validate(row))
        elif report.failed:
            self._trouble.append(report.longreprtext)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the verdict as soon as everything is judged: before the server is stopped and the report is written."""
        if self.session is not None and self.session.run.rows:
            self.session.say_why(session)
            self.session.run.settle()
            self._end_clock()
            self._summary(self.session.run.results())

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep what went wrong inside."""
        self._trouble.append(str(excrepr))

    def finish(self, code: int) -> int:
        """Print the end of the run; returns the exit code of the command. `code`: pytest's."""
        session = self.session
        if session is not None:
            session.close()
        self._end_clock()
        for trouble in self._trouble:
            complain(trouble)
        if session is None or (not session.run.rows and not session.run.stopped):
            if code == pytest.ExitCode.INTERRUPTED and not self._trouble:
                return say_interrupted("run")
            if not self._trouble:
                self._printer.line("no check was selected; `chatkit-conformance list` shows all.")
            return 4 if self._trouble else 2
        run = session.run
        if run.rows:
            self._notes(run.results())
        if run.stopped:
            complain(f"chatkit-conformance run: {run.stopped}")
        if run.report is not None:
            self._printer.line(str(run.report))
        code = 4 if self._trouble and not run.stopped else run.code
        lost = self._printer.lost
        if lost is None or isinstance(lost, BrokenPipeError):
            return code
        complain(f"chatkit-conformance run: its output cannot be written: {lost.strerror}. The report is {run.report}.")
        return code or WRONG_USAGE

    @property
    def interrupted(self) -> bool:
        """Whether nothing but Ctrl-C ended the run."""
        return self.session is None or self.session.run.stopped == INTERRUPTED

    def _show(self, row: CheckResult) -> None:
        area, words = row.area, OUTCOMES[row.outcome]
        self._marks.setdefault(area, []).append(row.outcome)
        self._left[area] -= 1
        if row.outcome in ("failed", "unexpected_pass", "error"):
            expected = f"; expected {row.expected}" if row.expected else ""
            self._printer.line(
                "  ", (words.tone, f"{row.outcome.upper():<7}"), f" {row.id}: {row.said}{expected}", cut=True
            )
        elif self._loud > 0:
            took = f" ({row.seconds:.2f} s)" if row.seconds is not None else ""
            self._printer.line("  ", (words.tone, f"{words.word:<14}"), f" {row.id}{took}", cut=True)
        if self._left[area] == 0 and self._loud >= 0:
            self._area(area)
        if row.id in self._first:
            self._first[row.id] = row.outcome
            self._tell_first()

    def _tell_first(self) -> None:
        """Once all are judged that failed last time, what became of them: nobody waits for the rest to know that."""
        if None in self._first.values():
            return
        still = [id for id, outcome in self._first.items() if outcome in COUNTED]
        passed = len(self._first) - len(still)
        self._printer.line(
            ("bad" if still else "ok", "  again  "),
            f" {passed} of {len(self._first)} that failed last time pass now, after {self._seconds:.1f} s"
            + (f"; still wrong: {', '.join(still)}" if still else "")
            + "; now the rest",
        )

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _end_clock(self) -> None:
        if self._clock is not None:
            self._clock.end()

    def _area(self, area: str, more: str = "") -> None:
        marks = [
            (tone, "".join(OUTCOMES[one].mark for one in same))
            for tone, same in groupby(self._marks[area], lambda one: OUTCOMES[one].tone)
        ]
        self._printer.line(f"  {area:<13} ", *marks, more)

    def _summary(self, run: RunResults) -> None:
        if self._loud >= 0:
            for area in AREAS:
                if self._left[area] > 0 and area in self._marks:
                    self._area(area, f" ({self._left[area]} not judged)")
            self._unjudged(run)
            for row in run.results:
                if row.outcome == "warned":
                    self._printer.line("  ", ("warn", "warned"), f"  {row.id}: {row.got}", cut=True)
            self._notes(run)
            self._first_thing(run)
            findings_table(run, self._printer, most=None if self._loud > 0 else MENDED_FIRST)
        self._verdict(run)

    def _notes(self, run: RunResults) -> None:
        """What to know before the verdict is believed; each once, so that the end of the run adds only what is new."""
        told = self._told | {row.reason for row in run.results}
        for warning in run.warnings:
            if warning not in told:
                self._say(f"  note    {warning}")
        self._told |= set(run.warnings)

    def _first_thing(self, run: RunResults) -> None:
        """What is wrong with the set-up as a whole: it comes before whatever the checks say."""
        if cause := self._cause:
            blind = sum(row.outcome == "untestable" and row.reason == cause for row in run.results)
            because = f" ({blind} checks could not be tested because of it)" if blind else ""
            self._printer.line(f"  first   {cause}{because}")

    @property
    def _cause(self) -> str:
        """What is wrong with the set-up as a whole, or ""."""
        source = self.session.run.source if self.session else None
        return source.state.cause if source else ""

    def _verdict(self, run: RunResults) -> None:
        """The answers to the two questions, the levels, and the verdict with its numbers."""
        verdict = verdict_of(run)
        self._say("  verdict " + ", ".join(f"{question}: {words.said}" for question, words in verdict.answers))
        levels = [(name, LEVEL_WORDS.get(level.outcome)) for name, level in run.levels.items()]
        shown = [f"{name} {words.said}" for name, words in levels if words is not None]
        if shown:
            self._say("  levels  " + ", ".join(shown))
        counts = Counter(row.outcome for row in run.results)
        listing = ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in SHOWN_AS if counts[name])
        self._say(f"  {verdict.headline}")
        self._printer.line((verdict.tone, verdict.label), f": {listing} in {self._took(run)}")

    def _took(self, run: RunResults) -> str:
        return f"{self._seconds - run.start_up_seconds:.1f} s, after {run.start_up_seconds:.1f} s of start-up"

    def _unjudged(self, run: RunResults) -> None:
        """Each reason once, with the checks that share it; the root cause stands below, with their number."""
        reasons: dict[tuple[Outcome, str], list[str]] = {}
        for row in run.results:
            if row.outcome in ("untestable", "not_judged") and row.reason != self._cause:
                reasons.setdefault((row.outcome, row.reason), []).append(row.id)
        for (outcome, reason), ids in reasons.items():
            more = f" and {len(ids) - NAMED_ONCE} more" if len(ids) > NAMED_ONCE else ""
            word = "UNTESTABLE" if outcome == "untestable" else "not judged"
            self._say(f"  {word} {', '.join(ids[:NAMED_ONCE])}{more}: {reason}")

    def _say(self, line: str) -> None:
        """Print what `quiet` leaves out."""
        if self._loud >= 0:
            self._printer.line(line)
