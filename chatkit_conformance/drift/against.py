"""What the cassettes show of the wire: the second thing that an answer is compared with, after the profile."""

from __future__ import annotations

from pathlib import Path

from ..cassette import manifest, tape
from .compare import profile_for, united
from .shape import shape_of


def recorded_shape(folder: Path, profile: str, *, origin: str) -> dict[str, list[str]]:
    """Every value of every fact in the cassettes of that origin and dialect; {} where there are none.

    Conversations in which the model breaks are left out: what they show is not Gemini's usual.
    """
    rows = manifest.read(folder)
    sound = [row for row in rows.values() if row.complete and "model-breaks" not in row.name]
    wanted = [row for row in sound if row.origin == origin and profile_of(row) == profile]
    return united(
        shape_of(call.text, status=call.status, headers={k: ", ".join(v) for k, v in call.response_headers.items()})
        for row in wanted
        for call in tape.read(folder / f"{row.name}.yaml")
    )


def profile_of(row: manifest.ManifestRow) -> str:
    """The profile that a cassette speaks: its dialect, or its model's where it was recorded live."""
    return row.dialect if row.origin == "stand-in" else profile_for(row.model)
