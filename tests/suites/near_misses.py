"""Conversations that are odd and right: what independent servers do, and what no check may hold against them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Call, Transcript
from tests.suites import conversations as c
from tests.suites import shows
from tests.suites import trials as t
from tests.suites.build import Data, added, delta, done, edit, item, noted, recall, replaced, restream, said, thread
from tests.suites.edits import items
from tests.suites.scope import NEW, OTHER, one_task_of_two, task

UNNAMED = "* GenerateContentRequest.contents[2].parts[0].function_response.name: Name cannot be empty.\n"
"""What Gemini answers where a result's id is not known to it."""

NOISE: list[Data] = [
    {"type": "stream_options", "stream_options": {"allow_cancel": True}},
    {"type": "progress_update", "text": "Thinking"},
    {"type": "notice", "level": "info", "message": "Almost there."},
    {"type": "client_effect", "name": "confetti", "data": {}},
    {"type": "thread.updated", "thread": thread("thr_1", allowed_image_domains=[])},
]


def _noisy(old: list[Data]) -> list[Data]:
    """Notices, progress and a thread.updated between all events."""
    return [data for n, d in enumerate(old) for data in ([d, NOISE[n % 5]] if n else [d])]


def _done_alone(old: list[Data]) -> list[Data]:
    """The answer in one piece, without added and updates."""
    return [d for d in old if d["type"] in ("thread.created", "thread.item.done")]


def _parts(old: list[Data]) -> list[Data]:
    """A content part that is announced after its first delta, empty."""
    content = {"type": "output_text", "text": "", "annotations": []}
    update = {"type": "assistant_message.content_part.added", "content_index": 0, "content": content}
    made = [d for d in old if d["type"] != "thread.item.updated"]
    at = next(n for n, d in enumerate(made) if d["type"] == "thread.item.added") + 1
    first = delta("a1", c.A[0][:3])
    rest = delta("a1", c.A[0][3:])
    return [*made[:at], first, {"type": "thread.item.updated", "item_id": "a1", "update": update}, rest, *made[at:]]


def _ends_of_turn(old: list[Data]) -> list[Data]:
    """An end_of_turn marker that was never announced."""
    marker = {"type": "end_of_turn", "id": "eot1", "thread_id": "thr_1", "created_at": "2026-11-22T10:00:00"}
    return [*old, done(marker)]


def _begun_with_words(old: list[Data]) -> list[Data]:
    """The first words stand in the item that is added, and no delta repeats them."""
    at = next(n for n, d in enumerate(old) if d["type"] == "thread.item.added")
    first = old[at + 1]["update"]["delta"]
    return [*old[:at], added(said("a1", first)), *old[at + 2 :]]


def _removed(old: list[Data]) -> list[Data]:
    """A placeholder that is added and removed."""
    return [*old, added(said("tmp", "")), {"type": "thread.item.removed", "item_id": "tmp"}]


OWN = said("own", "I am looking it up.")


def _own_words_first(old: list[Data]) -> list[Data]:
    """A whole message of the server's own comes first; the model's answer, begun then, is broken off."""
    at = next(n for n, d in enumerate(old) if d["type"] == "thread.item.added")
    return [*old[:at], done(OWN), *old[at:]]


def _replaced_as_it_grows(old: list[Data]) -> list[Data]:
    """All of the answer so far comes again, in place of what was shown of it."""
    made: list[Data] = []
    so_far = ""
    for data in old:
        so_far += data.get("update", {}).get("delta", "")
        growing = {"type": "thread.item.replaced", "item": said("a1", so_far)}
        made.append(growing if data["type"] == "thread.item.updated" else data)
    return made


def near_misses() -> list[Transcript]:
    """All of them."""
    base = c.three_turns()
    edits = (_noisy, _done_alone, _parts, _removed, _ends_of_turn, _begun_with_words, _replaced_as_it_grows)
    made = [restream(base, "turn-1", change) for change in edits]
    made.append(replaced(base, "other-1", '"o1"', '"a1"'))  # another thread has an item of this id, too
    made.append(noted(c.strangers(), thread="1"))  # an id so short that it stands in any date
    faulty = c.fault("fault_cut", partial="This answer has begun")
    refused = edit(
        replace(faulty, replies=faulty.replies[:1], calls=faulty.calls[:1]),
        "fault",
        events=(),
        status=503,
        headers={"content-type": "application/json"},
        body={"error": "later"},
    )
    whole = said("a1", "This answer has begun, and the model broke off.")
    retold = restream(faulty, "fault", lambda old: [*old[:-1], done(whole)])
    retold = items(retold, "reload", lambda old: [old[0], whole, *old[1:]])
    begun = restream(faulty, "fault", _own_words_first)
    begun = items(begun, "reload", lambda old: [old[0], OWN, *old[1:]])
    made += [refused, retold, begun]
    listing = "- [ ] Water the ferns 1a2b3c (id t1)"
    made.append(replace(c.tool("complete", []), exchange="tool_complete"))
    made.append(_in_words(c.tool_create(), listing))
    return [*made, *_shown_oddly(), *_finished_oddly(), *_titles_once(), _numbered(), _asked_beside()]


def _titles_once() -> list[Transcript]:
    """A second task of one title is refused, in three ways; a tool that turns what is completed over, and says so."""
    refusals: tuple[Any, ...] = (
        {"error": "there is a task of that title"},
        f"{t.ERRANDS[0]} is on your list already.",
        {"created": False, "task": c.task(t.ERRANDS[0])},
    )
    turned = one_task_of_two(toggles=True, again=[task(NEW, id="t-1"), task(OTHER)])
    return [*(t.many_calls(again=said, two=False) for said in refusals), turned]


def _shown_by(sign: Data) -> Callable[[list[Data]], list[Data]]:
    return lambda old: [*old[:2], sign, *old[3:]]


def _shown_oddly() -> list[Transcript]:
    """A tool shown by what the page draws itself, and measured turns whose words come in each way."""
    signs: list[Data] = [NOISE[2], NOISE[3]]
    whole = said("a0", "Words, words.")
    return [
        *(restream(c.tool_create(), "create", _shown_by(sign)) for sign in signs),
        c.quiet_turns(words_s=1.9, first=[(0.21, added(whole)), (0.9, done(whole))]),
        c.quiet_turns(words_s=1.9, first=[(0.21, done(whole))]),
    ]


def _finished_oddly() -> list[Transcript]:
    """A workflow that is added empty and finished with all its tasks, and an image that is finer than its previews."""
    plan = shows.workflow("Water the ferns")
    empty = {**plan, "workflow": {**plan["workflow"], "tasks": []}}
    planned = restream(c.tool_create(), "create", lambda old: [*old[:2], added(empty), done(plan), *old[2:]])
    fine = item("generated_image", "g1", image=shows.image("https://example.com/fine.png"))
    drawn = restream(shows.generated_image(), "draw", lambda old: [*old[:-1], done(fine)])
    kept = items(drawn, "reload", lambda old: [fine if row["id"] == "g1" else row for row in old])
    reloaded = items(planned, "reload", lambda old: [*old[:1], plan, *old[1:]])
    return [reloaded, kept]


def _asked_beside() -> Transcript:
    """A server that lists the models as it starts, and looks texts up by their vectors before it asks for words."""
    run = c.whole_run()
    n = max(call.n for call in run.calls)
    beside = (
        Call(n=n + 1, method="GET", path="/v1beta/openai/models"),
        Call(n=n + 2, path="/v1beta/openai/embeddings", body={"model": "text-embedding-004", "input": ["ferns"]}),
        Call(n=n + 3, path="/v1beta/models/gemini-embedding-001:batchEmbedContents", body={"requests": []}),
        Call(n=n + 4, path="/v1beta/models/gemini-3.8-flash:countTokens", body={"contents": []}),
    )
    return replace(run, calls=(*run.calls, *beside))


def _numbered() -> Transcript:
    """A model that gives a call a number for its id, a server that sends it back so, and Gemini's complaint of that."""

    def number(call: Call) -> Call:
        told = json.loads(json.dumps(call.body).replace('"c0"', "7"))
        chunks = tuple(replace(chunk, data=chunk.data.replace('"c0"', "7")) for chunk in call.sent)
        return replace(call, body=told, sent=chunks, complaints=(UNNAMED,) if call.position else ())

    return recall(c.tool_create(), number)


def _in_words(t: Transcript, listing: str) -> Transcript:
    """A list tool that answers in words instead of JSON."""
    from tests.suites.breaks_tools import told

    return told(t, "list_tasks", listing)
