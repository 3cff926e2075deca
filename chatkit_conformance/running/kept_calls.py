"""How much memory the requests to the model may take: what a server asks beyond it is kept as its beginning.

A chat repeats itself: each request has the words before it, the instructions and the tools once more. What was there
before is kept once, however often it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..transcript import BODY_NOT_KEPT, JSON, Call, Sent

CALLS_MB = 80
"""Megabytes, as they lie in memory, that a run keeps of what a server asks of the model: five times what the reference
server asks in all."""

VALUE_BYTES = 100
"""What a value takes in memory beside its text."""

LONG = 100
"""Characters from which on a text is looked up among those that came before."""

GLANCE = 2_000
"""Characters of a request that are kept when nothing is left, and of one that may be."""

_FIELDS = frozenset(Call.__dataclass_fields__)


@dataclass(slots=True)
class KeptCalls:
    """What a run may still keep of requests to the model, in bytes, and the texts that it has.

    Args:
        kept_mb: megabytes that it may keep in all.
    """

    kept_mb: float = CALLS_MB
    left: int = field(init=False)
    _texts: dict[str, str] = field(default_factory=dict)
    _tools: JSON = None
    calls: dict[int, Call] = field(default_factory=dict)
    """Every call that was told, by its number, as it was told last."""

    def __post_init__(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Keep nothing more of what was told so far: who still needs it has it, and there is room as at the start."""
        self.left = int(self.kept_mb * 1_000_000)
        self.calls.clear()
        self._texts.clear()
        self._tools = None

    def call(self, value: Mapping[str, Any]) -> Call:
        """A call of the journal from its JSON, but for keys that we do not know. One that was over stays as it is."""
        had = self.calls.get(value["n"])
        if had is not None and (had.finished_at is not None or had.gone_at is not None):
            return had
        known = {k: v for k, v in value.items() if k in _FIELDS}
        known["sent"] = tuple(Sent(at=s["at"], data=self._kept(s["data"])) for s in value.get("sent", ()))
        known["complaints"] = tuple(self._kept(complaint) for complaint in value.get("complaints", ()))
        known["body"] = self._body(value.get("body")) if had is None else had.body
        made = self.calls[known["n"]] = Call(**known)
        return made

    @property
    def notice(self) -> str:
        """What to know of a run in which nothing was left, as a sentence, or ""."""
        if self.left > 0:
            return ""
        return (
            f"the server asked the model with more than the {self.kept_mb} MB of memory that a run keeps of it: from "
            f"then on the first {GLANCE} characters of each long request were kept."
        )

    def _body(self, body: JSON) -> JSON:
        if self.left <= 0 and len(text := str(body)) > GLANCE:
            return f"{text[:GLANCE]}{BODY_NOT_KEPT}{len(text):,} characters)"
        if not isinstance(body, dict):
            return self._kept(body)
        return {key: self._same_tools(part) if key == "tools" else self._kept(part) for key, part in body.items()}

    def _same_tools(self, tools: JSON) -> JSON:
        if tools != self._tools:
            self._tools = self._kept(tools)
        return self._tools

    def _kept(self, value: JSON) -> JSON:
        self.left -= VALUE_BYTES
        if isinstance(value, str):
            if len(value) < LONG:
                return value
            if (had := self._texts.get(value)) is None:
                had = self._texts[value] = value
                self.left -= len(value)
            return had
        if isinstance(value, list):
            return [self._kept(part) for part in value]
        if isinstance(value, dict):
            return {key: self._kept(part) for key, part in value.items()}
        return value
