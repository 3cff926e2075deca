"""By which of Gemini's two APIs, and with whose client, a server asks its model."""

from __future__ import annotations

from .habits import Habits
from .model import Model


def model_of(habits: Habits) -> Model:
    """The model, asked as these habits say. Clients of others are loaded where they are used: they take seconds."""
    if habits.api == "native":
        from .native_model import NativeModel

        return NativeModel(streams=habits.streams_model)
    if habits.api == "litellm":
        from .litellm_model import LiteLLMModel

        return LiteLLMModel(streams=habits.streams_model)
    return Model(streams=habits.streams_model)
