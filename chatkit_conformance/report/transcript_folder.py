"""The transcripts of a run, read from its folder when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from gemini_standin.given_file import read_given_text

from ..check import WHOLE_RUN
from ..transcript import Reply, Transcript
from .plain import line

Pair = tuple[str, str]
"""An exchange and its dialect."""

LARGEST = 48 * 1024 * 1024
"""Bytes above which a transcript is not read: a report is made in seconds, on a small machine."""


class TranscriptFolder:
    """Transcripts by (exchange, dialect). One that cannot be read is named in `troubles` and taken as missing.

    Args:
        folder: the folder of the transcripts' files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.troubles: list[str] = []
        paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
        self._paths: dict[Pair, Path] = {_pair(path): path for path in paths}
        self._read: dict[Pair, Transcript | None] = {}

    def get(self, exchange: str, dialect: str) -> Transcript | None:
        """The transcript of that exchange in that dialect, or None. What was asked for stays in memory."""
        pair = exchange, dialect
        if pair not in self._read:
            self._read[pair] = self._load(self._paths[pair]) if pair in self._paths else None
        return self._read[pair]

    def each(self) -> Iterator[Transcript]:
        """Every transcript that can be read, one at a time, but for that of the whole run: it holds all calls again."""
        for pair, path in self._paths.items():
            transcript = self._read[pair] if pair in self._read else self._load(path)
            if transcript is not None and transcript.exchange != WHOLE_RUN:
                yield transcript

    def find(self, exchange: str, dialect: str, label: str) -> tuple[Transcript, Reply] | None:
        """The transcript and its reply of that label, or None."""
        transcript = self.get(exchange, dialect)
        reply = next((r for r in transcript.replies if r.label == label), None) if transcript else None
        return (transcript, reply) if transcript and reply else None

    def _load(self, path: Path) -> Transcript | None:
        try:
            return Transcript.from_json(json.loads(read_given_text(path, LARGEST)))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            said = line(f"transcripts/{path.name} could not be read: {problem}", 300)
            self.troubles += [said] if said not in self.troubles else []
            return None


def _pair(path: Path) -> Pair:
    """The exchange and dialect whose transcript has this file's name: see `transcript_name`."""
    exchange, _, dialect = path.stem.partition("--")
    return exchange, dialect
