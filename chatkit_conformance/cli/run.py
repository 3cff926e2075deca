"""Judge a ChatKit server and write a report.

  chatkit-conformance run -- python -m reference_server      start it, judge it, stop it
  chatkit-conformance run --url http://127.0.0.1:8000/chatkit   a running one, its model asked in words; docs/any-url.md
  chatkit-conformance run --live -- COMMAND              with the real Gemini behind it; needs GEMINI_API_KEY
  chatkit-conformance run --target chatkit-target.toml
  chatkit-conformance run --audit old/ new/ -- COMMAND       the criteria about source, too; see `audit --help`
  chatkit-conformance run --watch src -- COMMAND             again on each change in src, what failed first

A started command finds in its environment PORT, GEMINI_BASE_URL, GEMINI_API_KEY, GEMINI_MODEL, JWT_SECRET and
DATABASE_URL; {port} and {gemini_base_url} are replaced in the command and in [target.env]. The last line printed is the
report's path.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..running.asking import BUDGET
from ..target.config_error import ConfigError
from ..visible import complain, say
from . import WRONG_USAGE
from .changes import Changes
from .interrupted import interruptible
from .no_autoload import NO_AUTOLOAD
from .selection import chosen
from .which_target import asking_options, target_named, target_options

if TYPE_CHECKING:
    from ..direction import RealModel
    from ..results.model import CriterionResult
    from ..running.settings import Settings
    from .progress import Progress

NAMED = 3
"""Changed files that are named."""

SELDOM = (20_000, 20, 50)
"""Thresholds of the garbage collector: a run keeps nearly all that it makes, and looking through it for what to free
took a fifth of the time of judging."""

SWITCH_S = 0.0005
"""Seconds after which the judging thread lets the one go on that stamps events: the error of a measured time."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    target_options(parser)
    add = parser.add_argument
    add("--select", metavar="GLOB", action="append", default=[], help="only checks whose id matches; repeatable")
    add("--level", metavar="LEVEL", action="append", default=[], choices=("MUST", "SHOULD", "MAY"), help="only these")
    add(
        "--dialect",
        default="",
        choices=("gemini-3", "gemini-3.8", "gemini-4", "gemini-2.5", "all"),
        help="the model's dialect (gemini-4: as documented, no recording is known); default: both where it matters",
    )
    add("--baseline", metavar="FILE", type=Path, help="known failures; see `chatkit-conformance baseline --help`")
    add("--strict", action="store_true", help="exit 1 also if a SHOULD check fails")
    add("--as-of", metavar="DATE", type=date.fromisoformat, help="the day for retirements of models (default: today)")
    add("--audit", nargs=2, metavar=("BEFORE", "AFTER"), help="two source trees: folders, or git refs of this folder")
    add("--out", metavar="DIR", type=Path, default=Path("chatkit-report"), help="where the report goes")
    add(
        "--deadline",
        metavar="SECONDS",
        type=float,
        help="for the whole run; default: 300, more for a slow server or on a busy machine",
    )
    add("--patience", metavar="N", type=float, default=1.0, help="wait N times as long for the server (default 1)")
    add(
        "--side-by-side",
        metavar="N",
        type=int,
        help="conversations at once; default: 16, fewer if they get in each other's way",
    )
    add(
        "--budget",
        metavar="N",
        type=int,
        default=BUDGET,
        help="by URL, --live: requests to the model at most (default 60)",
    )
    asking_options(parser)
    add("--live", action="store_true", help="with the real Gemini behind the server, asked through us; needs a key")
    add("--seed", metavar="N", type=int, help="seed of the random marks in messages; default: random")
    add("-k", metavar="EXPRESSION", dest="k", default="", help="as in pytest")
    add("-m", metavar="MARKS", dest="m", default="", help="as in pytest: areas and levels are marks")
    add("-x", dest="x", action="store_true", help="stop at the first failure")
    add("--exchange", metavar="GLOB", action="append", default=[], help="hold only these conversations; repeatable")
    add("--replay", metavar="FILE", type=Path, help="hold only the conversation that `explore` saved in FILE")
    add(
        "--also-responses",
        action="store_true",
        help="play OpenAI's Responses API, which Gemini does not have, so that the rest of the server is judged",
    )
    add("--thorough", action="store_true", help="hold every fault at every moment and place, too; takes minutes")
    add("--list-exchanges", action="store_true", help="only list the conversations that would be held")
    _shown(parser)


def _shown(parser: argparse.ArgumentParser) -> None:
    """Options of what is judged again, and of what is shown."""
    add = parser.add_argument
    add("--last-failed", "--lf", action="store_true", help="only what failed when it was last judged into --out")
    add("--failed-first", "--ff", action="store_true", help="what failed last time before the rest")
    add("--watch", metavar="PATH", type=Path, nargs="+", help="run again on each change there, as with --failed-first")
    add("--open", action="store_true", help="open the report in the browser")
    loudness = parser.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="only what is wrong, and the verdict")
    loudness.add_argument("-v", "--verbose", action="store_true", help="every check, and everything to mend")
    add("--color", choices=("auto", "yes", "no"), default="auto", help="default: on a terminal, unless NO_COLOR is set")


def run(options: argparse.Namespace) -> int:
    """Judge; returns the exit code."""
    try:
        settings = _settings(options)
    except (ConfigError, LookupError) as e:
        complain(f"chatkit-conformance run: {e.args[0]}")
        return WRONG_USAGE
    if options.list_exchanges:
        return _list_exchanges(settings)
    code = _judged(settings, options)
    missed = [row.id for row in settings.audited if row.outcome != "met"]
    if missed:
        complain(f"chatkit-conformance run: by its source, {', '.join(missed)} not met; see the report.")
    return code or int(bool(missed))


def _judged(settings: Settings, options: argparse.Namespace) -> int:
    """Judge, again and again where something is watched; returns the last exit code."""
    from ..running.rounds import Rounds
    from .progress import Progress

    arguments = _pytest_arguments(options)

    def judged(settings: Settings) -> tuple[int, bool]:
        progress = Progress(settings, colour=options.color, loud=options.verbose - options.quiet)
        return judge(progress, arguments), progress.interrupted

    if not options.watch:
        code, _ = judged(settings)
        _opened(settings, options)
        return code
    rounds = Rounds()
    try:
        return _watched(replace(settings, rounds=rounds), options, judged)
    finally:
        rounds.close()


def _watched(settings: Settings, options: argparse.Namespace, judged: Callable[[Settings], tuple[int, bool]]) -> int:
    """Judge on each change, until Ctrl-C; returns the last exit code. `judged` tells whether that ended a round."""
    from ..results.last_failed import last_failed

    changes, opened = Changes(options.watch), False
    while True:
        code, interrupted = judged(settings)
        opened = opened or _opened(settings, options)
        if interrupted:
            return code
        try:
            say(f"watching {', '.join(map(str, options.watch))}; Ctrl-C ends")
            changed = changes.wait()
        except KeyboardInterrupt:
            return code
        say(f"\n{', '.join(changed[:NAMED])}{' and more' if changed[NAMED:] else ''} changed")
        settings = replace(settings, first=last_failed(settings.out))


def _opened(settings: Settings, options: argparse.Namespace) -> bool:
    """Whether the report was opened, where that was asked for."""
    report = settings.out / "report.html"
    return options.open and report.exists() and webbrowser.open(report.resolve().as_uri())


def judge(progress: Progress, arguments: list[str]) -> int:
    """Run pytest over the suites, with the settings of `progress`; returns the exit code."""
    import pytest

    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(*SELDOM)
    with interruptible("run"):
        with _clean_environment():
            try:
                code = int(pytest.main(arguments, plugins=[progress]))
            except KeyboardInterrupt:  # before pytest had begun, or when it had ended
                code = int(pytest.ExitCode.INTERRUPTED)
        return progress.finish(code)


def _settings(options: argparse.Namespace) -> Settings:
    from ..results.last_failed import last_failed
    from ..running.settings import Settings, baseline_of

    target = target_named("run", options)
    target = replace(target, also_responses=target.also_responses or options.also_responses)
    if options.live:
        target = replace(target, upstream="live")
    for name in ("deadline", "patience", "side_by_side", "budget", "rate", "tokens"):
        given = getattr(options, name)
        if given is not None and given <= 0:
            raise ConfigError(f"--{name.replace('_', '-')} {given:g}: give a number above 0.")
    checks = chosen(options)
    if not checks:
        raise ConfigError(f"no {' or '.join(options.level)} check matches --select {' '.join(options.select)}.")
    narrowed = options.select or options.level
    for path in options.watch or ():
        if not path.exists():
            raise ConfigError(f"--watch {path}: there is no such file or folder.")
    failed = last_failed(options.out) & {check.id for check in checks}
    if options.last_failed:
        if failed:
            checks, narrowed = [check for check in checks if check.id in failed], True
        else:
            complain(f"chatkit-conformance run: nothing failed last time into {options.out}; all is judged.")
    settings = Settings(
        target=target,
        out=options.out,
        baseline=baseline_of(options.baseline),
        strict=options.strict,
        dialect=options.dialect,
        deadline_s=options.deadline,
        patience=options.patience,
        side_by_side=options.side_by_side,
        budget=options.budget,
        per_minute=options.rate,
        keep=options.keep,
        host=options.host,
        real=_real_model(options) if target.upstream == "live" else None,
        only=frozenset(check.id for check in checks) if narrowed else frozenset(),
        first=failed if options.failed_first or options.watch else frozenset(),
        as_of=options.as_of or datetime.now(UTC).date(),
    )
    settings.refuse_strangers()
    settings.refuse_unseen_model()
    if options.audit and not options.list_exchanges:
        settings = replace(settings, audited=_audited(options.audit, settings.as_of))
    return _narrowed(options, settings if options.seed is None else replace(settings, seed=options.seed))


def _real_model(options: argparse.Namespace) -> Callable[[], RealModel]:
    """What makes the real model, anew for each run. Raises ConfigError without a key."""
    from ..live.real_model import RealGemini

    make = partial(RealGemini.from_environment, dict(os.environ), requests=options.budget, tokens=options.tokens)
    make()
    return make


def _narrowed(options: argparse.Namespace, settings: Settings) -> Settings:
    """The settings with the conversations that were asked for, and the checks that are judged on these."""
    from ..judging.catalogue import checks

    settings = replace(settings, thorough=options.thorough, exchange=tuple(options.exchange))
    found: frozenset[str] = frozenset()
    if options.replay:
        from ..explore.replay import replayed

        replay, found = replayed(options.replay)
        settings = replace(settings, instead=(replay,))
    if not settings.narrowed:
        return settings
    held = settings.exchanges()
    known = {check.id for check in checks() if any(check.judges(name) for name in held)}
    asked = settings.only or (found & known) or known
    if not asked & known:
        raise LookupError(f"no check that --select matches is judged on {', '.join(held)}.")
    return replace(settings, only=frozenset(asked & known))


def _audited(trees: list[str], as_of: date) -> tuple[CriterionResult, ...]:
    from ..audit import audit

    return audit(trees, as_of=as_of, repository=Path()).criteria


def _pytest_arguments(options: argparse.Namespace) -> list[str]:
    from ..judging.catalogue import suites_dir

    suites = suites_dir()
    arguments = [
        str(suites),
        f"--rootdir={suites.parent}",
        "-c",
        os.devnull,
        "-p",
        "chatkit_conformance.pytest_faces.plugin",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:terminal",
        "-p",
        "no:faulthandler",
        "-p",
        "no:warnings",
        "-p",
        "no:logging",
        "-p",
        "no:unraisableexception",  # it collects garbage five times at the end, a second where a run's heap is large
        "--noconftest",
        "--capture=no",
    ]
    arguments += ["-k", options.k] if options.k else []
    arguments += ["-m", options.m] if options.m else []
    return arguments + (["-x"] if options.x else [])


def _list_exchanges(settings: Settings) -> int:
    from ..judging.catalogue import checks, exchanges_for

    known = settings.exchanges()
    wanted = exchanges_for((c for c in checks() if not settings.only or c.id in settings.only), known)
    for name, exchange in sorted(known.items()):
        if name in wanted:
            say(f"{name:<28} {', '.join(exchange.dialects):<24} {exchange.story}")
    return 0


@contextmanager
def _clean_environment() -> Iterator[None]:
    """What the user set for their own pytest is not for this one; nor are the plugins of their environment."""
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", NO_AUTOLOAD)
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ[NO_AUTOLOAD] = "1"  # the option of that name came with pytest 8.4
    try:
        yield
    finally:
        os.environ.pop(NO_AUTOLOAD, None)
        os.environ.update(kept)
