"""A live run: the run of every other face, with the real Gemini behind the server; its times, cost and cassettes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from ..check import WHOLE_RUN, Check
from ..judged_run.run import JudgedRun, RunStopped
from ..results.folder import Folder
from ..results.writing import write_whole, writing_to
from ..running.runner import Runner
from ..running.settings import Settings
from ..transcript import Transcript
from .real_model import RealGemini
from .recorded import recorded
from .report import LiveReport, asked_again, printed, turns_of


def hold_live(
    settings: Settings,
    checks: Sequence[Check],
    *,
    say: Callable[[str], None],
    files: bool = True,
    record_to: Path | None = None,
) -> LiveReport:
    """Hold the conversations, judge them, and record them where it was asked for.

    Args:
        settings: with a server whose upstream is live, and what makes its model. checks: to judge.
        say: takes lines: the budget's before anything is sent, then those of the run.
        files: whether the run's files are written. record_to: folder of cassettes, or None to record nothing.

    Raises:
        RunStopped: it could not begin.
    """
    if settings.real is not None:
        say(settings.real().announced())
    if (asking := settings.asking(checks)) is not None:
        say(asking.announced())
    began = time.monotonic()
    run = JudgedRun(settings, Folder(settings.out) if files else None)
    try:
        run.hold(checks)
        with suppress(RunStopped):  # it says itself why it ended
            run.wait_until_ready()
            for check in checks:
                run.keep(run.judge(check))
    finally:
        run.close()
    runner = run.source
    if not isinstance(runner, Runner) or not isinstance(gemini := runner.environment.real, RealGemini):
        raise RunStopped(run.stopped, run.code)
    if run.stopped and not run.rows and not gemini.refusal:
        raise RunStopped(run.stopped, run.code)
    held = _held(runner)
    report = LiveReport(
        endpoint=gemini.endpoint,
        model=gemini.model,
        origin=gemini.origin,
        turns=turns_of(held),
        again=asked_again(held),
        checks={row.id: (row.outcome, row.got) for row in run.rows},
        exit_code=run.code,
        headline=run.verdict().headline,
        spent=gemini.spent(),
        cut=run.stopped,
        seconds=time.monotonic() - began,
        cassettes=tuple(recorded(record_to, held, gemini)) if record_to is not None else (),
        report=run.report,
    )
    say(printed(report))
    return report


def _held(runner: Runner) -> list[Transcript]:
    """The conversations that were held, those that were left out and the whole run's own apart."""
    found: list[Transcript] = []
    for exchange, dialect in runner.plan.keys:
        with suppress(Exception):  # the run ended before it
            t = runner.find(exchange, dialect) if exchange != WHOLE_RUN else None
            found += [t] if t is not None and t.untestable is None and t.replies else []
    return found


def write(report: LiveReport, folder: Path) -> Path:
    """Write live.json; returns its path. Raises CannotWrite."""
    path = folder / "live.json"
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n")
    return path
