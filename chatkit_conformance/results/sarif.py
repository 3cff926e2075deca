"""results.sarif: the findings as SARIF 2.1.0 (OASIS), which code hosts show beside the code.

Each check is a rule; each finding a result. A failed MUST is an error, a SHOULD a warning, what could not be tested a
note. A failure that the baseline expects is there, and suppressed with its reason.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .help_address import help_address
from .model import CheckResult, RunResults, SavedFinding
from .outcome import Outcome

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
VERSION = "2.1.0"

KIND: Mapping[Outcome, tuple[str, str]] = {
    "failed": ("fail", "error"),
    "unexpected_pass": ("fail", "error"),
    "warned": ("fail", "warning"),
    "expected_failure": ("fail", "error"),
    "untestable": ("open", "none"),
    "error": ("open", "none"),
}
"""Outcome -> SARIF's kind and level. Section 3.27.10: a result that is not of kind fail has level none."""

_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")
"""What a viewer makes a link of (section 3.11.6), though it is the server's words."""

MOST = 20
"""Findings of one check that are told: the rest are more of the same, and hosts cap a file at some thousand results."""


def sarif(run: RunResults) -> dict[str, Any]:
    """The SARIF log of a run."""
    rules = {row.id: n for n, row in enumerate(run.results)}
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "chatkit-conformance",
                        "version": run.versions["chatkit-conformance"],
                        "rules": [_rule(row) for row in run.results],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": run.complete and run.verdict != "suite_failed",
                        "startTimeUtc": run.started.replace("+00:00", "Z"),
                        "toolExecutionNotifications": [
                            {"level": "warning", "message": {"text": warning}} for warning in run.warnings
                        ],
                    }
                ],
                "results": [found for row in run.results if row.outcome in KIND for found in _results(row, rules, run)],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _rule(row: CheckResult) -> dict[str, Any]:
    address = help_address(row.id)
    return {
        "id": row.id,
        "shortDescription": {"text": row.requirement},
        "fullDescription": {"text": f"{row.requirement} ({row.level}; {row.clause})"},
        **({"helpUri": address} if address else {}),
        "help": {"text": f"Usual cause: {row.cause}\nFix: {row.fix}"},
        "defaultConfiguration": {"level": "error" if row.level == "MUST" else "warning"},
        "properties": {"tags": [row.area, row.level, *row.criteria]},
    }


def _results(row: CheckResult, rules: Mapping[str, int], run: RunResults) -> Iterator[dict[str, Any]]:
    kind, level = KIND[row.outcome]
    if level == "error" and row.level != "MUST" and row.outcome != "unexpected_pass":
        level = "warning"
    findings = row.findings[:MOST] or (SavedFinding(got=row.said, exchange=row.exchange, dialect=row.dialect),)
    for n, found in enumerate(findings):
        text = f"{row.requirement} Got: {found.got}."
        text += f" Expected: {found.expected}." if found.expected else ""
        made: dict[str, Any] = {
            "ruleId": row.id,
            "ruleIndex": rules[row.id],
            "kind": kind,
            "level": level,
            "message": {"text": _LINK.sub(r"\\[", f"{text} Again: {row.repro}")},
            "locations": [_location(row, found, run)],
            "partialFingerprints": {"check/v1": _fingerprint(row.id, found, n)},
        }
        if row.outcome == "expected_failure" and row.baseline:
            made["suppressions"] = [{"kind": "external", "justification": row.baseline.reason}]
        yield made


def _location(row: CheckResult, found: SavedFinding, run: RunResults) -> dict[str, Any]:
    """The target file where there is one, since hosts show only files of the repository; else the transcript."""
    source = run.target.source
    file = source if source.endswith(".toml") else row.transcript or "results.json"
    place = [found.exchange, found.dialect, found.reply]
    place += [] if found.event is None else [f"event {found.event}"]
    return {
        "physicalLocation": {"artifactLocation": {"uri": file.replace("\\", "/")}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": "/".join(filter(None, place)) or row.id, "kind": "function"}],
    }


def _fingerprint(id: str, found: SavedFinding, n: int) -> str:
    """The same for the same finding of another run: ids and times of a run are not in it."""
    whole = "\n".join((id, found.exchange, found.dialect, found.reply, str(n)))
    return hashlib.sha256(whole.encode()).hexdigest()[:32]
