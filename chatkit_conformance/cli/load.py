"""Load a ChatKit server with people, measure what they wait for, and judge it against its targets.

  chatkit-conformance load -- python -m reference_server          40 people for a minute
  chatkit-conformance load --rate 5 -- COMMAND                    open loop: 5 turns a second, whatever comes back
  chatkit-conformance load --shape ramp --people 200 -- COMMAND   the knee: the largest load that meets the targets
  chatkit-conformance load --compare-with "COMMAND2" -- COMMAND   two servers in turn under the same load
  chatkit-conformance load --calibrate 400                        the generator itself against a server that knows
  chatkit-conformance load --worker HOST                          generate load for a master on another machine

The load goes to this machine only, unless another host is named twice. Needs: pip install 'chatkit-conformance[load]'.
The last line printed is the report's path.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..target.default_file import NAME
from ..visible import complain, say
from . import WRONG_USAGE
from .file_here import file_here

if TYPE_CHECKING:
    from ..load_analysis.conduct import LoadRequest
    from ..target.target import Target

TARGET_GONE = 3
MASTER_PORT = 5557

EPILOG = (
    "exit codes: 0 targets met, 1 a target missed, 2 wrong usage, 3 target unreachable or died, 4 invalid (the "
    "generator was the bottleneck), 5 inconclusive (too few turns, or interrupted)"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from ..load_analysis.duration import duration
    from ..load_analysis.kinds import PACES
    from ..load_analysis.plan import SPAWN_RATE
    from ..load_analysis.stages import SHAPES

    parser.epilog = EPILOG
    add = parser.add_argument
    add("--url", help="the server's ChatKit endpoint; without a path, /chatkit is added")
    add("--target", metavar="FILE", help=f"a target file; {NAME} in this folder, if no other option names a target")
    add(
        "--path",
        metavar="/PATH",
        default="",
        help="a started server's ChatKit path; default: as it prints, or /chatkit",
    )
    add("--header", metavar="'NAME: VALUE'", action="append", default=[], help="credentials of user a; repeatable")
    add("--standin-port", metavar="N", type=int, help="port of the stand-in, which a server given by --url must use")
    add(
        *("--people", "--users", "-u"),
        metavar="N",
        type=float,
        default=40,
        help="closed loop: concurrent users (default %(default)g); Locust's --users",
    )
    add("--rate", metavar="N", type=float, help="open loop: turns started per second")
    add(
        *("--seconds", "--run-time", "-t"),
        metavar="S",
        type=duration,
        default=60.0,
        help="how long new turns are started (default %(default)g); as Locust's --run-time: 90, 90s, 5m, 1h30m",
    )
    add(
        *("--spawn-rate", "-r"),
        metavar="N",
        type=float,
        default=SPAWN_RATE,
        help="users who start per second until all are active (default %(default)g)",
    )
    add("--shape", choices=sorted(SHAPES), default="steady", help="steady, ramp to the knee, spike, or soak")
    add("--think", metavar="S", type=float, default=5, help="mean pause between a user's turns (default %(default)g)")
    add(
        "--mix",
        metavar="NAME=W,...",
        default="",
        help="weights of user profiles: newcomer, regular, doer, reader, two-tabs, leaver",
    )
    add(
        "--pace",
        choices=sorted(PACES),
        default="gemini",
        help="speed of the scripted model (default gemini: first token after 1.1 s, answers of 4 s)",
    )
    add(
        "--reload",
        metavar="SHARE",
        type=float,
        default=1.0,
        help="share of turns after which the thread is reloaded and compared (default 1)",
    )
    add("--turn-deadline", metavar="S", type=float, default=60, help="maximum duration of a turn (default %(default)g)")
    add("--quantile", metavar="Q", type=float, default=0.95, help="of attempts to meet the targets (default 0.95)")
    add("--processes", metavar="N", type=int, default=1, help="generator processes on this machine")
    add("--seed", metavar="N", type=int, default=0, help="seed of all random choices")
    add("--out", metavar="DIR", type=Path, default=Path("load-report"), help="where the report goes")
    _more(parser)


def _more(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--compare-with", metavar="COMMAND", help="a second server, compared with the first in alternating rounds")
    add("--rounds", metavar="N", type=int, default=3, help="rounds per server in a comparison (default %(default)s)")
    add("--calibrate", metavar="N", type=int, help="measure the generator itself with N streams of time-stamped events")
    add("--live", action="store_true", help="the model behind the server is real or cannot be scripted; needs a budget")
    add("--budget-turns", metavar="N", type=int, default=0, help="stop after this many turns")
    add("--budget-tokens", metavar="N", type=int, default=0, help="stop after this many tokens (estimated)")
    add("--host", metavar="H", help="a host other than this machine that may be loaded, together with --yes-load H")
    add("--yes-load", metavar="H", help="the same host again")
    add(
        "--ca-file",
        metavar="PEM",
        default="",
        help="certificate authorities to trust for https",
    )
    add("--expect-workers", metavar="N", type=int, help="wait for N workers on other machines, which do all the work")
    add(
        "--bind",
        metavar="HOST[:PORT]",
        default="127.0.0.1",
        help="address of this master for them (default %(default)s)",
    )
    add("--worker", metavar="HOST[:PORT]", help="be a worker of this master")


def run(options: argparse.Namespace) -> int:
    """Load; returns the exit code."""
    from ..load_analysis.place import load_dir
    from ..load_analysis.plan import refuse_strangers
    from ..results.writing import writable
    from ..running.process import Died
    from ..target.config_error import ConfigError

    # Importing Locust would patch this process's sockets; it has processes of its own.
    if importlib.util.find_spec("locust") is None:
        complain("chatkit-conformance load needs Locust. Type: pip install 'chatkit-conformance[load]'")
        return WRONG_USAGE
    try:
        if options.worker:
            return _be_worker(options.worker, load_dir())
        request = _order(options)
        if request.target is not None and request.target.url:
            refuse_strangers(request.target.url, request.named)  # before anything is written
        writable(request.out)
        from ..load_analysis.conduct import conduct

        value = conduct(request)
    except ConfigError as e:
        complain(f"chatkit-conformance load: {e.args[0]}")
        return WRONG_USAGE
    except Died as e:
        complain(f"chatkit-conformance load: {e}")
        return TARGET_GONE
    from ..load_analysis.summary import terminal
    from ..results.job_summary import append_summary

    append_summary(request.out / "summary.md")
    say(terminal(value))
    say(request.out / "load.html")
    return int(value.get("exit", 0))


def _be_worker(master: str, folder: Path) -> int:
    """Run Locust as a worker of the master there; the plan comes from it."""
    from ..load_analysis.plan import ENVIRONMENT
    from ..running.standin import own_environment
    from ..target.config_error import ConfigError

    host, _, port = master.partition(":")
    try:
        socket.getaddrinfo(host, None)
    except OSError as e:
        raise ConfigError(f"--worker {master}: {host!r} cannot be resolved ({e.strerror}).") from None
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(folder / "locustfile.py"),
        "--worker",
        "--master-host",
        host,
        "--master-port",
        port or str(MASTER_PORT),
    ]
    environment = {name: value for name, value in own_environment().items() if name != ENVIRONMENT}
    return subprocess.call(command, env=environment)


def _order(options: argparse.Namespace) -> LoadRequest:
    from ..load_analysis.bounds import within_bounds
    from ..load_analysis.conduct import LoadRequest
    from ..load_analysis.kinds import PACES
    from ..load_analysis.people import weights_of
    from ..load_analysis.plan import LoadPlan, Loop, stages_of
    from ..target.config_error import ConfigError

    target = None if options.calibrate is not None else _target(options)
    if target is not None:
        _budgeted(options, target)
    loop: Loop = "closed" if options.rate is None else "open"
    level = next(given for given in (options.calibrate, options.rate, options.people) if given is not None)
    within_bounds(vars(options))
    workers = options.expect_workers or options.processes
    if 0 < min(options.budget_turns or workers, options.budget_tokens or workers) < workers:
        raise ConfigError(f"the budget is smaller than the number of workers, {workers}.")
    bare = options.calibrate is not None or options.compare_with is not None
    plan = LoadPlan(
        url="",
        loop=loop,
        stages=stages_of(options.shape, loop, level, options.seconds),
        workers=workers,
        people=weights_of(options.mix or ("newcomer" if bare else "")),
        think_s=0.0 if bare else options.think,
        turn_deadline_s=options.turn_deadline,
        reload=0.0 if bare else options.reload,
        seed=options.seed,
        budget_turns=options.budget_turns,
        budget_tokens=options.budget_tokens,
        ca_file=options.ca_file,
        spawn_rate=options.spawn_rate,
    )
    other = _other(options.compare_with)
    return LoadRequest(
        plan=plan,
        target=target,
        other=other,
        pace=PACES[options.pace],
        quantile=options.quantile,
        rounds=options.rounds,
        saturation=int(options.people),
        named=(options.host, options.yes_load),
        out=options.out,
        command=" ".join(["chatkit-conformance", *map(shlex.quote, _typed())]),
        locust=_master(options),
    )


def _other(command: str | None) -> Target | None:
    """The server to compare with, or None."""
    from ..running.settings import target_of
    from ..target.config_error import ConfigError

    if command is None:
        return None
    if not command.strip():
        raise ConfigError("--compare-with is empty: write the command that starts the second server.")
    return target_of(command=shlex.split(command))


def _target(options: argparse.Namespace) -> Target:
    from ..running.settings import target_of
    from ..target.config_error import ConfigError

    if options.command == []:
        raise ConfigError("nothing follows --: write the command that starts your server.")
    return target_of(
        file=options.target or file_here("load", "--url" if options.url else "-- COMMAND" if options.command else ""),
        url=options.url,
        command=options.command or (),
        path=options.path,
        headers=options.header,
        standin_port=options.standin_port,
    )


def _budgeted(options: argparse.Namespace, target: Target) -> None:
    from ..target.config_error import ConfigError

    directed = target.upstream == "stand-in" and not options.live
    if directed:
        return
    if not options.live:
        raise ConfigError(
            "the model behind this server cannot be scripted, and may cost money. Point the server at the "
            "stand-in and give --standin-port N, or allow it: --live --budget-turns N --budget-tokens N"
        )
    if not (options.budget_turns and options.budget_tokens):
        raise ConfigError("--live needs --budget-turns N and --budget-tokens N, and stops when one is used up.")


def _master(options: argparse.Namespace) -> list[str]:
    if not options.expect_workers:
        return []
    host, _, port = options.bind.partition(":")
    return [
        "--master",
        "--expect-workers",
        str(options.expect_workers),
        "--master-bind-host",
        host,
        "--master-bind-port",
        port or str(MASTER_PORT),
    ]


def _typed() -> list[str]:
    """What was typed, without the values of headers."""
    typed = list(sys.argv[1:])
    for n, word in enumerate(typed[:-1]):
        if word == "--header":
            typed[n + 1] = typed[n + 1].partition(":")[0] + ": ..."
    return [os.path.basename(w) if w == sys.executable else w for w in typed]
