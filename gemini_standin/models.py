"""Gemini's models: the one table, models.json, for the stand-in, drift, prices, pace, the audit and the judge.

A name that is not in it is answered as Gemini answers it, 404. Two kinds of names are known all the same: a variant of
a row (`-latest`, `-preview...`, `-001`), and a version that is newer than every row of its line, so that a model that
comes out tomorrow needs no new release of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

SOON_DAYS = 90
"""A retirement is told from this many days before it: Google announces them about so early."""

_VARIANT = re.compile(r"-(latest|\d{3}|preview[\w.-]*|exp[\w.-]*)$")
_VERSION = re.compile(r"^gemini-(\d+)(?:\.(\d+))?-[a-z][a-z-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens, from that day on; thinking counts as output."""

    since: date
    input: float
    output: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPace:
    """What was recorded of one model: pairs are (median, 90th percentile); seconds, characters, tokens per second."""

    first_s: tuple[float, float]
    chunk_chars: tuple[float, float]
    tokens_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One row.

    Args:
        id: name without the `models/` prefix. display_name: as the list shows it. dialect: its row of dialect.py.
        released, retires: days, None where none is known; from `retires` on it is no longer served as itself.
        routed_to: the model that answers in its place from then on, or None where the request fails.
        served: false once its name is answered 404. deprecated: routed already, without a day.
        chats: whether chat completions accept it (the list also names models that only embed).
        efforts: values of reasoning_effort that it takes, None where that is not known.
        sampling: "ignored" where temperature and top_p change nothing. output_tokens: the most it writes, 0 not known.
        prices: by day. pace: as recorded. note: what else is to be known.
    """

    id: str
    display_name: str
    dialect: str = ""
    released: date | None = None
    retires: date | None = None
    routed_to: str | None = None
    served: bool = True
    deprecated: bool = False
    chats: bool = True
    efforts: frozenset[str] | None = None
    sampling: str = ""
    output_tokens: int = 0
    paid_only: bool = False
    prices: tuple[Price, ...] = ()
    pace: RecordedPace | None = None
    note: str = ""


def _row(row: Mapping[str, Any]) -> Model:
    value: dict[str, Any] = dict(row)
    for key in ("released", "retires"):
        if value.get(key):
            value[key] = date.fromisoformat(value[key])
    if "efforts" in value:
        value["efforts"] = frozenset(value["efforts"])
    if "pace" in value:
        pace = value["pace"]
        value["pace"] = RecordedPace(
            first_s=tuple(pace["first_s"]), chunk_chars=tuple(pace["chunk_chars"]), tokens_per_s=pace["tokens_per_s"]
        )
    value["prices"] = tuple(
        Price(since=date.fromisoformat(p["from"]), input=p["input"], output=p["output"]) for p in row.get("prices", ())
    )
    return Model(**value)


_TABLE = json.loads(Path(__file__).with_name("models.json").read_text(encoding="utf-8"))

READ = date.fromisoformat(_TABLE["read"])
"""The day on which the table's sources were read."""

DEFAULT: str = _TABLE["default"]
"""The model that a started server is told to use, and that is probed: Google's own current one."""

PACE_OF_OTHERS: str = _TABLE["pace_of_others"]
"""The model whose pace stands in for those without figures of their own: the newest flash model that has some."""

MODELS: Mapping[str, Model] = {row.id: row for row in map(_row, _TABLE["models"])}
"""Every row by its id, the newest first."""


def row_of(name: str) -> Model | None:
    """The row of a model's name, with or without `models/`; a variant has the row of what it is a variant of."""
    bare = name.removeprefix("models/")
    return MODELS.get(bare) or MODELS.get(_VARIANT.sub("", bare))


def newer(name: str) -> bool:
    """Whether a name can be that of a model that came out after the table was read."""
    found = _VERSION.match(name.removeprefix("models/"))
    if not found or row_of(name):
        return False
    version = int(found[1]), int(found[2] or 0)
    newest = _newest()
    major = max(newest)
    return version > newest[version[0]] if version[0] in newest else version[0] == major + 1


@cache
def _newest() -> Mapping[int, tuple[int, int]]:
    """The newest version of each major line."""
    found = [_VERSION.match(name) for name in MODELS]
    versions = sorted((int(match[1]), int(match[2] or 0)) for match in found if match)
    return {major: (major, minor) for major, minor in versions}


def known(name: str) -> bool:
    """Whether chat completions accept a model of this name, with or without `models/`."""
    row = row_of(name)
    return row.served and row.chats if row else newer(name)


def notice(name: str, as_of: date) -> str:
    """What is to be said of a model on that day, one sentence, or "". No verdict hangs on it."""
    row = row_of(name)
    if row is None:
        if newer(name):
            return f"{name} is not in the table of {READ}; it is taken for a newer model, which Gemini may not know."
        return ""
    then = f"requests are routed to {row.routed_to}" if row.routed_to else "requests fail with 404"
    if row.retires is None:
        return f"{row.id} is deprecated; {then}." if row.deprecated else ""
    days = (row.retires - as_of).days
    if days <= 0:
        return f"{row.id} was retired on {row.retires}; {then}."
    if days <= SOON_DAYS:
        return f"{row.id} retires on {row.retires}, in {days} day{'s' * (days != 1)}; after that {then}."
    return ""


def price_on(name: str, day: date) -> Price | None:
    """The price of a model on a day, or None where none is known."""
    row = row_of(name)
    held = [price for price in row.prices if price.since <= day] if row else []
    return held[-1] if held else None


def dearest(day: date) -> Price:
    """Of all prices that are known on a day the highest, input and output each by itself."""
    held = [price for name in MODELS if (price := price_on(name, day))]
    return Price(since=day, input=max(p.input for p in held), output=max(p.output for p in held))


def listing() -> dict[str, Any]:
    """The body of `GET models`: ids carry the prefix, there is no `created`, and keys are not alphabetical."""
    rows = [
        {"id": f"models/{m.id}", "object": "model", "owned_by": "google", "display_name": m.display_name}
        for m in MODELS.values()
        if m.served
    ]
    return {"object": "list", "data": rows}
