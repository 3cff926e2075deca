"""Requests that are answered oddly and rightly: what the SDK's own server does, and what a cautious one does."""

from __future__ import annotations

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations_requests as r
from tests.suites import conversations_together as k
from tests.suites.build import CREATED, ERROR, JSON_HEADERS, SSE, edit, events_of, restream, thread
from tests.suites.edits import CRASH, body, rows
from tests.suites.moved import moved

BROKEN_OFF = {"status": 200, "headers": SSE, "events": (), "ended": "cut"}
"""What the SDK's own server does where it finds out too late: the stream has begun, and breaks off."""

CONFLICT = {"status": 409, "headers": JSON_HEADERS, "events": (), "body": {"error": "One answer at a time."}}


NOT_TAKEN = {"status": 422, "headers": JSON_HEADERS, "body": {"detail": "That is more than we take."}}


def odd_requests() -> list[Transcript]:
    """All of them."""
    sdk = edit(r.every_request(), "threads.add_client_tool_output", **BROKEN_OFF)
    sdk = edit(edit(sdk, "input.transcribe", **CRASH), "threads.sync_custom_action", **CRASH)
    orphan = edit(
        r.attachments(), "unknown", **{**BROKEN_OFF, "events": events_of([{**CREATED, "thread": thread("thr_9")}])}
    )
    shared = rows(k.thread_pages(), "plain", lambda old: [thread("x1"), *old, thread("x2")])
    closed = edit(r.hostile_bodies(), "huge-body", status=0, headers={}, body=None, ended="cut")
    return [
        sdk,
        orphan,
        closed,
        edit(r.strangers(), "b-output", **BROKEN_OFF),
        edit(r.expired_midway(), "expired", status=403),
        edit(r.every_request(), "input.transcribe", **{**CRASH, "status": 501}),
        edit(r.feedback(), "unknown-item", status=200, body={}),
        edit(r.feedback(), "several", **NOT_TAKEN),
        edit(r.rich_requests(), "long", **NOT_TAKEN, events=()),
        edit(k.item_pages(), "large", **NOT_TAKEN),
        edit(r.attachments(), "delete-unknown", status=200, body={}),
        edit(r.foreign_attachments(), "b-turn", **BROKEN_OFF),
        rows(k.item_pages(), "large", lambda old: old[:3], has_more=True, after="i2"),
        rows(shared, "nulls", lambda old: [thread("x3"), *old]),  # others delete and begin threads in between
        rows(moved(), "7-stranger", lambda _: [], has_more=True, after="one-that-is-hidden"),
        edit(k.two_tabs(), "second", **CONFLICT),
        restream(k.changed_midway(), "turn-2", lambda old: [*old[:1], ERROR]),
        body(k.changed_midway(), "list", has_more=False),
        edit(k.rename_and_delete(), "gone-delete", status=200, body={}),
    ]
