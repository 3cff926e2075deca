"""Recorded exchanges with Gemini, played over HTTP: what was recorded, which call answers a request, what is left.

A folder holds `NAME.yaml` (vcrpy's interactions, with parsed bodies: `json`, `events` or `text`), and beside them
`timing/NAME.json` with the moment of each event and how each answer ended. A request is answered by a call that asks
the same (likeness.py): one with the same nonces before others, one played less often before others, then in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .cassette_file import CallTiming, CassetteError, Ended, Interaction, RecordedBody, interactions
from .conversation import messages, text_of
from .likeness import Asked, asked, distance, first_difference, learnt


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswer:
    """One recorded call.

    Args:
        asked: what it asks (likeness.py). body: the request's parsed body.
        status, headers: of the answer. pieces: its body as it was sent, each piece with its text and its moment in
        seconds after the request. ended, ended_s: how and when it ended.
    """

    asked: Asked
    body: Any
    status: int
    headers: Mapping[str, str]
    pieces: tuple[tuple[float, str], ...]
    ended: Ended = "whole"
    ended_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Cassette:
    """One file: its calls in order, how often each was played, and the ids that its player has for the recorded ones.

    An id that a tool tells in one turn is used by the model in a later one, whose request need not show it any more.
    """

    name: str
    calls: tuple[RecordedAnswer, ...]
    played: list[int] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.played = [0] * len(self.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The call that answers, and where it stands."""

    cassette: Cassette
    n: int

    @property
    def call(self) -> RecordedAnswer:
        """The recorded call."""
        return self.cassette.calls[self.n]


@dataclass(slots=True)
class CassettePlayer:
    """All cassettes that are played, and what was asked that none of them has."""

    cassettes: tuple[Cassette, ...] = ()
    misses: list[str] = field(default_factory=list)

    def find(self, method: str, path: str, body: Any) -> Found | None:
        """The call that answers this request, counted as played; None where there is none, noted as a miss."""
        wanted = asked(method, path, body)
        fitting = [
            Found(cassette=tape, n=n)
            for tape in self.cassettes
            for n, call in enumerate(tape.calls)
            if call.asked == wanted
        ]
        if not fitting:
            self.misses.append(self.nearest(wanted))
            return None
        texts = _texts(body)
        found = min(fitting, key=lambda f: (_texts(f.call.body) != texts, f.cassette.played[f.n]))
        found.cassette.played[found.n] += 1
        found.cassette.names.update(learnt(found.call.body, body))
        return found

    def nearest(self, wanted: Asked) -> str:
        """A sentence that names the recorded call which differs least, and where it differs first."""
        every = [(tape, n, call) for tape in self.cassettes for n, call in enumerate(tape.calls)]
        if not every:
            return "No cassette answers this request: there are no cassettes."
        tape, n, call = min(every, key=lambda row: distance(row[2].asked, wanted))
        difference = first_difference(call.asked, wanted)
        return f"No cassette answers this request. Nearest: {tape.name}, call {n + 1}; it differs at {difference}"

    def rewind(self) -> None:
        """As if nothing had been played."""
        self.misses.clear()
        for tape in self.cassettes:
            tape.played = [0] * len(tape.calls)
            tape.names.clear()

    def to_json(self) -> dict[str, Any]:
        """What was played how often, and what was missed."""
        rows = [{"name": tape.name, "calls": len(tape.calls), "played": tape.played} for tape in self.cassettes]
        return {"cassettes": rows, "misses": self.misses}


def _texts(body: Any) -> list[str]:
    """The user's words as they are, nonces and all: what tells two recordings of the same conversation apart."""
    return [text_of(m) for m in messages(body) if m.get("role") == "user"]


def load(places: Iterable[Path]) -> CassettePlayer:
    """The cassettes in these folders and files.

    Raises:
        CassetteError: a place holds none, a file cannot be read, or PyYAML is not installed.
    """
    files: list[Path] = []
    for place in places:
        found = sorted(place.glob("*.yaml")) if place.is_dir() else [place] if place.is_file() else []
        if not found:
            raise CassetteError(f"{place}: no cassette there; give a folder of .yaml files, or one file")
        files += found
    return CassettePlayer(cassettes=tuple(read(path) for path in files))


def read(path: Path) -> Cassette:
    """One cassette with its timing. Raises CassetteError."""
    return Cassette(name=path.stem, calls=tuple(_recorded(row, at) for row, at in interactions(path)))


def _recorded(row: Interaction, at: CallTiming) -> RecordedAnswer:
    request, response = row["request"], row["response"]
    body = request.get("body")
    asked_for = body.get("json") if isinstance(body, dict) else None
    pieces = body_pieces(response["body"])
    moments = list(at.get("at", ()))
    moments += [moments[-1] if moments else 0.0] * (len(pieces) - len(moments))
    return RecordedAnswer(
        asked=asked(request["method"], urlsplit(request["uri"]).path, asked_for),
        body=asked_for,
        status=response["status"]["code"],
        headers={name: ", ".join(values) for name, values in response["headers"].items()},
        pieces=tuple(zip(moments, pieces, strict=False)),
        ended=at.get("ended", "whole"),
        ended_s=at.get("ended_s", 0.0),
    )


def body_pieces(body: RecordedBody) -> tuple[str, ...]:
    """A recorded body as the pieces that were sent: an event each, or the whole of what is no stream."""
    if "events" in body:
        return tuple(f"data: {line}\n\n" for line in body["events"])
    if "json" in body:
        value = body["json"]
        if body.get("written") == "indented":
            return (f"[{json.dumps(value[0], indent=2, ensure_ascii=False)}\n]",)
        return (json.dumps(value, separators=(",", ":"), ensure_ascii=False),)
    text = str(body.get("text", ""))
    return (text,) if text else ()
