"""Small source trees, written as a mapping of paths to texts."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from chatkit_conformance.audit import Audit, audit

TODAY = date(2026, 11, 27)


def lay(root: Path, files: Mapping[str, str]) -> Path:
    """Write a tree; texts may be indented as in the test."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return root


def judged(*roots: Path, as_of: date = TODAY) -> Audit:
    """The audit of one tree or two."""
    return audit([str(root) for root in roots], as_of=as_of, repository=roots[-1])


def one(root: Path, files: Mapping[str, str], as_of: date = TODAY) -> Audit:
    """The audit of a tree of these files."""
    return judged(lay(root, files), as_of=as_of)


def two(root: Path, before: Mapping[str, str], after: Mapping[str, str]) -> Audit:
    """The audit of two trees of these files."""
    return judged(lay(root / "before", before), lay(root / "after", after))


def errors(made: Audit, area: str = "") -> list[str]:
    """What the errors of an area ("websocket", "openai") say, each with its place."""
    return [f"{h.spot} {h.said}" for h in made.hits if h.weight == "error" and h.rule.startswith(area)]
