"""The options that name a target, the same in each command that judges one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..running.asking import PER_MINUTE
from ..target.default_file import NAME, described
from .file_here import file_here

if TYPE_CHECKING:
    from ..target.target import Target


def target_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    add = parser.add_argument
    add("--url", help="the server's ChatKit endpoint; without a path, /chatkit is added")
    add("--target", metavar="FILE", help=f"a target file; {NAME} in this folder, if no other option names a target")
    add(
        "--path",
        metavar="/PATH",
        default="",
        help="a started server's ChatKit path; default: as it prints, or /chatkit",
    )
    add("--through", metavar="URL", default="", help="asked in the started server's place: a proxy that leads to it")
    add("--port", metavar="N", type=int, help="the started server's port, which the proxy knows; default: a free one")
    add("--header", metavar="'NAME: VALUE'", action="append", default=[], help="credentials of user a; repeatable")
    add("--header-b", metavar="'NAME: VALUE'", action="append", default=[], help="credentials of user b; repeatable")
    add("--standin-port", metavar="N", type=int, help="port of the stand-in, which a server given by --url must use")


def asking_options(parser: argparse.ArgumentParser) -> None:
    """Declare those of a run whose model plays no script."""
    add = parser.add_argument
    add("--rate", metavar="N", type=float, default=PER_MINUTE, help="messages a minute at most (default 60)")
    add("--tokens", metavar="N", type=int, default=200_000, help="with the real model: tokens at most (default 200000)")
    add("--keep", action="store_true", help="by URL: leave the threads that the run made")
    add("--host", metavar="NAME", default="", help="by URL: the host once more, where it is not this machine")


def names_none(options: argparse.Namespace) -> bool:
    """Whether neither an option nor a file of this folder names a target."""
    return not (options.url or options.target or options.command is not None or described(Path()))


def target_named(command: str, options: argparse.Namespace) -> Target:
    """The target that they name together. Raises ConfigError where they name none, or two.

    Args:
        command: the command's name, for messages.
    """
    from ..running.settings import target_of
    from ..target.config_error import ConfigError

    if options.command == []:
        raise ConfigError("nothing follows --: write the command that starts your server.")
    return target_of(
        file=options.target or file_here(command, "--url" if options.url else "-- COMMAND" if options.command else ""),
        url=options.url,
        command=options.command or (),
        path=options.path,
        headers=options.header,
        headers_b=options.header_b,
        standin_port=options.standin_port,
        through=options.through,
        port=options.port,
    )
