"""Conversations that the checks of requests, credentials, hostile bodies and files must fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations as c
from tests.suites import conversations_requests as k
from tests.suites.build import ERROR, JSON_HEADERS, SSE, Data, answer, edit, events_of, restream, said, user
from tests.suites.conversations_requests import DOT, FILE
from tests.suites.conversations_together import several_threads
from tests.suites.edits import CRASH, body, items, silent, spoken

TAKEN = {"status": 200, "headers": JSON_HEADERS, "body": {}}
"""A request that was to be refused, and was not."""

REFUSED = {"status": 413, "headers": JSON_HEADERS, "events": (), "body": {"detail": "Too long."}}
STREAMED = {"status": 200, "headers": SSE, "events": events_of(answer("x1", "As you wish."))}
CUT = {"status": 200, "headers": SSE, "events": (), "ended": "cut"}
NO_ANSWER = {"status": 0, "ended": "deadline", "headers": {}, "body": None}


def _reworded(t: Transcript, label: str, old: str, new: str) -> Transcript:
    """The transcript with words of one reply changed, however they are escaped."""
    return restream(t, label, lambda datas: json.loads(json.dumps(datas, ensure_ascii=False).replace(old, new)))


def _shorter(item: Data) -> Data:
    """A message cut at its thousandth character."""
    part = item["content"][0]
    return {**item, "content": [{**part, "text": part["text"][:1000] + part["text"][-20:]}]}


def _bare(event: Data) -> Data:
    """An event whose item has no attachments."""
    return {**event, "item": {**event["item"], "attachments": []}} if "item" in event else event


def _let_in(kind: str) -> list[Transcript]:
    return [
        edit(k.no_credentials(), f"{kind}:input.transcribe", **TAKEN),
        edit(k.no_credentials(), f"{kind}:threads.create", **STREAMED),
    ]


ECHO = {
    **k.CORS,
    "access-control-allow-origin": "https://elsewhere.example",
    "access-control-allow-credentials": "true",
}

BREAKS: Mapping[str, list[Transcript]] = {
    "protocol.every-request-answered": [edit(k.every_request(), "input.transcribe", **NO_ANSWER)],
    "protocol.stream-or-json": [
        edit(k.every_request(), "threads.list", headers=SSE),
        edit(k.every_request(), "threads.create", headers=JSON_HEADERS),
    ],
    "security.ended-token-not-remembered": [edit(k.token_ends(), "ended-used", status=200, body={"data": []})],
    "protocol.features-refused-cleanly": [edit(k.every_request(), "attachments.delete", **CRASH)],
    "protocol.unknown-item-refused": [
        edit(k.every_request(), "threads.add_client_tool_output", **CUT),
        edit(k.every_request(), "threads.sync_custom_action", **CRASH),
    ],
    "protocol.unknown-item-harmless": [items(k.every_request(), "reload", lambda old: old[:1])],
    "protocol.unknown-item-then-next-turn": [silent(k.every_request(), "threads.add_user_message")],
    "protocol.unknown-fields-tolerated": [
        edit(k.rich_requests(), "future", **CRASH),
        edit(k.rich_requests(), "future-list", status=422),
    ],
    "protocol.metadata-accepted": [
        edit(k.rich_requests(), "metadata-get", status=422),
        edit(k.rich_requests(), "rich", **CRASH),
    ],
    "protocol.long-message-accepted": [edit(k.rich_requests(), "long", **REFUSED)],
    "protocol.long-message-answered": [
        restream(k.rich_requests(), "long", lambda old: [*old[:1], ERROR]),
        spoken(k.rich_requests(), lambda old: [{**m, "content": m["content"][-8000:]} for m in old]),
        spoken(k.rich_requests(), lambda old: [{**m, "content": m["content"][:8000]} for m in old]),
    ],
    "protocol.long-message-kept": [
        edit(k.rich_requests(), "long", **CRASH),
        items(k.rich_requests(), "reload", lambda old: [*old[:4], _shorter(old[4]), *old[5:]]),
    ],
    "protocol.request-utf-8": [_reworded(k.rich_requests(), "long", "Łódź", "????")],
    "protocol.wrong-method-refused": [
        edit(k.other_origin(), "get", **CRASH),
        edit(k.other_origin(), "put", **TAKEN),
        edit(k.other_origin(), "get", headers=JSON_HEADERS),
    ],
    "protocol.json-charset-accepted": [edit(k.other_origin(), "charset", status=415)],
    "protocol.wrong-content-type": [edit(k.other_origin(), "form", **CRASH)],
    "protocol.negative-limit": [
        edit(k.hostile_bodies(), "minus-limit", **CRASH),
        edit(k.hostile_bodies(), "minus-limit", **{**TAKEN, "body": {"data": [], "has_more": True}}),
    ],
    "protocol.feedback-never-fails": [edit(k.every_request(), "items.feedback", **CRASH)],
    "protocol.feedback-accepted": [edit(k.feedback(), "negative", **CRASH)],
    "protocol.feedback-repeated": [edit(k.feedback(), "again", status=409)],
    "protocol.feedback-keeps-items": [items(k.feedback(), "reload", lambda old: old[:1])],
    "protocol.feedback-refused": [edit(k.feedback(), "unknown-item", **TAKEN)],
    "protocol.transcription-answers": [edit(k.transcription(), "plain-type", body={"words": "Hello."})],
    "protocol.transcription-bad-audio": [edit(k.transcription(), "not-base64", **CRASH)],
    "security.no-token-refused-everywhere": _let_in("nobody"),
    "security.garbage-token-refused-everywhere": _let_in("garbage"),
    "security.forged-token-refused-everywhere": _let_in("forged"),
    "security.expired-token-refused-everywhere": _let_in("expired"),
    "security.bad-tokens-refused-cleanly": [edit(k.no_credentials(), "garbage:items.list", **CRASH)],
    "security.refusal-names-scheme": [edit(k.no_credentials(), "nobody-lists", headers=JSON_HEADERS)],
    "security.expired-token-mid-thread-refused": [
        edit(k.expired_midway(), "expired", **STREAMED),
        items(k.expired_midway(), "reload", lambda old: [*old, user("u9", "Too late.")]),
    ],
    "security.renewed-token-mid-thread-accepted": [
        silent(k.expired_midway(), "next"),
        items(k.expired_midway(), "reload", lambda old: []),
    ],
    "security.other-user-cannot-act": [
        edit(k.strangers(), "b-output", **STREAMED),
        edit(k.strangers(), "b-sync-action", **{**TAKEN, "body": {"updated_item": said("a1", "x")}}),
    ],
    "security.other-user-learns-nothing": [
        edit(k.strangers(), "b-structured", **{**TAKEN, "body": {"detail": "7-31-19"}}),
    ],
    "security.other-user-refused": [
        edit(k.strangers(), "b-feedback", **TAKEN),
        edit(k.strangers(), "b-action", **CUT),
    ],
    "security.other-user-thread-looks-unknown": [edit(k.strangers(), "b-items", status=403)],
    "security.ids-not-sequential": [
        _reworded(_reworded(several_threads(), "amber", "thr_amber", "thr_7"), "birch", "thr_birch", "thr_8")
    ],
    "security.hostile-bodies-answered": [
        edit(k.hostile_bodies(), "deep-array", **NO_ANSWER),
        edit(k.hostile_bodies(), "huge-body", **NO_ANSWER),
    ],
    "security.hostile-bodies-refused": [
        edit(k.hostile_bodies(), "nul", **CRASH),
        edit(k.hostile_bodies(), "sql", **TAKEN),
    ],
    "security.survives-hostile-bodies": [edit(k.hostile_bodies(), "next", status=0, ended="refused")],
    "security.oversized-body-refused": [
        edit(k.hostile_bodies(), "huge-body", **TAKEN),
        replace(edit(k.hostile_bodies(), "huge-body", **CRASH), notes={"max_body_bytes": None}),
    ],
    "security.cors-on-errors": [edit(k.other_origin(), "bad-thread", headers=JSON_HEADERS)],
    "security.cors-not-for-all": [edit(k.other_origin(), "strange", headers=ECHO)],
    "security.turned-away-let-in-again": [c.whole_run(turned_away={"in_vain": 3, "told_s": 1.0})],
    "security.public-pages-tell-nothing": [k.public_pages("thr_12345678: 1")],
    "security.rate-limit-429": [edit(k.rate_limit(), "burst-3", **TAKEN), edit(k.rate_limit(), "burst-3", **CRASH)],
    "security.rate-limit-retry-after": [edit(k.rate_limit(), "burst-3", headers=JSON_HEADERS)],
    "security.rate-limit-per-user": [edit(k.rate_limit(), "other-user", status=429)],
    "attachments.create-answers": [
        edit(k.attachments(), "create", **CRASH),
        body(k.attachments(), "create-image", preview_url=None),
    ],
    "attachments.name-kept": [body(k.attachments(), "create", name="Ferns _ _2_.txt")],
    "attachments.ids-unique": [body(k.attachments(), "create-spare", id="atc_1")],
    "attachments.descriptor-usable": [
        body(k.attachments(), "create", upload_descriptor=None, upload_url="http://127.0.0.1/x"),
        body(k.attachments(), "create", upload_descriptor={"url": "/files/1", "method": "PUT"}),
    ],
    "attachments.upload-accepted": [edit(k.attachments(), "upload-image", status=405)],
    "attachments.message-shows-files": [
        restream(k.attachments(), "turn", lambda old: [_bare(d) for d in old]),
        edit(k.attachments(), "turn", **CRASH),
    ],
    "attachments.reload-keeps": [
        items(k.attachments(), "reload", lambda old: [{**old[0], "attachments": []}, old[1]]),
        items(k.attachments(), "reload", lambda old: [{**old[0], "attachments": [{**FILE, "name": "x"}, DOT]}, old[1]]),
    ],
    "attachments.thread-saved": [
        items(k.attachments(), "reload", lambda old: [{**old[0], "attachments": [FILE, DOT]}, old[1]])
    ],
    "attachments.metadata-private": [
        body(k.attachments(), "create", metadata={"path": "/srv/files/1"}),
        items(k.attachments(), "reload", lambda old: [{**old[0], "attachments": [{**FILE, "metadata": {"a": 1}}]}]),
    ],
    "attachments.unknown-refused": [edit(k.attachments(), "unknown", **CUT)],
    "attachments.unknown-leaves-no-thread": [
        replace(
            k.attachments(),
            replies=(*k.attachments().replies, replace(k.attachments().reply("reload"), label="orphan")),
        )
    ],
    "attachments.delete-accepted": [edit(k.attachments(), "delete", **CRASH)],
    "attachments.deleted-is-gone": [
        edit(k.attachments(), "deleted", status=200, headers=SSE, events=k.attachments().reply("turn").events)
    ],
    "attachments.next-turn-works": [silent(k.attachments(), "next")],
    "attachments.other-user-cannot-send": [
        edit(k.foreign_attachments(), "b-turn", status=200, headers=SSE, events=k.attachments().reply("turn").events),
        edit(k.foreign_attachments(), "b-turn", **STREAMED),
        edit(k.foreign_attachments(), "b-turn-later", **STREAMED),
    ],
    "attachments.other-user-cannot-overwrite": [
        edit(k.foreign_attachments(), "b-upload", **TAKEN),
        spoken(k.foreign_attachments(), lambda _: [{"role": "user", "content": "overwritten by another user"}]),
    ],
    "attachments.other-user-cannot-delete": [
        edit(k.foreign_attachments(), "turn", status=404, headers=JSON_HEADERS, events=(), body={"detail": "gone"}),
        items(k.foreign_attachments(), "later", lambda old: [{**row, "attachments": []} for row in old]),
    ],
}
