"""Conversations about what reaches the model: a fact after many turns, a quotation, a tag, a model that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves.marks import QUOTED
from chatkit_conformance.script import reply

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

FACT = "My boat is called Marigold and lies in berth 417."
MANY = 8
"""Turns of the long conversation: more than a history window of a few items, and still cheap."""

TAG = {"type": "input_tag", "id": "plant_4711", "text": "Boston fern", "data": {"kind": "plant"}, "interactive": False}


def _text(text: str) -> dict[str, Any]:
    return {"type": "input_text", "text": text}


@exchange()
async def many_turns(talk: Talk) -> None:
    """Eight turns, the first of which states a fact."""
    talk.note("fact", FACT)
    made = await talk.create(FACT, reply("Noted."), label="turn-1")
    if not made.thread_id:
        return
    for n in range(2, MANY + 1):
        await talk.say(made.thread_id, f"Question {n}?", reply(f"Answer {n}."), label=f"turn-{n}")


@exchange()
async def richer_messages(talk: Talk) -> None:
    """Messages with a quotation, with a tag between two texts, for a Gemini model, and for another vendor's model."""
    talk.note("quote", QUOTED)
    talk.note("tag", TAG["text"])
    talk.note("around", ["Water the", "twice a week"])
    made = await talk.create("Is that right?", reply("It is."), label="quoted", quoted_text=QUOTED)
    if not made.thread_id:
        return
    content = [_text("Water the "), TAG, _text(" twice a week.")]
    await talk.say(made.thread_id, "", reply("I will."), label="tagged", content=content)
    for label, model in (("chosen", "gemini-2.5-flash-lite"), ("foreign", "gpt-4.1-mini")):
        options = {"model": model}
        await talk.say(made.thread_id, "Hello.", reply("Hello."), label=label, inference_options=options)
    await talk.say(made.thread_id, "Are you there?", reply("Yes, I am here."), label="next")
