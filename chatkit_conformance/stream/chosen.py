"""The models that users choose: ChatKit's client sends one with a message, for that message."""

from __future__ import annotations

from ..transcript import Transcript
from .asked import asked_in


def plain_name(model: str) -> str:
    """A model's name as the Gemini API spells it, without the collection that it may stand in."""
    return model.removeprefix("models/")


def chosen_models(t: Transcript) -> dict[str, str]:
    """The models that were chosen, by the nonce of the message."""
    found = {}
    for asked in asked_in(t):
        options = asked.message.get("inference_options")
        model = options.get("model") if isinstance(options, dict) else None
        if asked.nonce and isinstance(model, str) and not asked.wrong:
            found[asked.nonce] = plain_name(model)
    return found
