"""What somebody meant who typed it the first time: the line to type in its place."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence
from pathlib import Path

from ..running.not_begun import RUNS
from ..target.address import as_url

PROGRAM = "chatkit-conformance"

PROGRAMS = frozenset(
    {"python", "python3", "uvicorn", "gunicorn", "fastapi", "hypercorn", "uv", "poetry", "pdm", "hatch", "flask"}
    | {"node", "npm", "npx", "pnpm", "yarn", "bun", "deno", "dotnet", "java", "go", "cargo", "docker", "make"}
)
"""What servers are started with."""

SAME = {
    "test": "run",
    "check": "run",
    "start": "run",
    "judge": "run",
    "validate": "run",
    "verify": "run",
    "serve": "run",
}
"""What other tools call their first command."""

SAME_OPTION = {
    "--report": "--out",
    "--report-dir": "--out",
    "--output": "--out",
    "--output-dir": "--out",
    "--config": "--target",
    "--target-file": "--target",
    "--endpoint": "--url",
    "--base-url": "--url",
    "--server": "--url",
    "--timeout": "--deadline",
    "--filter": "--select",
    "--only": "--select",
    "--checks": "--select",
    "--exclude": "-k",
    "--token": "--header",
    "--auth": "--header",
    "--workers": "--side-by-side",
    "--concurrency": "--side-by-side",
}
"""What other tools call an option of ours."""

SECRET = ("--header", "--header-b")
"""Options whose values are credentials: they are repeated nowhere."""


def meant(words: Sequence[str], command: str = "run") -> str:
    """The whole line that these words probably stand for, or "".

    Args:
        words: what was typed where a command, or nothing more, was expected. command: the one that is to be typed.
    """
    if not words:
        return ""
    first, rest = words[0], _typed(words)
    if url := as_url(first):
        return f"{PROGRAM} {command} --url {_typed([url, *words[1:]])}"
    if first.startswith("-"):
        return f"{PROGRAM} {command} {rest}"
    if first.endswith(".toml"):
        return f"{PROGRAM} {command} --target {rest}"
    if runs := RUNS.get(Path(first).suffix, ""):
        return f"{PROGRAM} {command} -- {runs} {rest}"
    if Path(first).name in PROGRAMS or first.startswith(("./", "/")):
        return f"{PROGRAM} {command} -- {rest}"
    return ""


def instead(name: str, commands: Sequence[str]) -> str:
    """What to type in place of a command that there is not, as a sentence."""
    near = SAME.get(name) or next(iter(difflib.get_close_matches(name, commands, n=1)), "")
    if near:
        return f"Did you mean {near!r}?"
    return f"There are {', '.join(commands)}."


def _typed(words: Sequence[str]) -> str:
    """The words as they are typed, without what is secret in them."""
    hidden = {n + 1 for n, word in enumerate(words) if word in SECRET}
    shown = ["..." if n in hidden else word for n, word in enumerate(words)]
    return shlex.join(
        word.split("=")[0] + "=..." if word.startswith(tuple(f"{s}=" for s in SECRET)) else word for word in shown
    )
