"""What a run keeps of requests to the model: the same text once, and no more than its bound."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.running.kept_calls import GLANCE, KeptCalls
from chatkit_conformance.transcript import JSON


def _told(n: int, body: JSON) -> dict[str, Any]:
    """A call as the journal tells it."""
    return {"n": n, "at": 0.0, "method": "POST", "path": "/x", "headers": {}, "body": body, "status": 200, "sent": []}


def test_a_text_that_came_before_is_kept_once() -> None:
    """Instructions that stand in every request are the same object in each, and count once."""
    kept = KeptCalls()
    first = kept.call(_told(0, {"messages": [{"role": "system", "content": "".join(["y"] * 50_000)}]}))
    left = kept.left
    second = kept.call(_told(1, {"messages": [{"role": "system", "content": "".join(["y"] * 50_000)}]}))
    assert first.body == second.body
    assert first.body["messages"][0]["content"] is second.body["messages"][0]["content"]
    assert left - kept.left < 2_000


def test_beyond_its_bound_a_long_request_is_kept_as_its_beginning() -> None:
    """Where nothing is left, a request is cut, a short one is not, and the run is told of it."""
    kept = KeptCalls(0.01)
    kept.call(_told(0, {"messages": ["x" * 20_000]}))
    assert "more than" in kept.notice
    cut, short = kept.call(_told(1, {"messages": ["z" * 20_000]})), kept.call(_told(2, {"messages": []}))
    assert isinstance(cut.body, str)
    assert len(cut.body) < GLANCE + 100
    assert short.body == {"messages": []}
    assert list(kept.calls) == [0, 1, 2]


def test_a_call_that_is_over_is_told_as_the_same_object() -> None:
    """However often the journal is read, a call that ended counts once; one under way is told with what came since."""
    kept = KeptCalls()
    sent = {"at": 1.0, "data": "x" * 500}
    first = kept.call(_told(0, {"messages": ["y" * 5_000]}))
    longer = kept.call({**_told(0, {"messages": ["y" * 5_000]}), "sent": [sent], "finished_at": 2.0})
    left = kept.left
    assert (len(first.sent), len(longer.sent)) == (0, 1)
    assert longer.body is first.body
    assert kept.call({**_told(0, {}), "finished_at": 2.0}) is longer
    assert kept.left == left


def test_what_is_let_go_leaves_room_as_at_the_start() -> None:
    """Who judges conversations as they end needs no earlier ones: the next request is kept whole again."""
    kept = KeptCalls(0.01)
    kept.call(_told(0, {"messages": ["x" * 20_000]}))
    assert isinstance(kept.call(_told(1, {"messages": ["z" * 20_000]})).body, str)
    kept.let_go()
    assert kept.notice == ""
    assert kept.call(_told(2, {"messages": ["z" * 5_000]})).body == {"messages": ["z" * 5_000]}
    assert list(kept.calls) == [2]
