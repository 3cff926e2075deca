"""pytest's face of a run: collects the checks, hands each item its judge, and ends as the run does."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ..check import Check
from ..judged_run.run import JudgedRun, RunStopped
from ..judging.catalogue import checks, suites_dir
from ..results.folder import Folder
from ..results.model import CheckResult
from ..running.settings import Settings
from .items import JUDGE, STRICT, CheckItem, SuitesFolder, place, register_markers

FACTS = "chatkit"
"""Name under which a worker of pytest-xdist tells what it learned of the target."""


class Session:
    """Registered with pytest while a target is judged; its `pytest_` methods are hooks. `run` is the run."""

    def __init__(self, settings: Settings, config: pytest.Config) -> None:
        self.settings = settings
        self._config = config
        self._worker = hasattr(config, "workerinput")
        self.run = JudgedRun(settings, Folder(settings.out, clean=not self._worker))
        config.stash[JUDGE] = self.judge
        config.stash[STRICT] = settings.strict
        register_markers(config)

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
        kept = (item for item in items if item not in dropped)
        items[:] = sorted(kept, key=lambda item: (not self.comes_first(item), place(item)))

    def comes_first(self, item: pytest.Item) -> bool:
        """Whether it is judged before others. An invariant waits for every conversation, so it keeps none waiting."""
        return isinstance(item, CheckItem) and not item.check.everywhere and item.check.id in self.settings.first

    # Running

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Start the target, and the exchanges that the selected checks need."""
        mine = [item.check for item in session.items if isinstance(item, CheckItem)]
        if not mine or session.config.option.collectonly:
            return
        shown = session.config.pluginmanager.get_plugin("terminalreporter")
        if shown is not None and (asking := self.settings.asking(mine)) is not None:
            shown.write_line(asking.announced())
        try:
            self.run.hold(mine)
            self.run.wait_until_ready()
        except RunStopped as why:
            self._give_up(why)

    def judge(self, check: Check) -> CheckResult:
        """Wait for the check's conversations, judge them. Ends pytest where the run has ended."""
        try:
            return self.run.judge(check)
        except RunStopped as why:
            self._give_up(why)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the result on the report, so that it reaches whoever collects reports, across processes too."""
        report = yield
        if isinstance(item, CheckItem) and call.when == "call" and item.result is not None:
            report.chatkit = item.result.to_json()  # type: ignore[attr-defined]  # reports carry extra attributes
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the result of a check."""
        row = getattr(report, "chatkit", None)
        if row is not None and not self._worker:
            try:
                self.run.keep(CheckResult.model_validate(row))
            except RunStopped as why:
                self._give_up(why)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop what was started; end as the run does, where pytest alone would end 0."""
        if self._worker:
            self._tell()
            self.run.close(write=False)
            return
        self.say_why(session)
        self.run.close()
        if session.exitstatus == pytest.ExitCode.OK and self.run.rows:
            session.exitstatus = self.run.code

    def say_why(self, session: pytest.Session) -> None:
        """Note the check after which pytest stopped, as it does with -x; before the run is settled."""
        if session.shouldfail and self.run.rows and not self.run.complete:
            last = self.run.rows[-1]
            self.run.stop_for(f"nothing more was judged after {last.id}, which is {last.outcome}, since -x was given")

    def close(self) -> None:
        """Stop what was started, however pytest ended."""
        self.run.close(write=not self._worker)

    # Workers of pytest-xdist: each holds its own conversations, the controller writes the run

    def _tell(self) -> None:
        """What a worker learned of the target, for the controller."""
        self._config.workeroutput[FACTS] = self.run.facts()  # type: ignore[attr-defined]  # made by pytest-xdist

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: Iterable[str]) -> None:
        """What the workers will judge."""
        known = {check.id for check in checks()}
        self.run.asked |= {name for id in ids if (name := id.rpartition("::")[2]) in known}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take what a worker learned, and note where it ended early."""
        facts = getattr(node, "workeroutput", {}).get(FACTS)
        if facts is None:
            self.run.stop_for(str(error) if error else "a worker of pytest-xdist ended early")
        else:
            self.run.learned(facts)

    def _give_up(self, why: RunStopped) -> NoReturn:
        pytest.exit(str(why), returncode=why.code)
