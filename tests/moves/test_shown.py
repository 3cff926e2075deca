"""What a button says of the task that it is about: a value of its own, not letters that stand in another."""

from __future__ import annotations

from chatkit_conformance.moves.shown import values_in


def test_a_task_is_named_by_a_whole_value() -> None:
    """A short id is found where it is a value, as a number too, and not inside another one."""
    action = {"type": "tasks.complete", "payload": {"task_id": 12, "tags": ["a1", None], "at": "2026-11-27"}}
    assert set(values_in(action)) == {"tasks.complete", "12", "a1", "None", "2026-11-27"}
    assert not {"1", "2", "27"} & set(values_in(action))
