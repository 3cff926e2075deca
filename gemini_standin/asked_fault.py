"""A fault as a script asks for it: its kind and keys, read by one model for each row of fault_kinds.KINDS."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, GetCoreSchemaHandler, Strict, create_model
from pydantic_core import CoreSchema, core_schema

from .arguments import arguments_text
from .bounds import READ, Count, Length, Seconds, Status
from .errors import NAMES
from .fault_kinds import INSIDE, KINDS, FaultKind
from .mistake import OneOf, shown
from .nearest import hint
from .shapes import SHAPES


def _error_body(value: Any) -> Any:
    if isinstance(value, str) and value not in NAMES:
        raise ValueError(f"no error body {value!r}{hint(value, NAMES)}; bodies: {', '.join(NAMES)}")
    if not isinstance(value, str | dict | list | None):
        raise ValueError(f"{shown(value)} is neither an error's name, an object, a list nor null")
    return value


KEY_TYPES: Mapping[str, Any] = {
    "status": Status,
    "after": Count,
    "max_s": Seconds,
    "gate": str,
    "text": str,
    "thought": str,
    "reason": str,
    "name": str,
    "arguments": Annotated[Any, AfterValidator(arguments_text)],
    "retry_delay": Annotated[str, Field(pattern=r"^\d+(\.\d*)?s$", examples=["1s", "41.7s"])],
    "content_type": str,
    "body": Annotated[Any, AfterValidator(_error_body)],
    "times": Length,
    "until": Annotated[str, Field(min_length=1)],
    "inside": Annotated[str, OneOf(INSIDE)],
    "retry_after_s": Seconds,
    "retry_after_date_s": Seconds,
    "by": Annotated[int, Strict()],
    "size": Length,
    "shape": Annotated[str, OneOf(tuple(SHAPES))],
    "rounds": Count,
    "gap_s": Seconds,
}
"""What each key of a fault may hold; what `at` may be stands in its kind's row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What breaks, and the fault's own keys. A script writes them beside one another: {"kind": "cut", "after": 2}."""

    kind: str
    keys: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read by one model for each kind."""
        models: Any = functools.reduce(operator.or_, map(_model, KINDS.values()))
        return core_schema.no_info_after_validator_function(
            cls._of, handler(Annotated[models, Field(discriminator="kind")])
        )

    @classmethod
    def _of(cls, read: BaseModel) -> Fault:
        keys = read.model_dump(exclude_unset=True)
        if {"after", "at"} <= set(keys):
            raise ValueError('"after" and "at" both say where; give one of them')
        return cls(kind=keys.pop("kind"), keys=keys)


def _model(kind: FaultKind) -> Any:
    types = {**KEY_TYPES, "at": Annotated[str, OneOf(kind.at)]}
    fields: dict[str, Any] = {
        "kind": (Literal[kind.name], ...),
        **{key: (types[key], None) for key in sorted(kind.keys)},
    }
    return create_model(kind.name, __config__=READ, **fields)
