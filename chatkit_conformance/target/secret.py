"""The secrets of a run: named values that nothing we write may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..transcript import JSON
from .scrub import Known, fingerprint
from .spellings import spellings

SHORTEST = 8
"""Characters. A shorter value would be found in innocent words."""

_SCHEME = re.compile(r"^(?:Bearer|Basic|Token)\s+(?P<token>\S+)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Named values, and what to do about them. A value counts in each of its spellings (spellings.py)."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def scrub(self, text: str) -> str:
        """The text with every secret replaced by its fingerprint, however it is spelled."""
        return self._known.scrub(text)

    def scrub_json(self, value: JSON) -> JSON:
        """The JSON value with every secret replaced by its fingerprint."""
        return self._known.scrub_json(value)

    def found_in(self, text: str) -> tuple[str, ...]:
        """Names of the secrets that the text contains."""
        names = {spelled: name for name, spelled in self._spellings}
        return tuple(dict.fromkeys(names[spelled] for spelled in self._known.found_in(text)))

    def with_more(self, more: Mapping[str, str]) -> Secrets:
        """These secrets and those."""
        return Secrets(values={**self.values, **more})

    def fingerprints(self) -> dict[str, str]:
        """Name and fingerprint of each, to recognise a secret without telling it."""
        return {name: fingerprint(value) for name, value in self.values.items()}

    @cached_property
    def _known(self) -> Known:
        return Known({spelled: fingerprint(self.values[name]) for name, spelled in self._spellings})

    @cached_property
    def _spellings(self) -> tuple[tuple[str, str], ...]:
        """Each secret's name and how it may be spelled."""
        return tuple(_spelled(self.values))


def _spelled(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if len(value) >= SHORTEST:
            for spelled in spellings(value):
                yield name, spelled


def header_secrets(user: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> dict[str, str]:
    """The secrets in a user's headers and cookies: their values, or the token behind `Bearer`."""
    found: dict[str, str] = {}
    for name, value in {**headers, **{f"cookie-{k}": v for k, v in cookies.items()}}.items():
        scheme = _SCHEME.match(value)
        found[f"user-{user}-{name.lower()}"] = scheme["token"] if scheme else value
    return found
