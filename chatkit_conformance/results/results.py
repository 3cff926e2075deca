"""What a run leaves behind, as files: results.jsonl while it runs, results.json at its end, a file per transcript.

Everything goes through the run's secrets on its way out. Each file is written whole beside its place and then moved
there, so that a cut run leaves no half file.
"""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from ..baseline import Baseline
from ..check import AREAS, MAY, MUST, SHOULD
from ..judging.catalogue import checks
from ..judging.criteria import Row, criteria_json
from ..judging.judge import RED, Result, Seen
from ..judging.levels import levels_json
from ..target.secret import Secrets
from ..target.target import Target
from ..target.tools import Tool
from ..transcript import Reply, Transcript, dumps
from .repro import curl_line, run_line
from .sarif import sarif

SCHEMA = 1
"""Version of results.json. It grows only when a key changes its meaning or goes."""

LEFT = (
    "results.json",
    "results.jsonl",
    "target.log",
    "junit.xml",
    "report.html",
    "summary.md",
    "badge.json",
    "results.sarif",
)
"""Files of an earlier run that must not be taken for this one's."""

CURLS = 20
"""Findings of one check that carry a curl line: the rest are more of the same."""

PACKAGES = ("chatkit-conformance", "pytest", "httpx", "jsonschema-rs")


def transcript_name(exchange: str, dialect: str) -> str:
    """The file name of a transcript."""
    return f"{exchange}--{dialect}.json" if dialect else f"{exchange}.json"


ReplyOf = Callable[[str, str, str], Reply | None]
"""The reply of an exchange, a dialect and a label, or None."""


def result_json(
    result: Result, target: Target, *, seconds: float | None = None, reply_of: ReplyOf = lambda *_: None
) -> dict[str, Any]:
    """One result as JSON. `seconds`: how long the check waited and judged. `reply_of`: finds what curl lines repeat."""

    def curl(seen: Seen) -> str:
        reply = reply_of(seen.exchange, seen.dialect, seen.finding.reply) if seen.finding.reply else None
        return curl_line(reply, target) if reply else ""

    first = result.seen[0] if result.seen else None
    place = (first.exchange, first.dialect) if first else next(iter((*result.judged, *result.transcripts)), ("", ""))
    check = result.check
    return {
        "id": check.id,
        "level": check.level,
        "area": check.area,
        "outcome": result.outcome,
        "requirement": check.requirement,
        "expected": first.finding.expected if first else "",
        "got": result.got,
        "transcript": f"transcripts/{transcript_name(*place)}" if place[0] else "",
        "event": first.finding.event if first else None,
        "cause": check.cause,
        "fix": check.fix,
        "repro": run_line(check.id, target, first.dialect if first else ""),
        "curl": curl(first) if first else "",
        "root": "",
        "baseline": None if result.baseline is None else dict(result.baseline),
        "clause": check.clause,
        "criteria": list(check.criteria),
        "capability": check.capability,
        "exchange": place[0],
        "dialect": place[1],
        "reply": first.finding.reply if first else "",
        "call": first.finding.call if first else None,
        "reason": result.reason,
        "seconds": None if seconds is None else round(seconds, 4),
        "figure": result.figure,
        "judged": [list(pair) for pair in result.judged],
        "findings": [
            {
                "expected": s.finding.expected,
                "got": s.finding.got,
                "exchange": s.exchange,
                "dialect": s.dialect,
                "reply": s.finding.reply,
                "event": s.finding.event,
                "call": s.finding.call,
                "curl": curl(s) if n < CURLS else "",
            }
            for n, s in enumerate(result.seen)
        ],
    }


def exit_code(rows: Iterable[Row], *, complete: bool, strict: bool = False, stale: bool = False) -> int:
    """0 conforms, 1 findings, 4 the suite itself failed. A run that was cut does not conform.

    Args:
        strict: whether a SHOULD that does not hold is a finding. stale: whether the baseline has an entry too many.
    """
    word = verdict(rows, complete=complete, strict=strict)
    return {"suite_failed": 4, "conforms": 1 if stale else 0}.get(word, 1)


def verdict(rows: Iterable[Row], *, complete: bool, strict: bool = False) -> str:
    """One word for the whole run: conforms, findings, incomplete, suite_failed."""
    outcomes = {row["outcome"] for row in rows}
    if "error" in outcomes:
        return "suite_failed"
    if outcomes & RED or (strict and "warned" in outcomes):
        return "findings"
    return "conforms" if complete else "incomplete"


def verdicts(rows: Sequence[Row], *, complete: bool) -> dict[str, str]:
    """The two verdicts: `client`, works with ChatKit's own client (every MUST), and `strict` (every SHOULD, too).

    A SHOULD or a MAY that could not be tested says nothing of the client.
    """
    must = [row for row in rows if row["level"] == MUST or row["outcome"] == "error"]
    return {
        "client": verdict(must, complete=complete) if must else "incomplete",
        "strict": verdict(rows, complete=complete, strict=True) if rows else "incomplete",
    }


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
        self._write(self.path / "results.sarif", json.dumps(sarif(summary), indent=1))

    def _write(self, path: Path, text: str) -> None:
        half = path.with_name(path.name + ".part")
        half.write_text(self.secrets.scrub(text), encoding="utf-8")
        os.replace(half, path)


def summary_json(
    rows: Sequence[Row],
    *,
    target: Target,
    started: datetime,
    seconds: float,
    complete: bool,
    stopped: str = "",
    started_s: float = 0.0,
    baseline: Baseline | None = None,
    stale: Sequence[str] = (),
    strict: bool = False,
    warnings: Sequence[str] = (),
    seed: int | None = None,
    tools: Mapping[str, Tool] | None = None,
) -> dict[str, Any]:
    """results.json: the whole run.

    Args:
        seconds: from the start to now. started_s: of those, until the target was up.
        stopped: why it ended early, or "". tools: the server's, by role.
        stale: patterns of the baseline that fit no check. strict: whether a warned check is a finding.
    """
    return {
        "schema": SCHEMA,
        "target": {
            "name": target.name,
            "url": target.url,
            "command": list(target.command),
            "source": target.source,
            "upstream": target.upstream,
            "capabilities": dict(target.capabilities),
            "latency": dict(target.latency),
            "tools": {role: tool.name for role, tool in (tools or {}).items()},
        },
        "versions": versions(),
        "started": started.astimezone(UTC).isoformat(),
        "seconds": round(seconds, 3),
        "start_up_seconds": round(started_s, 3),
        "complete": complete,
        "stopped": stopped,
        "verdict": _word(rows, complete, strict, stale),
        "strict": strict,
        "verdicts": verdicts(rows, complete=complete),
        "seed": seed,
        "warnings": [*warnings, *map(_stale, stale)],
        "baseline": {"file": baseline.source, "entries": len(baseline.entries), "stale": list(stale)}
        if baseline and baseline.source
        else None,
        "levels": levels_json(rows, checks()),
        "severities": {level: counts for level in (MUST, SHOULD, MAY) if (counts := _count(rows, "level", level))},
        "areas": {area: counts for area in AREAS if (counts := _count(rows, "area", area))},
        "criteria": criteria_json(rows),
        "results": list(rows),
    }


def _word(rows: Sequence[Row], complete: bool, strict: bool, stale: Sequence[str]) -> str:
    word = verdict(rows, complete=complete, strict=strict)
    return "findings" if word == "conforms" and stale else word


def _stale(id: str) -> str:
    return f"the baseline's entry {id!r} fits no check: remove it, or mend its id. Until then the run is red."


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
