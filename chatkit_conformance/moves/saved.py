"""Conversations in a file and on paper: saved as JSON to be held again, told in words, written as an exchange."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gemini_standin.given_file import read_given_text
from gemini_standin.nesting import read_json

from ..target.config_error import ConfigError
from .move import Move, MoveKind
from .stage import MOST_PEOPLE

FORMAT = 1
"""Version of the file. It grows when an older reader would misread it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A saved conversation.

    Args:
        moves: what is done. people: how many users take part. found: ids of the checks that failed on it.
        dialect: the stand-in's profile it was held in. seed: what it was drawn from, for the record.
    """

    moves: tuple[Move, ...]
    people: int = 2
    found: tuple[str, ...] = ()
    dialect: str = "gemini-3"
    seed: int = 0

    def text(self, kinds: Mapping[str, MoveKind]) -> str:
        """The file's text; the words beside the moves are for people, and nobody reads them back."""
        value = {
            "format": FORMAT,
            "found": list(self.found),
            "people": self.people,
            "dialect": self.dialect,
            "seed": self.seed,
            "story": in_words(self.moves, kinds),
            "moves": [move.to_json() for move in self.moves],
        }
        return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def read_saved(path: Path, kinds: Mapping[str, MoveKind]) -> Saved:
    """The conversation in a file.

    Raises:
        ConfigError: there is no such file, or it is none that `explore` saves. The message says what is wrong with it.
    """
    try:
        value = read_json(read_given_text(path))
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror or e}. Name a file that `chatkit-conformance explore` saved.") from e
    except ValueError as e:
        raise ConfigError(f"{path}: not JSON: {e}.") from e
    if not isinstance(value, dict) or value.get("format") != FORMAT or not isinstance(value.get("moves"), list):
        raise ConfigError(f'{path}: not a saved conversation: it has no "format": {FORMAT} and no list of "moves".')
    moves = []
    for n, row in enumerate(value["moves"], 1):
        kind = str(row.get("kind")) if isinstance(row, dict) else ""
        if kind not in kinds:
            raise ConfigError(f"{path}: move {n} is of kind {kind!r}; there are {', '.join(kinds)}.")
        if not isinstance(row.get("args", {}), dict):
            raise ConfigError(f"{path}: move {n}: args is {row['args']!r:.80}; it is an object.")
        move = Move.from_json(row)
        for name, given in move.args.items():
            known = kinds[kind].args.get(name, ())
            if given not in known:
                raise ConfigError(f"{path}: move {n}: {kind} has no {name} {given!r}; it has {list(known) or 'none'}.")
        moves.append(move)
    found = value.get("found", [])
    return Saved(
        moves=tuple(moves),
        people=_whole(path, value, "people", 2, most=MOST_PEOPLE),
        found=tuple(map(str, found)) if isinstance(found, list) else (),
        dialect=str(value.get("dialect", "gemini-3")),
        seed=_whole(path, value, "seed", 0),
    )


def _whole(path: Path, value: Mapping[str, Any], name: str, default: int, most: int | None = None) -> int:
    given = value.get(name, default)
    if type(given) is not int or (most is not None and not 1 <= given <= most):
        raise ConfigError(f"{path}: {name} is {given!r:.80}; it is {f'1 to {most}' if most else 'a whole number'}.")
    return given


def in_words(moves: Sequence[Move], kinds: Mapping[str, MoveKind]) -> list[str]:
    """The conversation as numbered sentences."""
    return [f"{n}. {kinds[move.kind].in_words(move)}" for n, move in enumerate(moves, 1)]


def as_exchange(name: str, moves: Sequence[Move], kinds: Mapping[str, MoveKind], *, people: int = 2) -> str:
    """The conversation as Python source: a file of a suite."""
    story = "; ".join(kinds[move.kind].in_words(move) for move in moves)
    rows = "\n".join(f"    {_spelled(move)}," for move in moves)
    alone = "alone=True" if any(kinds[move.kind].alone for move in moves) else ""
    return (
        f'"""{name}: a conversation that `chatkit-conformance explore` found."""\n\n'
        "from chatkit_conformance.exchange import exchange\n"
        "from chatkit_conformance.moves.move import Move\n"
        "from chatkit_conformance.moves.stage import Stage\n"
        "from chatkit_conformance.moves.table import WITH_SCENES\n\n"
        f"MOVES = [\n{rows}\n]\n\n\n"
        f"@exchange({alone})\n"
        f"async def {name}(talk):\n"
        f'    """{story[:100].rstrip()}."""\n'
        f"    await Stage(talk, WITH_SCENES, people={people}).hold(MOVES)\n"
    )


def _spelled(move: Move) -> str:
    args = f", args={dict(move.args)!r}" if move.args else ""
    return f"Move(kind={move.kind!r}{args})"
