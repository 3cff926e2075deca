"""Puts the package of a row into an environment of its own, and says which versions came."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from odd_servers.own_environment import uv

from .rows import Server

ROOT = Path(__file__).parents[2]
INSTALL_S = 900
SHOWN = ("openai-chatkit", "openai-agents", "openai", "google-adk", "agent-framework-core", "@openai/agents")
"""Packages whose versions say what the row stands on, beside its own."""

PRINTED = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
LISTED = (
    "const fs=require('fs');const found={};for(const n of process.argv.slice(1)){try{found[n]=JSON.parse("
    "fs.readFileSync(`node_modules/${n}/package.json`)).version}catch{}}console.log(JSON.stringify(found))"
)


class NotInstalled(Exception):
    """The row's package cannot be had. The message is the last line of who tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Where a row can be judged: its target file, the environment to start the judge in, and the versions."""

    target: Path
    environ: dict[str, str]
    versions: dict[str, str]


def installed(server: Server, folder: Path) -> Installed:
    """Install it below `folder`. Raises NotInstalled."""
    made = _node(server, folder) if server.language == "JavaScript" else _python(server, folder)
    wanted = {server.package, *SHOWN}
    return Installed(
        target=made.target,
        environ=made.environ,
        versions={name: version for name, version in sorted(made.versions.items()) if name in wanted},
    )


def _python(server: Server, folder: Path) -> Installed:
    env = folder / "env"
    _ran([_uv(), "venv", "-q", "--python", server.python or sys.executable, str(env)], folder)
    early = ["--prerelease", "allow"] if server.early else []
    _ran([_uv(), "pip", "install", "-q", *early, "--python", str(env), *server.requirements], folder)
    said = _ran([str(env / "bin" / "python"), "-c", PRINTED], folder)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    environ["PATH"] = os.pathsep.join([str(env / "bin"), environ["PATH"]])
    target = ROOT / "examples" / server.examples / server.target
    return Installed(target=target, environ=environ, versions=json.loads(said))


def _node(server: Server, folder: Path) -> Installed:
    if not shutil.which("npm"):
        raise NotInstalled("there is no npm here")
    place = folder / "app"
    shutil.copytree(ROOT / "examples" / server.examples, place)
    _ran(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], place)
    said = _ran(["node", "-e", LISTED, server.package, *SHOWN, "openai"], place)
    return Installed(target=place / server.target, environ=dict(os.environ), versions=json.loads(said))


def _ran(command: Sequence[str], folder: Path, environ: Mapping[str, str] | None = None) -> str:
    """What a command printed. Raises NotInstalled where it fails."""
    try:
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"{command[0]} took more than {INSTALL_S} s") from None
    if done.returncode:
        raise NotInstalled(_reason(done.stderr or done.stdout))
    return done.stdout


def _reason(said: str) -> str:
    """Why an installer gave up, without its drawing: uv's first reason, or the beginning of what was printed."""
    words = " ".join(re.sub("[×╰─▶│]", " ", said).split())
    because = re.search(r"[Bb]ecause (.+?), we can conclude", words)
    return because[1] if because else words[:240] or "nothing was printed"


def _uv() -> str:
    if not (found := uv()):
        raise SystemExit("uv is not installed: run `nox -s servers`, which brings it.")
    return found
