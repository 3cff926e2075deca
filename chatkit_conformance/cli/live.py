"""Judge a server with the real Gemini behind it: seven tools by the model's own choice, times, cost.

  chatkit-conformance live                     the reference server
  chatkit-conformance live -- COMMAND ...      yours; it finds PORT, GEMINI_BASE_URL, GEMINI_MODEL in its environment

GEMINI_API_KEY comes from the environment and goes to Gemini alone: the server is given another that opens nothing.
GEMINI_BASE_URL and GEMINI_MODEL change the endpoint and the model. The budget is printed first and never gone beyond.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..visible import complain, say
from . import WRONG_USAGE
from .selection import chosen

if TYPE_CHECKING:
    from ..live.run import LivePlan


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("--requests", metavar="N", type=int, default=80, help="maximum number of requests to Gemini (default 80)")
    add("--tokens", metavar="N", type=int, default=200_000, help="maximum number of tokens (default 200000)")
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
    if options.command == []:
        return _wrong("nothing follows --: write the command that starts your server.")
    from ..judged_run.run import RunStopped
    from ..live import run as live
    from ..live.report import printed
    from ..results.writing import writable
    from ..running.process import Died
    from ..target.config_error import ConfigError

    try:
        plan = _plan(options)
    except (ConfigError, LookupError) as why:
        return _wrong(why.args[0])
    try:
        writable(options.out)
        report = live.run(plan, say=say)
        say(printed(report))
        if report.report is not None:
            say(report.report)
        say(live.write(report, options.out))
    except Died as why:
        complain(f"chatkit-conformance live: {why}")
        return 3
    except RunStopped as why:
        complain(f"chatkit-conformance live: {why}")
        return why.code
    return report.exit_code


def _plan(options: argparse.Namespace) -> LivePlan:
    """What the options ask for. Raises ConfigError and LookupError where they ask for what is not there."""
    from ..live.run import LivePlan
    from ..live.steps import LIVE_CHECKS
    from ..running.settings import baseline_of

    only = {check.id for check in chosen(options)} & {*LIVE_CHECKS}
    if not only:
        raise LookupError(
            "no check that real conversations can show is selected; `live` judges: " + ", ".join(LIVE_CHECKS)
        )
    more = {"command": tuple(options.command)} if options.command else {}
    return LivePlan.from_environment(
        os.environ,
        requests=options.requests,
        tokens=options.tokens,
        only=frozenset(only),
        baseline=baseline_of(options.baseline),
        strict=options.strict,
        out=options.out,
        **more,
    )


def _wrong(why: str) -> int:
    complain(f"chatkit-conformance live: {why}")
    return WRONG_USAGE
