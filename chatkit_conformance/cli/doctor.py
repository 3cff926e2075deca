"""Look at a set-up for at most ten seconds, and say in the first line what is wrong and what to type.

  chatkit-conformance doctor -- python -m reference_server
  chatkit-conformance doctor --url http://127.0.0.1:8000/chatkit --header "Authorization: Bearer ..."
  chatkit-conformance doctor --origin https://app.example.com -- COMMAND

It starts the command as `run` does, and looks at: start, endpoint, database, credentials, the requests to the model
(base URL, key, model), the answer and its stream, a second turn, a second user, a page of another origin, cookies, and
the versions of the SDKs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import date

from ..visible import say
from . import SUITE_FAILED
from .which_target import target_named, target_options


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    target_options(parser)
    add = parser.add_argument
    add("--origin", metavar="URL", default="", help="origin of the page that will use the server: is it let in (CORS)?")
    add("--within", metavar="SECONDS", type=float, default=10.0, help="seconds for all of it (default 10)")
    add("--as-of", metavar="DATE", type=date.fromisoformat, help="the day for retirements of models (default: today)")
    add("--json", action="store_true", help="what was seen as JSON")


def run(options: argparse.Namespace) -> int:
    """Look; returns 0 where all is well, 1 where something is wrong, 3 where no server was reached."""
    from ..doctor.examine import examine
    from ..running.standin import StandInFailed
    from ..target.config_error import ConfigError
    from ..visible import complain

    target = target_named("doctor", options)
    if options.within <= 0:
        raise ConfigError(f"--within {options.within:g}: give a number above 0.")
    if options.origin and not options.origin.startswith(("http://", "https://")):
        raise ConfigError(
            f"--origin {options.origin}: write it as a browser sends it, such as https://app.example.com."
        )
    try:
        origin = options.origin.rstrip("/")
        chart = asyncio.run(examine(target, origin=origin, within_s=options.within, as_of=options.as_of))
    except StandInFailed as why:
        complain(f"chatkit-conformance doctor: {why}")
        return SUITE_FAILED
    say(json.dumps(chart.to_json(), indent=1) if options.json else "\n".join(chart.lines()))
    return chart.code
