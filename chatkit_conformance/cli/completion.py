"""Completion of commands, options and their values, for bash, zsh or tcsh.

  chatkit-conformance completion bash > ~/.local/share/bash-completion/completions/chatkit-conformance
  chatkit-conformance completion zsh > ~/.zfunc/_chatkit-conformance

It is made by shtab of the options that this release has. Needs: pip install 'chatkit-conformance[completion]'.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from ..target.config_error import ConfigError
from ..visible import say
from . import COMMANDS

SHELLS = ("bash", "zsh", "tcsh")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that completes")


def run(options: argparse.Namespace) -> int:
    """Print the script. Raises ConfigError where shtab is not installed."""
    try:
        import shtab
    except ModuleNotFoundError as error:
        raise ConfigError("completion is made by shtab. Type: pip install 'chatkit-conformance[completion]'") from error
    say(shtab.complete(whole_parser(), shell=options.shell))
    return 0


def whole_parser() -> argparse.ArgumentParser:
    """Every command and its options in one parser, as shtab reads them."""
    import shtab

    whole = argparse.ArgumentParser(prog="chatkit-conformance")
    whole.add_argument("--version", action="store_true", help="print the version")
    below = whole.add_subparsers(dest="command")
    for name, line in COMMANDS.items():
        parser = below.add_parser(name, help=line, allow_abbrev=False)
        importlib.import_module(f"{__package__}.{name}").configure(parser)
        for action in parser._actions:  # argparse has no other way to look at them
            if action.type is Path:
                action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
    return whole
