"""Which releases of the SDKs work together on Gemini's wire: each combination in an environment of its own.

    python -m tests.compat.matrix [--only CHATKIT AGENTS] [--out reports]

Every combination is installed from PyPI with the newest openai that it admits, and probe.py runs in it against the
stand-in: two turns of one thread, and a tool call. Writes compat.json and compat.md. It takes minutes and the network.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHATKIT = ("1.4.0", "1.5.3", "1.6.5")
AGENTS = ("0.18.3", "0.19.0", "0.24.0")
INSTALL_S = 600
PROBE_S = 180

PRINTED = "import importlib.metadata as m, json; print(json.dumps({p: m.version(p) for p in %r}))"
PACKAGES = ("openai", "openai-agents", "openai-chatkit", "pydantic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One combination: what was installed, what came of each turn, or why nothing could be tried."""

    chatkit: str
    agents: str
    versions: dict[str, str] = field(default_factory=dict)
    turns: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def works(self) -> bool:
        """Whether every turn was answered."""
        return not self.trouble and bool(self.turns) and all(said == "ok" for said in self.turns.values())


@contextmanager
def standin() -> Iterator[str]:
    """The stand-in, lenient as to fields, so that a combination is judged by its answers."""
    command = [sys.executable, "-m", "gemini_standin", "--port", "0", "--lenient"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip() + "/v1beta/openai/"
    finally:
        process.terminate()
        process.wait(60)


def probed(chatkit: str, agents: str, base_url: str, folder: Path) -> Row:
    """One combination, installed in `folder` and probed."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    wanted = (f"openai-chatkit=={chatkit}", f"openai-agents=={agents}", "openai")
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted]
    try:
        made = subprocess.run(install, capture_output=True, text=True, timeout=INSTALL_S)
        if made.returncode:
            lines = [line for line in made.stderr.splitlines() if line.startswith("ERROR")]
            return Row(chatkit=chatkit, agents=agents, trouble=f"cannot be installed: {(lines or ['?'])[0][:200]}")
        shown = subprocess.run([python, "-c", PRINTED % (PACKAGES,)], capture_output=True, text=True, timeout=60)
        versions = json.loads(shown.stdout)
        probe = [python, str(Path(__file__).with_name("probe.py")), base_url]
        said = subprocess.run(probe, capture_output=True, text=True, timeout=PROBE_S)
    except subprocess.TimeoutExpired as late:
        return Row(chatkit=chatkit, agents=agents, trouble=f"took more than {late.timeout:g} s")
    if said.returncode:
        last = (said.stderr.strip().splitlines() or ["nothing was printed"])[-1]
        return Row(chatkit=chatkit, agents=agents, versions=versions, trouble=f"does not start: {last[:200]}")
    return Row(chatkit=chatkit, agents=agents, versions=versions, turns=json.loads(said.stdout.splitlines()[-1]))


def table(rows: Sequence[Row], day: str) -> str:
    """The rows as a page."""
    head = ("openai-chatkit", "openai-agents", "openai", "first turn", "second turn", "tool call", "works")
    lines = [
        "# Which SDK versions work together on Gemini",
        "",
        f"Measured on {day} with Python {sys.version.split()[0]}, by `nox -s compat`: the stock parts of each "
        "combination (none of our compat modules), with the newest openai that it admits, against the stand-in. Two "
        "turns of one thread, and a tool call in another.",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
    ]
    notes: list[str] = []
    for row in rows:
        cells = [row.chatkit, row.agents, row.versions.get("openai", "-")]
        for name in ("first turn", "second turn", "tool call in a new thread"):
            said = row.turns.get(name, row.trouble or "-")
            if said not in ("ok", "-") and said not in notes:
                notes.append(said)
            cells.append(said if said in ("ok", "-") else f"no [{notes.index(said) + 1}]")
        lines.append("| " + " | ".join([*cells, "yes" if row.works else "**no**"]) + " |")
    lines += ["", *(f"[{n}] `{note}`  " for n, note in enumerate(notes, 1))]
    return "\n".join(lines).rstrip() + "\n"


def write(rows: Sequence[Row], out: Path) -> None:
    """Write compat.json and compat.md."""
    day = datetime.now(UTC).date().isoformat()
    listed = [{**asdict(row), "works": row.works} for row in rows]
    text = json.dumps({"schema": 1, "date": day, "python": sys.version.split()[0], "rows": listed}, indent=2)
    (out / "compat.json").write_text(text + "\n")
    (out / "compat.md").write_text(table(rows, day))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 0 where the measuring itself worked, whatever the combinations do."""
    parser = argparse.ArgumentParser(prog="python -m tests.compat.matrix", description=__doc__)
    parser.add_argument("--only", nargs=2, metavar=("CHATKIT", "AGENTS"), help="one combination")
    parser.add_argument("--out", type=Path, default=ROOT / "reports")
    given = parser.parse_args(argv)
    pairs = [tuple(given.only)] if given.only else [(chatkit, agents) for chatkit in CHATKIT for agents in AGENTS]
    rows: list[Row] = []
    with standin() as base_url:
        for chatkit, agents in pairs:
            with tempfile.TemporaryDirectory(prefix="compat-") as folder:
                rows.append(probed(chatkit, agents, base_url, Path(folder)))
            print(f"{chatkit} {agents}: {rows[-1].trouble or rows[-1].turns}", flush=True)  # noqa: T201  # progress
            write(rows, given.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
