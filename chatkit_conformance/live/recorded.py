"""Cassettes of a live run: each conversation that was held whole becomes one; another leaves its old one as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from ..cassette import manifest
from ..cassette.manifest import ManifestRow
from ..cassette.record import keep, nonces_in, summed, user_actions
from ..cassette.tape import TapedCall
from ..judging.catalogue import exchanges
from ..transcript import Transcript
from .real_model import RealGemini


def recorded(folder: Path, held: Iterable[Transcript], gemini: RealGemini) -> Iterator[str]:
    """Record each conversation that was held whole; the names of the cassettes."""
    for t in held:
        calls = _calls_of(t, gemini.calls)
        errored = any(reply.errored or reply.ended != "closed" for reply in t.replies)
        if calls and not errored and all(call.ended == "whole" and call.status < 400 for call in calls):
            yield _record(folder, t, calls, gemini)


def _calls_of(t: Transcript, calls: Iterable[TapedCall]) -> list[TapedCall]:
    """The calls that a conversation's messages led to."""
    marks = {nonce for reply in t.replies if isinstance(reply.request, dict) for nonce in nonces_in(str(reply.request))}
    return [call for call in calls if any(mark in call.body for mark in marks)]


def _record(folder: Path, t: Transcript, calls: list[TapedCall], gemini: RealGemini) -> str:
    name = f"{'live' if gemini.origin == 'live' else 'like-live'}-{t.exchange.replace('_', '-')}--{gemini.model}"
    row = ManifestRow(
        name=name,
        exchange=f"live-{t.exchange}",
        origin=gemini.origin,
        model=gemini.model,
        dialect=gemini.origin if gemini.origin == "live" else "gemini-3",
        date=datetime.now(UTC).date().isoformat(),
        versions=manifest.versions(),
        prompt=user_actions(t.replies, calls),
        shows=exchanges()[t.exchange].story if t.exchange in exchanges() else t.exchange,
        calls=len(calls),
        tokens=summed(calls),
    )
    keep(folder, row, calls)
    return name
