"""The calls that a contract test made, in the order they began."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from .finding import error_text, shown

UNDER_WAY = "did not return"

ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
"""Addresses of objects differ from run to run."""


LONG_TEXT = 1_000
"""Characters of a text that is written out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMade:
    """One call of a store method: who, which, with what, and how it ended.

    Args:
        request: calls of one number other than 0 were made with one context.
        after: the cursor of the page that it gave.
    """

    user: str
    method: str
    arguments: tuple[Any, ...]
    request: int = 0
    outcome: str = UNDER_WAY
    after: str | None = None

    def ended(self, value: object, error: Exception | None) -> CallMade:
        """The same call with how it ended."""
        after = getattr(value, "after", None)
        return replace(self, outcome=outcome_of(value, error), after=after if isinstance(after, str) else None)

    def __str__(self) -> str:
        return f"{self.method}({', '.join(shown(argument) for argument in self.arguments)})"


@dataclass(slots=True)
class Trace:
    """Calls in the order they began.

    Args:
        salt: part of every id and user's name of the test; a script takes a new one each time.
        serial: whether all that the finding depends on are single calls, one after the other.
    """

    salt: str = ""
    calls: list[CallMade] = field(default_factory=list)
    serial: bool = True

    @property
    def unended(self) -> list[CallMade]:
        return [call for call in self.calls if call.outcome == UNDER_WAY]


def _shortened(value: Any) -> Any:
    """The same with every long text as its length and digest."""
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shortened(inner) for inner in value]
    if isinstance(value, str) and len(value) > LONG_TEXT:
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return f"{len(value)} characters, sha256 {digest}"
    return value


def outcome_of(value: object, error: Exception | None = None) -> str:
    """How a call ended, in one line that is the same when it ends so again. Of an error the kind counts."""
    if error is not None:
        return f"raised {error_text(error)}".split("(", 1)[0]
    data = getattr(value, "data", None)
    if isinstance(data, list) and hasattr(value, "has_more"):
        ids = [getattr(entry, "id", None) or entry for entry in data]
        said = f"page {ids} has_more={value.has_more}"
    elif isinstance(value, BaseModel):
        said = f"{type(value).__name__} {_shortened(value.model_dump())!r}"
    else:
        said = "ok" if value is None else repr(value)
    return ADDRESS.sub("0x", said)
