"""One row of the ledger, and where rows come from.

Two kinds: those of `openai-chatkit-<release>.toml`, written by going through the release and the specification, and one
for each check, whose requirement is the check's own and whose source is its clause.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..check import Check
from ..wire.schema import RELEASE

_SDK = re.compile(r"openai-chatkit (?P<version>[\d.]+) (?P<file>chatkit/\w+\.py) L(?P<lines>[\d, -]+\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSource:
    """Where a requirement stands: a file of a released package, or a page.

    Args:
        package, version, file, lines: a place in a release; lines as `24-30, 42`. quote: words that stand there.
        page: a specification or documentation page, where it is no release.
    """

    package: str = ""
    version: str = ""
    file: str = ""
    lines: str = ""
    quote: str = ""
    page: str = ""

    def __str__(self) -> str:
        return f"{self.package} {self.version} {self.file} L{self.lines}" if self.file else self.page


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement.

    Args:
        id: words. level: the source's own verb. checks: ids of the checks that hold a server to it.
        why_none: why none does, where there is none, or "".
    """

    id: str
    requirement: str
    level: str
    source: RequirementSource
    checks: tuple[str, ...]
    why_none: str = ""

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        source = {key: getattr(self.source, key) for key in RequirementSource.__slots__ if getattr(self.source, key)}
        return {
            "id": self.id,
            "requirement": self.requirement,
            "level": self.level,
            "source": source,
            "checks": list(self.checks),
            "why_none": self.why_none,
        }


def written() -> dict[str, Any]:
    """The file of this release as it was written."""
    from importlib.resources import files

    name = f"openai-chatkit-{RELEASE}.toml"
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def ledger(checks: Iterable[Check]) -> tuple[Requirement, ...]:
    """Every row: the written ones with the checks that fit, then one for each check.

    Raises:
        ValueError: a written row is covered by no check and does not say why, names a check that is not there, or says
            why there is none although there is one.
    """
    known = tuple(checks)
    ids = tuple(check.id for check in known)
    table = written()
    rows = tuple(_written_row(row, table, ids) for row in table["requirement"])
    return (*rows, *(_check_row(check) for check in known))


def _written_row(row: dict[str, Any], table: dict[str, Any], ids: tuple[str, ...]) -> Requirement:
    why = row.get("why_none", "")
    fitting = tuple(id for id in ids if any(fnmatchcase(id, glob) for glob in row["checks"]))
    for glob in row["checks"]:
        if not any(fnmatchcase(id, glob) for id in ids):
            raise ValueError(f"ledger row {row['id']}: no check {glob!r}. Correct it, or take it out of checks.")
    if fitting and why:
        raise ValueError(f"ledger row {row['id']}: {fitting[0]} covers it. Take why_none out, or the check.")
    if not fitting and not why:
        raise ValueError(f'ledger row {row["id"]}: no check covers it. Name one, or write why_none = "...".')
    if "page" in row:
        source = RequirementSource(page=row["page"])
    else:
        source = RequirementSource(
            package=table["package"], version=table["version"], file=row["file"], lines=row["lines"], quote=row["quote"]
        )
    return Requirement(
        id=row["id"],
        requirement=row["requirement"],
        level=row["level"],
        source=source,
        checks=fitting,
        why_none=why,
    )


def _check_row(check: Check) -> Requirement:
    place = _SDK.match(check.clause)
    if place:
        quote = check.clause[place.end() :].lstrip(" :")
        source = RequirementSource(
            package="openai-chatkit", version=place["version"], file=place["file"], lines=place["lines"], quote=quote
        )
    else:
        source = RequirementSource(page=check.clause)
    return Requirement(id=check.id, requirement=check.requirement, level=check.level, source=source, checks=(check.id,))
