"""The transcripts of a run, read from its folder when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Set
from pathlib import Path

from ..check import WHOLE_RUN
from ..stream.event_kinds import is_text, shows_tool
from ..stream.model_chunks import has_words, tools_called
from ..transcript import Reply, Transcript
from .moments import calls_of
from .plain import line

Pair = tuple[str, str]
"""An exchange and its dialect."""

Turn = tuple[str, Transcript, Reply]
"""The name of a kind of turn, and where one is."""

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
        self._read: dict[tuple[str, str], Transcript] = {}
        self._whole = folder / f"{WHOLE_RUN}.json"  # all calls of all conversations: read only where it is asked for
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
            if path != self._whole and (transcript := self._load(path)) is not None:
                self._read[transcript.exchange, transcript.dialect] = transcript

    def get(self, exchange: str, dialect: str) -> Transcript | None:
        """The transcript of that exchange in that dialect, or None."""
        missing = exchange == WHOLE_RUN and (exchange, dialect) not in self._read and self._whole.is_file()
        if missing and (whole := self._load(self._whole)) is not None:
            self._read[exchange, dialect] = whole
        return self._read.get((exchange, dialect))

    def all(self) -> list[Transcript]:
        """Every transcript that could be read."""
        return list(self._read.values())

    def find(self, exchange: str, dialect: str, label: str) -> tuple[Transcript, Reply] | None:
        """The transcript and its reply of that label, or None."""
        transcript = self.get(exchange, dialect)
        reply = next((r for r in transcript.replies if r.label == label), None) if transcript else None
        return (transcript, reply) if transcript and reply else None

    def exemplars(self, plain_in: Set[Pair] = frozenset(), tool_in: Set[Pair] = frozenset()) -> list[Turn]:
        """A plain turn and a tool turn, each with the name of its kind, if there are any.

        Args:
            plain_in, tool_in: the transcripts to take them from where those have one, because what was measured was
                measured there. Else those that say most are taken.
        """
        turns = [(t, r) for t in self._read.values() for r in t.turns() if any(map(is_text, r.events)) and not r.errors]
        whole = [(t, r, _calls_tools(t, r)) for t, r in turns if r.ended == "closed"]
        tools = [(t, r) for t, r, called in whole if called]
        plain = [(t, r) for t, r, called in whole if not called and _opens(t, r)]
        seen = [(t, r) for t, r in tools if any(map(shows_tool, r.events))] or tools
        best = (("A plain turn", plain, plain_in), ("A turn with a tool", seen, tool_in))
        return [(name, *max(found, key=lambda turn: _worth(turn, wanted))) for name, found, wanted in best if found]

    def _load(self, path: Path) -> Transcript | None:
        try:
            if path.stat().st_size > LARGEST:
                raise ValueError(f"it has {path.stat().st_size:,} bytes, more than a report can include")
            return Transcript.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            self.troubles.append(line(f"transcripts/{path.name} could not be read: {problem}", 300))
            return None


def _opens(transcript: Transcript, reply: Reply) -> bool:
    """Whether it opens a thread with one request to the model."""
    return reply.type == "threads.create" and len(calls_of(transcript, reply)) == 1


def _calls_tools(transcript: Transcript, reply: Reply) -> bool:
    return any(tools_called(sent.data) for call in calls_of(transcript, reply) for sent in call.sent)


def _worth(turn: tuple[Transcript, Reply], wanted: Set[Pair]) -> tuple[bool, bool, int, int, str]:
    """How well a turn serves as an example: where it was measured, few requests, several deltas but no crowd."""
    transcript, reply = turn
    calls = calls_of(transcript, reply)
    answered = any(has_words(sent.data) for call in calls for sent in call.sent)
    measured = (transcript.exchange, transcript.dialect) in wanted
    return measured, answered, -abs(len(reply.deltas) - 12), -len(calls), transcript.exchange
