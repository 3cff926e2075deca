"""Where a model list and the table of models disagree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gemini_standin.models import MODELS


def is_chat(name: str) -> bool:
    """Whether a name of a model list can be that of a model that chats."""
    return name.startswith("gemini-") and "embedding" not in name


def listed_changes(listed: Iterable[str], today: date) -> list[str]:
    """Where a model list and ours disagree, in sentences: chat models alone."""
    there = {name.removeprefix("models/") for name in listed}
    known = {model.id: model for model in MODELS.values() if model.chats}
    gone = [m for m in known.values() if m.id not in there and not (m.retires and m.retires <= today)]
    back = [m for m in known.values() if m.id in there and m.retires and m.retires <= today and not m.routed_to]
    new = sorted(n for n in there - set(known) if is_chat(n))
    said = [f"{model.id} is no longer listed" for model in gone]
    said += [f"{model.id} is listed although it was retired on {model.retires}" for model in back]
    return said + [
        f"{name} is new: add it to models.json (--propose writes the row), with its retirement if one is announced"
        for name in new
    ]
