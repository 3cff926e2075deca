"""Tools that take the user's yes: conversations that are right, that are odd and right, and that a check must fail."""

from __future__ import annotations

from collections.abc import Mapping

from chatkit_conformance.transcript import Call, Reply, Transcript
from tests.suites.build import (
    Data,
    answer,
    called,
    create,
    done,
    edit,
    item,
    read,
    refusal,
    say,
    sent,
    steps,
    transcript,
)
from tests.suites.edits import CRASH, silent
from tests.suites.shows import stream

TITLE = "Fern 1a2b3c"
NAMES = {"tool_approval": "order_plant", "read": "list_tasks"}
SAID = "That is settled."
PRESS = "threads.custom_action"


def _button(label: str, type: str) -> Data:
    return {"type": "Button", "label": label, "onClickAction": {"type": type, "payload": {"id": "ap1"}}}


def card(*buttons: Data) -> Data:
    """What asks the user, or, without buttons, says what became of it."""
    return item("widget", "w1", widget={"type": "Card", "children": [{"type": "Text", "value": "Order?"}, *buttons]})


BUTTONS = (_button("Approve", "approve"), _button("Refuse", "refuse"))


def _press(label: str, said: str = SAID) -> Reply:
    settled = {"type": "thread.item.replaced", "item": card()}
    action = {"type": label, "payload": {"id": "ap1"}}
    return stream(label, PRESS, {"item_id": "w1", "action": action}, [settled, *answer(f"a-{label}", said)])


def _listed(label: str, titles: list[str], n: int) -> tuple[Reply, list[Call]]:
    """The tasks, listed in a thread of their own."""
    id = f"thr_{label}"
    made = create(label, "What is on my list?", answer(f"a-{label}", "That is your list.", id), id)
    rows = [{"id": f"t{k}", "title": title} for k, title in enumerate(titles)]
    return made, steps(label, "What is on my list?", ("list_tasks", {}, {"tasks": rows}), n=n)


def _held(exchange: str, *parts: Reply | tuple[str, int], shown: tuple[Data, ...] = BUTTONS) -> Transcript:
    """A call that waits, and what follows: requests, and lists that show so many runs of the tool."""
    replies = [create("ask", "Please see to the fern.", [done(card(*shown))])]
    question = {"role": "user", "content": "Please see to the fern."}
    calls = [called("ask", [question], sent=sent("", ("o1", "order_plant", {"title": TITLE})))]
    for part in parts:
        if isinstance(part, Reply):
            replies.append(part)
            continue
        made, asked = _listed(part[0], [TITLE] * part[1], len(calls))
        replies.append(made)
        calls += asked
    return transcript(exchange, replies, calls, title=TITLE, names=NAMES)


def approved_call(
    *,
    waiting: int = 0,
    foreign: int = 0,
    approved: int = 1,
    again: int = 1,
    shown: tuple[Data, ...] = BUTTONS,
    said: str = SAID,
) -> Transcript:
    """A call that ran when it was approved; how often each list shows it."""
    return _held(
        "approved_call",
        ("list-waiting", waiting),
        read("reload-waiting"),
        refusal("foreign", type=PRESS),
        ("list-foreign", foreign),
        _press("approve", said),
        read("reload-approved"),
        ("list-approved", approved),
        refusal("again", 409, type=PRESS),
        ("list-again", again),
        say("after", "Thank you.", answer("a-after", "You are welcome.")),
        read("reload-after"),
        shown=shown,
    )


def refused_call(*, refused: int = 0) -> Transcript:
    """A call that was refused, and approved too late."""
    return _held(
        "refused_call",
        _press("refuse"),
        read("reload-refused"),
        refusal("late", 409, type=PRESS),
        ("list-refused", refused),
        say("after", "Thank you.", answer("a-after", "You are welcome.")),
        read("reload-after"),
    )


def approved_after_restart(*, approved: int = 1) -> Transcript:
    """A call that was approved after a restart."""
    again = refusal("again", 409, type=PRESS)
    return _held(
        "approved_after_restart", _press("approve"), again, ("list-approved", approved), read("reload-approved")
    )


def sound_approvals() -> list[Transcript]:
    """One of each."""
    return [approved_call(), refused_call(), approved_after_restart()]


def odd_approvals() -> list[Transcript]:
    """Buttons with other words; a decision that no answer of the model's follows."""
    yes, no = _button("Yes, order it", "go"), _button("Do not order it", "stop")
    return [approved_call(shown=(no, yes)), approved_call(said="Ordered.")]


BREAKS: Mapping[str, list[Transcript]] = {
    "tools.approval-waits": [approved_call(waiting=1)],
    "tools.approved-call-runs": [approved_call(approved=0), approved_call(approved=2)],
    "tools.approved-call-runs-once": [approved_call(again=2)],
    "tools.refused-call-not-run": [refused_call(refused=1)],
    "tools.approval-outlives-restart": [approved_after_restart(approved=0), approved_after_restart(approved=2)],
    "tools.other-user-cannot-approve": [approved_call(foreign=1)],
    "tools.approval-asked": [silent(approved_call(), "ask")],
    "tools.decision-answered": [edit(approved_call(), "approve", **CRASH), edit(refused_call(), "refuse", **CRASH)],
    "tools.turn-after-decision-works": [silent(approved_call(), "after"), silent(refused_call(), "after")],
}
