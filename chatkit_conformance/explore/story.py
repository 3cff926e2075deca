"""What was found, for people: in words, as curl lines, as an exchange; and in files that `run --replay` holds again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..moves.saved import Saved, as_exchange, in_words
from ..moves.table import WITH_SCENES
from ..results.repro import curl_line, target_arguments
from ..results.writing import write_whole
from ..target.target import Target
from ..visible import flat
from .draw import Conversation
from .hunt import DIALECT, Explored, Found

MOST_CURLS = 12
"""Curl lines that are printed of one conversation; the transcript has all."""


def save(found: Found, folder: Path, *, people: int, seed: int) -> Path:
    """Write the conversation as JSON and as Python; the path of the JSON file. Raises CannotWrite."""
    stem = folder / found.transcript.exchange
    path = stem.with_suffix(".json")
    saved = Saved(moves=found.moves, people=people, found=(found.check.id,), dialect=DIALECT, seed=seed)
    write_whole(path, saved.text(WITH_SCENES))
    source = as_exchange(found.transcript.exchange, found.moves, WITH_SCENES, people=people)
    write_whole(stem.with_suffix(".py"), source)
    return path


def save_died(moves: Conversation, n: int, folder: Path, *, people: int, seed: int) -> Path:
    """Write a conversation during which the server died; the path of the file. Raises CannotWrite."""
    path = folder / f"died_{n:02}.json"
    write_whole(path, Saved(moves=moves, people=people, dialect=DIALECT, seed=seed).text(WITH_SCENES))
    return path


def story(found: Found, path: Path, target: Target, *, people: int) -> Iterator[str]:
    """A breach, line by line."""
    first = found.result.findings[0].finding if found.result.findings else None
    yield f"FOUND {found.check.id} ({found.check.level}): {found.check.requirement}"
    yield f"  {len(found.moves)} moves, of {found.drawn} that were drawn{_how(found)}:"
    yield from (f"    {line}" for line in in_words(found.moves, WITH_SCENES))
    if first:
        yield f"  expected: {flat(first.expected)}"
        yield f"  got: {flat(first.got)}" + (f" (in {first.reply})" if first.reply else "")
    yield f"  likely cause: {found.check.cause}"
    yield "  as requests:"
    lines = [line for reply in found.transcript.replies if (line := curl_line(reply, target))]
    yield from (f"    {line}" for line in lines[:MOST_CURLS])
    if len(lines) > MOST_CURLS:
        yield f"    and {len(lines) - MOST_CURLS} more, in the report's transcript"
    yield "  as an exchange:"
    source = as_exchange(found.transcript.exchange, found.moves, WITH_SCENES, people=people)
    yield from (f"    {line}".rstrip() for line in source.splitlines())
    yield f"  again: chatkit-conformance run --replay {path} {target_arguments(target)}"


def _how(found: Found) -> str:
    if not found.again:
        return "; it did not break again when it was held again"
    return ", each time on a server that was just started" if found.restarted else ""


def summary(explored: Explored) -> Iterator[str]:
    """What was covered, and what was never reached."""
    yield from (f"  {line}" for line in explored.covered.in_words(explored.kinds))
    never = explored.covered.never(WITH_SCENES)
    if never:
        yield "  never reached:"
        yield from (f"    {line}" for line in never)
