"""Ids that a run saw twice: of two items, threads or files, in whatever conversations, before and after a restart.

Numbers are ids, too, and each kind counts by itself: a thread and an item may both be called 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..transcript import Transcript
from .asked import asked_in
from .reread import rereads


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One thing that has an id.

    Args:
        kind: item, thread or file. id: its id. of: what tells it from another of this id. user: whose it is.
        where: exchange, dialect and reply in which it was first seen.
    """

    kind: str
    id: str
    of: str
    user: str
    where: str


def clashes(transcripts: Iterable[Transcript]) -> list[dict[str, Any]]:
    """Each id that two things have: kind, id, whether both are one user's, and where each was seen."""
    first: dict[tuple[str, str], _Seen] = {}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for t in transcripts:
        for seen in _seen(t):
            key = seen.kind, seen.id
            before = first.setdefault(key, seen)
            if before.of != seen.of and key not in found:
                found[key] = {
                    "kind": seen.kind,
                    "id": seen.id,
                    "one_user": before.user == seen.user,
                    "first": before.where,
                    "second": seen.where,
                }
    return list(found.values())


def _seen(t: Transcript) -> Iterator[_Seen]:
    """Everything with an id in one transcript."""
    for a in asked_in(t):
        r = a.reply
        where = f"{t.exchange} ({t.dialect}) {r.label}"
        taken = r.accepted and isinstance(r.body, dict) and isinstance(r.body.get("id"), str)
        if r.type == "attachments.create" and taken:
            yield _Seen(kind="file", id=str(r.body["id"]), of=f"{where} {a.n}", user=r.user, where=where)
        for _ in r.of("thread.created"):
            if r.thread_id:
                yield _Seen(kind="thread", id=r.thread_id, of=f"{where} {a.n}", user=r.user, where=where)
        for e in r.of("thread.item.added", "thread.item.done"):
            if e.item_id and a.thread_id:
                of = f"{t.exchange} {t.dialect} {a.thread_id}"
                yield _Seen(kind="item", id=e.item_id, of=of, user=r.user, where=where)
    for read in rereads(t):
        of, where = f"{t.exchange} {t.dialect} {read.thread_id}", f"{t.exchange} ({t.dialect}) {read.label}"
        yield from (_Seen(kind="item", id=id, of=of, user=read.user, where=where) for id in read.ids)
