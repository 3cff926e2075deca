"""A saved conversation as an exchange, for `run --replay`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..exchange import Exchange
from ..moves.saved import in_words, read_saved
from ..moves.stage import Stage
from ..moves.table import WITH_SCENES

if TYPE_CHECKING:
    from ..talk import Talk

NAME = "replay"
"""The exchange is called so."""

DEADLINE_S = 120.0


def replayed(path: Path) -> tuple[Exchange, frozenset[str]]:
    """The exchange, and the ids of the checks that failed on it when it was saved. Raises ConfigError."""
    saved = read_saved(path, WITH_SCENES)

    async def hold(talk: Talk) -> None:
        await Stage(talk, WITH_SCENES, people=saved.people).hold(saved.moves)

    exchange = Exchange(
        name=NAME,
        story=" ".join(in_words(saved.moves, WITH_SCENES)),
        hold=hold,
        deadline_s=DEADLINE_S,
        dialects=(saved.dialect,),
        alone=True,
    )
    return exchange, frozenset(saved.found)
