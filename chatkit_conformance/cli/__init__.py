"""The command line. One row of COMMANDS and one module is a command.

A command's module has `configure(parser)`, which declares its options, and `run(options)`, which returns the exit code.
It is imported only when its command is typed.
"""

from __future__ import annotations

import argparse
import difflib
import errno
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from ..target.config_error import ConfigError
from ..visible import complain, give_up, say

COMMANDS = {
    "init": "look at a project, and write its chatkit-target.toml",
    "run": "test a server and write a report",
    "doctor": "what is wrong with a set-up, in ten seconds, and what to type",
    "explore": "draw conversations, hold them, and shrink what breaks",
    "list": "every check",
    "explain": "one check: requirement, source, usual cause, fix",
    "findings": "what a run found, the root cause first; one at a time for a coding agent",
    "store": "hold a Store to the Store contract",
    "lint": "check a recorded stream offline",
    "har": "the conversations of a run as a HAR file",
    "report": "the report of a run again, or runs over time",
    "diff": "what changed between two runs",
    "baseline": "write or refresh the expected failures",
    "schema": "the JSON Schema of a target file, a baseline or results.json",
    "token": "a token for a user, for the curl lines of a report",
    "completion": "completion of commands and options, for a shell",
    "standin": "the Gemini stand-in alone",
    "audit": "judge a migration by its source: WebSocket left, what is not Gemini's, lines removed",
    "load": "load-test a server: simulated users and their waiting times",
    "record": "record the traffic between the reference server and Gemini",
    "live": "test the reference server with the real Gemini, within a budget",
    "drift": "what changed in Gemini's API since the cassettes and profiles",
}
"""Name and one line of each command; its module is called the same."""

WRONG_USAGE = 2
"""Exit code for wrong usage or configuration."""

SUITE_FAILED = 4
"""Exit code for a fault of ours."""

UNWRITABLE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EISDIR,
}
"""What the system says where there is no room for a file, no right to it, or something else in its place."""

EXITS = "exit codes: 0 conforms, 1 findings, 2 wrong usage, 3 target unreachable or crashed, 4 the suite itself failed"


class Parser(argparse.ArgumentParser):
    """An argument parser that names the nearest option to one it does not know."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, what is near, and end with 2."""
        complain(f"{self.prog}: {message}{self._hint(message)}\nType: {self.prog} --help")
        self.exit(WRONG_USAGE)

    def _hint(self, message: str) -> str:
        if not message.startswith("unrecognized"):
            return ""
        from .first_steps import SAME_OPTION

        there = [option for action in self._actions for option in action.option_strings]
        known = [option for option in there if option.startswith("--")]
        for word in message.split():
            typed = word.split("=")[0]
            same = SAME_OPTION.get(typed, "")
            near = [same] if same in there else difflib.get_close_matches(typed, known, n=1)
            if word.startswith("--") and typed not in known and near:
                return f". Did you mean {near[0]}?"
        if " -- " not in (self.description or ""):
            return ""
        from .first_steps import meant

        line = meant(message.partition(": ")[2].split(), self.prog.split()[-1])
        if " -- " in line or not line:
            return f". What starts a server follows --, as in: {line or f'{self.prog} -- COMMAND'}"
        return f". Type: {line}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    # Not `list(...)`: once the command of that name has run, the name is its module's.
    arguments = [*(sys.argv[1:] if argv is None else argv)]
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        say(usage())
        return 0 if arguments else WRONG_USAGE
    if arguments[0] == "--version":
        from ..results.versions import versions

        say(versions()["chatkit-conformance"])
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        return _no_command(arguments)
    try:
        os.getcwd()
    except OSError as e:
        complain(f"chatkit-conformance {name}: the folder that it was typed in is gone: {e.strerror}. Type: cd")
        return WRONG_USAGE
    try:
        return _command(name, arguments[1:])
    except KeyboardInterrupt:
        from .interrupted import say_interrupted

        return say_interrupted(name)
    except BrokenPipeError:
        give_up(sys.stdout)
        return 0
    except ConfigError as e:
        complain(f"chatkit-conformance {name}: {e}")
        return WRONG_USAGE
    except OSError as e:
        from ..judging.catalogue import NoSuites

        if isinstance(e, NoSuites):
            complain(f"chatkit-conformance {name}: {e}")
            return WRONG_USAGE
        if e.errno not in UNWRITABLE:
            return _suite_failed(name)
        if e.filename is None:
            give_up(sys.stdout)
        complain(f"chatkit-conformance {name}: {e.filename or 'its output'} cannot be written: {e.strerror}.")
        return WRONG_USAGE
    except Exception:
        return _suite_failed(name)


def _no_command(arguments: list[str]) -> int:
    """Say that there is no such command, and what to type in its place."""
    from .first_steps import instead, meant

    name = arguments[0]
    if (
        name.startswith("--")
        and name != "--"
        and (near := difflib.get_close_matches(name, ("--help", "--version"), n=1))
    ):
        hint = f"Did you mean {near[0]}?"
    elif line := meant(arguments):
        hint = f"Type: {line}"
    else:
        hint = instead(name, [*COMMANDS])
    complain(f"chatkit-conformance: no command {name!r}. {hint}")
    return WRONG_USAGE


def _command(name: str, arguments: list[str]) -> int:
    """Import the command's module, read its options, and run it."""
    module = importlib.import_module(f"{__name__}.{name}")
    parser = Parser(
        prog=f"chatkit-conformance {name}",
        description=module.__doc__,
        epilog=EXITS,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.configure(parser)
    options, command = _parsed(parser, arguments)
    options.command = command
    return int(module.run(options))


def _suite_failed(name: str) -> int:
    """Say what is raised now, and that it is ours."""
    complain(traceback.format_exc())
    complain(f"chatkit-conformance {name}: the suite itself failed; this is not the target's fault.")
    return SUITE_FAILED


def usage() -> str:
    """What is typed: the commands, one a line."""
    rows = "\n".join(f"  {name:<10} {line}" for name, line in COMMANDS.items())
    return (
        f"chatkit-conformance: conformance of self-hosted ChatKit servers that run on Gemini.\n\n{rows}\n\n"
        "Begin with: chatkit-conformance run -- COMMAND THAT STARTS YOUR SERVER\n"
        "Each command has --help."
    )


def _parsed(parser: Parser, arguments: list[str]) -> tuple[argparse.Namespace, list[str] | None]:
    """The options, and what follows `--`: a command to start, or None where there is no `--`."""
    if "--" not in arguments:
        return parser.parse_args(arguments), None
    at = arguments.index("--")
    return parser.parse_args(arguments[:at]), arguments[at + 1 :]
