"""One thing that Gemini or the network can do wrong, and how far into an answer it can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .moments import LATER, Moment

Ends = Literal["error", "answer", "either"]
"""How the turn of a user ends who meets it: told that there is no whole answer; with an answer; or either is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFault:
    """One fault of the model.

    Args:
        name: as tables and reports call it.
        does: what Gemini or the network does, in words.
        kind, keys: the stand-in's fault and its own keys.
        within: how far into an answer it can happen, the earliest first.
        passing: whether the same request can succeed a little later.
        allow_retry: what an error that tells it shall say; None: either is right.
        ends: how the turn ends.
    """

    name: str
    does: str
    kind: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    within: tuple[str, ...]
    passing: bool = True
    allow_retry: bool | None = None
    ends: Ends = "error"

    @property
    def moments(self) -> tuple[str, ...]:
        """The names of the moments at which it can happen."""
        return (*self.within, *LATER)

    def broken(self, moment: Moment) -> dict[str, Any]:
        """The step's `fault`, placed where the moment says."""
        return {"kind": self.kind, "at": moment.at or self.within[0], **self.keys}


HEADERS = ("before-headers",)
TOKEN = ("before-first-token",)
CALL = ("mid-call",)
TEXTS = ("before-first-token", "mid-text")
STREAM = ("before-first-token", "mid-text", "mid-call")
SPOKEN = ("mid-text", "mid-call")
ALL = (*HEADERS, *STREAM)
