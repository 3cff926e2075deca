"""The secrets of a run: named values that nothing we write may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..transcript import JSON
from .scrub import fingerprint, scrub_json, scrub_text

SHORTEST = 8
"""Characters. A shorter value would be found in innocent words."""

_SCHEME = re.compile(r"^(?:Bearer|Basic|Token)\s+(?P<token>\S+)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Named values, and what to do about them. A value counts as it is and as JSON spells it."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def scrub(self, text: str) -> str:
        """The text with every secret replaced by its fingerprint."""
        return scrub_text(text, [spelled for _, spelled in self._spellings])

    def scrub_json(self, value: JSON) -> JSON:
        """The JSON value with every secret replaced by its fingerprint."""
        return scrub_json(value, [spelled for _, spelled in self._spellings])

    def found_in(self, text: str) -> tuple[str, ...]:
        """Names of the secrets that the text contains."""
        return tuple(dict.fromkeys(name for name, spelled in self._spellings if spelled in text))

    def with_more(self, more: Mapping[str, str]) -> Secrets:
        """These secrets and those."""
        return Secrets(values={**self.values, **more})

    def fingerprints(self) -> dict[str, str]:
        """Name and fingerprint of each, to recognise a secret without telling it."""
        return {name: fingerprint(value) for name, value in self.values.items()}

    @cached_property
    def _spellings(self) -> tuple[tuple[str, str], ...]:
        """Each secret's name and how it may be spelled."""
        return tuple(_spelled(self.values))


def _spelled(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if len(value) >= SHORTEST:
            yield name, value
            if (spelled := json.dumps(value)[1:-1]) != value:
                yield name, spelled


def header_secrets(user: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> dict[str, str]:
    """The secrets in a user's headers and cookies: their values, or the token behind `Bearer`."""
    found: dict[str, str] = {}
    for name, value in {**headers, **{f"cookie-{k}": v for k, v in cookies.items()}}.items():
        scheme = _SCHEME.match(value)
        found[f"user-{user}-{name.lower()}"] = scheme["token"] if scheme else value
    return found
