"""What can be set, at the start and while it runs (POST /_standin/settings with any of the fields)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from .dialect import DIALECTS
from .nearest import hint
from .pace import PACES
from .refuse import FIELD_RULES, RULES
from .script import parse
from .step import Script

NONCE_START = re.compile(r"zq[0-9a-z]{0,10}")
"""What a family's prefix looks like; see match.py for the whole of a nonce."""


class SettingsError(ValueError):
    """A setting that there is not, or a value it cannot have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The stand-in's settings.

    Args:
        profile: the dialect for scripts that name none.
        strict_fields: refuse fields Gemini does not know, and two credentials; False only notes them as complaints.
        off: names of further rules of refuse.py that only complain.
        doubtful_fields: "accept" or "refuse" the fields for which there is no evidence either way (seed, user, ...).
        schema_keywords: JSON Schema keywords to refuse in tools; reports of them contradict one another, so none.
        pace: "instant", "steady" (0.2 s, then 60 ms) or "recorded", for steps that name no times.
        gzip: compress for clients that accept it, each event by itself.
        seed: of all random ids, signatures and paces.
        journal: "full", or "light": of ended calls only their stamps are kept, for load.
        cassette_speed: of recorded answers: 1 as recorded, 2 in half the time, 0 at once.
        families: scripts for all nonces that begin with a prefix and have no script of their own; the longest wins.
        default_turn: steps for requests without a nonce, or [] for a greeting that explains nonces.
    """

    profile: str = "gemini-3"
    strict_fields: bool = True
    off: tuple[str, ...] = ()
    doubtful_fields: str = "accept"
    schema_keywords: tuple[str, ...] = ()
    pace: str = "instant"
    gzip: bool = True
    seed: int = 0
    journal: str = "full"
    cassette_speed: float = 1.0
    families: Mapping[str, Any] = field(default_factory=dict)
    default_turn: tuple[Any, ...] = ()

    @property
    def silent_rules(self) -> frozenset[str]:
        """The rules whose breach is noted and not refused."""
        return frozenset(self.off) | (frozenset() if self.strict_fields else FIELD_RULES)

    @property
    def default_script(self) -> Script | None:
        """The script for requests without a nonce."""
        return parse({"turn": list(self.default_turn)}) if self.default_turn else None

    @property
    def family_scripts(self) -> dict[str, Script]:
        """The scripts of families, by prefix, the longest first."""
        return {prefix: parse(self.families[prefix]) for prefix in sorted(self.families, key=len, reverse=True)}

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return asdict(self)


_CHOICES = {
    "profile": tuple(DIALECTS),
    "doubtful_fields": ("accept", "refuse"),
    "pace": PACES,
    "journal": ("full", "light"),
}


def changed(settings: Settings, value: Any) -> Settings:
    """The settings with those of a JSON object in place.

    Raises:
        SettingsError: an unknown name or an impossible value.
        ScriptError: default_turn holds a step that cannot be played.
    """
    if not isinstance(value, dict):
        raise SettingsError(f"settings: {value!r} is not a JSON object")
    names = [f.name for f in fields(Settings)]
    made: dict[str, Any] = {}
    for name, item in value.items():
        if name not in names:
            raise SettingsError(f'settings: unknown name "{name}"{hint(name, names)}; names: {", ".join(names)}')
        made[name] = _checked(name, item, getattr(settings, name))
    found = replace(settings, **made)
    _ = found.default_script, found.family_scripts
    return found


def _checked(name: str, item: Any, current: Any) -> Any:
    if isinstance(current, tuple):
        if not isinstance(item, list):
            raise SettingsError(f"settings: {name} is {item!r}, which is not a list")
        for rule in item if name == "off" else ():
            if rule not in RULES:
                raise SettingsError(
                    f'settings: off: no rule "{rule}"{hint(str(rule), RULES)}; rules: {", ".join(RULES)}'
                )
        return tuple(item)
    if isinstance(current, Mapping):
        if not isinstance(item, dict) or not all(NONCE_START.fullmatch(prefix) for prefix in item):
            raise SettingsError(
                f"settings: {name} is {item!r}, which is not an object of nonces' beginnings and scripts"
            )
        return item
    if type(item) is not type(current):
        raise SettingsError(f"settings: {name} is {item!r}, which is not a {type(current).__name__}")
    if item not in _CHOICES.get(name, (item,)):
        choices = _CHOICES[name]
        raise SettingsError(f"settings: {name} is {item!r}{hint(item, choices)}; choices: {', '.join(choices)}")
    return item
