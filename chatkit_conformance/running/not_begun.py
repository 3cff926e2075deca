"""Why the system cannot begin a command, and what to type in its place."""

from __future__ import annotations

import difflib
import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

RUNS = {".py": "python", ".js": "node", ".mjs": "node", ".cjs": "node", ".ts": "npx tsx"}
"""What a file of this kind is run with."""


def why_not_begun(command: Sequence[str], cwd: str, error: OSError) -> str:
    """A sentence, and another with what to type where that can be told.

    Args:
        command: program and arguments. cwd: the folder in which it was to begin, "" for this one.
    """
    said = f"{' '.join(command)!r} could not be started: {error.strerror or error}."
    program, folder = command[0], Path(cwd or ".")
    if not folder.is_dir():
        return f"{said} There is no folder {cwd}: mend cwd under [target]."
    runs = RUNS.get(Path(program).suffix, "")
    if runs and (folder / program).is_file():
        return f"{said} {program} is a file that {runs} runs. Type: -- {runs} {shlex.join(command)}"
    if runs:
        near = difflib.get_close_matches(program, [path.name for path in folder.glob(f"*{Path(program).suffix}")], n=1)
        there = f" Did you mean {near[0]}?" if near else ""
        return f"{said} There is no {program} in {folder.resolve()}.{there} Type: -- {runs} FILE"
    if not os.path.dirname(program) and shutil.which(program) is None:
        said = f"{said} No program of that name is on the path."
    return f"{said} Write the command as you type it here, from this folder."
