"""An audit as SARIF 2.1.0: each rule of RULES a rule, each hit a result at its file and line."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from ..results.sarif import SCHEMA, VERSION
from ..results.versions import versions
from .audit import Audit
from .hit import Hit
from .rules import RULES, AuditRule


def sarif_log(audit: Audit) -> dict[str, Any]:
    """The SARIF log of an audit. Places are relative to the tree that was judged."""
    numbers = {id: n for n, id in enumerate(RULES)}
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "chatkit-conformance audit",
                        "version": versions()["chatkit-conformance"],
                        "rules": [_rule(rule) for rule in RULES.values()],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "commandLine": audit.command,
                        "toolExecutionNotifications": [
                            {"level": "note", "message": {"text": note}} for note in audit.notes
                        ],
                    }
                ],
                "results": [_result(hit, numbers[hit.rule]) for hit in audit.hits],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _rule(rule: AuditRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.title}. {rule.why}"},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": rule.weight},
        "properties": {"tags": [rule.id.partition(".")[0], *([rule.criterion] if rule.criterion else [])]},
    }


def _result(hit: Hit, number: int) -> dict[str, Any]:
    whole = "\n".join((hit.rule, hit.spot.path, hit.said))
    return {
        "ruleId": hit.rule,
        "ruleIndex": number,
        "kind": "fail",
        "level": hit.weight,
        "message": {"text": f"{RULES[hit.rule].title}: {hit.said}. {hit.fix or RULES[hit.rule].fix}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(hit.spot.path)},
                    "region": {"startLine": hit.spot.line, "startColumn": hit.spot.column},
                }
            }
        ],
        "partialFingerprints": {"rule/v1": hashlib.sha256(whole.encode()).hexdigest()[:32]},
    }
