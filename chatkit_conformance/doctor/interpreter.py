"""The Python that a command runs on, and what is installed for it: asked of that Python itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..diagnosis.versions import LOOKED_AT

ASKED_S = 5.0
"""Seconds that it may take to tell."""

LAUNCHERS = ("uv", "poetry", "pdm", "pipenv", "hatch", "rye")
"""Programs that run another in an environment of a project: `uv run python` is that environment's."""

_PYTHON = re.compile(r"(^|/)(python|pypy)[\d.]*(\.exe)?$")
_CODE = (
    "import importlib.metadata as m, json\n"
    "def v(p):\n"
    "    try: return m.version(p)\n"
    "    except Exception: return None\n"
    f"print(json.dumps({{p: v(p) for p in {LOOKED_AT!r} if v(p)}}))"
)


def python_of(command: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """What begins a command that runs on the same Python, or () where it does not run on one.

    Args:
        environ: the command's environment, whose PATH counts.
    """
    words = list(command)
    while words and ("=" in words[0] or words[0] in ("env", "exec", "nohup", "time")):
        words.pop(0)
    if not words:
        return ()
    first = Path(words[0]).name
    if first in ("sh", "bash", "zsh", "dash") and "-c" in words[:-1]:
        return python_of(_last_words(words[words.index("-c") + 1]), environ)
    if first in LAUNCHERS and "run" in words:
        return (*words[: words.index("run") + 1], "python")
    if _PYTHON.search(words[0]):
        return (words[0],)
    found = shutil.which(words[0], path=environ.get("PATH"))
    return _of_script(found) if found else ()


async def installed(commands: Iterable[Sequence[str]], environ: Mapping[str, str], cwd: str) -> dict[str, str]:
    """Version by package, of the first of these Pythons that tells any; {} where none does.

    Args:
        commands: what begins each. environ, cwd: as the server has them.
    """
    for command in commands:
        if told := await _told(command, environ, cwd):
            return told
    return {}


async def _told(command: Sequence[str], environ: Mapping[str, str], cwd: str) -> dict[str, str]:
    with contextlib.suppress(OSError, TimeoutError, ValueError):
        process = await asyncio.create_subprocess_exec(
            *command,
            "-c",
            _CODE,
            env=dict(environ),
            cwd=cwd or None,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            out, _ = await asyncio.wait_for(process.communicate(), ASKED_S)
        finally:
            if process.returncode is None:
                process.kill()
        return {str(name): str(version) for name, version in json.loads(out or b"{}").items()}
    return {}


def of_processes(command_lines: Iterable[str]) -> list[tuple[str, ...]]:
    """The Pythons among processes that run, by how they were begun."""
    words = [line.split(" ", 1)[0] for line in command_lines]
    return [(word,) for word in dict.fromkeys(words) if _PYTHON.search(word)]


def _of_script(path: str) -> tuple[str, ...]:
    """The Python that a script's first line names."""
    with contextlib.suppress(OSError):
        with open(path, "rb") as script:
            line = script.readline(500).decode("utf-8", "replace")
        if line.startswith("#!"):
            words = line[2:].split()
            named = words[1] if len(words) > 1 and os.path.basename(words[0]) == "env" else words[0] if words else ""
            return (named,) if _PYTHON.search(named) else ()
    return ()


def _last_words(line: str) -> list[str]:
    """The words of the last command of a shell's line."""
    try:
        return shlex.split(re.split(r"&&|;|\|\|", line)[-1])
    except ValueError:
        return []
