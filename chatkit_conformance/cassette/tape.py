"""What a recording is made of: calls with their moments, and their two files.

    cassettes/NAME.yaml          the calls, in vcrpy's layout (format.py)
    cassettes/timing/NAME.json   of each call the moment of each event, and how the answer ended

vcrpy joins a stream into one piece and records no stream that is cut: the second file holds what it cannot.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from .format import deserialize, serialize

Ended = Literal["whole", "cut", "left"]
"""Whole; cut by Gemini or the network; left by the server."""

PLACE = "https://generativelanguage.googleapis.com/v1beta/openai/"
"""The endpoint that every cassette names, wherever it was recorded: its origin is in the manifest."""


@dataclass(slots=True, kw_only=True)
class TapedCall:
    """One request to Gemini and its answer, scrubbed.

    Args:
        path: below the endpoint. body: the request's text. text: the answer's text.
        at: seconds after the request, of each event (or of the whole body, where it is no stream).
        tokens: prompt, completion and total, as the answer tells them at its end.
        began: monotonic seconds at which it was asked, while it is recorded. over: set once it has ended.
    """

    method: str
    path: str
    request_headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 0
    response_headers: Mapping[str, list[str]] = field(default_factory=dict)
    text: str = ""
    at: list[float] = field(default_factory=list)
    ended: Ended = "whole"
    ended_s: float = 0.0
    tokens: Mapping[str, int] = field(default_factory=dict)
    began: float | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event, compare=False, repr=False)

    def interaction(self) -> dict[str, Any]:
        """The call as vcrpy keeps it."""
        phrase = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else ""
        return {
            "request": {
                "method": self.method,
                "uri": PLACE + self.path,
                "headers": self.request_headers,
                "body": self.body,
            },
            "response": {
                "status": {"code": self.status, "message": phrase},
                "headers": self.response_headers,
                "body": {"string": self.text},
            },
        }

    def timing(self) -> dict[str, Any]:
        """The call's moments."""
        return {"at": [round(s, 4) for s in self.at], "ended": self.ended, "ended_s": round(self.ended_s, 4)}


def write(folder: Path, name: str, calls: Iterable[TapedCall]) -> None:
    """Write both files of a cassette, each whole beside its place and then moved there."""
    made = list(calls)
    (folder / "timing").mkdir(parents=True, exist_ok=True)
    _replace(folder / f"{name}.yaml", serialize({"interactions": [c.interaction() for c in made], "version": 1}))
    rows = ",\n    ".join(json.dumps(c.timing()) for c in made)
    _replace(folder / "timing" / f"{name}.json", f'{{\n  "calls": [\n    {rows}\n  ]\n}}\n')


def read(path: Path) -> list[TapedCall]:
    """The calls of a cassette. Raises OSError, or ValueError and KeyError where it is none."""
    rows = deserialize(path.read_text(encoding="utf-8"))["interactions"]
    beside = path.parent / "timing" / f"{path.stem}.json"
    times = json.loads(beside.read_text(encoding="utf-8"))["calls"] if beside.exists() else [{}] * len(rows)
    return [
        TapedCall(
            method=row["request"]["method"],
            path=row["request"]["uri"].removeprefix(PLACE),
            request_headers={k: ", ".join(v) for k, v in row["request"]["headers"].items()},
            body=row["request"]["body"],
            status=row["response"]["status"]["code"],
            response_headers=row["response"]["headers"],
            text=row["response"]["body"]["string"],
            at=at.get("at", []),
            ended=at.get("ended", "whole"),
            ended_s=at.get("ended_s", 0.0),
        )
        for row, at in zip(rows, times, strict=True)
    ]


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
