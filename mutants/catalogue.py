"""All mutants and near misses, by name. The rows stand in the `table_*` files, one per side."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

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

TABLES: Mapping[str, tuple[Mutant, ...]] = {
    "a stream that is wrong": STREAM,
    "events out of order": GRAMMAR,
    "a turn that is wrong": TURNS,
    "a reload, list or refusal that is wrong": ANSWERS,
    "what the model is sent": MODEL,
    "what the server keeps and does": SERVER,
    "what becomes of a fault": FAULTS,
    "a tool that is wrong": TOOLS,
    "requests, pages, threads side by side": PROMISES,
    "credentials and secrets": SAFETY,
    "files": FILES,
    "the showcase": SHOWCASE,
    "what is shown beside answers": SHOWS,
    "a stream that is odd": ODD,
}
"""The rows, by the kind of those that name none."""

MUTANTS: dict[str, Mutant] = {
    m.name: m if m.kind else replace(m, kind=kind) for kind, rows in TABLES.items() for m in rows
}
"""By name, in the order of the tables."""


class Unknown(LookupError):
    """There is no mutant of that name. The message names the nearest."""


def mutant(name: str) -> Mutant:
    """The mutant of that name. Raises Unknown."""
    if name not in MUTANTS:
        near = difflib.get_close_matches(name, MUTANTS, n=3, cutoff=0.3)
        raise Unknown(f"no mutant is called {name!r}; near: {', '.join(near) or 'none'}. `python -m mutants --list`")
    return MUTANTS[name]
