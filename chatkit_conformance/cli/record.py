"""Record cassettes: what passes between the reference server and Gemini, scrubbed, one file for each conversation.

  chatkit-conformance record                  from Gemini, with GEMINI_API_KEY: the conversations of `live`
  chatkit-conformance record --from-standin   from the stand-in: every exchange of four suites, and labelled so

A recording that fails leaves the old one. The budget is printed before anything is sent, and never gone beyond.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from dataclasses import replace
from pathlib import Path

from ..running.asking import PER_MINUTE
from ..visible import complain, say
from . import WRONG_USAGE

NO_KEY = "GEMINI_API_KEY is not set: export it to {what} from Gemini (https://aistudio.google.com/apikey){otherwise}."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("--from-standin", action="store_true", help="record the stand-in, and say so in the manifest")
    add("--only", metavar="NAME", action="append", default=[], help="only this cassette; repeatable")
    add("--missing", action="store_true", help="only those that do not exist yet")
    add("--folder", metavar="DIR", type=Path, default=Path("cassettes"), help="their folder (default: cassettes)")
    add("--requests", metavar="N", type=int, default=80, help="maximum number of requests to Gemini (default 80)")
    add("--tokens", metavar="N", type=int, default=200_000, help="maximum number of tokens (default 200000)")
    add("--rate", metavar="N", type=float, default=PER_MINUTE, help="messages to Gemini a minute at most (default 60)")


def run(options: argparse.Namespace) -> int:
    """Record; returns 0, 1 where a recording failed, 2 for wrong usage, 3 where nothing could be started."""
    from ..running.process import Died

    try:
        return _from_standin(options) if options.from_standin else _live(options)
    except Died as why:
        complain(f"chatkit-conformance record: {why}")
        return 3


def _from_standin(options: argparse.Namespace) -> int:
    from ..cassette import manifest
    from ..cassette.record import cassette_name, record_standin, recorded_exchanges

    known = [cassette_name(exchange.name, dialect) for exchange, dialect in recorded_exchanges()]
    wanted = options.only or known
    if unknown := [name for name in wanted if name not in known]:
        complain(f"chatkit-conformance record: no cassette {unknown[0]!r}; there are: {', '.join(known)}")
        return WRONG_USAGE
    if options.missing:
        there = {*manifest.read(options.folder), *manifest.unheld(options.folder)}
        wanted = [name for name in wanted if name not in there]
    if not wanted:
        say("nothing to record: every cassette exists")
        return 0
    outcome = asyncio.run(record_standin(options.folder, wanted, say=say))
    say(f"{len(outcome.rows)} recorded from the stand-in, {len(outcome.failed)} failed and were left unchanged")
    return 1 if outcome.failed else 0


def _live(options: argparse.Namespace) -> int:
    key = os.environ.get("GEMINI_API_KEY", "").strip()
    if not key:
        text = NO_KEY.format(what="record", otherwise=", or add --from-standin")
        complain(f"chatkit-conformance record: {text}")
        return WRONG_USAGE
    from ..judged_run.run import RunStopped
    from ..judging.catalogue import checks
    from ..live.run import hold_live
    from .live import live_settings

    settings, shown = live_settings(options.requests, options.tokens, checks=list(checks()))
    settings = replace(settings, per_minute=options.rate)
    try:
        return hold_live(settings, shown, say=say, files=False, record_to=options.folder).exit_code
    except RunStopped as why:
        complain(f"chatkit-conformance record: {why}")
        return why.code
