"""By which of Gemini's two APIs a server asks its model."""

from __future__ import annotations

from .habits import Habits
from .model import Model


def model_of(habits: Habits) -> Model:
    """The model, asked as these habits say. Google's own client is loaded where it is used alone: it takes a second."""
    if habits.api == "native":
        from .native_model import NativeModel

        return NativeModel(streams=habits.streams_model)
    return Model(streams=habits.streams_model)
