"""Conversations with a model that plays no script: the same replies, nothing of the model's side, other words."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import ASKED_AGAIN, IN_WORDS, Reply, Transcript
from tests.suites import conversations as c
from tests.suites.breaks_history import later
from tests.suites.build import answer, create, done, item, say, steps, transcript

TITLE = "Repaint the shed 1a2b3c"


def unseen(t: Transcript) -> Transcript:
    """The transcript without the model's side."""
    return replace(t, calls=())


def in_words(t: Transcript) -> Transcript:
    """The transcript as it is where a model answered in words of its own: no letter of an answer is the script's."""
    return replace(t, calls=(), replies=tuple(map(_other_words, t.replies)), notes={**t.notes, IN_WORDS: True})


def _other_words(r: Reply) -> Reply:
    events = tuple(
        e if e.data is None else replace(e, data=_turned(e.data), raw=json.dumps(_turned(e.data))) for e in r.events
    )
    return replace(r, events=events, body=_turned(r.body))


def _turned(value: Any) -> Any:
    """Answers with each letter turned into another, so that deltas still add up."""
    if isinstance(value, list):
        return [_turned(each) for each in value]
    if not isinstance(value, dict):
        return value
    kind = str(value.get("type"))
    if kind == "assistant_message" or kind.startswith("assistant_message.content_part"):
        return {key: _letters(each) if key in ("content", "delta") else each for key, each in value.items()}
    return {key: _turned(each) for key, each in value.items()}


def _letters(value: Any) -> Any:
    if isinstance(value, str):
        return codecs.encode(value, "rot13")
    if isinstance(value, list):
        return [_letters(each) for each in value]
    if isinstance(value, dict):
        return {key: _letters(each) if key == "text" else each for key, each in value.items()}
    return value


def listed_tasks(*, listed: str = TITLE, after: str = "Another") -> Transcript:
    """A task made, listed, deleted, not listed. The arguments are what the list tells instead."""
    replies = [
        create("create", "Please add it.", answer("a1", "Added.")),
        create("list", "What is on my list?", answer("a2", "That is your list.", "thr_2"), "thr_2"),
        say("delete", "Please delete it.", answer("a3", "Deleted.")),
        create("list-after", "And now?", answer("a4", "That is all.", "thr_3"), "thr_3"),
    ]
    calls = [
        *steps("create", "Please.", ("create_task", {"title": TITLE}, c.task(TITLE)), n=0, tools=c.TOOLS),
        *steps("list", "Please.", ("list_tasks", {}, [c.task(listed)]), n=2, tools=c.TOOLS),
        *steps("delete", "Please.", ("delete_task", {"id": 1}, {"ok": True}), n=4, tools=c.TOOLS),
        *steps("list-after", "Please.", ("list_tasks", {}, [c.task(after)]), n=6, tools=c.TOOLS),
    ]
    return transcript("listed_tasks", replies, calls, names=c.NAMES, title=TITLE)


def asked_for_tasks(
    *,
    listed: bool = True,
    after: bool = False,
    made_shown: bool = False,
    said: str = "Here you are.",
    card: bool = False,
) -> Transcript:
    """The same, asked in words. `listed`, `after`: whether a widget lists the task before and after the delete.

    `made_shown`, `card`: whether a widget of its own shows that it was made, and deleted; `said`: what is said then.
    """
    rows = done(item("widget", "w1", widget={"type": "ListView", "children": [{"value": TITLE}]}))
    own = done(item("widget", "w2", widget={"type": "Card", "children": [{"value": TITLE}]}))
    replies = [
        create("create", "Please add it.", [*([own] if made_shown else []), *answer("a1", "Added.")]),
        create("list", "What is on my list?", [*([rows] if listed else []), *answer("a2", "Here.", "thr_2")], "thr_2"),
        say("delete", "Please delete it.", [rows, *([own] if card else []), *answer("a3", said)]),
        create("list-after", "And now?", [*([rows] if after else []), *answer("a4", "Here.", "thr_3")], "thr_3"),
    ]
    return transcript("listed_tasks", replies, [], names={}, title=TITLE, **{IN_WORDS: True})


def forgetful(answers: Mapping[str, str]) -> Transcript:
    """Three turns asked in words, whose answers are these; where one tells nothing, it was asked for again."""
    t = c.three_turns()
    replies = [
        replace(create(r.label, "?", answer(f"o-{r.label}", answers[r.label])), request=r.request)
        if r.label in answers
        else r
        for r in t.replies
    ]
    return replace(t, calls=(), replies=tuple(replies), notes={**t.notes, IN_WORDS: True})


def failed_once(t: Transcript, label: str, by: Reply) -> Transcript:
    """The transcript in which that message failed, and `by` is the reply to the one that was sent for it again."""
    row = {"label": label, "by": by.label, "why": "it failed", "failed": True}
    return replace(t, replies=(*t.replies, by), notes={**t.notes, IN_WORDS: True, ASKED_AGAIN: [row]})


BREAKS: dict[str, list[Transcript]] = {
    "tools.created-task-listed-later": [listed_tasks(listed="Another")],
    "tools.deleted-task-unlisted-later": [listed_tasks(after=TITLE)],
    "persistence.earlier-fact-known": [
        forgetful({"turn-1": "Quillfeather, 4.2 kg.", "turn-2": "I do not know it.", "turn-3": "Do you have one?"}),
        later(c.three_turns(), lambda messages: messages[-1:]),
    ],
}
