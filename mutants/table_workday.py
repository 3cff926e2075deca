"""Mutants that were written without a look at any check: what shows in a day's work, and after a restart."""

from __future__ import annotations

from reference_server.store import SqlStore

from . import since_start_lies as start
from . import workday_lies as lie
from .both_sides import with_model
from .inside import around
from .instruction_lies import with_rows
from .mutant import Mutant, Patch, Upstream, Wire

CROWD = (
    "left_at_boundaries",
    "bulk_trials",
    "each_tool",
    "wrong_arguments",
    "unknown_ids",
    "listed_tasks",
    "several_threads",
    "two_threads",
    "three_turns",
    "bad_arguments",
    "two_calls",
    "many_calls",
    "long_texts",
)
"""Exchanges in which user a begins fifty threads, as in a run: what is named looks at the first of many."""


def _row(name: str, says: str, change: Wire | Upstream | Patch, *named: str, beside: tuple[str, ...] = ()) -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named, beside=beside)


def _forgetting(name: str, says: str, *types: str) -> Mutant:
    change = start.refused_if_old(*types)
    return _row(name, f"A thread from before a restart {says}.", change, "persistence.restart-serves-older-threads")


WORKDAY = (
    _row(
        "past-of-32-threads",
        "The model is told the past of the 32 conversations that were used last.",
        Upstream(request=with_rows(lie.past_of_newest)),
        "persistence.first-thread-remembered",
        beside=CROWD,
    ),
    _row(
        "forty-threads-kept",
        "With a user's 41st thread the oldest is deleted.",
        around(SqlStore, "save_thread", lie.oldest_deleted),
        "persistence.first-thread-kept",
        beside=CROWD,
    ),
    _row(
        "stream-lingers",
        "A stream is closed four seconds after its last event.",
        Wire(linger_s=4),
        "stream.closed-when-done",
    ),
    _row(
        "model-told-credentials",
        "The model is told the caller's credentials.",
        with_model(Upstream(request=with_rows(lie.with_credentials)), Wire(headers=lie.remember_credentials)),
        "security.no-secret-leaks",
    ),
    _forgetting("retry-since-start", "has no answer that can be asked again", "threads.retry_after_item"),
    _forgetting("rename-since-start", "cannot be renamed", "threads.update"),
    _forgetting("delete-since-start", "cannot be deleted", "threads.delete"),
    _forgetting("rating-since-start", "cannot be rated", "items.feedback"),
    _forgetting(
        "buttons-since-start", "has buttons that do nothing", "threads.custom_action", "threads.sync_custom_action"
    ),
    _forgetting("pages-since-start", "cannot be paged", "items.list"),
)
