"""A request to the model that never came whole says nothing of the model that it asked for."""

from __future__ import annotations

from typing import Any

import pytest

from chatkit_conformance.check import CHECKS
from chatkit_conformance.judging.catalogue import load_suites
from chatkit_conformance.running.whole_run import gemini_share
from chatkit_conformance.transcript import Call, Transcript

WHOLE = Call(n=0, body={"model": "gemini-3.8-flash", "messages": []}, finished_at=2.0)


@pytest.mark.parametrize(
    ("more", "unread"),
    [
        ({"body": None, "gone_at": 1.0}, True),
        ({"body": '{"model": "gemi', "gone_at": 1.0}, True),
        ({"body": None}, True),
        ({"body": None, "finished_at": 2.0}, True),
        ({"body": "no JSON", "finished_at": 2.0}, False),
        ({"body": {"model": "gpt-9"}, "gone_at": 1.0}, False),
    ],
)
def test_what_never_came_whole_is_held_against_nobody(more: dict[str, Any], *, unread: bool) -> None:
    """It fails no check of the model's name, and takes nothing from the share of Gemini; what did come does."""
    load_suites()
    call = Call(n=1, **more)
    assert call.unread is unread
    found = list(CHECKS["gemini.model-is-gemini"].judge(Transcript(exchange="whole_run", calls=(WHOLE, call))))
    assert bool(found) is not unread
    assert gemini_share((WHOLE, call), ()) == (100.0 if unread else 50.0)
