"""One run: conversations in; results, verdict, files and exit code out. Every face of a run is a thin one over it."""

from __future__ import annotations

import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from gemini_standin.models import notice

from ..check import AREAS, MAY, MUST, SHOULD, WHOLE_RUN, Check, Level
from ..judging.cascade import roots
from ..judging.catalogue import checks, exchanges_for
from ..judging.criteria import criteria_met, with_source
from ..judging.judge import judge, unseen_in_part
from ..judging.levels import levels_reached
from ..judging.proof import Proof
from ..judging.verdict import Verdict, verdict_of
from ..results.folder import Folder
from ..results.job_summary import append_summary
from ..results.model import CheckResult, CriterionResult, RunResults, Selected, TargetFacts
from ..results.outcome import Outcome
from ..results.repro import whole_line
from ..results.versions import versions
from ..results.writing import CannotWrite
from ..running.environment import Unreachable
from ..running.plan import plan_for, with_first
from ..running.process import Died
from ..running.runner import RunCut, Runner
from ..running.settings import Settings
from ..running.standin import StandInFailed
from ..target.config_error import ConfigError
from ..target.secret import Secrets
from ..target.target import Target
from ..target.tools import Tool
from ..transcript import Transcript
from ..visible import visible
from .baseline_told import baseline_facts, passed_in_part, stale_notice
from .check_result import check_result
from .judging_time import INTERRUPTED, JUDGING_S, UNJUDGED, look_ahead, time_begins
from .source import TranscriptSource

STOPS: Mapping[type[BaseException], int] = {
    StandInFailed: 4,
    Unreachable: 3,
    Died: 3,
    ConfigError: 2,
    RunCut: 1,
    Exception: 4,
}
"""Why a run ends early -> the exit code. The first row that fits counts."""

SEVERITIES: tuple[Level, ...] = (MUST, SHOULD, MAY)


class RunStopped(Exception):
    """The run ended early. The message says why, without a secret; `code` is the exit code."""

    def __init__(self, why: str, code: int) -> None:
        super().__init__(why)
        self.code = code


class JudgedRun:
    """One run.

    `asked` are the ids of the checks that it is to judge, `rows` the results so far, `notes` more warnings; `stopped`
    says why it ended early, or is "". `report` is the report's path, once it is written.

    Args:
        settings: the target, what it is held against, and where the files go. folder: for the files, None for none.
    """

    def __init__(self, settings: Settings, folder: Folder | None = None) -> None:
        self.settings = settings
        self.rows: list[CheckResult] = []
        self.stopped = ""
        self.asked: frozenset[str] = frozenset()
        self.report: Path | None = None
        self.source: TranscriptSource | None = None
        self.notes: list[str] = []
        self._folder = folder
        self._code = 0
        self._started = datetime.now(UTC)
        self._began = time.monotonic()
        self._held_at = self._ready_at = self._judging_from = 0.0
        self._closed = False
        self._proof = Proof()
        self._models: set[str] = set()
        self._target: TargetFacts | None = None
        self._started_s = 0.0

    # Holding

    def hold(self, wanted: Iterable[Check]) -> None:
        """Begin to hold the conversations that these checks need, in the background.

        Raises:
            RunStopped: the files of the run cannot be written; nothing was started.
        """
        chosen = tuple(wanted)
        self.asked = frozenset(check.id for check in chosen)
        try:
            self.settings.refuse_strangers()
            if self._folder:
                self._folder.prepare()
        except ConfigError as why:
            self._stop(why)
        known, asking = self.settings.exchanges(), self.settings.asking(chosen)
        plan = plan_for(
            with_first(known, (check for check in checks() if check.id in self.settings.first)),
            exchanges_for(chosen, known) - ({WHOLE_RUN} if self.settings.narrowed else set()),
            dialect=self.settings.dialect,
            undirected=asking is not None,
            asking=asking,
            deadline_s=self.settings.deadline_s,
            patience=self.settings.patience,
            side_by_side=self.settings.side_by_side,
            seed=self.settings.seed,
        )
        self.source = runner = Runner(
            self.settings.target,
            plan,
            keep=self._keep_transcript,
            real=self.settings.real,
            rounds=self.settings.rounds,
        )
        self._held_at = time.monotonic()
        runner.start()
        everywhere = [check for check in chosen if check.everywhere]
        threading.Thread(target=look_ahead, args=(runner, everywhere), name="judging", daemon=True).start()

    def wait_until_ready(self) -> None:
        """Wait until the target is up and known to speak ChatKit. Raises RunStopped where it is not."""
        if isinstance(self.source, Runner):
            try:
                self.source.wait_until_ready()
                self._ready_at = self._ready_at or time.monotonic()
            except tuple(STOPS) as why:
                self._stop(why)

    def take(self, source: TranscriptSource, wanted: Sequence[Check]) -> None:
        """Take conversations that were held already, to judge these checks by them."""
        self.source, self.asked = source, frozenset(check.id for check in wanted)
        for transcript in {id(t): t for check in wanted for t in source.transcripts_of(check)}.values():
            self._keep_transcript(transcript)

    # Judging

    def judge(self, check: Check) -> CheckResult:
        """Wait for the check's conversations, judge, and see the result as the baseline does.

        Raises:
            RunStopped: the run ended before they were held.
        """
        if self.source is None:
            raise RuntimeError("no conversation was started: call `hold` or `take` first")
        began, source = time.monotonic(), self.source
        try:
            held = source.transcripts_of(check)
            if source.state.cut:
                self.stop_for(source.state.cut, STOPS[RunCut])
        except tuple(STOPS) as why:
            self._stop(why)
        probed = source.state.probed
        self._judging_from = self._judging_from or time_begins(self._held_at, self._ready_at)
        until = self._judging_from + source.state.allowed_s + JUDGING_S
        result = judge(check, held, probed.with_declared(self.target.declared), probed.reasons(), until=until)
        if time.monotonic() > until:
            self._stop(RunCut(UNJUDGED))
        if self.settings.narrowed:
            result = unseen_in_part(result)
        whole = source.covers(check) and not result.unheld
        made = check_result(
            self.settings.baseline.applied(result, whole=whole),
            self.target,
            seconds=time.monotonic() - began,
            whole=whole,
            live=source.live,
            held=self._held,
        )
        return CheckResult.model_validate(self.secrets.scrub_json(made.to_json()))

    def keep(self, result: CheckResult) -> None:
        """Take a result into the run, and write it down at once. Raises RunStopped where there is no room for it."""
        self.rows.append(result)
        if self._folder:
            try:
                self._folder.add_result(result)
            except CannotWrite as why:
                self._stop(why)

    def stop_for(self, why: str, code: int = 0) -> None:
        """Note why the run ends early. `code`: the exit code, 0 for the verdict's own."""
        self.stopped = self.stopped or why
        self._code = self._code or code

    # Runs whose conversations are held in other processes

    def facts(self) -> dict[str, Any]:
        """What is known of the target here, as JSON values, for the process that writes the run."""
        judged = self._judged()
        return {
            "stopped": self.stopped,
            "code": self._code,
            "notes": [*judged.warnings],
            "target": judged.target.to_json(),
            "started_s": judged.start_up_seconds,
        }

    def learned(self, facts: Mapping[str, Any]) -> None:
        """Take what another process knows of the target."""
        if facts["stopped"]:
            self.stop_for(facts["stopped"], facts["code"])
        self.notes += facts["notes"]
        self._target, self._started_s = TargetFacts.model_validate(facts["target"]), float(facts["started_s"])

    # What it comes to

    @property
    def target(self) -> Target:
        """The target, with its URL once it is known."""
        return self.source.state.target if self.source else self.settings.target

    @property
    def secrets(self) -> Secrets:
        """What may reach no file."""
        return self.source.secrets if self.source else Secrets()

    @property
    def complete(self) -> bool:
        """Whether every selected check was judged."""
        return not self.stopped and self.asked <= {row.id for row in self.rows}

    @property
    def code(self) -> int:
        """The exit code: that of what stopped it, else the verdict's."""
        return self._code or self.verdict().exit

    def verdict(self) -> Verdict:
        """The verdict on what was judged so far."""
        return verdict_of(self._judged())

    @property
    def warnings(self) -> list[str]:
        """What to know before the verdict is believed, each thing once."""
        state, baseline = self.source.state if self.source else None, self.settings.baseline
        directed = bool(state and state.discovered.directed)
        idle = [
            f"the baseline's entry {entry.id!r} is not applied here: its condition {dict(entry.when)} is not met."
            for entry in baseline.idle()
        ]
        proof = self._proof.warnings(self.rows, directed=directed)
        renamed = baseline.renamed(check.id for check in checks())
        models = (notice(model, self.settings.as_of) for model in sorted(self._models))
        warnings = (
            *(state.warnings if state else ()),
            *self.notes,
            *proof,
            *idle,
            *renamed,
            *passed_in_part(self.rows),
            *filter(None, models),
        )
        return list(dict.fromkeys(warnings))

    def results(self) -> RunResults:
        """The run as results.json holds it."""
        judged = self._judged()
        verdict = verdict_of(judged)
        return judged.model_copy(
            update={
                "verdict": verdict.word,
                "headline": verdict.headline,
                "verdicts": {"client": verdict.client, "tasks": verdict.tasks, "strict": verdict.strict},
            }
        )

    def settle(self) -> None:
        """Take it that nothing more is judged: the verdict stands, and each finding has its root, before `close`."""
        if self.source is not None and not self.complete:
            self.stop_for(INTERRUPTED)
        found = roots(self.rows)
        self.rows = [row.model_copy(update={"root": found[row.id]}) if row.id in found else row for row in self.rows]

    def close(self, *, write: bool = True) -> None:
        """Stop what was started, and write the files. Once. `write`: whether this process writes those of the run."""
        if self._closed:
            return
        self._closed = True
        folder = self._folder if self.source is not None or self.rows else None
        try:
            self.settle()
            if self.source is not None:
                self.source.stop()
            if folder:
                self._write(folder, whole=write)
        except CannotWrite as why:
            self.stop_for(str(why), STOPS[ConfigError])
        except KeyboardInterrupt:
            # What was judged is not lost to somebody who will not wait for the report.
            if folder and write:
                folder.finish(self.results())
            raise

    def _write(self, folder: Folder, *, whole: bool) -> None:
        """The server's log and, where this process writes the `whole` run, results and report."""
        if self.source is not None and self.source.state.log:
            folder.add_log(self.source.state.log)
        if whole:
            from ..report import write_report

            folder.finish(self.results())
            self.report = write_report(folder.path)
            append_summary(folder.path / "summary.md")

    def _judged(self) -> RunResults:
        """Everything but the verdict."""
        known, rows = checks(), self.rows
        state = self.source.state if self.source else None
        stale = [entry.id for entry in self.settings.baseline.stale(check.id for check in known)]
        return RunResults(
            target=self._target or _target_facts(self.target, state.discovered.tools if state else {}),
            versions=versions(),
            started=self._started.isoformat(),
            seconds=round(time.monotonic() - self._began, 3),
            start_up_seconds=round(state.started_s if state else self._started_s, 3),
            complete=self.complete,
            stopped=self.stopped,
            strict=self.settings.strict,
            seed=self.settings.seed,
            selection={level: self._selected(level, known) for level in SEVERITIES},
            warnings=tuple(dict.fromkeys((*self.warnings, *map(stale_notice, stale)))),
            baseline=baseline_facts(self.settings.baseline, stale),
            levels=levels_reached(rows, known),
            severities={level: n for level in SEVERITIES if (n := _count(r for r in rows if r.level == level))},
            areas={area: n for area in AREAS if (n := _count(r for r in rows if r.area == area))},
            criteria=self._criteria(rows, known),
            results=tuple(rows),
        )

    def _criteria(self, rows: Sequence[CheckResult], known: Sequence[Check]) -> tuple[CriterionResult, ...]:
        """The nine, each with the command that made its figure; those about source as the audit has them."""
        live = bool(self.source and self.source.live)
        command = self.secrets.scrub(whole_line(self.target, live=live))
        met = criteria_met(rows, known)
        told = (c if c.outcome == "not_measured" else c.model_copy(update={"command": command}) for c in met)
        return with_source(told, self.settings.audited)

    def _selected(self, level: Level, known: Iterable[Check]) -> Selected:
        ids = {check.id for check in known if check.level == level}
        return Selected(selected=len(ids & (self.asked | {row.id for row in self.rows})), of=len(ids))

    def _stop(self, why: BaseException) -> NoReturn:
        code = next(code for kind, code in STOPS.items() if isinstance(why, kind))
        said = str(why)
        if code == STOPS[Exception] and not isinstance(why, StandInFailed):
            said = "the harness itself failed; this is not the target's fault.\n" + "".join(
                traceback.format_exception(why)
            )
        self.stop_for(visible(self.secrets.scrub(said)), code)
        raise RunStopped(self.stopped, self._code) from why

    def _keep_transcript(self, transcript: Transcript) -> None:
        self._proof.add(transcript)
        self._models |= {call.model for call in transcript.calls if call.status < 400}
        if self._folder:
            self._folder.secrets = self.secrets
            self._folder.add_transcript(transcript)

    def _held(self, exchange: str, dialect: str) -> Transcript | None:
        """The conversation that a finding names; None where there is none."""
        return self.source.find(exchange, dialect) if self.source else None


def _count(rows: Iterable[CheckResult]) -> dict[Outcome, int]:
    return dict(Counter(row.outcome for row in rows))


def _target_facts(target: Target, tools: Mapping[str, Tool]) -> TargetFacts:
    return TargetFacts(
        name=target.name,
        url=target.url,
        command=tuple(target.command),
        source=target.source,
        upstream=target.upstream,
        through=target.through,
        capabilities=dict(target.capabilities),
        latency=dict(target.latency),
        tools={role: tool.name for role, tool in tools.items()},
    )
