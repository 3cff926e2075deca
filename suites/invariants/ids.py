"""Ids are unique over everything that the run saw: threads, turns, users, restarts."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.check import MUST, SHOULD, WHOLE_RUN, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import store, types

UNIQUE = types("593-645") + ": a thread's and an item's `id`; clients and stores keep them by it"
NEW = store("74-79") + ": generate_item_id returns a new identifier; each request names an item by its thread, too"
COUNTED = "Ids are counted, and the count begins anew: in each thread, for each user, or when the server starts."
DRAW = "Draw ids at random: the SDK's default_generate_id, or uuid4; or keep the count in the database."


def _clashes(t: Transcript, *kinds: str, one_user: bool) -> Findings:
    rows: list[dict[str, Any]] | None = t.notes.get("clashes")
    if rows is None:
        raise Untestable("The ids of the run were not compared.")
    for row in rows:
        if row["one_user"] is one_user and row["kind"] in kinds:
            got = f"{row['kind']} {row['id']!r} in {row['first']}, and another in {row['second']}"
            yield Finding(expected=f"an id of its own for each {row['kind']}", got=got)


@check("stream.ids-unique-in-run", level=MUST, on=(WHOLE_RUN,), clause=UNIQUE, cause=COUNTED, fix=DRAW)
def ids_unique_in_run(t: Transcript) -> Findings:
    """No two threads or files of one user have the same id, whenever they were made."""
    yield from _clashes(t, "thread", "file", one_user=True)


@check("stream.ids-unique-over-threads", level=SHOULD, on=(WHOLE_RUN,), clause=NEW, cause=COUNTED, fix=DRAW)
def ids_unique_over_threads(t: Transcript) -> Findings:
    """No two items of one user have the same id, in whatever threads they are."""
    yield from _clashes(t, "item", one_user=True)


@check("stream.ids-unique-over-users", level=SHOULD, on=(WHOLE_RUN,), clause=UNIQUE, cause=COUNTED, fix=DRAW)
def ids_unique_over_users(t: Transcript) -> Findings:
    """No two threads, items or files of different users have the same id."""
    yield from _clashes(t, "thread", "item", "file", one_user=False)
