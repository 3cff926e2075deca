"""What `run` shows while it runs: where it is, each failure at once, a line per area, and the report's path last."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Any, TextIO

import pytest

from ..check import AREAS
from ..judging.catalogue import checks
from ..judging.judge import RED
from ..judging.levels import levels_json
from ..pytest_faces.items import CheckItem
from ..pytest_faces.plugin import SESSION, SETTINGS
from ..pytest_faces.session import Session
from ..results.results import verdicts
from ..running.settings import Settings

MARKS = {
    "passed": ".",
    "failed": "F",
    "warned": "w",
    "untestable": "u",
    "not_applicable": "-",
    "expected_failure": "x",
    "unexpected_pass": "X",
    "error": "E",
}
"""One character of an area's line for each outcome."""

VERDICT_WORDS = {"conforms": "yes", "findings": "no", "incomplete": "not shown", "suite_failed": "the suite failed"}
"""How the two verdicts read."""

LEVEL_MARKS = {"strict": "yes, strictly", "reached": "yes", "missed": "no", "not_shown": "not shown"}
"""How a level reads; one that is absent, or of which only a part was selected, is not told."""

TOLD_ONCE = 3
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
            self._show(row)
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
            print(trouble, file=sys.stderr)
        if session is None or (not session.rows and not session.stopped):
            if not self._trouble:
                self._say("no check was selected; `chatkit-conformance list` shows all.")
            return 4 if self._trouble else 2
        if session.rows:
            self._summary(session)
        if session.stopped:
            print(f"chatkit-conformance run: {session.stopped}", file=sys.stderr)
        if session.report is not None:
            self._say(str(session.report))
        return 4 if self._trouble and not session.stopped else session.code

    def _show(self, row: dict[str, Any]) -> None:
        area, outcome = row["area"], row["outcome"]
        self._marks[area] = self._marks.get(area, "") + MARKS[outcome]
        self._left[area] -= 1
        if outcome in ("failed", "unexpected_pass", "error"):
            self._clear()
            self._say(f"  {outcome.upper():<7} {row['id']}: {row['got'] or row['reason']}")
        if self._left[area] == 0:
            self._clear()
            self._say(f"  {area:<13} {self._marks[area]}")
        if self._live:
            done = sum(map(len, self._marks.values()))
            print(f"\r  {done}/{self._total} judged", end="", file=self._out, flush=True)

    def _summary(self, session: Session) -> None:
        for area in AREAS:
            if self._left[area] > 0 and area in self._marks:
                self._say(f"  {area:<13} {self._marks[area]} ({self._left[area]} not judged)")
        self._untestable(session)
        warned = [row for row in session.rows if row["outcome"] == "warned"]
        for row in warned:
            self._say(f"  warned  {row['id']}: {row['got']}")
        told = {row["reason"] for row in session.rows}
        for warning in session.warnings:
            if warning not in told:
                self._say(f"  note    {warning}")
        self._first_things(session)
        counts = Counter(row["outcome"] for row in session.rows)
        listing = ", ".join(f"{counts[outcome]} {outcome.replace('_', ' ')}" for outcome in MARKS if counts[outcome])
        self._levels(session)
        word = self._word(session, counts)
        self._say(f"{word}: {listing or 'nothing judged'} in {self._took(session)}")

    def _word(self, session: Session, counts: Counter[str]) -> str:
        red = any(counts[outcome] for outcome in RED) or bool(session.stale)
        red = red or (self.settings.strict and bool(counts["warned"]))
        return (
            "INCOMPLETE" if not session.complete else "FINDINGS" if red else "ERROR" if counts["error"] else "CONFORMS"
        )

    def _first_things(self, session: Session) -> None:
        """What to mend first: roots, and entries of the baseline that fit nothing."""
        shadows = Counter(row["root"] for row in session.rows if row["root"])
        for root, times in shadows.most_common():
            self._say(
                f"  first   {root}: {times} other finding{'s lie' if times > 1 else ' lies'} only where it failed"
            )
        for id in session.stale:
            self._say(f"  STALE   {self.settings.baseline.source}: {id!r} fits no check; remove it, or mend its id")

    def _levels(self, session: Session) -> None:
        """The two verdicts and the levels, in two lines."""
        both = verdicts(session.rows, complete=session.complete)
        said = (("works with ChatKit's client", both["client"]), ("strict", both["strict"]))
        self._say("  verdict " + ", ".join(f"{name}: {VERDICT_WORDS[word]}" for name, word in said))
        levels = levels_json(session.rows, checks())
        shown = [
            f"{name} {LEVEL_MARKS[level['outcome']]}"
            for name, level in levels.items()
            if level["outcome"] in LEVEL_MARKS
        ]
        if shown:
            self._say("  levels  " + ", ".join(shown))

    def _took(self, session: Session) -> str:
        start_up = session.runner.state.started_s if session.runner else 0.0
        return f"{time.monotonic() - self._began - start_up:.1f} s, after {start_up:.1f} s of start-up"

    def _untestable(self, session: Session) -> None:
        """Each reason once, with the checks that share it."""
        reasons: dict[str, list[str]] = {}
        for row in session.rows:
            if row["outcome"] == "untestable":
                reasons.setdefault(row["reason"], []).append(row["id"])
        for reason, ids in reasons.items():
            more = f" and {len(ids) - TOLD_ONCE} more" if len(ids) > TOLD_ONCE else ""
            self._say(f"  UNTESTABLE {', '.join(ids[:TOLD_ONCE])}{more}: {reason}")

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)

    def _clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", file=self._out, flush=True)
