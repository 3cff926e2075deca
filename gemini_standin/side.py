"""Requests outside the conversation: for a title, a summary, a guardrail's judgement. They never take a script's step.

A server tells them apart for itself; here they are known by what they ask for and by what this server was seen to ask
for before. When in doubt a request is the conversation's: it then gets the step of its place, which nobody else loses.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .conversation import messages, place, text_of, tool_names
from .restated import restated, reworked, summed_up
from .step import Step
from .structured import ANY_OBJECT, fitted, schema_asked
from .verdict import verdict

_TITLE = re.compile(
    r"\b(title|titel|titre|t[ií]tulo|titolo|headline|summar\w*|zusammenfass\w*|résum\w*|resumen|resumo|riassunto|заголов\w*)\b|标题|タイトル|摘要|要約",
    re.IGNORECASE,
)
_OF_A_CHAT = re.compile(
    r"\b(conversa\w*|chat|thread|dialog\w*|discussion|gespr[äa]ch\w*|unterhaltung|разговор\w*)\b|对话|会话|会話",
    re.IGNORECASE,
)

SIDE_TEXT = "A short title"
"""What a side request is told where the script says nothing."""

TITLED = "zl"
"""Begins the mark of the turn that a title is for, before the end of its nonce: it is known wherever it shows."""

BEGINNING = 80
"""Characters by which instructions are known again, though a date or a name further on changes."""

NONCES = 5_000
"""Conversations remembered of a server; the oldest go first."""


@dataclass(slots=True)
class ServerTraits:
    """What a server has been seen to do in its conversations, by which its side requests stand out.

    Args:
        tools, streams: it declared tools, it streamed. plain: it asked for a text, not for JSON.
        tooled: the nonces for which it declared tools. structured: those for which it asked for JSON.
        orders: how the instructions of its conversations begin. asked: digests of the messages of its conversations.
    """

    tools: bool = False
    streams: bool = False
    plain: bool = False
    tooled: dict[str, None] = field(default_factory=dict)
    structured: dict[str, None] = field(default_factory=dict)
    orders: dict[str, None] = field(default_factory=dict)
    asked: dict[str, None] = field(default_factory=dict)

    def note(self, body: Any, nonce: str, side: bool) -> None:
        """Keep what this request shows."""
        if schema_asked(body) is not None:
            self._keep(self.structured, nonce)
        elif not side:
            self.plain = True
        if side:
            return
        self.streams = self.streams or body.get("stream") is True
        self._keep(self.orders, _orders(body)[:BEGINNING])
        self._keep(self.asked, _digest(body))
        if tool_names(body):
            self.tools = True
            self._keep(self.tooled, nonce)

    def _keep(self, kept: dict[str, None], nonce: str) -> None:
        kept[nonce] = None
        while len(kept) > NONCES:
            del kept[next(iter(kept))]


def is_side(body: Any, seen: ServerTraits) -> bool:
    """Whether the request is one outside the conversation. Those with tools, or after a tool's result, never are."""
    said = messages(body)
    if tool_names(body) or not said or said[-1].get("role") == "tool":
        return False
    nonce, streams = place(body).nonce, body.get("stream") is True
    if schema_asked(body) is not None:
        return _judges(nonce, streams, seen)
    if verdict(body) is not None or restated(body) is not None:
        return True
    # Once more, maybe without the tools with which the model failed: nobody asks for a title in the same words.
    if _digest(body) in seen.asked:
        return False
    # Other instructions than those of the conversations that are known: whoever asks so works on what they gave.
    if seen.orders and _orders(body)[:BEGINNING] not in seen.orders and reworked(body) is not None:
        return True
    if not nonce and (seen.tooled or seen.structured):
        return True
    if seen.tools and (not streams or nonce in seen.tooled):
        return True
    if seen.streams and not streams:
        return True
    orders = _orders(body)
    if not _TITLE.search(orders) or orders[:BEGINNING] in seen.orders:
        return False
    return not streams or bool(seen.orders and _OF_A_CHAT.search(orders))


def asks_title(body: Any) -> bool:
    """Whether a request is for a title or a summary, rather than for a judgement: by its instructions, or its schema.

    A request without instructions has them at the beginning of what the user says.
    """
    said = messages(body)
    orders = _orders(body) or (text_of(said[-1])[:BEGINNING] if said else "")
    named = (schema_asked(body) or {}).get("properties") or {}
    return bool(_TITLE.search(" ".join(named)) if named else _TITLE.search(orders))


def agent_of(body: Any) -> str:
    """By what an agent is known again: how its instructions begin, numbers left out, for a time may stand in them."""
    return re.sub(r"\d+", "#", _orders(body)[:BEGINNING])


def _orders(body: Any) -> str:
    """The request's instructions."""
    return "\n".join(text_of(m) for m in messages(body) if m.get("role") in ("system", "developer"))


def _digest(body: Any) -> str:
    """By what the same messages are known again."""
    return hashlib.sha256(json.dumps(messages(body), sort_keys=True).encode("utf-8", "replace")).hexdigest()


def _judges(nonce: str, streams: bool, seen: ServerTraits) -> bool:
    """Whether a request for JSON is a guardrail's or a title's, rather than those of an agent that only speaks JSON.

    Such an agent streams, or was asked in JSON alone for a whole turn, its own nonce's, before.
    """
    if seen.plain:
        return True
    return not streams and not (set(seen.structured) - {nonce})


def _was_given(said: str, turn: Iterable[Step]) -> bool:
    """Whether the turn calls a tool with these words."""
    written = json.dumps(said, ensure_ascii=False)[1:-1], json.dumps(said)[1:-1]
    calls = (call for step in turn for one in (step, *step.attempts) for call in one.calls)
    return any(text in call.arguments for call in calls for text in written)


def side_step(body: Any, given: Step | None, turn: Sequence[Step] = ()) -> Step:
    """The answer to a side request: the script's, else what it asks for in words or by a schema, else a short text.

    A script's step that does nothing but wait says when the answer comes, and not what it is.
    What it wants to have again is no answer, and no script has it: but for what a call of the turn was given, which is
    passed on to an agent that is a tool, a translator maybe.
    """
    if given is not None and given.wait_gate and not (given.said or given.calls or given.fault):
        return replace(side_step(body, None, turn), wait_gate=given.wait_gate)
    schema = schema_asked(body)
    if schema is None and (said := restated(body) or reworked(body)) is not None:
        return given if given is not None and _was_given(said, turn) else Step(text=said)
    if given is None and schema in (None, ANY_OBJECT) and (said := verdict(body) or summed_up(body)) is not None:
        return Step(text=said)
    step = given or Step(text=_short(body))
    return step if schema is None else fitted(step, schema, say=given is not None)


def _short(body: Any) -> str:
    """A short text; where it is to be a title of a turn that is known by its nonce, with that turn's mark."""
    nonce = place(body).nonce
    return f"{SIDE_TEXT}, {TITLED}{nonce[2:]}" if nonce and asks_title(body) else SIDE_TEXT
