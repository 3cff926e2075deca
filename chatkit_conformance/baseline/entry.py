"""One row of a baseline: which checks are expected to fail, why, and under which versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion

from ..judging import aliases


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A failure that is known.

    Args:
        id: a check's id, or a glob over ids.
        reason: why it fails, for whoever reads the report; never empty.
        link: where it is tracked, or "".
        flaky: it fails now and then: neither its failure nor its pass is news.
        when: package or program ("python", "openai-agents") -> version specifier (">=0.19,<1") under which it counts.
        line: where it stands in its file, from 1, or 0.
    """

    id: str
    reason: str
    link: str = ""
    flaky: bool = False
    when: Mapping[str, str] = field(default_factory=dict)
    line: int = 0

    def fits(self, id: str) -> bool:
        """Whether it names this check, by its id of today or an earlier one."""
        return aliases.fits(id, self.id)

    @property
    def exact(self) -> bool:
        """Whether it names one check, and not a pattern."""
        return not set(self.id) & set("*?[")

    def active(self, versions: Mapping[str, str]) -> bool:
        """Whether its conditions hold. `versions`: those of the run; other names are looked up among what is installed.

        A name that is not known here makes it inactive: a condition that cannot be shown does not excuse a failure.
        """
        return all(_holds(version_of(name, versions), wanted) for name, wanted in self.when.items())

    def to_json(self) -> dict[str, object]:
        """As a result row of results.json holds it."""
        return {"id": self.id, "reason": self.reason, "link": self.link, "flaky": self.flaky}


def version_of(name: str, versions: Mapping[str, str]) -> str | None:
    """The version of a package or program as this run knows it, or None."""
    if name in versions:
        return versions[name]
    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        return None


def _holds(found: str | None, wanted: str) -> bool:
    try:
        return found is not None and SpecifierSet(wanted).contains(found, prereleases=True)
    except InvalidVersion:
        return False
