"""Values of other types than ChatKit's, anywhere in an answer: no check fails over them, whatever they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatkit_conformance.check import CHECKS, MUST, Check, Findings
from chatkit_conformance.judging.judge import judge, look
from chatkit_conformance.stream.unreadable import unreadable
from chatkit_conformance.transcript import JSON, Reply, Transcript
from tests.suites.test_checks import SOUND

ODD: tuple[JSON, ...] = (
    *(None, True, 0, -1, 7.5, 2**63, 10**400, float("inf"), "", "x", "\ud83d", "a" * 5000),
    *([], [[]], [None], [{}], {}, {"type": "x"}, {"id": None}),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-99-99T99:99:99Z"),
)
"""What stands where another value is expected."""

SEEDS = range(3)


def changed(value: Any, chance: random.Random, share: float) -> Any:
    """The value with such a share of its parts replaced."""
    if chance.random() < share:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: changed(part, chance, share) for key, part in value.items()}
    if isinstance(value, list):
        return [changed(part, chance, share) for part in value]
    return value


def odd(t: Transcript, seed: int) -> Transcript:
    """The conversation with odd values in its answers and in what the model was asked."""
    chance, share = random.Random(f"{t.exchange} {seed}"), (0.004, 0.03, 0.15)[seed % 3]
    calls = t.calls
    if seed % 2:
        calls = tuple(replace(call, body=changed(call.body, chance, share)) for call in calls)
    return replace(t, replies=tuple(_odd_reply(reply, chance, share) for reply in t.replies), calls=calls)


def _odd_reply(reply: Reply, chance: random.Random, share: float) -> Reply:
    made = [changed(event.data, chance, share) for event in reply.events]
    events = tuple(
        replace(event, data=data) if isinstance(data, dict) else event
        for event, data in zip(reply.events, made, strict=True)
    )
    return replace(reply, events=events, body=changed(reply.body, chance, share))


def errors(t: Transcript) -> Iterator[str]:
    """What checks raised over a conversation."""
    for check in CHECKS.values():
        if check.judges(t.exchange) and (error := look(check, t).error):
            yield error


@pytest.mark.parametrize("name", sorted(SOUND))
def test_no_check_raises_over_odd_values(name: str) -> None:
    """Whatever types a server's values have, the judge is not to blame: a finding, or untestable."""
    for seed in SEEDS:
        assert next(errors(odd(SOUND[name], seed)), "") == "", seed


def test_a_check_that_raises_over_a_sound_answer_is_to_blame() -> None:
    """Only where an answer is not of ChatKit's types does what a check raises count as untestable."""

    def raises(t: Transcript) -> Findings:
        hash(t.notes["a list"])
        return iter(())

    held = next(t for t in SOUND.values() if any(reply.events for reply in t.replies))
    sound = replace(held, notes={**held.notes, "a list": []})
    check = Check(
        id="stream.raises",
        level=MUST,
        requirement="x",
        judge=raises,
        on=(sound.exchange,),
        clause="x",
        cause="x",
        fix="x",
    )
    assert judge(check, [sound]).outcome == "error"
    (first, *rest) = next(r for r in sound.replies if r.events).events
    wrong = replace(first, data={"type": "thread.item.done", "item": {"id": [], "type": "user_message"}})
    broken = replace(sound, replies=(replace(sound.replies[0], events=(wrong, *rest)), *sound.replies[1:]))
    result = judge(check, [broken])
    assert result.outcome == "untestable"
    assert "could not be read" in result.reason
    assert unreadable(sound) == ""
