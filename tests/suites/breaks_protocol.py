"""Conversations that each check of the protocol must fail."""

from __future__ import annotations

from collections.abc import Mapping

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations as c
from tests.suites import conversations_threads as paging
from tests.suites.build import edit, said, thread, without
from tests.suites.edits import CRASH, body, rows

BREAKS: Mapping[str, list[Transcript]] = {
    "protocol.json-answers-valid": [rows(paging.item_pages(), "whole", lambda old: [{**old[0], "content": "text"}])],
    "protocol.json-answers-match-sdk": [rows(paging.item_pages(), "whole", lambda old: [{**old[0], "type": "note"}])],
    "protocol.page-rows-once": [
        rows(paging.item_pages(), "whole", lambda old: [*old, old[-1]]),
        rows(paging.thread_pages(), "threads-1", lambda old: [*old, *old]),
    ],
    "protocol.json-content-type": [edit(paging.item_pages(), "whole", headers={"content-type": "text/plain"})],
    "protocol.requests-accepted": [edit(paging.item_pages(), "whole", **CRASH)],
    "protocol.thread-created": [without(c.three_turns(), "turn-1", "thread.created")],
    "protocol.items-limit": [rows(paging.item_pages(), "items-asc-1", lambda old: [*old, said("x", "x")])],
    "protocol.items-pages-complete": [
        rows(paging.item_pages(), "items-asc-2", lambda old: old[1:]),
        rows(paging.item_pages(), "items-desc-3", lambda old: [*old, *old]),
    ],
    "protocol.items-desc-is-reverse": [rows(paging.item_pages(), "items-desc-1", lambda old: old[::-1])],
    "protocol.items-newest-first": [rows(paging.item_pages(), "newest", lambda _: [said("i0", "text 0")])],
    "protocol.pages-end": [body(paging.item_pages(), "items-asc-3", has_more=True, after="i1")],
    "protocol.threads-limit": [rows(paging.thread_pages(), "threads-1", lambda old: [*old, thread("t0")])],
    "protocol.threads-pages-complete": [
        rows(paging.thread_pages(), "threads-2", lambda _: []),
        rows(paging.thread_pages(), "threads-2", lambda old: [thread("t2"), *old]),
    ],
    "protocol.threads-newest-first": [rows(paging.thread_pages(), "threads-1", lambda old: old[::-1])],
}
