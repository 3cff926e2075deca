"""All mutants and near misses, by name. The rows stand in the `table_*` files, one per side."""

from __future__ import annotations

import difflib

from .mutant import Mutant
from .table_answers import ANSWERS
from .table_faults import FAULTS
from .table_grammar import GRAMMAR
from .table_model import MODEL
from .table_odd import ODD
from .table_promises import PROMISES
from .table_safety import FILES, SAFETY
from .table_server import SERVER
from .table_showcase import SHOWCASE
from .table_shows import SHOWS
from .table_stream import STREAM
from .table_tools import TOOLS
from .table_turns import TURNS

TABLES = (STREAM, GRAMMAR, TURNS, ANSWERS, MODEL, SERVER, FAULTS, TOOLS, PROMISES, SAFETY, FILES, SHOWCASE, SHOWS, ODD)

MUTANTS: dict[str, Mutant] = {m.name: m for rows in TABLES for m in rows}
"""By name, in the order of the tables."""


class Unknown(LookupError):
    """There is no mutant of that name. The message names the nearest."""


def mutant(name: str) -> Mutant:
    """The mutant of that name. Raises Unknown."""
    if name not in MUTANTS:
        near = difflib.get_close_matches(name, MUTANTS, n=3, cutoff=0.3)
        raise Unknown(f"no mutant is called {name!r}; near: {', '.join(near) or 'none'}. `python -m mutants --list`")
    return MUTANTS[name]
