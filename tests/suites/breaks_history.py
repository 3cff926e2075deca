"""Conversations whose history is lost, mixed up or kept too long on its way to the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Reply, Transcript
from tests.suites import conversations as c
from tests.suites import conversations_requests as r
from tests.suites import conversations_together as k
from tests.suites import shows as s
from tests.suites.build import (
    SSE,
    Data,
    added,
    answer,
    asked,
    called,
    create,
    delta,
    done,
    events_of,
    get,
    item,
    said,
    say,
    sent,
    transcript,
    user,
)
from tests.suites.edits import spoken

LATER = 1
"""A call from which on a fault shows that is not there in the first turn."""


def long_talk(turns: int = 11) -> Transcript:
    """A thread of so many turns, each of which tells the model all that was said before."""
    replies = [
        (say if n else create)(f"turn-{n}", f"Fact {n}.", answer(f"a{n}", f"Fact {n} is noted.")) for n in range(turns)
    ]
    calls = [
        called(f"turn-{n}", [{"role": "user", "content": asked(f"Fact {n}.", f"turn-{n}")}], n=n) for n in range(turns)
    ]
    return transcript("long_thread", replies, calls)


TASKS = [{"type": "custom", "title": "Read the shelf", "status_indicator": "complete"}]
STEP = item("workflow", "w1", workflow={"type": "custom", "tasks": TASKS, "expanded": False})
HALF = "These words were seen, and kept."


CARD: Data = {"type": "Card", "children": [{"type": "Text", "value": "Nineteen books, a lamp and a fern."}]}
COPIED = item("widget", "w1", widget=CARD, copy_text="Read the shelf")
"""A widget whose text for copying says in other words what it shows."""


def shown_talk(shown: Data = STEP) -> Transcript:
    """A turn that showed a step, or something else, and the next, which tells the model of it."""
    replies = [
        create("first", "Look.", [done(shown), *answer("a1", "I have looked.")]),
        say("second", "And?", answer("a2", "It is full.")),
    ]
    told = [
        {"role": "user", "content": asked("Look.", "first")},
        {"role": "user", "content": "(Shown to the user: Read the shelf)"},
        {"role": "assistant", "content": "I have looked."},
        {"role": "user", "content": asked("And?", "second")},
    ]
    return transcript("shown_talk", replies, [called("first", told[:1]), called("second", told, n=1)])


def pressed_talk() -> Transcript:
    """A widget that shows something else since a button was pressed; the model is told no more what it showed."""
    t = shown_talk(item("widget", "w1", widget=CARD))
    params = {"thread_id": "thr_1", "item_id": "w1", "action": {"type": "clear", "payload": {}}}
    now = item("widget", "w1", widget={"type": "Card", "children": [{"type": "Text", "value": "Nothing."}]})
    pressed = Reply(
        label="press",
        request={"type": "threads.custom_action", "params": params},
        status=200,
        headers=SSE,
        events=events_of([{"type": "thread.item.replaced", "item": now}]),
    )
    return replace(t, replies=(t.replies[0], pressed, t.replies[1]))


def left_talk() -> Transcript:
    """An answer that the user left, which was kept as far as it came, and the next turn."""
    replies = [
        create("first", "Talk.", [added(said("a1", "")), delta("a1", HALF)], ended="left"),
        get("reload", [user("u-first", asked("Talk.", "first")), said("a1", HALF)]),
        say("second", "And?", answer("a2", "I said so.")),
    ]
    told = [
        {"role": "user", "content": asked("Talk.", "first")},
        {"role": "assistant", "content": HALF},
        {"role": "user", "content": asked("And?", "second")},
    ]
    return transcript("left_talk", replies, [called("first", told[:1], gone_at=3.0), called("second", told, n=1)])


ALIKE = "Good morning to you, and to the ferns."


def answered_alike() -> Transcript:
    """A first message that was asked again and answered in the same words, though its user had left by then."""
    words = [{"role": "user", "content": asked("Good morning.", "first")}]
    retry = {"type": "threads.retry_after_item", "params": {"thread_id": "thr_1", "item_id": "u-first"}}
    again = Reply(label="retry", request=retry, status=200, headers=SSE, ended="left", sent_at=10.0)
    replies = [
        create("first", "Good morning.", answer("a1", ALIKE)),
        replace(again, events=events_of([added(said("a2", ""))])),
        say("second", "And?", answer("a3", "I said so."), sent_at=20.0),
    ]
    told = [*words, {"role": "assistant", "content": ALIKE}, {"role": "user", "content": asked("And?", "second")}]
    calls = [
        called("first", words, sent=sent(ALIKE)),
        called("first", words, n=1, attempt=1, at=11.0, sent=sent(ALIKE)),
        called("second", told, n=2, at=21.0, sent=sent("I said so.")),
    ]
    return transcript("answered_alike", replies, calls)


def sound_histories() -> list[Transcript]:
    """Conversations that are right, for what no written exchange holds in a hand-made transcript."""
    return [shown_talk(), left_talk()]


def later(t: Transcript, change: Callable[[list[Data]], list[Data]]) -> Transcript:
    """The transcript with the messages of every request but the first changed."""
    changed = [
        replace(call, body={**call.body, "messages": change(call.messages)}) if n >= LATER else call
        for n, call in enumerate(t.calls)
    ]
    return replace(t, calls=tuple(changed))


def without(words: str) -> Callable[[list[Data]], list[Data]]:
    """The messages with these words taken out."""
    return lambda old: [{**m, "content": _cut(m.get("content"), words)} for m in old]


def _cut(content: object, words: str) -> object:
    if isinstance(content, list):
        return [part for part in content if words not in str(part)]
    return str(content).replace(words, "")


def stale(t: Transcript) -> Transcript:
    """The oldest messages only: the second turn's request is the first's again."""
    replies = [replace(x, sent_at=10.0 * n, ended_at=10.0 * n + 5) for n, x in enumerate(t.replies, 1)]
    again = replace(t.calls[0], n=1, attempt=1, at=31.0)
    return replace(t, replies=tuple(replies), calls=(replace(t.calls[0], at=11.0), again))


BREAKS: Mapping[str, list[Transcript]] = {
    "gemini.history-user-messages": [
        spoken(c.three_turns(), lambda old: old[-1:]),
        spoken(c.tool_create(), lambda old: old[-1:]),
        spoken(long_talk(), lambda old: old[-7:]),
    ],
    "gemini.history-answers": [spoken(c.three_turns(), lambda old: [m for m in old if m["role"] == "user"])],
    "gemini.history-ordered": [
        spoken(c.three_turns(), lambda old: old[::-1]),
        spoken(c.three_turns(), lambda old: [*old[1:2], *old[:1], *old[2:]]),
    ],
    "gemini.history-once": [
        spoken(c.three_turns(), lambda old: [*old, old[-1]]),
        spoken(c.three_turns(), lambda old: [m for m in old for _ in range(1 + (m["role"] == "assistant"))]),
    ],
    "gemini.history-shown": [later(shown_talk(), without("Read the shelf"))],
    "gemini.history-partial": [later(left_talk(), without(HALF))],
    "gemini.history-verbatim": [
        spoken(c.three_turns(), lambda old: [{**m, "content": m["content"].replace(" ", "  ")} for m in old])
    ],
    "gemini.history-roles": [spoken(c.three_turns(), lambda old: [{**m, "role": "user"} for m in old])],
    "gemini.history-quotations": [later(s.richer_messages(), without("Ferns like shade."))],
    "gemini.history-files": [
        later(r.attachments(), without("marmalade")),
        later(r.attachments(), without("image_url")),
    ],
    "gemini.newest-message-sent": [stale(c.three_turns())],
    "gemini.early-message-in-history": [spoken(long_talk(), lambda old: old[-17:])],
    "errors.unanswered-message-in-history": [spoken(c.fault("fault_overloaded"), lambda old: old[-1:])],
    "persistence.retry-forgets-removed": [
        spoken(k.retry(), lambda old: [*old, {"role": "assistant", "content": "Good morning to you."}])
    ],
}


def odd_histories() -> list[Transcript]:
    """Histories that are told oddly and rightly: as a transcript in the instructions, as JSON, by a summary."""
    return [
        spoken(c.three_turns(), _as_transcript),
        spoken(c.three_turns(), _as_json),
        shown_talk(COPIED),
        pressed_talk(),
        answered_alike(),
        _summarized(long_talk()),
        spoken(long_talk(), lambda old: old[-16:]),
        spoken(c.three_turns(), lambda old: [{"role": "developer", "content": "Be brief."}, *old]),
    ]


def _lines(messages: list[Data]) -> list[str]:
    return [f"> {m['role']}: {m['content']}" for m in messages]


def _as_transcript(old: list[Data]) -> list[Data]:
    told = "\n".join(["The conversation so far:", *_lines(old[:-1])])
    return [{"role": "system", "content": told}, old[-1]]


def _as_json(old: list[Data]) -> list[Data]:
    import json

    return [{"role": "user", "content": json.dumps({"history": old[:-1], "now": old[-1]["content"]})}]


def _summarized(t: Transcript) -> Transcript:
    """The last six messages, and what a request beside the conversation made of those before."""
    calls = []
    for call in t.calls:
        early = [{"role": "user", "content": "Sum up: " + " ".join(_lines(call.messages[:-6]))}]
        summary = {"role": "system", "content": "Until now: they exchanged facts."}
        calls.append(
            replace(
                call, n=2 * call.n, side=True, sent=sent("they exchanged facts"), body={**call.body, "messages": early}
            )
        )
        calls.append(replace(call, n=2 * call.n + 1, body={**call.body, "messages": [summary, *call.messages[-6:]]}))
    return replace(t, calls=tuple(calls))
