"""Conversations that the checks of pages, of persistence at its edges and of time must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations as c
from tests.suites import conversations_threads as paging
from tests.suites import conversations_together as k
from tests.suites.build import Data, delta, edit, recall, replaced, restream, said, thread
from tests.suites.edits import CRASH, body, items, rows, silent
from tests.suites.timed import held


def _first(old: list[Data]) -> list[Data]:
    return old[:1]


def _lost(old: list[Data]) -> list[Data]:
    return old[1:]


def _reversed(old: list[Data]) -> list[Data]:
    return old[::-1]


BACK = {"status": 200, "headers": {"content-type": "application/json"}, "body": thread("thr_1")}
"""A thread that was deleted and is there again."""

FIRST_PAGE = {"data": [thread("t3"), thread("t2")], "has_more": True, "after": "t2"}


def _answered_again(t: Transcript, label: str) -> Transcript:
    """The transcript in which a refused request was answered with a stream."""
    made = replace(paging.retry().reply("retry"), label=label)
    return replace(t, replies=tuple(made if r.label == label else r for r in t.replies))


BREAKS: Mapping[str, list[Transcript]] = {
    "protocol.items-limit-one": [
        rows(k.item_pages(), "one-2", lambda old: []),
        rows(k.item_pages(), "one-2", lambda old: [said("i0", "text 0")]),
    ],
    "protocol.items-limit-large": [
        edit(k.item_pages(), "large", **CRASH),
        rows(k.item_pages(), "large", lambda old: old[:3]),
    ],
    "protocol.large-limit-accepted": [edit(k.item_pages(), "large", status=422, body={"detail": "at most 100"})],
    "protocol.null-params": [
        edit(k.item_pages(), "nulls", status=422, body={"detail": "null"}),
        rows(k.thread_pages(), "nulls", lambda old: []),
    ],
    "protocol.unknown-cursor": [
        edit(k.item_pages(), "gone-cursor", **CRASH),
        edit(k.thread_pages(), "gone-cursor", body=FIRST_PAGE),
    ],
    "protocol.threads-limit-one": [rows(k.thread_pages(), "single-2", _lost)],
    "protocol.threads-ascending": [
        rows(k.thread_pages(), "ascending-1", _reversed),
        rows(k.thread_pages(), "ascending-2", _lost),
    ],
    "persistence.rename-keeps-items": [items(k.rename_and_delete(), "renamed", _first)],
    "persistence.deleted-not-retried": [_answered_again(k.rename_and_delete(), "gone-retry")],
    "persistence.delete-spares-others": [
        items(k.rename_and_delete(), "neighbour-after", _first),
        edit(k.rename_and_delete(), "neighbour-after", status=404, body={"detail": "gone"}),
    ],
    "persistence.delete-twice": [edit(k.rename_and_delete(), "gone-delete", **CRASH)],
    "persistence.retry-removes-later-turns": [
        items(k.retry(), "reload-first", lambda old: [*old, said("a4", "You are welcome.")])
    ],
    "persistence.long-thread-whole": [
        rows(k.long_thread(), "reload-page-2", _first),
        items(k.long_thread(), "reload", _reversed),
    ],
    "persistence.message-visible-at-once": [
        items(k.two_tabs(), "mid", lambda old: []),
        edit(k.two_tabs(), "mid", status=404, body={"detail": "no thread"}),
    ],
    "persistence.two-tabs-agree": [items(k.two_tabs(), "tab-2", _lost)],
    "persistence.concurrent-messages-answered": [silent(k.two_tabs(), "second"), edit(k.two_tabs(), "first", **CRASH)],
    "persistence.answers-not-mixed": [
        replaced(k.two_tabs(), "first", "The first tab", "And this one The first tab"),
        replaced(k.several_threads(), "amber", "About amber", "About birch"),
    ],
    "persistence.concurrent-messages-kept": [
        items(k.two_tabs(), "tab-1", _lost),
        items(k.two_tabs(), "tab-1", lambda old: [*old, old[-1]]),
    ],
    "persistence.turn-after-concurrent-messages": [silent(k.two_tabs(), "after")],
    "persistence.threads-at-once-answered": [silent(k.several_threads(), "cedar")],
    "persistence.threads-at-once-side-by-side": [
        recall(k.several_threads(), lambda call: held(call, 1.2)),
        restream(k.several_threads(), "birch", lambda old: [*old[:2], *[delta("a-birch", "")] * 5, *old[2:]]),
    ],
    "persistence.threads-at-once-kept": [
        replaced(k.several_threads(), "reload-birch", "About birch", "About cedar"),
        items(k.several_threads(), "reload-birch", lambda old: []),
    ],
    "persistence.renamed-midway-kept": [body(k.changed_midway(), "renamed", title="As before")],
    "persistence.deleted-midway-stays-deleted": [
        edit(k.changed_midway(), "gone", **BACK),
        edit(k.changed_midway(), "gone-items", status=200, body={"data": [said("a2", "Late.")]}),
        rows(k.changed_midway(), "list", lambda _: [thread("thr_1")]),
    ],
    "persistence.deleted-midway-stream-ends": [edit(k.changed_midway(), "turn-2", ended="cut")],
    "persistence.done-is-durable": [
        items(k.killed_at_done(), "reload", _first),
        edit(k.killed_at_done(), "reload", status=404, body={"detail": "no thread"}),
    ],
    "persistence.killed-keeps-message": [items(k.killed_at_done(), "reload", _lost)],
    "persistence.turn-after-kill": [silent(k.killed_at_done(), "next")],
    "stream.no-event-names": [
        edit(
            c.three_turns(),
            "turn-1",
            events=tuple(replace(e, oddity="field 'event: message'") for e in c.three_turns().reply("turn-1").events),
        )
    ],
    "stream.charset": [edit(c.three_turns(), "turn-1", headers={"content-type": "text/event-stream; charset=latin-1"})],
}
