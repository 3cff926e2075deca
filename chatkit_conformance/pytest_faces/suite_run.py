"""The run behind one subclass of ConformanceSuite: holds the exchanges that its collected tests need, once."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..check import Check
from ..judging.catalogue import exchanges, exchanges_for
from ..judging.judge import RED, Result, judge
from ..judging.proof import Proof
from ..results.results import Folder, result_json, summary_json
from ..running.asgi import command
from ..running.environment import Unreachable
from ..running.process import Died
from ..running.runner import RunCut, Runner, plan_for
from ..running.settings import Settings, baseline_of, target_of
from ..running.standin import StandInFailed
from ..target.config_error import ConfigError
from ..transcript import Transcript
from .items import CheckFailed, told

if TYPE_CHECKING:
    from .suite_class import ConformanceSuite

WENT_WRONG = (StandInFailed, Unreachable, Died, ConfigError, RunCut)


class SuiteRun:
    """Judges checks for one class.

    Args:
        suite: the class. wanted: the checks whose tests were collected; no other exchange is held.

    Raises:
        ConfigError: the class names no server, or two.
    """

    def __init__(self, suite: type[ConformanceSuite], wanted: Iterable[Check]) -> None:
        self.settings = _settings(suite)
        self.rows: list[dict[str, Any]] = []
        self._wanted = tuple(wanted)
        self._folder = Folder(Path(suite.out)) if suite.out else None
        self._proof = Proof()
        self._started, self._began = datetime.now(UTC), time.monotonic()
        plan = plan_for(
            exchanges(),
            exchanges_for(self._wanted),
            deadline_s=suite.deadline_s,
            seed=self.settings.seed,
        )
        if self._folder:
            self._folder.prepare()
        self._runner = Runner(self.settings.target, plan, keep=self._keep)
        self._runner.start()

    def hold_to(self, check: Check) -> None:
        """Judge one check as a test: passes, skips, xfails or raises CheckFailed."""
        result = self.judge(check)
        if result.outcome == "not_applicable":
            pytest.skip(result.reason)
        if result.outcome == "expected_failure":
            pytest.xfail(result.reason)
        strictly = self.settings.strict and result.outcome == "warned"
        if result.outcome in RED or result.outcome == "error" or strictly:
            raise CheckFailed(told(result))

    def judge(self, check: Check) -> Result:
        """Wait for the check's transcripts, and judge. Where there is no server the test fails with the reason."""
        began, runner = time.monotonic(), self._runner
        try:
            runner.wait_until_ready()
            held = [runner.transcript(key) for key in runner.plan.keys if check.judges(key[0])]
        except WENT_WRONG as why:
            pytest.fail(runner.environment.secrets.scrub(str(why)), pytrace=False)
        probed = runner.state.probed
        result = judge(check, held, probed.with_declared(runner.state.target.declared), probed.reasons())
        result = self.settings.baseline.applied(result)
        row = result_json(result, runner.state.target, seconds=time.monotonic() - began)
        self.rows.append(runner.environment.secrets.scrub_json(row))
        return result

    def close(self) -> None:
        """Stop what was started; write the report where one is wanted."""
        self._runner.stop()
        if not self._folder or not self.rows:
            return
        told_, complete = self._runner.state, len(self.rows) >= len(self._wanted)
        self._folder.finish(
            summary_json(
                self.rows,
                target=told_.target,
                started=self._started,
                seconds=time.monotonic() - self._began,
                complete=complete,
                stopped="" if complete else "it was interrupted",
                started_s=told_.started_s,
                warnings=[*told_.warnings, *self._proof.warnings(self.rows, directed=told_.discovered.directed)],
                seed=self.settings.seed,
                tools=told_.discovered.tools,
                baseline=self.settings.baseline,
                strict=self.settings.strict,
            )
        )
        from ..report import write_report

        write_report(self._folder.path)

    def _keep(self, transcript: Transcript) -> None:
        self._proof.add(transcript)
        if self._folder:
            self._folder.secrets = self._runner.environment.secrets
            self._folder.add_transcript(transcript)


def _settings(suite: type[ConformanceSuite]) -> Settings:
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
        target=target, baseline=baseline_of(suite.baseline or None), strict=suite.strict, deadline_s=suite.deadline_s
    )
