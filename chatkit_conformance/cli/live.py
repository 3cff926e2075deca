"""Judge a server with the real Gemini behind it: seven tools by the model's own choice, times, cost.

  chatkit-conformance live                     the reference server
  chatkit-conformance live -- COMMAND ...      yours; it finds PORT, GEMINI_BASE_URL, GEMINI_MODEL in its environment

GEMINI_API_KEY comes from the environment and goes to Gemini alone: the server is given another that opens nothing.
GEMINI_BASE_URL and GEMINI_MODEL change the endpoint and the model. The budget is printed first and never gone beyond.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import WRONG_USAGE


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("--requests", metavar="N", type=int, default=80, help="maximum number of requests to Gemini (default 80)")
    add("--tokens", metavar="N", type=int, default=200_000, help="maximum number of tokens (default 200000)")
    add("--out", metavar="DIR", type=Path, default=Path("chatkit-report"), help="where live.json goes")


def run(options: argparse.Namespace) -> int:
    """Hold and judge; returns 0, 1 with findings or where the budget ended it, 2 for wrong usage, 3 where it died."""
    if not os.environ.get("GEMINI_API_KEY", "").strip():
        return _wrong("GEMINI_API_KEY is not set: export it to run with Gemini (https://aistudio.google.com/apikey).")
    if options.requests < 1 or options.tokens < 1:
        return _wrong(f"--requests {options.requests} --tokens {options.tokens}: give a budget above 0.")
    if options.command == []:
        return _wrong("nothing follows --: write the command that starts your server.")
    from ..live import run as live
    from ..live.report import printed
    from ..running.process import Died

    more = {"command": tuple(options.command)} if options.command else {}
    plan = live.LivePlan.from_environment(os.environ, requests=options.requests, tokens=options.tokens, **more)
    try:
        told = live.run(plan, say=print)
    except Died as why:
        print(f"chatkit-conformance live: {why}", file=sys.stderr)
        return 3
    print(printed(told))
    print(live.write(told, options.out))
    return told.exit_code


def _wrong(why: str) -> int:
    print(f"chatkit-conformance live: {why}", file=sys.stderr)
    return WRONG_USAGE
