"""Runs the server from changed sources, and asks our own commands what is to mend."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from odd_servers.judge import FOLDER
from odd_servers.table import BY_NAME

from .faults import HELD, SERVER, Edit

ROOT = Path(__file__).parents[2]
RUN_S = 240.0
"""Seconds after which a run is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What our output says of a server.

    Args:
        first: id of the first finding, "" where there is none. all: of every one. agent: what is printed for an agent.
    """

    first: str
    all: tuple[str, ...]
    agent: str


def sources(folder: Path, *edits: Iterable[Edit]) -> Path:
    """The servers' sources in a folder of their own, with these edits made one after the other."""
    place = folder / "odd_servers"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(FOLDER, place, ignore=shutil.ignore_patterns("__pycache__"))
    for edit in (edit for some in edits for edit in some):
        file = place / edit.file
        text = file.read_text("utf-8")
        if text.count(edit.old) != 1:
            raise ValueError(f"{edit.file} has {text.count(edit.old)} times: {edit.old!r}")
        file.write_text(text.replace(edit.old, edit.new), "utf-8")
    return folder


def told(folder: Path) -> Told:
    """Run the server whose sources are in this folder, and read what `findings` says."""
    environ = {**os.environ, "CHATKIT_CONFORMANCE_SUITES": str(ROOT / "suites")}

    def typed(*words: str, ends: tuple[int, ...] = (0, 1)) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "chatkit_conformance", *words],
            cwd=folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=RUN_S,
            check=False,
        )
        if done.returncode not in ends:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-600:]}")
        return done.stdout

    held = [word for name in HELD for word in ("--exchange", name)]
    target = FOLDER / BY_NAME[SERVER].target
    command = (sys.executable, "-m", "odd_servers", SERVER)
    typed("run", "-q", *held, "--dialect", "gemini-3", "--target", str(target), "--", *command)
    rows = json.loads(typed("findings", "--json"))
    ids = tuple(row["id"] for row in rows)
    return Told(first=ids[0] if ids else "", all=ids, agent=typed("findings", "--for-agent"))
