"""Files that say how a server is started: Procfile, and the CMD of a Dockerfile."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import PurePosixPath

from ..audit.source import SourceTree
from .facts import Start

PORT = re.compile(r"\$\{PORT(:-\d+)?\}|\$PORT\b")
AFTER_PORT = re.compile(r"(?<=--port[ =])\d+|(?<=:)\d{4,5}(?=\b)|(?<=-p )\d{4,5}")
SHELL = re.compile(r"[|&;<>`]|\$\(|\$\w")


def started_by(tree: SourceTree) -> Start | None:
    """The command of the first of these files, with {port} in the place of its port."""
    for file in tree.files:
        folder, name = str(PurePosixPath(file.path).parent), file.name
        for line, text in enumerate(file.text.splitlines(), 1):
            words = _procfile(text) if name == "Procfile" else _docker(text) if name.startswith("Dockerfile") else ()
            if words:
                return Start(command=words, place=f"{file.path}:{line}", cwd=folder)
    return None


def words_of(command: str) -> tuple[str, ...]:
    """A shell's command line as words, or () where it takes a shell to run it."""
    with_port = AFTER_PORT.sub("{port}", PORT.sub("{port}", command))
    if SHELL.search(with_port):
        return ()
    try:
        return tuple(shlex.split(with_port))
    except ValueError:
        return ()


def _procfile(line: str) -> tuple[str, ...]:
    kind, _, command = line.partition(":")
    return words_of(command) if kind.strip() == "web" else ()


def _docker(line: str) -> tuple[str, ...]:
    found = re.match(r"\s*CMD\s+(.*)$", line, re.IGNORECASE)
    if not found:
        return ()
    try:
        given = json.loads(found[1])
    except (ValueError, RecursionError):
        return words_of(found[1])
    return words_of(shlex.join(map(str, given))) if isinstance(given, list) else ()
