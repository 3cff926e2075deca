"""Judge a server with the real Gemini behind it: seven tools by the model's own choice, times, cost.

  chatkit-conformance live                     the reference server
  chatkit-conformance live -- COMMAND ...      yours; it finds PORT, GEMINI_BASE_URL, GEMINI_MODEL in its environment
  chatkit-conformance live --url http://127.0.0.1:8000/chatkit --standin-port 9001
                                               one that runs, with GEMINI_BASE_URL=http://127.0.0.1:9001/v1beta/openai/

It is `run --live` with the times and the cost: the model is asked in words, and what it is sent passes through us.

GEMINI_API_KEY comes from the environment and goes to Gemini alone: the server is given another that opens nothing.
GEMINI_BASE_URL and GEMINI_MODEL change the endpoint and the model. The budget is printed first and never gone beyond.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..visible import complain, say
from . import WRONG_USAGE
from .selection import chosen
from .which_target import asking_options, names_none, target_named, target_options

if TYPE_CHECKING:
    from ..baseline import Baseline
    from ..check import Check
    from ..running.settings import Settings
    from ..target.target import Target


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    target_options(parser)
    asking_options(parser)
    add = parser.add_argument
    add(
        "--requests",
        "--budget",
        metavar="N",
        type=int,
        default=80,
        help="maximum number of requests to Gemini (default 80)",
    )
    add("--select", metavar="GLOB", action="append", default=[], help="only checks whose id matches; repeatable")
    add("--level", metavar="LEVEL", action="append", default=[], choices=("MUST", "SHOULD", "MAY"), help="only these")
    add("--baseline", metavar="FILE", type=Path, help="known failures; see `chatkit-conformance baseline --help`")
    add("--strict", action="store_true", help="exit 1 also if a SHOULD check fails")
    add("--out", metavar="DIR", type=Path, default=Path("chatkit-live"), help="where live.json and the report go")


def run(options: argparse.Namespace) -> int:
    """Hold and judge; returns 0, 1 with findings or where the budget ended it, 2 for wrong usage, 3 where it died."""
    if not os.environ.get("GEMINI_API_KEY", "").strip():
        return _wrong("GEMINI_API_KEY is not set: export it to run with Gemini (https://aistudio.google.com/apikey).")
    if options.requests < 1 or options.tokens < 1:
        return _wrong(f"--requests {options.requests} --tokens {options.tokens}: give a budget above 0.")
    if options.rate <= 0:
        return _wrong(f"--rate {options.rate:g}: give a number above 0.")
    from ..judged_run.run import RunStopped
    from ..live.run import hold_live, write
    from ..results.writing import writable
    from ..target.config_error import ConfigError

    try:
        settings, checks = live_settings(
            options.requests, options.tokens, checks=chosen(options), target=_target(options)
        )
        settings = replace(
            settings,
            baseline=_baseline(options.baseline),
            strict=options.strict,
            per_minute=options.rate,
            keep=options.keep,
            host=options.host,
            out=options.out,
        )
        settings.refuse_strangers()
        settings.refuse_unseen_model()
    except (ConfigError, LookupError) as why:
        return _wrong(why.args[0])
    writable(options.out)
    try:
        report = hold_live(settings, checks, say=say)
    except RunStopped as why:
        complain(f"chatkit-conformance live: {why}")
        return why.code
    if report.report is not None:
        say(report.report)
    say(write(report, options.out))
    return report.exit_code


def live_settings(
    requests: int, tokens: int, *, checks: Sequence[Check], target: Target | None = None
) -> tuple[Settings, list[Check]]:
    """A run with the real Gemini behind the server, within a budget, and those of the checks that it can judge.

    Args:
        target: the server; None: the reference server.

    Raises:
        ConfigError: there is no key. LookupError: none of the checks can be shown.
    """
    from ..judging.catalogue import checks as all_checks
    from ..judging.catalogue import exchanges
    from ..live.real_model import RealGemini
    from ..running.asking import shown_in_words
    from ..running.settings import Settings
    from ..target.target import Target

    known = exchanges()
    showable = [check for check in checks if shown_in_words(check, known)]
    if not showable:
        raise LookupError("no check that real conversations can show is selected: each one needs a scripted model.")
    real = partial(RealGemini.from_environment, dict(os.environ), requests=requests, tokens=tokens)
    real()
    target = replace(target or Target(command=(sys.executable, "-m", "reference_server")), upstream="live")
    only = frozenset(check.id for check in showable) if len(showable) < len(all_checks()) else frozenset()
    return Settings(target=target, budget=requests, real=real, only=only), showable


def _target(options: argparse.Namespace) -> Target | None:
    return None if names_none(options) else target_named("live", options)


def _baseline(file: Path | None) -> Baseline:
    from ..running.settings import baseline_of

    return baseline_of(file)


def _wrong(why: str) -> int:
    complain(f"chatkit-conformance live: {why}")
    return WRONG_USAGE
