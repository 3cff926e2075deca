"""What a run leaves behind, as files: results.jsonl while it runs, results.json at its end, a file per transcript.

Everything goes through the run's secrets on its way out. Each file is written whole beside its place and then moved
there, so that a cut run leaves no half file.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from .check import AREAS, MAY, MUST, SHOULD
from .criteria import Row, criteria_json
from .judge import RED, Result
from .secret import Secrets
from .target import Target
from .tools import Tool
from .transcript import Transcript, dumps

SCHEMA = 1
"""Version of results.json. It grows only when a key changes its meaning or goes."""

LEFT = ("results.json", "results.jsonl", "target.log", "junit.xml", "report.html", "summary.md", "badge.json")
"""Files of an earlier run that must not be taken for this one's."""

PACKAGES = ("chatkit-conformance", "pytest", "httpx", "jsonschema-rs")


def transcript_name(exchange: str, dialect: str) -> str:
    """The file name of a transcript."""
    return f"{exchange}--{dialect}.json" if dialect else f"{exchange}.json"


def target_arguments(target: Target) -> str:
    """The arguments of `run` that name this target again."""
    if target.source.endswith(".toml"):
        return f"--target {shlex.quote(target.source)}"
    return f"-- {shlex.join(target.command)}" if target.command else f"--url {shlex.quote(target.url)}"


def result_json(result: Result, target: Target, *, seconds: float | None = None) -> dict[str, Any]:
    """One result as JSON. `seconds`: how long the check waited and judged."""
    first = result.seen[0] if result.seen else None
    place = (first.exchange, first.dialect) if first else next(iter((*result.judged, *result.transcripts)), ("", ""))
    check = result.check
    return {
        "id": check.id, "level": check.level, "area": check.area, "outcome": result.outcome,
        "requirement": check.requirement, "expected": first.finding.expected if first else "",
        "got": result.got, "transcript": f"transcripts/{transcript_name(*place)}" if place[0] else "",
        "event": first.finding.event if first else None, "cause": check.cause, "fix": check.fix,
        "repro": f"chatkit-conformance run --select {check.id} {target_arguments(target)}",
        "clause": check.clause, "criteria": list(check.criteria), "capability": check.capability,
        "exchange": place[0], "dialect": place[1], "reply": first.finding.reply if first else "",
        "call": first.finding.call if first else None, "reason": result.reason,
        "seconds": None if seconds is None else round(seconds, 4), "figure": result.figure,
        "judged": [list(pair) for pair in result.judged],
        "findings": [
            {
                "expected": s.finding.expected, "got": s.finding.got, "exchange": s.exchange, "dialect": s.dialect,
                "reply": s.finding.reply, "event": s.finding.event, "call": s.finding.call,
            }
            for s in result.seen
        ],
    }  # fmt: skip


def exit_code(rows: Iterable[Row], *, complete: bool) -> int:
    """0 conforms, 1 findings, 4 the suite itself failed. A run that was cut does not conform."""
    outcomes = {row["outcome"] for row in rows}
    if "error" in outcomes:
        return 4
    return 1 if outcomes & RED or not complete else 0


def verdict(rows: Sequence[Row], *, complete: bool) -> str:
    """One word for the whole run: conforms, findings, incomplete, suite_failed."""
    code = exit_code(rows, complete=complete)
    if code == 4:
        return "suite_failed"
    if any(row["outcome"] in RED for row in rows):
        return "findings"
    return "conforms" if complete else "incomplete"


class Folder:
    """The `--out` folder of one run.

    Args:
        path: the folder. clean: whether what an earlier run left in it is removed.
    """

    def __init__(self, path: Path, *, clean: bool = True) -> None:
        self.path = path
        self.secrets = Secrets()
        self._clean = clean
        self._prepared = False

    def prepare(self) -> None:
        """Make the folder. Once."""
        if self._prepared:
            return
        self._prepared = True
        (self.path / "transcripts").mkdir(parents=True, exist_ok=True)
        if self._clean:
            for old in (*self.path.glob("transcripts/*.json"), *(self.path / name for name in LEFT)):
                old.unlink(missing_ok=True)

    def add_result(self, row: Row) -> None:
        """Append one result to results.jsonl."""
        line = self.secrets.scrub(json.dumps(row))
        with (self.path / "results.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def add_transcript(self, transcript: Transcript) -> None:
        """Write one transcript."""
        name = transcript_name(transcript.exchange, transcript.dialect)
        self._write(self.path / "transcripts" / name, dumps(transcript))

    def add_log(self, text: str) -> None:
        """Write what the started server printed."""
        self._write(self.path / "target.log", text)

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write results.json."""
        self.prepare()
        self._write(self.path / "results.json", json.dumps(summary, indent=1))

    def _write(self, path: Path, text: str) -> None:
        half = path.with_name(path.name + ".part")
        half.write_text(self.secrets.scrub(text), encoding="utf-8")
        os.replace(half, path)


def summary_json(
    rows: Sequence[Row], *, target: Target, started: datetime, seconds: float, complete: bool, stopped: str = "",
    started_s: float = 0.0,
    warnings: Sequence[str] = (), seed: int | None = None, tools: Mapping[str, Tool] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """results.json: the whole run.

    Args:
        seconds: from the start to now. started_s: of those, until the target was up.
        stopped: why it ended early, or "". tools: the server's, by role.
    """
    return {
        "schema": SCHEMA,
        "target": {
            "name": target.name, "url": target.url, "command": list(target.command), "source": target.source,
            "upstream": target.upstream, "capabilities": dict(target.capabilities), "latency": dict(target.latency),
            "tools": {role: tool.name for role, tool in (tools or {}).items()},
        },
        "versions": versions(), "started": started.astimezone(UTC).isoformat(), "seconds": round(seconds, 3),
        "start_up_seconds": round(started_s, 3),
        "complete": complete, "stopped": stopped, "verdict": verdict(rows, complete=complete),
        "seed": seed, "warnings": list(warnings),
        "levels": {level: counts for level in (MUST, SHOULD, MAY) if (counts := _count(rows, "level", level))},
        "areas": {area: counts for area in AREAS if (counts := _count(rows, "area", area))},
        "criteria": criteria_json(rows), "results": list(rows),
    }  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of what judged, for the record."""
    found = {"python": platform.python_version(), "platform": platform.platform(), "wire": "openai-chatkit 1.6.5"}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "checkout"
    return found


def _count(rows: Iterable[Row], key: str, value: str) -> dict[str, int]:
    return dict(Counter(row["outcome"] for row in rows if row[key] == value))
