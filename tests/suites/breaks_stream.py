"""Conversations that each check of the stream must fail."""

from __future__ import annotations

from collections.abc import Mapping

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations as c
from tests.suites.breaks_endless import too_slow
from tests.suites.build import (
    added,
    delta,
    done,
    edit,
    item,
    part_done,
    replaced,
    restream,
    said,
    without,
)
from tests.suites.edits import items, plus, unreadable

HIDDEN = item("hidden_context_item", "h1", content="private")

BREAKS: Mapping[str, list[Transcript]] = {
    "stream.content-type": [edit(c.three_turns(), "turn-1", headers={"content-type": "application/json"})],
    "stream.frames-readable": [unreadable(c.three_turns(), "turn-2")],
    "stream.events-valid": [
        restream(c.three_turns(), "turn-1", lambda old: [{**d, "item": {}} if "item" in d else d for d in old]),
        plus(c.three_turns(), "turn-1", {"type": "progress_update", "text": 7}),
    ],
    "stream.events-match-sdk": [plus(c.three_turns(), "turn-1", {"type": "error", "message": None})],
    "stream.ends-closed": [edit(c.three_turns(), "turn-2", ended="cut", trouble="peer closed"), too_slow(40)],
    "stream.not-empty": [edit(c.three_turns(), "turn-2", events=())],
    "stream.no-hidden-items": [
        plus(c.three_turns(), "turn-1", done(HIDDEN)),
        items(c.three_turns(), "reload-1", lambda old: [*old, HIDDEN]),
    ],
    "stream.not-cacheable": [
        edit(c.three_turns(), "turn-1", headers={"content-type": "text/event-stream", "cache-control": "public"})
    ],
    "stream.ids-unique": [
        replaced(replaced(c.three_turns(), "turn-2", '"a2"', '"a1"'), "turn-3", '"a3"', '"a1"'),
        replaced(c.three_turns(), "turn-2", '"u-turn-2"', '"a1"'),
    ],
    "stream.item-id-stable": [
        restream(c.three_turns(), "turn-1", lambda old: [*old[:-1], done(said("other", c.A[0]))])
    ],
    "stream.item-thread": [replaced(c.three_turns(), "turn-2", '"thread_id": "thr_1"', '"thread_id": "run_7"')],
    "stream.thread-ids-unique": [replaced(c.two_threads(), "second", '"thr_2"', '"thr_1"')],
    "stream.deltas-add-up": [
        plus(c.three_turns(), "turn-1", added(said("a9", "")), delta("a9", "Half"), done(said("a9", "Half of it"))),
        restream(c.three_turns(), "turn-2", lambda old: [d for n, d in enumerate(old) if n != 2]),
    ],
    "stream.part-done-agrees": [
        restream(c.three_turns(), "turn-1", lambda old: [*old[:-1], part_done("a1", ""), old[-1]])
    ],
    "stream.text-other-scripts": [replaced(c.other_scripts(), "scripts", "\\u65e5", "?")],
    "stream.text-long": [replaced(c.other_scripts(), "long", "Sentence. Sentence. ", "")],
    "stream.user-message-echoed": [
        without(c.three_turns(), "turn-1", "thread.item.done"),
        restream(c.three_turns(), "turn-2", lambda old: old[1:]),
    ],
    "stream.incremental": [
        c.held_answer(read_at=1.5),
        restream(c.held_answer(), "held", lambda old: [d for d in old if d["type"] == "thread.created"]),
        restream(c.held_answer(), "held", lambda old: [old[0], *[delta("a1", "")] * 6, *old[1:]]),
    ],
}
