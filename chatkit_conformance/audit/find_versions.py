"""Versions that break together, as the table of `diagnosis/versions.py` lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from ..diagnosis.versions import clashes
from .hit import Hit, Spot
from .packages import Registry
from .project import Project
from .rules import RULES


def find_versions(project: Project) -> Iterator[Hit]:
    """Pairs of versions that are held in this tree, and do not go together. A range that allows a good pair is none.

    A pair that breaks only the stock parts is none, either: by its source alone nobody knows whether they are used.
    """
    for row in clashes():
        if row.shows:
            continue
        first = _held(project, row.registry, row.package, newest=False)
        other = _held(project, row.registry, row.other, newest=True)
        if first and other and row.between(first[0], other[0]):
            said = f"{row.other} {other[0]} beside {row.package} {first[0]}: {row.why}"
            yield RULES["versions.clash"].hit(other[1], said)


def _held(project: Project, registry: Registry, name: str, *, newest: bool) -> tuple[Version, Spot] | None:
    """The version of a package that this tree fixes: locked, or declared exactly; of npm's ranges one end of them."""
    for locked in project.locked:
        if locked.registry == registry and locked.name == name and (version := _version(locked.version)):
            return version, locked.spot
    for declared in project.declared:
        if declared.registry != registry or declared.name != name:
            continue
        exact = re.fullmatch(r"(?:==|=)?\s*v?(\d[\w.]*)", declared.spec)
        version = _version(exact[1]) if exact else None
        caret = re.fullmatch(r"\^(\d[\w.]*)", declared.spec)
        if caret and registry == "npm" and (version := _version(caret[1])) and newest and version.major:
            version = Version(f"{version.major}.9999")
        if version:
            return version, declared.spot
    return None


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
