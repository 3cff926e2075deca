"""The manifest: what each cassette is, where it comes from, and what the user said in it, so that it can be played."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar, Literal

Origin = Literal["live", "stand-in"]
Do = Literal["create", "say", "retry", "leave"]

FILE = "manifest.json"
EXACT = {"extra": "forbid"}
"""How a row is read: a key that is not its own is a mistake."""

SDKS = ("openai", "openai-agents", "openai-chatkit")
"""The packages whose version shapes what the reference server sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAction:
    """One thing that the user did.

    Args:
        do: "create" a thread, "say" something in one, "retry" a message of it, or "leave" while one is answered.
        thread: which of the cassette's threads, from 0. text: the user's words, or those of the
        message retried. calls: the calls to Gemini that came.
    """

    __pydantic_config__: ClassVar = EXACT

    do: Do
    text: str
    calls: int
    thread: int = 0
    user: str = "a"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRow:
    """One cassette.

    Args:
        name: of its file, a behaviour. exchange: the conversation that was held. origin: Gemini itself, or the
        stand-in. dialect: the stand-in's, or "live". date: of the recording, ISO. versions: of the SDKs.
        prompt: what the user did, in order. shows: what there is to see in it. calls: how many. complete: False
        where an answer was cut or left.
    """

    __pydantic_config__: ClassVar = EXACT

    name: str
    exchange: str
    origin: Origin
    model: str
    dialect: str
    date: str
    versions: Mapping[str, str]
    prompt: tuple[UserAction, ...]
    shows: str
    calls: int
    complete: bool = True
    tokens: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The whole file: its rows, and the cassettes that there are none of, with the reason."""

    __pydantic_config__: ClassVar = EXACT

    schema: Literal[1] = 1
    cassettes: tuple[ManifestRow, ...] = ()
    unheld: Mapping[str, str] = field(default_factory=dict)


def manifest(folder: Path) -> Manifest:
    """The manifest of a folder, empty where there is none yet. Raises ConfigError where it cannot be read."""
    from ..target.text_file import read_as

    path = folder / FILE
    return read_as(Manifest, path) if path.exists() else Manifest()


def read(folder: Path) -> dict[str, ManifestRow]:
    """The rows by name; {} where there is no manifest yet. Raises ConfigError where it cannot be read."""
    return {row.name: row for row in manifest(folder).cassettes}


def unheld(folder: Path) -> Mapping[str, str]:
    """Cassettes that there are none of, and why: the exchange cannot be held, or asks no model."""
    return manifest(folder).unheld


def write(folder: Path, rows: Iterable[ManifestRow], without: Mapping[str, str] | None = None) -> None:
    """Write the manifest, its rows by name.

    Args:
        without: see `unheld`; None leaves those that are there.
    """
    listed = tuple(sorted(rows, key=lambda row: row.name))
    kept = unheld(folder) if without is None else without
    here = {row.name for row in listed}
    made = Manifest(cassettes=listed, unheld={name: kept[name] for name in sorted(kept) if name not in here})
    (folder / FILE).write_text(json.dumps(asdict(made), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def versions() -> dict[str, str]:
    """The SDKs' versions as they are installed here, for the record."""
    found = {}
    for package in SDKS:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def problems(folder: Path) -> list[str]:
    """Where manifest and files disagree, in sentences."""
    rows, here = read(folder), {path.stem for path in folder.glob("*.yaml")}
    timed = {path.stem for path in (folder / "timing").glob("*.json")}
    made = [f"{name}.yaml is in no row of the manifest" for name in sorted(here - set(rows))]
    made += [f"{name} is in the manifest and not in the folder" for name in sorted(set(rows) - here)]
    made += [f"{name}: its timing file is missing" for name in sorted(here - timed)]
    return made + [f"timing/{name}.json belongs to no cassette" for name in sorted(timed - here)]


def facts(row: ManifestRow) -> dict[str, Any]:
    """The row as one line of the README's table needs it."""
    return {"name": row.name, "origin": row.origin, "dialect": row.dialect, "calls": row.calls, "shows": row.shows}
