"""Conversations that each check of what the model is sent, of time and of access must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations as c
from tests.suites.build import called, edit, items_of, recall, thread
from tests.suites.edits import CRASH, asked_with, body, complaining, items, refused, rows

OPENAI = {"at": 1.0, "method": "CONNECT", "host": "api.openai.com", "port": 443}
SIGNATURE = "Function call is missing a thought_signature in functionCall parts."
ORDER = "Please ensure that function response turn comes immediately after a function call turn."

BREAKS: Mapping[str, list[Transcript]] = {
    "gemini.model-is-gemini": [asked_with(c.whole_run(), model="gpt-4.1-mini")],
    "gemini.request-path": [recall(c.whole_run(), lambda call: replace(call, path="/v1beta/openai/responses"))],
    "gemini.no-openai-host": [c.whole_run(egress=[OPENAI])],
    "gemini.no-openai-headers": [
        recall(c.whole_run(), lambda call: replace(call, headers={"openai-organization": "org-canary"}))
    ],
    "gemini.requests-valid": [
        complaining(c.three_turns(), 'Invalid JSON payload received. Unknown name "store"'),
        refused(c.three_turns()),
    ],
    "gemini.streams": [asked_with(c.three_turns(), stream=False)],
    "gemini.usage-asked": [asked_with(c.three_turns(), stream_options=None)],
    "gemini.call-cancelled-on-disconnect": [
        recall(c.client_leaves(), lambda call: replace(call, gone_at=None, finished_at=11.0)),
        recall(c.client_leaves(), lambda call: replace(call, gone_at=9.5)),
    ],
    "security.other-user-cannot-read": [
        edit(c.strangers(), "b-get", status=200, body=thread("thr_1", items_of(c.strangers(), "before")))
    ],
    "security.other-user-cannot-read-items": [
        edit(c.strangers(), "b-items", status=200, body={"data": items_of(c.strangers(), "before")})
    ],
    "security.other-user-threads-not-listed": [rows(c.strangers(), "b-list", lambda old: [*old, thread("thr_1")])],
    "security.other-user-cannot-write": [items(c.strangers(), "after", lambda old: old[:1])],
    "security.other-user-history-not-sent": [
        replace(c.strangers(), calls=(called("b-say", [{"role": "user", "content": "The safe's number is 7-31-19."}]),))
    ],
    "security.other-user-cannot-rename": [body(c.strangers(), "after", title="Taken over")],
    "security.other-user-cannot-delete": [edit(c.strangers(), "after-delete", status=404, body={"detail": "gone"})],
    "security.no-token-refused": [edit(c.no_credentials(), "nobody-lists", status=200, body={"data": []})],
    "security.no-token-cannot-write": [edit(c.no_credentials(), "nobody-writes", status=200)],
    "security.forged-token-refused": [edit(c.no_credentials(), "forged-token", status=200)],
    "security.unsigned-token-refused": [edit(c.no_credentials(), "unsigned-token", status=200)],
    "security.expired-token-refused": [edit(c.no_credentials(), "expired-token", status=200)],
    "security.refusal-is-401": [edit(c.no_credentials(), "nobody-lists", **CRASH)],
    "security.no-secret-leaks": [
        c.whole_run(leaks=[{"secret": "gemini-key", "where": "reply", "exchange": "fault_cut", "reply": "fault"}])
    ],
}
