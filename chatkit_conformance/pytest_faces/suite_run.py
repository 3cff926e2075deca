"""The run behind one subclass of ConformanceSuite: holds the exchanges that its collected tests need, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..baseline import Baseline, Entry
from ..check import Check
from ..judged_run.run import JudgedRun, RunStopped
from ..results.folder import Folder
from ..results.model import CheckResult
from ..running.asgi import command
from ..running.settings import Settings, baseline_of, target_of
from ..target.config_error import ConfigError
from .items import as_pytest_has_it

if TYPE_CHECKING:
    from .suite_class import ConformanceSuite


class SuiteRun:
    """Judges checks for one class.

    Args:
        suite: the class. wanted: the checks whose tests were collected; no other exchange is held.
        known: reasons of those that are marked as known failures, by id. To the run they are a baseline.

    Raises:
        ConfigError: the class names no server, or two.
    """

    def __init__(
        self, suite: type[ConformanceSuite], wanted: Iterable[Check], known: Mapping[str, str] | None = None
    ) -> None:
        self.settings = _settings(suite, known or {})
        self._known = known or {}
        self.run = JudgedRun(self.settings, Folder(self.settings.out) if suite.out else None)
        self.run.hold(wanted)

    def hold_to(self, check: Check) -> None:
        """Judge one check as a test: passes, skips, xfails or raises CheckFailed."""
        result = self.judge(check)
        # pytest itself turns a marked test red that passes.
        if not (check.id in self._known and result.outcome == "unexpected_pass"):
            as_pytest_has_it(result, strict=self.settings.strict)

    def judge(self, check: Check) -> CheckResult:
        """Wait for the check's transcripts, and judge. Where there is no server the test fails with the reason."""
        try:
            self.run.wait_until_ready()
            result = self.run.judge(check)
            self.run.keep(result)
        except RunStopped as why:
            pytest.fail(str(why), pytrace=False)
        return result

    def close(self) -> None:
        """Stop what was started, and write the files where they are wanted.

        What makes the run red and is no test's own fault fails here: an entry of the baseline that fits no check.
        """
        self.run.close()
        if stale := self.run.results().stale:
            entries = ", ".join(map(repr, stale))
            pytest.fail(f"{self.settings.baseline.source}: {entries} matches no check; remove it or fix its id", False)


def _settings(suite: type[ConformanceSuite], known: Mapping[str, str]) -> Settings:
    named = [name for name in ("app", "url", "command") if getattr(suite, name)]
    if len(named) > 1 or not (named or suite.target):
        given = " and ".join(named) or "none"
        raise ConfigError(
            f'{suite.__name__} names its server by {given}; write one of app = "module:app", url = "http://...", '
            'command = ["..."], target = "chatkit-target.toml".'
        )
    starts = command(suite.app, suite.path) if suite.app else suite.command
    target = target_of(
        file=str(suite.target) if suite.target else None,
        url=suite.url or None,
        command=tuple(starts),
        headers=suite.headers,
        standin_port=suite.standin_port,
    )
    return Settings(
        target=target,
        out=Path(suite.out),
        baseline=_with_marks(baseline_of(suite.baseline or None), known, suite.__name__),
        strict=suite.strict,
        deadline_s=suite.deadline_s,
        host=suite.host,
    )


def _with_marks(baseline: Baseline, known: Mapping[str, str], suite: str) -> Baseline:
    """The baseline with the class's own marks before it: they name a check each, as one of its entries does."""
    marks = tuple(Entry(id=id, reason=reason) for id, reason in known.items())
    source = baseline.source or (f"the marks of {suite}" if marks else "")
    return replace(baseline, entries=(*marks, *baseline.entries), source=source)
