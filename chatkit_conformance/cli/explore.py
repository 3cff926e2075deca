"""Draw conversations, hold them with a ChatKit server, and shrink what breaks to the shortest that still does.

  chatkit-conformance explore -- python -m reference_server
  chatkit-conformance explore --seconds 300 --seed 7 --url http://127.0.0.1:8000/chatkit

Each conversation is judged by the invariants, the checks that hold of every conversation. A breach is told in words, as
curl lines and as an exchange to paste, and saved; `chatkit-conformance run --replay FILE` holds it again. The same seed
draws the same conversations. The last line printed is the report's path.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from pathlib import Path
from typing import TYPE_CHECKING

from ..visible import complain, say
from . import WRONG_USAGE
from .which_target import target_named, target_options

if TYPE_CHECKING:
    from ..explore.draw import Conversation
    from ..explore.hunt import Explored
    from ..running.host import Host
    from ..running.process import Died
    from ..running.settings import Settings

LEAST_S = 1.0
DIED = 3
MOST_PEOPLE = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    target_options(parser)
    add = parser.add_argument
    add("--seconds", metavar="S", type=float, default=60.0, help="how long conversations are drawn (default 60)")
    add("--seed", metavar="N", type=int, help="what conversations are drawn from; default: random, and printed")
    add("--users", metavar="N", type=int, default=3, help=f"users of a conversation, 1 to {MOST_PEOPLE} (default 3)")
    add("--select", metavar="GLOB", action="append", default=[], help="only invariants whose id matches; repeatable")
    add("--strict", action="store_true", help="exit 1 also if only SHOULD checks fail")
    add("--out", metavar="DIR", type=Path, default=Path("chatkit-report"), help="where the report goes")


def run(options: argparse.Namespace) -> int:
    """Explore; returns the exit code."""
    from ..results.writing import writable
    from ..target.config_error import ConfigError

    try:
        settings = _settings(options)
        writable(settings.out)
    except (ConfigError, LookupError) as e:
        complain(f"chatkit-conformance explore: {e.args[0]}")
        return WRONG_USAGE
    from ..judged_run.run import STOPS

    say(f"explore: {options.seconds:g} s, {options.users} users, seed {settings.seed}")
    try:
        return asyncio.run(_explore(options, settings))
    except tuple(STOPS) as why:
        complain(f"chatkit-conformance explore: {why}")
        return next(code for kind, code in STOPS.items() if isinstance(why, kind))
    except KeyboardInterrupt:
        complain("chatkit-conformance explore: it was interrupted")
        return 1


def _settings(options: argparse.Namespace) -> Settings:
    from ..judging.catalogue import selected
    from ..running.settings import Settings
    from ..target.config_error import ConfigError

    if options.seconds < LEAST_S:
        raise ConfigError(f"--seconds {options.seconds:g}: give {LEAST_S:g} or more.")
    if not 1 <= options.users <= MOST_PEOPLE:
        raise ConfigError(f"--users {options.users}: give 1 to {MOST_PEOPLE}.")
    checks = [check for check in selected(options.select) if check.everywhere]
    if not checks:
        raise ConfigError(f"no invariant matches --select {' '.join(options.select)}; `list` shows which checks are.")
    return Settings(
        target=target_named("explore", options),
        out=options.out,
        strict=options.strict,
        only=frozenset(check.id for check in checks),
        seed=random.randrange(1 << 32) if options.seed is None else options.seed,
    )


async def _explore(options: argparse.Namespace, settings: Settings) -> int:
    from ..explore.hunt import Hunt
    from ..judging.catalogue import checks
    from ..running.environment import TestEnvironment
    from ..running.host import Host
    from ..running.process import Died
    from ..running.standin import StandInFailed
    from ..running.watch import unless_it_dies

    environment = TestEnvironment(settings.target)
    host = Host(environment, seed=settings.seed)
    invariants = [check for check in checks() if check.id in settings.only]
    hunt = Hunt(
        host,
        invariants,
        people=options.users,
        seconds=options.seconds,
        seed=settings.seed,
        tell=lambda line: say(f"  {line}"),
    )

    async def work() -> None:
        host.state.target = environment.target
        await host.look_around()
        for warning in host.state.warnings:
            say(f"  {warning}")
        await hunt.go()

    died: Died | None = None
    await environment.start()
    environment.client.patience = host.lag.factor
    try:
        async with host.lag:
            await unless_it_dies(environment, work(), host.lives)
    except StandInFailed:
        raise
    except Died as why:
        died = why
    finally:
        await environment.stop()
    if died is not None:
        _tell_death(options, settings, died, list(hunt.under_way.values()))
    return _report(options, settings, host, hunt.explored, stopped=str(died or ""))


def _tell_death(options: argparse.Namespace, settings: Settings, died: Died, held: list[Conversation]) -> None:
    """Say how the server died, and save the conversations that were held at that moment."""
    from ..explore.story import save_died

    complain(f"chatkit-conformance explore: {died}")
    for n, moves in enumerate(held, 1):
        path = save_died(moves, n, settings.out, people=options.users, seed=settings.seed)
        complain(f"  it was held at that moment: {path}")


def _report(
    options: argparse.Namespace, settings: Settings, host: Host, explored: Explored, *, stopped: str = ""
) -> int:
    from ..explore.story import save, story, summary
    from ..judged_run.run import JudgedRun
    from ..judged_run.source import RecordedConversations
    from ..judging.catalogue import checks
    from ..results.folder import Folder
    from ..results.repro import target_arguments

    judged = JudgedRun(settings, Folder(settings.out))
    transcripts = [*(found.transcript for found in explored.found), *explored.kept]
    scrub = host.environment.secrets.scrub
    saved = [(f, save(f, settings.out, people=options.users, seed=settings.seed)) for f in explored.found]
    source = RecordedConversations(transcripts, host.state, host.environment.secrets, live=False)
    invariants = [check for check in checks() if check.id in settings.only]
    judged.take(source, invariants)
    for check in invariants:
        result = judged.judge(check)
        if again := next((str(path) for found, path in saved if found.check is check), ""):
            line = f"chatkit-conformance run --replay {again} {target_arguments(host.state.target)}"
            result = result.model_copy(update={"repro": scrub(line)})
        if result.outcome != "untestable" or again:  # what no conversation came to is told below
            judged.keep(result)
    judged.asked = frozenset(row.id for row in judged.rows)
    if stopped:
        judged.stop_for(scrub(stopped), DIED)
    for found, path in saved:
        say("\n".join(map(scrub, story(found, path, host.state.target, people=options.users))) + "\n")
    judged.close()
    say("\n".join(map(scrub, summary(explored))))
    musts = sum(found.check.level == "MUST" for found in explored.found)
    say(f"{musts} MUST and {len(explored.found) - musts} SHOULD invariants broken; seed {settings.seed}")
    say(judged.report or settings.out)
    return judged.code
