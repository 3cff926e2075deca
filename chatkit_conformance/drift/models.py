"""Which models Google announced to retire, as data (models.json), and what to warn of on a given day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

SOON_DAYS = 90
"""A retirement is warned of from this many days before it: Google announces them about so early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """One model. `retires`: the day from which it is not served as itself; `routed_to` answers in its place, if any."""

    id: str
    retires: date | None = None
    routed_to: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelList:
    """models.json: when the page was `read`, its `source`, and what it says of each model."""

    read: date
    source: str
    models: tuple[ModelFacts, ...]


@cache
def known_models() -> dict[str, ModelFacts]:
    """Every model of models.json by its id."""
    from ..target.text_file import read_as

    return {model.id: model for model in read_as(ModelList, Path(__file__).with_name("models.json")).models}


def warning(name: str, today: date) -> str:
    """What is to be said of a model on that day, or ""."""
    model = known_models().get(name.removeprefix("models/"))
    if model is None:
        return ""
    if model.retires is None:
        return f"{model.id}: {model.note}." if model.note else ""
    then = f"requests are routed to {model.routed_to}" if model.routed_to else "requests fail with 404"
    days = (model.retires - today).days
    if days <= 0:
        return f"{model.id} was retired on {model.retires}; {then}."
    if days <= SOON_DAYS:
        return f"{model.id} retires on {model.retires}, in {days} days; after that {then}."
    return ""


def listed_changes(listed: Iterable[str], today: date) -> list[str]:
    """Where a model list and ours disagree, in sentences: chat models alone."""
    there = {name.removeprefix("models/") for name in listed}
    known = known_models()
    gone = [m for m in known.values() if m.id not in there and not (m.retires and m.retires <= today)]
    back = [m for m in known.values() if m.id in there and m.retires and m.retires <= today and not m.routed_to]
    new = sorted(n for n in there - set(known) if n.startswith("gemini-") and "embedding" not in n)
    said = [f"{model.id} is no longer listed" for model in gone]
    said += [f"{model.id} is listed although it was retired on {model.retires}" for model in back]
    return said + [f"{name} is new: add it to models.json, with its retirement if one is announced" for name in new]
