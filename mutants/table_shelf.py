"""Mutants whose pages, titles and retries go astray."""

from __future__ import annotations

from . import shelf_lies as lie
from .mutant import Mutant, Patch, Wire

PAGES = "pages that lose or repeat a row"
TITLES = "a title written over"
RETRY = "a retry that drops too little or too much"


def _row(kind: str, name: str, says: str, change: Wire | Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


SHELF = (
    _row(
        PAGES,
        "hidden-rows-end-the-list",
        "A page from which a hidden row was taken says that it is the last.",
        Wire(answer=lie.ends_with_hidden),
        "persistence.reload-equals-stream",
        "persistence.thread-as-expected",
    ),
    _row(
        PAGES,
        "pages-by-second",
        "Behind a cursor, rows of its own second are lost.",
        Wire(answer=lie.by_second),
        "protocol.threads-pages-complete",
        "protocol.created-thread-listed",
    ),
    _row(
        PAGES,
        "newest-first-behind-cursor",
        "Behind the first page, lists are newest first, whatever was asked for.",
        Wire(request=lie.newest_behind),
        "protocol.items-pages-complete",
        "persistence.reload-equals-stream",
    ),
    _row(
        PAGES,
        "full-page-begins-anew",
        "Behind a last page that is full, the first one comes again.",
        lie.begin_anew,
        "protocol.threads-limit-one",
    ),
    _row(
        TITLES,
        "titles-cut-at-80",
        "A title is cut at eighty characters.",
        Wire(request=lie.titled(lie.cut)),
        "persistence.title-persists",
        "persistence.title-as-expected",
    ),
    _row(
        TITLES,
        "titles-as-html",
        "A title is kept as HTML.",
        Wire(request=lie.titled(lie.escaped)),
        "persistence.title-persists",
    ),
    _row(
        TITLES,
        "first-title-listed",
        "A list shows the title under which a thread was seen first.",
        Wire(answer=lie.first_title_listed),
        "persistence.title-persists",
        "persistence.title-as-expected",
    ),
    _row(
        RETRY,
        "retry-keeps-work",
        "A retry leaves what showed the tools of the answer that it replaces.",
        lie.spare_work,
        "persistence.reload-equals-stream",
    ),
    _row(
        RETRY,
        "retry-in-another-thread",
        "What a retry shows is said to belong to a new thread.",
        Wire(event=lie.in_another_thread),
        "stream.item-thread",
    ),
)
