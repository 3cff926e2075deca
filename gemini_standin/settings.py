"""What can be set, at the start and while it runs (POST /_standin/settings with any of the fields)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Strict, StringConstraints, TypeAdapter, ValidationError

from .bounds import READ, Switch
from .dialect import DIALECTS
from .mistake import OneOf, mistakes
from .pace import PACES
from .refuse import FIELD_RULES, RULES
from .script import parse
from .step import Script

NonceStart = Annotated[str, StringConstraints(pattern=r"^zq[0-9a-z]{0,10}$")]
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
        also_responses: whether OpenAI's Responses API is played, which Gemini does not have, and answers with 404.
        upstream: base URL of the real Gemini, which is then asked for every answer; "": scripts answer.
        pace: "instant", "steady" (0.2 s, then 60 ms) or "recorded", for steps that name no times.
        gzip: compress for clients that accept it, each event by itself.
        seed: seed of all random ids, signatures and timings.
        journal: "full", or "light": of ended calls only their stamps are kept, for load.
        cassette_speed: of recorded answers: 1 as recorded, 2 in half the time, 0 at once.
        families: scripts for all nonces that begin with a prefix and have no script of their own; the longest wins.
        default_turn: steps for requests without a nonce, or [] for a greeting that explains nonces.
    """

    __pydantic_config__: ClassVar = READ

    profile: Annotated[str, OneOf(tuple(DIALECTS))] = "gemini-3"
    strict_fields: Switch = True
    off: tuple[Annotated[str, OneOf(tuple(RULES))], ...] = ()
    doubtful_fields: Literal["accept", "refuse"] = "accept"
    schema_keywords: tuple[str, ...] = ()
    also_responses: Switch = False
    upstream: str = ""
    pace: Annotated[str, OneOf(PACES)] = "instant"
    gzip: Switch = True
    seed: Annotated[int, Strict()] = 0
    journal: Literal["full", "light"] = "full"
    cassette_speed: Annotated[float, Strict(), Field(ge=0)] = 1.0
    families: Mapping[NonceStart, Any] = field(default_factory=dict)
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


_SETTINGS: TypeAdapter[Settings] = TypeAdapter(Settings)


def changed(settings: Settings, value: Any) -> Settings:
    """The settings with those of a JSON object in place.

    Raises:
        SettingsError: an unknown name or an impossible value.
        ScriptError: default_turn or a family holds a step that cannot be played.
    """
    if not isinstance(value, dict):
        raise SettingsError(f"settings: {value!r} is not a JSON object")
    try:
        found = _SETTINGS.validate_python({**settings.to_json(), **value})
    except ValidationError as error:
        where = (("settings", *made.place, made.with_example) for made in mistakes(error, _SETTINGS))
        raise SettingsError("\n".join(": ".join(map(str, words)) for words in where)) from None
    _ = found.default_script, found.family_scripts
    return found
