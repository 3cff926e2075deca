"""All mutants and near misses, by name. The rows stand in the `table_*` files, one per side."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

from .bundle import JOINED, together
from .living import WHY
from .mutant import Mutant
from .table_access import ACCESS
from .table_aftermath import AFTERMATH
from .table_answers import ANSWERS
from .table_breaks import BREAKS
from .table_choices import CHOICES
from .table_chores import CHORES
from .table_corners import CORNERS
from .table_counter import COUNTER
from .table_daily import DAILY
from .table_desk import DESK
from .table_effects import EFFECTS
from .table_enclosed import ENCLOSED
from .table_ends import ENDS
from .table_faults import FAULTS
from .table_filters import FILTERS
from .table_foreign import FOREIGN
from .table_grammar import GRAMMAR
from .table_history import HISTORY
from .table_instructions import INSTRUCTIONS
from .table_kept import KEPT
from .table_later import LATER
from .table_leaks import LEAKS
from .table_length import LENGTH
from .table_limits import LIMITS
from .table_model import MODEL
from .table_odd import ODD
from .table_odd_customs import ODD_CUSTOMS
from .table_odd_more import MORE_ODD
from .table_odd_shapes import ODD_SHAPES
from .table_odd_turns import ODD_TURNS
from .table_overlap import OVERLAP
from .table_past import PAST
from .table_pictures import PICTURES
from .table_promises import PROMISES
from .table_reads import READS
from .table_remembered import REMEMBERED
from .table_repeats import REPEATS
from .table_safety import FILES, SAFETY
from .table_second import SECOND
from .table_server import SERVER
from .table_shelf import SHELF
from .table_showcase import SHOWCASE
from .table_shows import SHOWS
from .table_situations import SITUATIONS
from .table_spelling import SPELLING
from .table_sprint import SPRINT
from .table_stale import STALE
from .table_stream import STREAM
from .table_tasks import TASKS
from .table_team import TEAM
from .table_texts import TEXTS
from .table_times import TIMES
from .table_tools import TOOLS
from .table_turns import TURNS
from .table_waiting import WAITING
from .table_workday import WORKDAY

TABLES: Mapping[str, tuple[Mutant, ...]] = {
    "a stream that is wrong": STREAM,
    "events out of order": GRAMMAR,
    "a turn that is wrong": TURNS,
    "a turn that is broken off": BREAKS,
    "a request that ends the server": ENDS,
    "a reload, list or refusal that is wrong": ANSWERS,
    "what the model is sent": MODEL,
    "what the server keeps and does": SERVER,
    "what becomes of a fault": FAULTS,
    "a tool that is wrong": TOOLS,
    "requests, pages, threads side by side": PROMISES,
    "credentials and secrets": SAFETY,
    "files": FILES,
    "the showcase": SHOWCASE,
    "a team of agents": TEAM,
    "what is shown beside answers": SHOWS,
    "the model fails in another situation": SITUATIONS,
    "instructions and what a message carries": INSTRUCTIONS,
    "text that is lost or doubled": TEXTS,
    "limits, restarts, overlap": LIMITS,
    "what is shown to the wrong people": LEAKS,
    "what tools do": EFFECTS,
    "what the model is told of the past": HISTORY,
    "what is kept": KEPT,
    "what is quick to show nothing": TIMES,
    "what happens elsewhere": AFTERMATH,
    "the past, told otherwise": PAST,
    "tools that do otherwise": TASKS,
    "what is read": READS,
    "who may see what": ACCESS,
    "what is no right request": FOREIGN,
    "pages, titles and retries that go astray": SHELF,
    "what is spelled otherwise": SPELLING,
    "what is taken for another": CHOICES,
    "chores that go wrong": CHORES,
    "what is remembered for too long": REMEMBERED,
    "what goes on at the same time": OVERLAP,
    "what is long, or many": LENGTH,
    "what comes after a failure or a stop": REPEATS,
    "what a message carries": ENCLOSED,
    "what is kept at first only": LATER,
    "what goes wrong on any day": DAILY,
    "what goes wrong at a desk": DESK,
    "what shows in a day's work": WORKDAY,
    "well-meant code in a corner": CORNERS,
    "what goes wrong at a counter": COUNTER,
    "what goes wrong in a sprint": SPRINT,
    "what waits, is elsewhere, or comes again": WAITING,
    "the second of two": SECOND,
    "pictures": PICTURES,
    "filters, empties, what is gone": FILTERS,
    "what was kept from before": STALE,
    "a stream that is odd": ODD,
    "a server that is odd": MORE_ODD,
    "a turn that is odd": ODD_TURNS,
    "statuses and items that are odd": ODD_SHAPES,
    "customs that are odd": ODD_CUSTOMS,
}
"""The rows, by the kind of those that name none."""

NOT_YET = "no check looks there yet"
"""Why a lie survives for which no check is named."""


def _whole(kind: str, row: Mutant) -> Mutant:
    unnamed = not (row.named or row.refused or row.near_miss)
    survives = row.survives or (WHY.get(row.name, NOT_YET) if unnamed else "")
    return replace(row, kind=row.kind or kind, survives=survives)


MUTANTS: dict[str, Mutant] = {row.name: _whole(kind, row) for kind, rows in TABLES.items() for row in rows}
"""By name, in the order of the tables."""


class Unknown(LookupError):
    """There is no mutant of that name. The message names the nearest."""


def mutant(name: str) -> Mutant:
    """The mutant of that name; of several near misses' names with a plus between them, their bundle. Raises Unknown."""
    if JOINED in name:
        from .serve import apply

        return together([mutant(one) for one in name.split(JOINED)], apply)
    if name not in MUTANTS:
        near = difflib.get_close_matches(name, MUTANTS, n=3, cutoff=0.3)
        raise Unknown(f"no mutant is called {name!r}; near: {', '.join(near) or 'none'}. `python -m mutants --list`")
    return MUTANTS[name]
