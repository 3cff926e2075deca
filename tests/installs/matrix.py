"""Where the wheel can be installed, and whether it works there: each row of rows.py in an environment of its own.

    python -m tests.installs.matrix [--only WORDS] [--out reports]

The wheel is built once. In each environment the command says its help and lists its checks, judges a right server that
needs no SDK, a stranger's pytest collects the checks, and where the SDK is there a Store test runs. Writes
installs.json and installs.md. It takes minutes, `uv`, and the package index.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from odd_servers.own_environment import uv

from .rows import ROWS, Row

ROOT = Path(__file__).parents[2]
STEP_S = 300
SHOWN = ("openai-chatkit", "openai", "pytest", "pytest-asyncio", "hypothesis", "pydantic", "starlette")
STORE_FILES = re.compile(r"^```python\n# (?P<name>\w+\.py)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = (
    "import importlib.metadata as m, json, platform;"
    "print(json.dumps([platform.python_version(), {d.name.lower(): d.version for d in m.distributions()}]))"
)
HELD, JUDGED = "three_turns", ("stream.ids-unique", "stream.ends-closed", "stream.turn-works")
"""The conversation that is held there, and what it is judged by: the judge is what is measured, not a server."""

RIGHT = "odd_servers", "sockets-plain", "bare.toml"
"""A server that is right and is made of nothing but Python: its package, its name, its target file."""


@dataclass(slots=True, kw_only=True)
class Tried:
    """What came of one row: `steps` are "ok" or the last line that was printed."""

    row: Row
    python: str = ""
    packages: int = 0
    megabytes: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def works(self) -> bool:
        """Whether each step went well."""
        return bool(self.steps) and all(said == "ok" for said in self.steps.values())


def installer() -> str:
    """The program that makes the environments."""
    if not (found := uv()):
        raise SystemExit("uv is not installed: run `nox -s installs`, which brings it.")
    return found


def own_requirements() -> list[str]:
    """What the wheel needs, so that `lowest-direct` takes these for asked for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["store"][:1]]


def said_by(command: Sequence[str], folder: Path, environ: dict[str, str]) -> tuple[int, str]:
    """A command's exit code, and all that it printed."""
    try:
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=STEP_S)
    except subprocess.TimeoutExpired:
        return -1, f"took more than {STEP_S} s"
    return done.returncode, f"{done.stdout}\n{done.stderr}"


def steps(row: Row, folder: Path) -> Iterator[tuple[str, list[str], str]]:
    """What is tried: its name, the command, and a pattern that its output must have."""
    bin = folder / "venv" / "bin"
    python, command = str(bin / "python"), str(bin / "chatkit-conformance")
    yield "help", [command, "--help"], "Begin with"
    yield "list", [command, "list"], r"\d{3} checks"
    package, name, target = RIGHT
    judged = ["run", "--exchange", HELD, *(word for id in JUDGED for word in ("--select", id)), "--out", "report"]
    there = ["--target", f"{package}/{target}"]
    yield "run", [command, *judged, *there, "--", python, "-m", package, name], r"3 passed"
    pytest = [python, "-m", "pytest", "-q"]
    yield "pytest", [*pytest, "--chatkit-app", "app:app", "--collect-only", "nothing.py"], r"stream\.ends-closed"
    if row.has_sdk:
        yield "store", [*pytest, "-k", "a_thread_and_an_item_are_kept", "test_my_store.py"], r"1 passed"
    if "reference" in row.extras:
        yield "reference server", [command, *judged, "--", python, "-m", "reference_server"], r"3 passed"


def lay(folder: Path) -> None:
    """The files of a stranger's project: an application, a right server, and a store with its test."""
    shutil.copytree(ROOT / "odd_servers", folder / RIGHT[0])
    (folder / "app.py").write_text("async def app(scope, receive, send): ...\n")
    (folder / "nothing.py").write_text("")
    for block in STORE_FILES.finditer((ROOT / "docs" / "testing-your-store.md").read_text("utf-8")):
        (folder / block["name"]).write_text(block["code"], "utf-8")


def tried(row: Row, wheel: Path, folder: Path) -> Tried:
    """Install a row and try it."""
    made, began = Tried(row=row), time.monotonic()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    environ["PATH"] = os.pathsep.join([str(folder / "venv" / "bin"), environ["PATH"]])
    venv = [installer(), "venv", "-q", "--python", row.python, str(folder / "venv")]
    extras = f"[{row.extras}]" if row.extras else ""
    install = [installer(), "pip", "install", "-q", "--python", str(folder / "venv")]
    install += ["--resolution", "lowest-direct", *own_requirements()] if row.lowest else []
    for name, command in (("python", venv), ("install", [*install, f"{wheel}{extras}", *row.beside])):
        code, said = said_by(command, folder, environ)
        if code:
            made.steps[name] = _last(said)
            return made
    python = str(folder / "venv" / "bin" / "python")
    made.python, versions = json.loads(said_by([python, "-c", PRINTED], folder, environ)[1].splitlines()[0])
    made.packages = len(versions)
    made.versions = {name: versions[name] for name in SHOWN if name in versions}
    files = (path for path in (folder / "venv").rglob("*") if path.is_file() and not path.is_symlink())
    made.megabytes = round(sum(path.stat().st_size for path in files if path.suffix != ".pyc") / 1e6)
    lay(folder)
    for name, command, wanted in steps(row, folder):
        code, said = said_by(command, folder, environ)
        made.steps[name] = "ok" if code == 0 and re.search(wanted, said) else f"exit {code}: {_last(said)}"
    made.seconds = round(time.monotonic() - began, 1)
    return made


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return (lines or ["nothing was printed"])[-1][:240]


def built(folder: Path) -> Path:
    """The wheel of this tree."""
    subprocess.run(
        [installer(), "build", "-q", "--wheel", "--out-dir", str(folder), str(ROOT)], check=True, timeout=STEP_S
    )
    return next(folder.glob("*.whl"))


def table(rows: Sequence[Tried], wheel: Path) -> str:
    """The rows as a page."""
    lines = [
        "# Where it can be installed",
        "",
        f"Measured on {datetime.now(UTC).date().isoformat()} by `nox -s installs`: {wheel.name}, each row in an "
        "environment of its own, with what it judges and tests there.",
        "",
        "| beside | Python | packages | MB | versions | works |",
        "|---|---|---|---|---|---|",
    ]
    for one in rows:
        versions = ", ".join(f"{name} {version}" for name, version in one.versions.items())
        wrong = "; ".join(f"{name}: {said}" for name, said in one.steps.items() if said != "ok")
        works = f"yes: {', '.join(one.steps)}" if one.works else f"**no**: {wrong}"
        if "python" in one.steps:
            works = f"not tried: uv had no Python {one.row.python} here, and could not fetch one"
        python = one.python or one.row.python
        lines.append(f"| {one.row.name} | {python} | {one.packages} | {one.megabytes} | {versions} | {works} |")
    return "\n".join(lines) + "\n"


def write(one: Tried, wheel: Path, out: Path) -> None:
    """Write installs.json and installs.md with this row in its place among those that were tried before."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / "installs.json"
    before = json.loads(path.read_text())["rows"] if path.exists() else []
    made = {row["row"]["name"]: row for row in before} | {one.row.name: asdict(one)}
    rows = [as_tried(made[row.name]) for row in ROWS if row.name in made]
    listed = [{**asdict(row), "works": row.works} for row in rows]
    path.write_text(json.dumps({"wheel": wheel.name, "rows": listed}, indent=1) + "\n")
    (out / "installs.md").write_text(table(rows, wheel))


def as_tried(value: dict[str, Any]) -> Tried:
    """A row of installs.json."""
    row = Row(**{**value["row"], "beside": tuple(value["row"]["beside"])})
    return Tried(**{**{name: part for name, part in value.items() if name != "works"}, "row": row})


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 1 where a row does not work whose Python is at hand."""
    parser = argparse.ArgumentParser(prog="python -m tests.installs.matrix", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", default="", help="only rows whose name has these words")
    parser.add_argument("--out", type=Path, default=ROOT / "reports")
    given = parser.parse_args(argv)
    rows: list[Tried] = []
    with tempfile.TemporaryDirectory(prefix="installs-") as folder:
        wheel = built(Path(folder))
        for n, row in enumerate(row for row in ROWS if given.only in row.name):
            place = Path(folder) / str(n)
            place.mkdir()
            rows.append(tried(row, wheel, place))
            write(rows[-1], wheel, given.out)
            print(f"{row.name}: {rows[-1].steps} {rows[-1].seconds} s", flush=True)  # noqa: T201  # progress
            shutil.rmtree(place)
    return int(any(not one.works and "python" not in one.steps for one in rows))


if __name__ == "__main__":
    raise SystemExit(main())
