"""The order of events: one check for each rule of the grammar that no other check of this area judges by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.check import Finding, Findings, check
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.stream.grammar import RULES, Breach, judge_reply
from chatkit_conformance.stream.once import once
from chatkit_conformance.transcript import Transcript

from ..evidence import turns

ELSEWHERE = ("not-empty", "not-cut", "readable", "thread-same")
"""Rules judged by stream.not-empty, stream.ends-closed, stream.frames-readable and stream.item-thread."""

ID = "Two items share an id, or one item changes its id while it streams (__fake_id__ of Chat Completions models)."
OWN_ID = "Give each item its own id when it is added, and keep it until its done event."
ORDER = "Events of two sources are merged in the wrong order, or two code paths finish the same item."
ONE_PATH = "Send each item from one place: added, then its updates, then done."
INDEX = "Indexes are counted over the wrong list (all parts of the turn), or from 1."
COUNT = "Count from 0 in the list that the index belongs to."
SILENT = "The model's answer was empty, refused or broken, and the run ended as if it had succeeded."
TELL = "Finish the answer with thread.item.done, or yield an `error` event that says why there is none."
HANDMADE = "The event is built by hand, or by a newer or older release than the client's."
TYPES = "Send the event and update types of chatkit.types for the item's own type."
FIRST = "respond() begins to answer before the thread or the user's message was announced."
ANNOUNCE = "Send thread.created, then the user's message as done, then the answer."

ADVICE: Mapping[str, tuple[str, str]] = {
    "event-known": (HANDMADE, TYPES),
    "update-known": (HANDMADE, TYPES),
    "update-fits-item": (HANDMADE, TYPES),
    "thread-created-once": (FIRST, ANNOUNCE),
    "thread-created-first": (FIRST, ANNOUNCE),
    "user-message-first": (FIRST, ANNOUNCE),
    "added-once": (ID, OWN_ID),
    "added-after-done": (ID, OWN_ID),
    "type-stable": (ID, OWN_ID),
    "item-known": (ID, OWN_ID),
    "done-once": (ORDER, ONE_PATH),
    "update-after-done": (ORDER, ONE_PATH),
    "update-after-done-other-items": (ORDER, "Send thread.item.replaced for an item that is already done."),
    "after-removed": (ORDER, ONE_PATH),
    "removed-item-known": (ORDER, "Remove or replace only what was added or stored."),
    "part-after-done": (ORDER, ONE_PATH),
    "part-once": (ORDER, ONE_PATH),
    "parts-without-gaps": (INDEX, COUNT),
    "annotations-without-gaps": (INDEX, COUNT),
    "index-valid": (INDEX, COUNT),
    "task-known": (INDEX, COUNT),
    "tasks-without-gaps": (INDEX, COUNT),
    "component-known": (HANDMADE, "Give the component a stable id, and send the widget with it first."),
    "after-error": (ORDER, "Return from the generator after an `error` event."),
    "turn-answered": (SILENT, TELL),
    "turn-finished": (SILENT, TELL),
    "item-finished": (SILENT, "Send thread.item.done or thread.item.removed for every item that was added."),
}
"""Rule -> what breaks it most often, and what to do."""

CRITERIA: Mapping[str, tuple[str, ...]] = {"turn-answered": ("SC-008",), "turn-finished": ("SC-008",)}


def _capitalized(text: str) -> str:
    """A sentence's beginning; a name such as thread.created keeps its lower case."""
    return text if "." in text.split()[0] else text[0].upper() + text[1:]


@once
def breaches(t: Transcript) -> tuple[tuple[str, Breach], ...]:
    """Every breach of the grammar in a transcript, with its reply's label."""
    return tuple(
        (a.reply.label, breach)
        for a in asked_in(t)
        if a.reply.streamed
        # How an answer ends to what is out of place is a check of its own: protocol.unknown-item-refused.
        for breach in judge_reply(replace(a.reply, ended="left") if a.wrong else a.reply)
    )


def _declare(name: str) -> None:
    """Declare the check of one rule."""

    def judge(t: Transcript) -> Findings:
        turns(t)
        for label, breach in breaches(t):
            if breach.rule == name:
                yield Finding(expected=breach.expected, got=breach.got, reply=label, event=breach.index)

    rule = RULES[name]
    judge.__doc__ = f"{_capitalized(rule.says)}."
    cause, fix = ADVICE.get(name, (ORDER, ONE_PATH))
    check(
        f"stream.{name}",
        level=rule.level,
        clause=f"openai-chatkit 1.6.5: {rule.why}",
        cause=cause,
        fix=fix,
        criteria=CRITERIA.get(name, ()),
    )(judge)


for _name in RULES:
    if _name not in ELSEWHERE:
        _declare(_name)
