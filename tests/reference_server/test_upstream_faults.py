"""Whatever Gemini does wrong, the user is told, and the thread goes on."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Chat

TEXT = "An answer of some length, so that it comes in several pieces and can break in the middle. " * 2


@pytest.mark.parametrize(
    ("fault", "says", "retry"),
    [
        ({"kind": "http", "status": 404}, "does not know this model (404 NOT_FOUND)", False),
        ({"kind": "http", "status": 400}, "refused the request (400", False),
        ({"kind": "http", "status": 429, "retry_delay": "41s"}, "Try again in 41 s", True),
        ({"kind": "http", "status": 503}, "not available right now (503", True),
        ({"kind": "cut", "after": 1}, "broke off", True),
        ({"kind": "stall", "after": 1}, "stopped in the middle", True),
        ({"kind": "slow-headers", "max_s": 15}, "said nothing for 2 s", True),
        ({"kind": "error-event"}, "503", True),
        ({"kind": "error-event-list"}, "503", True),
        ({"kind": "bare-error"}, "503", True),
        ({"kind": "empty"}, "empty answer", True),
        ({"kind": "filtered"}, "PROHIBITED_CONTENT", False),
        ({"kind": "length", "text": TEXT}, "before the end of its answer", False),
        ({"kind": "malformed-call"}, "MALFORMED_FUNCTION_CALL", True),
        ({"kind": "garbage"}, "not an event stream", True),
        ({"kind": "html"}, "not available", True),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
def test_a_fault_ends_in_one_error(chat: Chat, fault: dict[str, Any], says: str, retry: bool) -> None:
    """One error event that says what happened; what was seen is what a reload shows; the next turn works."""
    turn = chat.say("hello", {"text": TEXT, "fault": fault})
    (error,) = turn.errors
    assert says in error["message"]
    assert error.get("allow_retry", False) is retry
    assert chat.items(turn.thread) == turn.done()
    assert chat.say("again", {"text": "Fine."}, thread=turn.thread).text == "Fine."


@pytest.mark.parametrize(
    "fault",
    [{"kind": "empty"}, {"kind": "http", "status": 503}, {"kind": "http", "status": 429, "retry_delay": "1s"}],
    ids=lambda value: str(value.get("status", value["kind"])),
)
def test_a_passing_fault_is_asked_again(chat: Chat, fault: dict[str, Any]) -> None:
    """A second attempt that works is all that the user sees; Gemini's own wait is honoured."""
    turn = chat.say("hello", {"attempts": [{"fault": fault}, {"text": "Here I am."}]})
    assert turn.text == "Here I am."
    assert not turn.errors
    first, second = turn.calls(at_least=2)
    assert second["at"] - first["at"] >= (1.0 if "retry_delay" in fault else 0.0)


def test_thoughts_stay_out_of_the_answer(chat: Chat) -> None:
    """Neither flagged nor leaked thoughts reach the user as the answer."""
    assert chat.say("think", {"text": "The answer.", "thought": "The thought."}).text == "The answer."
    leaked = chat.say("leak", {"text": "The answer.", "fault": {"kind": "thought-leak"}})
    assert "thought" not in leaked.text
    assert leaked.text.strip()


def test_arguments_that_are_no_json_are_a_result(chat: Chat) -> None:
    """The model learns that its arguments could not be read, and goes on."""
    calls = [{"name": "create_task", "arguments": '{"title": '}]
    turn = chat.say("bad", {"calls": calls}, {"text": "Sorry."})
    assert "JSON" in turn.results()[0]["error"]
    assert turn.text == "Sorry."
