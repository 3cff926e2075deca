"""The judging session of one pytest run: starts the exchanges, judges, keeps the results, writes the report."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ..check import Check
from ..judging.cascade import roots
from ..judging.catalogue import checks, exchanges, exchanges_for, suites_dir
from ..judging.judge import Result, judge
from ..judging.proof import Proof
from ..results.job_summary import append_summary
from ..results.results import Folder, exit_code, result_json, summary_json
from ..running.environment import Unreachable
from ..running.process import Died
from ..running.runner import RunCut, Runner, plan_for
from ..running.settings import Settings
from ..running.standin import StandInFailed
from ..target.config_error import ConfigError
from ..target.target import Target
from ..transcript import Reply, Transcript
from .items import JUDGE, CheckItem, SuitesFolder, place, register_markers

STOPS: Mapping[type[BaseException], int] = {
    StandInFailed: 4,
    Unreachable: 3,
    Died: 3,
    ConfigError: 2,
    RunCut: 1,
}
"""Why a run ends early -> the exit code. The first row that fits counts."""


class Session:
    """Registered with pytest while a target is judged; its `pytest_` methods are hooks.

    After the run: `rows` are the results as JSON, `code` the exit code, `stopped` why it ended early or "".
    """

    def __init__(self, settings: Settings, config: pytest.Config) -> None:
        self.settings = settings
        self.rows: list[dict[str, Any]] = []
        self.expected = 0
        self.stopped = ""
        self.code = 0
        self.report: Path | None = None
        self.runner: Runner | None = None
        self._config = config
        self._worker = hasattr(config, "workerinput")
        self._folder = Folder(settings.out, clean=not self._worker)
        self._started = datetime.now(UTC)
        self._began = time.monotonic()
        self._closed = False
        self._proof = Proof()
        config.stash[JUDGE] = self.judge
        register_markers(config)

    @property
    def target(self) -> Target:
        """The target, with its URL once it is known."""
        return self.runner.state.target if self.runner else self.settings.target

    @property
    def complete(self) -> bool:
        """Whether every selected check was judged."""
        return not self.stopped and len(self.rows) >= self.expected

    @property
    def warnings(self) -> list[str]:
        """What to know before the verdict is believed, each thing once."""
        told = self.runner.state if self.runner else None
        directed = bool(told and told.discovered.directed)
        idle = [
            f"the baseline's entry {entry.id!r} does not count here: its condition {dict(entry.when)} does not hold."
            for entry in self.settings.baseline.idle()
        ]
        renamed = self.settings.baseline.renamed(check.id for check in checks())
        proof = self._proof.warnings(self.rows, directed=directed)
        return list(dict.fromkeys((*(told.warnings if told else ()), *proof, *idle, *renamed)))

    @property
    def stale(self) -> list[str]:
        """Patterns of the baseline's entries that fit no check."""
        return [entry.id for entry in self.settings.baseline.stale(check.id for check in checks())]

    # Collecting

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """The suites' folder is ours to collect."""
        return SuitesFolder.from_parent(parent, path=path, nodeid="suites") if path == suites_dir() else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Only the checks that were asked for, in the order in which their transcripts come."""
        only = self.settings.only
        dropped = [item for item in items if only and isinstance(item, CheckItem) and item.check.id not in only]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        items[:] = sorted((item for item in items if item not in dropped), key=place)

    # Running

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Start the target, and the exchanges that the selected checks need."""
        mine = [item for item in session.items if isinstance(item, CheckItem)]
        if not mine or session.config.option.collectonly:
            return
        self.expected = len(mine)
        self._folder.prepare()
        plan = plan_for(
            exchanges(),
            exchanges_for(item.check for item in mine),
            dialect=self.settings.dialect,
            deadline_s=self.settings.deadline_s,
            seed=self.settings.seed,
        )
        self.runner = Runner(self.settings.target, plan, keep=self._keep)
        self.runner.start()
        try:
            self.runner.wait_until_ready()
        except tuple(STOPS) as why:
            self._give_up(why)

    def judge(self, check: Check) -> Result:
        """Wait for the check's transcripts, judge them."""
        if self.runner is None:
            raise RuntimeError("no exchange was started: items are judged in pytest's own loop")
        keys = [key for key in self.runner.plan.keys if check.judges(key[0])]
        try:
            held = [self.runner.transcript(key) for key in keys]
        except tuple(STOPS) as why:
            self._give_up(why)
        told = self.runner.state
        result = judge(check, held, told.probed.with_declared(self.target.declared), told.probed.reasons())
        return self.settings.baseline.applied(result)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the result on the report, so that it reaches whoever collects reports, across processes too."""
        report = yield
        if isinstance(item, CheckItem) and call.when == "call" and item.result is not None:
            row = result_json(item.result, self.target, seconds=call.duration, reply_of=self._reply)
            report.chatkit = self._scrubbed(row)  # type: ignore[attr-defined]  # reports carry extra attributes
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the result of a check."""
        row = getattr(report, "chatkit", None)
        if row is not None and not self._worker:
            self.rows.append(row)
            self._folder.prepare()
            self._folder.add_result(row)

    def close(self) -> None:
        """Stop what was started, and write the report of what there is. Once."""
        if self._closed:
            return
        self._closed = True
        if self.runner is not None:
            if not self.complete and not self.stopped:
                self.stopped = "it was interrupted"
            self.runner.stop()
            if self.runner.state.log:
                self._folder.add_log(self.runner.state.log)
        if not self._worker and (self.runner is not None or self.rows):
            self._write()

    def _write(self) -> None:
        told = self.runner.state if self.runner else None
        for id, root in roots(self.rows).items():
            next(row for row in self.rows if row["id"] == id)["root"] = root
        self._folder.finish(
            summary_json(
                self.rows,
                target=self.target,
                started=self._started,
                seconds=time.monotonic() - self._began,
                complete=self.complete,
                stopped=self.stopped,
                seed=self.settings.seed,
                started_s=told.started_s if told else 0.0,
                warnings=self.warnings,
                tools=told.discovered.tools if told else {},
                baseline=self.settings.baseline,
                stale=self.stale,
                strict=self.settings.strict,
            )
        )
        self.code = self.code or exit_code(
            self.rows, complete=self.complete, strict=self.settings.strict, stale=bool(self.stale)
        )
        self.report = self._folder.path / "results.json"
        from ..report import write_report

        self.report = write_report(self._folder.path)
        append_summary(self._folder.path / "summary.md")

    def _give_up(self, why: BaseException) -> NoReturn:
        self.stopped = self._scrubbed(str(why))
        self.code = next(code for kind, code in STOPS.items() if isinstance(why, kind))
        pytest.exit(self.stopped, returncode=self.code)

    def _keep(self, transcript: Transcript) -> None:
        if self.runner is not None:
            self._folder.secrets = self.runner.environment.secrets
        self._proof.add(transcript)
        self._folder.add_transcript(transcript)

    def _reply(self, exchange: str, dialect: str, label: str) -> Reply | None:
        """The reply that a finding names; None where there is none."""
        if self.runner is None or (exchange, dialect) not in self.runner.plan.keys:
            return None
        held = self.runner.transcript((exchange, dialect))
        return next((reply for reply in held.replies if reply.label == label), None)

    def _scrubbed(self, value: Any) -> Any:
        secrets = self.runner.environment.secrets if self.runner else self._folder.secrets
        return secrets.scrub_json(value)
