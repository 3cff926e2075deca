"""Look at a project, and write the chatkit-target.toml that describes its server.

  chatkit-conformance init             the project in this folder
  chatkit-conformance init services/chat --print

It reads the project's files and runs nothing: how the server starts, where ChatKit's endpoint is, the variable with its
model's address, how users sign in, its tools; in Python, JavaScript, TypeScript and C#. Nothing is asked. What could
not be found stands in the file as a comment.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from ..target.default_file import NAME
from ..visible import complain, say
from . import WRONG_USAGE


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="the project (default: this folder)")
    add("--print", action="store_true", dest="printed", help="print the file, and write none")
    add("--force", action="store_true", help=f"write over a {NAME} that is there")


def run(options: argparse.Namespace) -> int:
    """Look and write; 2 where there is no server, or a file is there already."""
    from ..survey.look import survey
    from ..survey.target_file import target_file

    path = options.folder / NAME
    if path.exists() and not options.force and not options.printed:
        complain(f"chatkit-conformance init: {path} is there already. Type --force to write over it, or --print.")
        return WRONG_USAGE
    found = survey(options.folder)
    if found is None:
        complain(
            f"chatkit-conformance init: nothing in {options.folder.resolve()} starts a server, as far as can be seen: "
            "no application of FastAPI, Starlette, Litestar, Quart or Flask, no package.json with a start script, no "
            "web project of .NET, no Procfile or Dockerfile with a command. Type: chatkit-conformance run -- COMMAND"
        )
        return WRONG_USAGE
    text = target_file(found)
    if options.printed:
        say(text.rstrip("\n"))
        return 0
    path.write_text(text, encoding="utf-8")
    there = "" if options.folder == Path() else f"cd {shlex.quote(str(options.folder))} && "
    say(f"{text}\n{path} is written. Look through it, then type: {there}chatkit-conformance run")
    return 0
