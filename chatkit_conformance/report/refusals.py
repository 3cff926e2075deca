"""What the model refused in many findings' replies: the one fault behind findings that look like many.

A server that sends Gemini one header too many fails every turn, and so nearly every check; each finding then tells of
an empty answer. What they have in common is on the model's side, in the words of the refusal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from ..transcript import Call
from .findings import Cluster
from .moments import calls_of
from .plain import line
from .transcript_folder import TranscriptFolder

FEWEST = 3
"""Checks that must share a refusal before it is worth a line above them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One message with which the model refused, and the ids of the checks in whose replies it did."""

    status: int
    message: str
    checks: tuple[str, ...]


def refusals(clusters: Iterable[Cluster], transcripts: TranscriptFolder) -> list[Refusal]:
    """The refusals that FEWEST or more checks share, the most common first.

    Status 400 alone counts: it is what the stand-in answers to a request that Gemini would not take. Other errors are
    scripted by the exchanges.
    """
    seen: dict[tuple[int, str], dict[str, None]] = {}
    for cluster in clusters:
        for judged in cluster.judged:
            for sight in judged.sights[:1]:
                finding = sight.finding
                found = transcripts.find(finding.exchange, finding.dialect, finding.reply)
                for call in calls_of(*found) if found else []:
                    if call.status == 400:
                        seen.setdefault((call.status, _message(call)), {})[judged.result.id] = None
    made = [Refusal(status=s, message=m, checks=tuple(ids)) for (s, m), ids in seen.items() if len(ids) >= FEWEST]
    return sorted(made, key=lambda refusal: -len(refusal.checks))[:3]


def _message(call: Call) -> str:
    """The refusal's own message, from Gemini's list-wrapped error or from a bare one."""
    data = call.sent[0].data if call.sent else ""
    try:
        body = json.loads(data)
        body = body[0] if isinstance(body, list) else body
        return line(body["error"]["message"], 300)
    except (ValueError, TypeError, KeyError, IndexError):
        return line(data or "no body", 300)
