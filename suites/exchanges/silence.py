"""A model that falls silent, for longer than anybody waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import fault, reply

from .faults import PARTIAL

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

SILENT_S = 150.0
"""Seconds of silence: more than Gemini is silent before an answer or in it, and more than a user waits."""

ENDED_S = 15.0
"""Seconds after it in which the answer may still end."""


@exchange(deadline_s=SILENT_S + 2 * ENDED_S, thorough=True)
async def model_stays_silent(talk: Talk) -> None:
    """The model begins an answer and then says nothing for two and a half minutes; asked again, it answers at once."""
    talk.note("silent_s", SILENT_S)
    step = fault("stall", after=2, max_s=SILENT_S, text=PARTIAL, then=reply("A fern is a plant without flowers."))
    await talk.create("Tell me about ferns.", step, label="silent", deadline_s=SILENT_S + ENDED_S)
