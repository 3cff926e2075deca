"""Conversations under which the server died: each is held again, alone, so that the one to blame is known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..exchange import Exchange
from ..transcript import DIED, JSON, Transcript
from .host import Host
from .lives import Lives
from .once_more import AGAIN

TRIED = 80
"""Conversations that are held again at most: each death costs a start of the server."""

LINGER_S = 0.3
"""Seconds after a conversation in which the server may still die of its last request."""

ALONE = 2
"""How often a conversation counts as held that is held again for this: its messages have marks of their own."""


async def died_under(host: Host, broken: Sequence[tuple[Exchange, str, Transcript]]) -> list[Transcript]:
    """Hold these again, one by one; for each the transcript that counts."""
    found: list[Transcript] = []
    for n, (exchange, dialect, first) in enumerate(broken):
        if _rows(first)[-1]["request"] in host.lives.deadly:
            found.append(first)  # it is known what ended it
            continue
        if n >= TRIED or host.time_is_over:
            found.append(replace(first, untestable=_not_again(first, n), notes=_without(first)))
            continue
        second = await host.hold(exchange, dialect, again=ALONE)
        if DIED not in second.notes:
            second = await _lingered(host.lives, second)
        if DIED not in second.notes:
            how = _rows(first)[0]["how"]
            second = replace(second, notes={**second.notes, AGAIN: f"the server {how} beside other conversations"})
        found.append(second)
    return found


def unexplained(lives: Lives, held: Iterable[Transcript], broken: Iterable[Transcript]) -> list[dict[str, Any]]:
    """The deaths of a run that no conversation accounts for, with who was talking then.

    Args:
        held: the transcripts that count. broken: those of the conversations under which it died at first.
    """
    talking = list(broken)
    blamed = {(t.exchange, t.dialect) for t in held if _rows(t)}
    known = {(row["how"], row["said"]) for t in held for row in _rows(t)}
    told_of: list[dict[str, Any]] = []
    for death in lives.deaths:
        then = {(t.exchange, t.dialect) for t in talking if any(row["at"] == death.at for row in _rows(t))}
        if not then & blamed and (death.how, death.said) not in known:
            told_of.append({**death.to_json(), "beside": sorted({exchange for exchange, _ in then})})
    return told_of


def _rows(t: Transcript) -> list[dict[str, JSON]]:
    rows = t.notes.get(DIED)
    return rows if isinstance(rows, list) else []


def _without(t: Transcript) -> dict[str, JSON]:
    return {name: value for name, value in t.notes.items() if name != DIED}


def _not_again(first: Transcript, n: int) -> str:
    why = f"{TRIED} others were held again before" if n >= TRIED else "the run's time was over"
    return f"the server {_rows(first)[0]['how']} while it was held beside others, and it was not held again: {why}."


async def _lingered(lives: Lives, made: Transcript) -> Transcript:
    """The transcript, with a death that came a moment after its last request."""
    dying = asyncio.ensure_future(lives.next_death())
    await asyncio.wait({dying}, timeout=LINGER_S)
    if not dying.done():
        dying.cancel()
        return made
    return replace(made, notes={**made.notes, DIED: [lives.deaths[-1].to_json(made.replies)]})


def told(lives: Lives) -> str:
    """A sentence for a run in which the server died, or ""."""
    if not lives.deaths:
        return ""
    ends = "; ".join(dict.fromkeys(f"{death.how}: {death.said}" for death in lives.deaths))
    times = len(lives.deaths)
    left = f" Not sent any more, since each one ended it: {', '.join(sorted(lives.deadly))}." if lives.deadly else ""
    return f"the server ended by itself {times} time{'s' * (times != 1)} and was started again ({ends[:400]}).{left}"
