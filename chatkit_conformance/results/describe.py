"""One result in words, for a terminal and for JUnit."""

from __future__ import annotations

from ..visible import flat, harmless
from .model import CheckResult

SHOWN = 5
"""Findings told in full."""


def describe(result: CheckResult) -> str:
    """What became of a check: what was wanted, what was seen where, the usual cause and the fix."""
    lines = [
        f"{result.outcome.replace('_', ' ')}: {result.said.splitlines()[0] if result.said else ''} ({result.level})",
        f"  requirement: {result.requirement}",
    ]
    for found in result.findings[:SHOWN]:
        lines += [f"  expected: {flat(found.expected)}", f"  got: {flat(found.got)}", f"  in: {found.place}"]
    if len(result.findings) > SHOWN:
        lines.append(f"  and {len(result.findings) - SHOWN} more like it")
    if result.reason:
        lines.append(f"  reason: {result.reason}")
    if result.findings:
        lines += [f"  likely cause: {result.cause}", f"  fix: {result.fix}", f"  clause: {result.clause}"]
    if result.curl:
        lines.append(f"  by hand: {result.curl}")
    return harmless("\n".join(lines))
