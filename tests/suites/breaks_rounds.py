"""Tool calls that come back to the model wrongly, threads and ids that clash: see suites/invariants."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Call, Transcript
from tests.suites import conversations as c
from tests.suites import conversations_requests as r
from tests.suites import conversations_threads as paging
from tests.suites import conversations_together as k
from tests.suites import trials
from tests.suites.build import Data, asked, edit, noted, recall, replaced, restream, steps, thread, user
from tests.suites.edits import body, complaining, items, rows, spoken

SIGNATURE = "Function call is missing a thought_signature in functionCall parts."
ORDER = "Please ensure that function response turn comes immediately after a function call turn."


def last_call(t: Transcript, change: Callable[[list[Data]], list[Data]]) -> Transcript:
    """The transcript with the messages of the turn's last request changed."""
    last = max(call.n for call in t.calls)
    return recall(t, lambda call: _with(call, change) if call.n == last else call)


def _with(call: Call, change: Callable[[list[Data]], list[Data]]) -> Call:
    return replace(call, body={**call.body, "messages": change(call.messages)})


def run_anew() -> Transcript:
    """A turn whose last request failed, and which was run once more from the user's message."""
    t = trials.each_tool()
    made = steps("create", "Please.", ("create_task", {"title": trials.TITLE}, {"ok": True}))
    again = [replace(call, n=call.n + 100, attempt=1) for call in made]
    calls = [made[0], replace(made[1], status=503), *again]
    return replace(t, replies=t.replies[:1], calls=tuple(calls))


def signed(returned: Callable[[str], str]) -> Transcript:
    """A turn with two calls, each with a signature of its own; `returned` is what goes back of it.

    Args:
        returned: from the id of the call to its signature.
    """
    t = c.tool_create()
    return replace(t, calls=tuple(_signed(call, returned) for call in t.calls))


def _signed(call: Call, returned: Callable[[str], str]) -> Call:
    def rows(made: Data, signature: Callable[[str], str]) -> Data:
        signs = [
            {**row, "extra_content": {"google": {"thought_signature": signature(row["id"])}}}
            for row in made.get("tool_calls") or ()
        ]
        return {**made, "tool_calls": signs} if signs else made

    def written(data: str) -> str:
        chunk = {} if data == "[DONE]" else json.loads(data)
        for choice in chunk.get("choices", ()):
            choice["delta"] = rows(choice["delta"], "sig/{}==".format)
        return json.dumps(chunk) if chunk else data

    messages = [rows(message, returned) for message in call.messages]
    sent = tuple(replace(one, data=written(one.data)) for one in call.sent)
    return replace(call, body={**call.body, "messages": messages}, sent=sent)


def sound_rounds() -> list[Transcript]:
    """Signatures as they came, in the other alphabet, and the stand-in for one that is not known."""
    sound: dict[str, Callable[[str], str]] = {
        "as_they_came": "sig/{}==".format,
        "respelled": "sig_{}".format,
        "unknown": lambda id: "skip_thought_signature_validator",
    }
    return [replace(signed(returned), exchange=f"signed_{name}") for name, returned in sound.items()]


def _renamed_over(old: list[Data]) -> list[Data]:
    return [*old, {"type": "thread.updated", "thread": thread(title="Of the server's own making")}]


CLASH = {"kind": "item", "id": "a1", "one_user": True, "first": "x (gemini-3) turn-1", "second": "y (gemini-3) turn-1"}

BREAKS: Mapping[str, list[Transcript]] = {
    "gemini.results-paired": [
        complaining(c.tool_create(), ORDER),
        spoken(c.tool_create(), lambda old: [m for m in old if m["role"] != "tool"]),
        spoken(c.tool_create(), lambda old: [m for m in old if not m.get("tool_calls")]),
        last_call(trials.many_calls(), lambda old: [*old, old[-1]]),
    ],
    "gemini.signatures-replayed": [
        complaining(c.tool_create(), SIGNATURE),
        signed(lambda id: "sig/c0=="),
        signed(lambda id: f"sig/{id}"[:5]),
    ],
    "gemini.rounds-kept": [last_call(c.text_around_calls(), lambda old: [*old[:1], *old[3:]])],
    "gemini.results-kept-in-turn": [
        last_call(
            c.text_around_calls(),
            lambda old: [{**row, "content": "done"} if n == 2 else row for n, row in enumerate(old)],
        )
    ],
    "tools.not-run-again": [run_anew()],
    "persistence.title-persists": [
        body(paging.rename_and_delete(), "renamed-later", title="Old"),
        rows(paging.rename_and_delete(), "list-before", lambda old: [{**old[0], "title": "Old"}]),
        restream(k.changed_midway(), "turn-2", _renamed_over),
    ],
    "persistence.deleted-stays-deleted": [
        edit(paging.rename_and_delete(), "gone", status=200, body=thread("thr_1")),
        rows(paging.rename_and_delete(), "list-after", lambda old: [*old, thread("thr_1")]),
    ],
    "protocol.has-more-has-cursor": [
        body(paging.item_pages(), "items-asc-1", after=None),
        rows(paging.item_pages(), "items-asc-2", lambda _: [], after="a1"),
    ],
    "protocol.created-thread-listed": [rows(k.rename_and_delete(), "list-before", lambda old: old[:1])],
    "protocol.quoted-text-kept": [
        replaced(r.rich_requests(), "rich", r.QUOTE, "another line"),
        items(r.rich_requests(), "reload", lambda old: [{**row, "quoted_text": None} for row in old]),
    ],
    "protocol.tags-kept": [
        replaced(r.rich_requests(), "rich", "task_4711", "task_0"),
        items(r.rich_requests(), "reload", lambda old: [{**row, "content": row["content"][-1:]} for row in old]),
    ],
    "persistence.message-stored-once": [
        items(c.three_turns(), "reload-2", lambda old: [*old, user("u9", asked(c.Q[0], "turn-1"))])
    ],
    "stream.ids-unique-in-run": [
        noted(c.whole_run(), clashes=[{**CLASH, "kind": kind}]) for kind in ("thread", "file")
    ],
    "stream.ids-unique-over-threads": [noted(c.whole_run(), clashes=[CLASH])],
    "stream.ids-unique-over-users": [noted(c.whole_run(), clashes=[{**CLASH, "one_user": False}])],
}
