"""The models that the stand-in lists, with the dates that Google has announced for them (its pages of autumn 2026).

A model that is not in this table is accepted all the same as long as its name begins with `gemini-`, so that a newer
model needs no new release of ours. Everything else is answered as Gemini answers it: 404.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One listed model.

    Args:
        id: name without the `models/` prefix. display_name: as the list shows it.
        retires: the day from which it is no longer served as itself, or None where no day is known.
        routed_to: the model that answers in its place from then on, or None where the request fails.
        chats: whether chat completions accept it (the list also names models that only embed).
    """

    id: str
    display_name: str
    retires: date | None = None
    routed_to: str | None = None
    chats: bool = True


_ROWS = (
    Model(id="gemini-3.8-flash", display_name="Gemini 3.8 Flash"),
    Model(id="gemini-3.7-flash", display_name="Gemini 3.7 Flash"),
    Model(id="gemini-3.6-flash", display_name="Gemini 3.6 Flash"),
    Model(id="gemini-3.5-flash", display_name="Gemini 3.5 Flash"),
    Model(id="gemini-3.5-flash-lite", display_name="Gemini 3.5 Flash-Lite"),
    Model(id="gemini-3.1-flash-lite", display_name="Gemini 3.1 Flash-Lite"),
    Model(id="gemini-3.1-pro-preview", display_name="Gemini 3.1 Pro Preview"),
    Model(id="gemini-3-flash-preview", display_name="Gemini 3 Flash Preview"),
    Model(id="gemini-2.5-pro", display_name="Gemini 2.5 Pro", retires=date(2026, 12, 1), routed_to="gemini-3.8-flash"),
    Model(
        id="gemini-2.5-flash",
        display_name="Gemini 2.5 Flash",
        retires=date(2026, 12, 1),
        routed_to="gemini-3.5-flash-lite",
    ),
    Model(id="gemini-2.5-flash-lite", display_name="Gemini 2.5 Flash-Lite"),
    Model(id="gemini-2.0-flash", display_name="Gemini 2.0 Flash", retires=date(2026, 6, 1)),
    Model(id="gemini-2.0-flash-lite", display_name="Gemini 2.0 Flash-Lite", retires=date(2026, 6, 1)),
    Model(id="gemini-3-pro-preview", display_name="Gemini 3 Pro Preview", retires=date(2026, 3, 9)),
    Model(id="gemini-flash-latest", display_name="Gemini Flash Latest"),
    Model(id="gemini-embedding-001", display_name="Gemini Embedding 001", chats=False),
)

MODELS: Mapping[str, Model] = {row.id: row for row in _ROWS}
"""Every listed model by its id."""


def known(name: str) -> bool:
    """Whether chat completions accept a model of this name, with or without `models/`."""
    bare = name.removeprefix("models/")
    listed = MODELS.get(bare)
    return listed.chats if listed else bare.startswith("gemini-")


def notice(name: str, today: date) -> str | None:
    """What Google's deprecation page says of this model on that day, or None where it says nothing."""
    listed = MODELS.get(name.removeprefix("models/"))
    if listed is None or listed.retires is None or today < listed.retires:
        return None
    then = f"requests are routed to {listed.routed_to}" if listed.routed_to else "requests fail with 404"
    return f"models/{listed.id} was retired on {listed.retires.isoformat()}; {then}."


def listing() -> dict[str, Any]:
    """The body of `GET models`: ids carry the prefix, there is no `created`, and keys are not alphabetical."""
    rows = [
        {"id": f"models/{m.id}", "object": "model", "owned_by": "google", "display_name": m.display_name}
        for m in MODELS.values()
        if not (m.retires and m.routed_to is None)
    ]
    return {"object": "list", "data": rows}
