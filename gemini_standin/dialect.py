"""How each family of Gemini models words the same answer: one row per dialect, read by chunk.py and refuse.py.

Common to all (so not in the table): JSON is compact and its keys alphabetical, absent things are left out and never
null, `role` is in every delta, a call's arguments come whole, calls have no `index`, usage comes only when asked for
and then in every chunk, and an answer that is not streamed always finishes a call with `tool_calls`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .nearest import hint

Layout = Literal["one-delta", "one-per-delta", "beside-text"]
CallIds = Literal["alnum8", "call-digits", "function-call-digits", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way of speaking.

    Args:
        name: the profile's name.
        story: which models and months it stands for.
        layout: several calls in one delta, or a delta each.
        call_ids: what a call's id looks like.
        finish_on_calls: `finish_reason` on the chunk with the (last) call; None: a chunk of its own says "stop".
        reply_id: whether chunks carry the reply's `id` (they did not before about April 2025).
        call_signature: the first call of a step carries a thought signature, and a turn without it is refused.
        text_signature: a streamed text ends in a chunk without content that carries a signature.
        message_signature: an answer that is not streamed carries its signature on the message, twice.
        late_usage: `completion_tokens` stays 0 until the last chunk.
        json_with_tools: whether tools may be combined with a JSON response format.
        thinking_tokens: tokens of silent thinking in the total where a script says nothing (recorded totals exceed
            prompt plus completion by 12 to 67 on short prompts).
    """

    name: str
    story: str
    layout: Layout
    call_ids: CallIds
    finish_on_calls: Literal["tool_calls", "stop"] | None
    reply_id: bool = True
    call_signature: bool = False
    text_signature: bool = False
    message_signature: bool = False
    late_usage: bool = False
    json_with_tools: bool = False
    thinking_tokens: int = 0


_ROWS = (
    Dialect(
        name="gemini-3",
        story="3.x, as captured on 3.1-flash-lite in 2026: short random call ids",
        layout="one-per-delta",
        call_ids="alnum8",
        finish_on_calls=None,
        call_signature=True,
        text_signature=True,
        json_with_tools=True,
        thinking_tokens=64,
    ),
    Dialect(
        name="gemini-3.8",
        story="3.6-flash and 3.8-flash, September 2026: as gemini-3 with ids call_<6 or 7 digits>",
        layout="one-per-delta",
        call_ids="call-digits",
        finish_on_calls=None,
        call_signature=True,
        text_signature=True,
        json_with_tools=True,
        thinking_tokens=64,
    ),
    Dialect(
        name="gemini-4",
        story="4-argon as a guide of October 2026 describes it; no recording is known: as gemini-3.8",
        layout="one-per-delta",
        call_ids="call-digits",
        finish_on_calls=None,
        call_signature=True,
        text_signature=True,
        json_with_tools=True,
        thinking_tokens=64,
    ),
    Dialect(
        name="gemini-2.5",
        story="2.5-flash in 2026: all calls in one chunk that also finishes the answer",
        layout="one-delta",
        call_ids="function-call-digits",
        finish_on_calls="tool_calls",
        thinking_tokens=67,
    ),
    Dialect(
        name="gemini-2.5-pro-2025",
        story="2.5-pro in mid-2025: empty call ids, signature on the whole message",
        layout="one-delta",
        call_ids="empty",
        finish_on_calls="tool_calls",
        message_signature=True,
        thinking_tokens=62,
    ),
    Dialect(
        name="gemini-2.0",
        story="2.0-flash in early 2025: no reply id, empty call ids, calls finish with stop",
        layout="one-delta",
        call_ids="empty",
        finish_on_calls="stop",
        reply_id=False,
        late_usage=True,
    ),
)

DIALECTS: Mapping[str, Dialect] = {row.name: row for row in _ROWS}
"""Every dialect by its profile name."""


def dialect(name: str) -> Dialect:
    """The dialect of this name. Raises ValueError with the names there are."""
    try:
        return DIALECTS[name]
    except KeyError:
        raise ValueError(f"no profile {name!r}{hint(name, DIALECTS)}; profiles: {', '.join(DIALECTS)}") from None
