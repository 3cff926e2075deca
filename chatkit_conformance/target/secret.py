"""The secrets of a run: named values that nothing we write may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..transcript import JSON
from .scrub import Known, fingerprint
from .spellings import folded, spellings

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
        return tuple(dict.fromkeys(self._names[spelled] for spelled in self._known.found_in(text)))

    def with_more(self, more: Mapping[str, str]) -> Secrets:
        """These secrets and those. What was a secret once is not forgotten, where a name gets another value."""
        made = Secrets(values={**self.values, **more})
        new = {name: value for name, value in more.items() if self.values.get(name) != value}
        exact, small = _spelled(new, spellings), _spelled(new, folded)
        # Each conversation adds its users: spelling all secrets anew each time took a second and a half of a run.
        made.__dict__["_names"] = {**self._names, **exact, **small}
        made.__dict__["_known"] = self._known.with_more(_marks(made.values, exact), _marks(made.values, small))
        return made

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """From where to where a secret stands in the text, and its fingerprint."""
        return self._known.spans(text)

    def fingerprints(self) -> dict[str, str]:
        """Name and fingerprint of each, to recognise a secret without telling it."""
        return {name: fingerprint(value) for name, value in self.values.items()}

    @cached_property
    def _names(self) -> dict[str, str]:
        """How secrets may be spelled: the name of each spelling's secret."""
        return {**_spelled(self.values, spellings), **_spelled(self.values, folded)}

    @cached_property
    def _known(self) -> Known:
        exact, small = _spelled(self.values, spellings), _spelled(self.values, folded)
        return Known(_marks(self.values, exact), _marks(self.values, small))


def _spelled(values: Mapping[str, str], how: Callable[[str], tuple[str, ...]]) -> dict[str, str]:
    """The name of the secret by each spelling of it."""
    return {spelled: name for name, value in values.items() if len(value) >= SHORTEST for spelled in how(value)}


def _marks(values: Mapping[str, str], spelled: Mapping[str, str]) -> dict[str, str]:
    """What is written for each spelling."""
    marks = {name: fingerprint(values[name]) for name in set(spelled.values())}
    return {text: marks[name] for text, name in spelled.items()}


def header_secrets(user: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> dict[str, str]:
    """The secrets in a user's headers and cookies: their values, or the token behind `Bearer`."""
    found: dict[str, str] = {}
    for name, value in {**headers, **{f"cookie-{k}": v for k, v in cookies.items()}}.items():
        scheme = _SCHEME.match(value)
        found[f"user-{user}-{name.lower()}"] = scheme["token"] if scheme else value
    return found
