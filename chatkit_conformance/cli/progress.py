"""What `run` shows while it runs: where it is, each failure at once, a line per area, and the report's path last."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TextIO

import pytest

from ..check import AREAS
from ..judging.levels import LEVEL_WORDS
from ..judging.verdict import verdict_of
from ..pytest_faces.items import CheckItem
from ..pytest_faces.plugin import SESSION, SETTINGS
from ..pytest_faces.session import Session
from ..results.model import CheckResult, RunResults
from ..results.outcome import OUTCOMES, Outcome
from ..running.settings import Settings
from ..visible import complain, say
from .interrupted import say_interrupted

SHOWN_AS: tuple[Outcome, ...] = (
    "passed",
    "failed",
    "warned",
    "untestable",
    "not_applicable",
    "expected_failure",
    "unexpected_pass",
    "error",
)
"""The order in which the last line counts outcomes."""

NAMED_ONCE = 3
"""Ids named for a reason that several untestable checks share."""


class Progress:
    """A pytest plugin in place of its terminal reporter.

    Args:
        settings: handed to the judging plugin. out: where to print.
    """

    def __init__(self, settings: Settings, out: TextIO | None = None) -> None:
        self.settings = settings
        self.session: Session | None = None
        self._out = out or sys.stdout
        self._live = self._out.isatty()
        self._left: Counter[str] = Counter()
        self._marks: dict[str, str] = {}
        self._total = 0
        self._began = time.monotonic()
        self._trouble: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand over the settings."""
        config.stash[SETTINGS] = self.settings

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say what is about to happen."""
        self.session = session.config.stash.get(SESSION, None)
        items = [item for item in session.items if isinstance(item, CheckItem)]
        self._total = len(items)
        self._left = Counter(item.check.area for item in items)
        verb = "starting" if self.settings.target.command else "asking"
        self._say(f"{self._total} checks; {verb} {self.settings.target.name}")

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

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep what went wrong inside."""
        self._trouble.append(str(excrepr))

    def finish(self, code: int) -> int:
        """Print the end of the run; returns the exit code of the command. `code`: pytest's."""
        session = self.session
        if session is not None:
            session.close()
        self._clear()
        for trouble in self._trouble:
            complain(trouble)
        if session is None or (not session.run.rows and not session.run.stopped):
            if code == pytest.ExitCode.INTERRUPTED and not self._trouble:
                return say_interrupted("run")
            if not self._trouble:
                self._say("no check was selected; `chatkit-conformance list` shows all.")
            return 4 if self._trouble else 2
        run = session.run
        if run.rows:
            self._summary(run.results())
        if run.stopped:
            complain(f"chatkit-conformance run: {run.stopped}")
        if run.report is not None:
            self._say(str(run.report))
        return 4 if self._trouble and not run.stopped else run.code

    def _show(self, row: CheckResult) -> None:
        area = row.area
        self._marks[area] = self._marks.get(area, "") + OUTCOMES[row.outcome].mark
        self._left[area] -= 1
        if row.outcome in ("failed", "unexpected_pass", "error"):
            self._clear()
            self._say(f"  {row.outcome.upper():<7} {row.id}: {row.said}")
        if self._left[area] == 0:
            self._clear()
            self._say(f"  {area:<13} {self._marks[area]}")
        if self._live:
            done = sum(map(len, self._marks.values()))
            self._rewrite(f"\r  {done}/{self._total} judged")

    def _summary(self, run: RunResults) -> None:
        for area in AREAS:
            if self._left[area] > 0 and area in self._marks:
                self._say(f"  {area:<13} {self._marks[area]} ({self._left[area]} not judged)")
        self._untestable(run)
        for row in run.results:
            if row.outcome == "warned":
                self._say(f"  warned  {row.id}: {row.got}")
        reasons = {row.reason for row in run.results}
        for warning in run.warnings:
            if warning not in reasons:
                self._say(f"  note    {warning}")
        self._first_things(run)
        self._verdict(run)

    def _first_things(self, run: RunResults) -> None:
        """What to mend first: what is wrong with the set-up as a whole, then the checks that explain others."""
        if cause := self._cause:
            blind = sum(row.outcome == "untestable" and row.reason == cause for row in run.results)
            because = f" ({blind} checks could not be tested because of it)" if blind else ""
            self._say(f"  first   {cause}{because}")
        shadows = Counter(row.root for row in run.results if row.root)
        for root, times in shadows.most_common():
            others = f"{times} other finding{'s' if times > 1 else ''}"
            self._say(f"  first   {root}: fix it first; {others} only in replies in which it failed")

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
        self._say(f"{verdict.label}: {listing} in {self._took(run)}")

    def _took(self, run: RunResults) -> str:
        took = time.monotonic() - self._began - run.start_up_seconds
        return f"{took:.1f} s, after {run.start_up_seconds:.1f} s of start-up"

    def _untestable(self, run: RunResults) -> None:
        """Each reason once, with the checks that share it; the root cause stands below, with their number."""
        reasons: dict[str, list[str]] = {}
        for row in run.results:
            if row.outcome == "untestable" and row.reason != self._cause:
                reasons.setdefault(row.reason, []).append(row.id)
        for reason, ids in reasons.items():
            more = f" and {len(ids) - NAMED_ONCE} more" if len(ids) > NAMED_ONCE else ""
            self._say(f"  UNTESTABLE {', '.join(ids[:NAMED_ONCE])}{more}: {reason}")

    def _say(self, line: str) -> None:
        say(line, file=self._out)

    def _clear(self) -> None:
        if self._live:
            self._rewrite("\r\033[K")

    def _rewrite(self, codes: str) -> None:
        """Write over the line that stands on the terminal: our own control codes, and nobody's words."""
        self._out.write(codes)
        self._out.flush()
