"""The transcripts of a run, read from its folder when they are asked for."""

from __future__ import annotations

import json
from pathlib import Path

from ..transcript import Reply, Transcript
from .moments import calls_of, has_text, shows_work, tool_names
from .plain import line

LARGEST = 48 * 1024 * 1024
"""Bytes above which a transcript is not read: a report is made in seconds, on a small machine."""


class Shelf:
    """Transcripts by (exchange, dialect). One that cannot be read is named in `troubles` and taken as missing.

    Args:
        folder: the folder of the transcripts' files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.troubles: list[str] = []
        self._read: dict[tuple[str, str], Transcript] = {}
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
            if (transcript := self._load(path)) is not None:
                self._read[transcript.exchange, transcript.dialect] = transcript

    def get(self, exchange: str, dialect: str) -> Transcript | None:
        """The transcript of that exchange in that dialect, or None."""
        return self._read.get((exchange, dialect))

    def find(self, exchange: str, dialect: str, label: str) -> tuple[Transcript, Reply] | None:
        """The transcript and its reply of that label, or None."""
        transcript = self.get(exchange, dialect)
        reply = next((r for r in transcript.replies if r.label == label), None) if transcript else None
        return (transcript, reply) if transcript and reply else None

    def exemplars(self) -> list[tuple[str, Transcript, Reply]]:
        """A plain turn and a tool turn, each with the name of its kind: those that say most, if there are any."""
        turns = [
            (t, r) for t in self._read.values() for r in t.turns() if r.deltas and r.ended == "closed" and not r.errors
        ]
        plain = [(t, r) for t, r in turns if _opens(r) and len(calls_of(t, r)) == 1 and not _calls_tools(t, r)]
        tools = [(t, r) for t, r in turns if _calls_tools(t, r) and any(shows_work(e) for e in r.events)]
        tools = tools or [(t, r) for t, r in turns if _calls_tools(t, r)]
        best = [
            ("A plain turn", max(plain, key=_worth, default=None)),
            ("A turn with a tool", max(tools, key=_worth, default=None)),
        ]
        return [(name, *found) for name, found in best if found]

    def _load(self, path: Path) -> Transcript | None:
        try:
            if path.stat().st_size > LARGEST:
                raise ValueError(f"it has {path.stat().st_size:,} bytes, more than a report takes")
            return Transcript.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            self.troubles.append(line(f"transcripts/{path.name} could not be read: {problem}", 300))
            return None


def _opens(reply: Reply) -> bool:
    return reply.type == "threads.create"


def _calls_tools(transcript: Transcript, reply: Reply) -> bool:
    return any(tool_names(sent.data) for call in calls_of(transcript, reply) for sent in call.sent)


def _worth(turn: tuple[Transcript, Reply]) -> tuple[bool, int, int, str]:
    """How well a turn serves as an example: few requests, several deltas but no crowd, the model's text seen."""
    transcript, reply = turn
    calls = calls_of(transcript, reply)
    told = any(has_text(sent.data) for call in calls for sent in call.sent)
    return told, -abs(len(reply.deltas) - 12), -len(calls), transcript.exchange
