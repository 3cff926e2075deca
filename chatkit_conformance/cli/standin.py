"""The Gemini stand-in alone. It prints its URL first; point a server's GEMINI_BASE_URL at URL/v1beta/openai/.

Options are the stand-in's own: --port, --host, --profile, --strict, --lenient; everything after -- is passed on too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--port", type=int, default=0, help="port; 0 (the default) picks a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--profile", help="the dialect for requests without their own script")
    strictness = parser.add_mutually_exclusive_group()
    strictness.add_argument("--strict", action="store_true", help="refuse fields that Gemini does not know")
    strictness.add_argument("--lenient", action="store_true", help="take them")


def run(options: argparse.Namespace) -> int:
    """Run it until it ends or is interrupted."""
    from ..running.standin import own_environment

    arguments = ["--port", str(options.port), "--host", options.host]
    arguments += ["--profile", options.profile] if options.profile else []
    arguments += [flag for flag in ("--strict", "--lenient") if getattr(options, flag[2:])]
    command = [sys.executable, "-m", "gemini_standin", *arguments, *(options.command or ())]
    if os.name == "posix":  # become it: there is no second program then that could outlive the first
        os.execve(sys.executable, command, own_environment())  # noqa: S606  # no shell is wanted
    with subprocess.Popen(command, env=own_environment()) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            return process.wait()
