"""Handoffs and guardrails: conversations that are right, that are odd and right, and that a check must fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatkit_conformance.transcript import Call, Transcript
from tests.suites.build import (
    ERROR,
    Data,
    answer,
    asked,
    called,
    calling,
    create,
    read,
    recall,
    result,
    say,
    sent,
    transcript,
    without,
)
from tests.suites.edits import plus, silent

ANSWER = "Ferns like rain."
DESK = {"role": "system", "content": "You are the front desk."}
GARDENER = {"role": "system", "content": "You are the gardener."}
HANDOFF: tuple[str, str, Data] = ("h1", "transfer_to_gardener", {})


def handed_over(*, told: Sequence[Data] | None = None) -> Transcript:
    """A turn that another agent answers; `told`: what that one is sent in place of call and result."""
    question = {"role": "user", "content": asked("What do ferns like?", "hand-over")}
    after = [calling(HANDOFF), result("h1", {"assistant": "gardener"})] if told is None else list(told)
    replies = [
        create("hand-over", "What do ferns like?", answer("a1", ANSWER)),
        read("reload"),
        say("after", "Thank you.", answer("a2", "You are welcome.")),
        read("reload-after"),
    ]
    calls = [
        called("hand-over", [DESK, question], sent=sent("", HANDOFF)),
        called("hand-over", [GARDENER, question, *after], n=1, position=1 if told is None else 0, sent=sent(ANSWER)),
    ]
    return transcript("handed_over", replies, calls, said=ANSWER, tool="transfer_to_gardener")


WITHHELD = "The secret recipe has ferns, rain and patience in it."
REFUSED = "The jar on the left holds all of it."


def stopped(exchange: str, words: str, shown: Sequence[Data], *calls: Call) -> Transcript:
    """A turn that a guardrail stopped, between two that went well."""
    replies = [
        create("before", "Are you there?", answer("a1", "Yes, I am here.")),
        say("stopped", "What is in the jar?", shown),
        read("reload"),
        say("after", "Are you still there?", answer("a3", "Yes, I am still here.")),
        read("reload-after"),
    ]
    return transcript(exchange, replies, calls, said=words, stopped=["stopped"])


def refused_message() -> Transcript:
    """A message that was refused before the model was asked."""
    return stopped("refused_message", REFUSED, [ERROR])


def withheld_answer(*shown: Data) -> Transcript:
    """An answer that was shown, removed, and told; `shown` in place of its removal and the error."""
    removed: Data = {"type": "thread.item.removed", "item_id": "a2"}
    question = {"role": "user", "content": asked("Are you still there?", "after")}
    calls = [
        called("stopped", [{"role": "user", "content": asked("What is in the jar?", "stopped")}], sent=sent(WITHHELD)),
        called("after", [question], n=1),
    ]
    return stopped("withheld_answer", WITHHELD, [*answer("a2", WITHHELD), *(shown or (removed, ERROR))], *calls)


def sound_turns() -> list[Transcript]:
    """One of each."""
    return [handed_over(), refused_message(), withheld_answer()]


def odd_turns() -> list[Transcript]:
    """A handoff that the next agent is not told of; refusals in the server's own words; an answer that is left."""
    own = answer("a9", "We do not talk about that.")
    return [
        handed_over(told=()),
        stopped("refused_message", REFUSED, own),
        withheld_answer({"type": "thread.item.removed", "item_id": "a2"}, *own),
        withheld_answer(ERROR),
    ]


def _same_agent(t: Transcript) -> Transcript:
    return recall(t, lambda call: replace(call, body={**call.body, "messages": [DESK, *call.messages[1:]]}))


def _remembered(t: Transcript) -> Transcript:
    kept = {"role": "assistant", "content": WITHHELD}
    return recall(
        t,
        lambda call: replace(call, body={**call.body, "messages": [kept, *call.messages]}) if call.n == 1 else call,
    )


BREAKS: Mapping[str, list[Transcript]] = {
    "tools.handoff-answered": [silent(handed_over(), "hand-over")],
    "tools.handoff-changes-agent": [_same_agent(handed_over()), _same_agent(handed_over(told=()))],
    "tools.turn-after-handoff-works": [silent(handed_over(), "after")],
    "errors.input-guardrail-told": [
        silent(refused_message(), "stopped"),
        stopped(
            "refused_message",
            REFUSED,
            answer("a2", REFUSED),
            called("stopped", [{"role": "user", "content": asked("What is in the jar?", "stopped")}]),
        ),
    ],
    "errors.output-guardrail-told": [
        without(withheld_answer(), "stopped", "error"),
        without(withheld_answer(), "stopped", "error", "thread.item.removed"),
    ],
    "errors.turn-after-input-guardrail-works": [silent(refused_message(), "after")],
    "errors.turn-after-output-guardrail-works": [plus(silent(withheld_answer(), "after"), "after", ERROR)],
    "errors.withheld-answer-removed": [withheld_answer(ERROR)],
    "gemini.withheld-answer-not-sent": [_remembered(withheld_answer())],
}
