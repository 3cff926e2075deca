"""The options that name a target, the same in each command that judges one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..target.default_file import NAME
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
