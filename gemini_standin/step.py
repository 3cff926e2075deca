"""What the model says: the nouns of a script, frozen once script.py has read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .dialect import Layout

DEFAULT_WAIT_S = 30.0
"""How long a hold or a gate lasts where a script does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call of a tool; `arguments` is the text that goes out, malformed if the script says so."""

    name: str
    arguments: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A wait of at most `max_s` seconds for a gate ("" waits them out), after that many chunks."""

    gate: str = ""
    max_s: float = DEFAULT_WAIT_S
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What breaks, and the fault's own keys."""

    kind: str
    keys: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One answer of the model. See script.py for the keys; None and () mean: not said."""

    text: str = ""
    chunks: tuple[str, ...] = ()
    chunk_chars: int | None = None
    first_s: float | None = None
    gap_s: float | None = None
    hold: Hold | None = None
    wait_gate: Hold | None = None
    calls: tuple[ToolCall, ...] = ()
    layout: Layout | None = None
    thought: str = ""
    finish: tuple[str | None, ...] = ()
    usage: Mapping[str, int] = field(default_factory=dict)
    fault: Fault | None = None
    attempts: tuple[Step, ...] = ()

    @property
    def said(self) -> str:
        """The whole text of the answer."""
        return "".join(self.chunks) or self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One turn. `profile` None: the stand-in's. `side` None: a short plain text."""

    profile: str | None = None
    turn: tuple[Step, ...] = ()
    side: Step | None = None
