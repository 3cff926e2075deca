"""What the mutants do between the server and its model."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mutants import model_lies as lie
from mutants.mutant import Event, Upstream
from mutants.table_model import MODEL

CALL = {
    "id": "c1",
    "type": "function",
    "function": {"name": "create_task", "arguments": '{"title":"A"}'},
    "extra_content": {"google": {"thought_signature": "sig"}},
}
OTHER = {**CALL, "id": "c2", "function": {"name": "create_task", "arguments": '{"title":"B"}'}}

BODY: Event = {
    "model": "gemini-3.8-flash",
    "stream_options": {"include_usage": True},
    "tools": [{"type": "function", "function": {"name": name}} for name in ("create_task", "list_tasks")],
    "messages": [
        {"role": "system", "content": "Help."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "First"},
        {"role": "user", "content": "Two"},
        {"role": "assistant", "content": "Second"},
        {"role": "user", "content": "Three"},
        {"role": "assistant", "tool_calls": [CALL, OTHER]},
        {"role": "tool", "tool_call_id": "c1", "content": "made A"},
        {"role": "tool", "tool_call_id": "c2", "content": "made B"},
    ],
}
REQUEST_LIES = [m for m in MODEL if isinstance(m.change, Upstream) and m.change.request]


def said(body: Event) -> list[Any]:
    """The texts of a request's messages, tool calls left out."""
    return [m["content"] for m in body["messages"] if "content" in m]


@pytest.mark.parametrize("one", REQUEST_LIES, ids=lambda m: m.name)
def test_a_lie_changes_the_request_and_not_the_callers_copy(one: Any) -> None:
    """Every lie about requests makes another request of one with history and tools, out of place."""
    before = copy.deepcopy(BODY)
    assert one.change.request(BODY) != before
    assert before == BODY


@pytest.mark.parametrize(
    ("change", "texts"),
    [
        (lie.no_history, ["Help.", "Three", "made A", "made B"]),
        (lie.short_history, ["Help.", "Two", "Second", "Three", "made A", "made B"]),
        (lie.reversed_history, ["Help.", "Second", "Two", "First", "One", "Three", "made A", "made B"]),
        (lie.doubled_message, ["Help.", "One", "First", "Two", "Second", "Three", "Three", "made A", "made B"]),
        (lie.empty_results, ["Help.", "One", "First", "Two", "Second", "Three", "ok", "ok"]),
        (lie.swapped_results, ["Help.", "One", "First", "Two", "Second", "Three", "made B", "made A"]),
    ],
)
def test_the_model_is_told_something_else(change: Any, texts: list[str]) -> None:
    """Each lie about history or results changes exactly that."""
    assert said(change(BODY)) == texts


def test_the_models_own_words_become_the_users() -> None:
    """Earlier answers change their role, and calls of this turn do not."""
    roles = [m["role"] for m in lie.answers_as_user(BODY)["messages"]]
    assert roles == ["system", "user", "user", "user", "user", "user", "assistant", "tool", "tool"]


def test_signatures_are_taken_off_the_calls() -> None:
    """Calls go back without their signature and with all else."""
    calls = lie.no_signatures(BODY)["messages"][6]["tool_calls"]
    assert calls == [{k: v for k, v in c.items() if k != "extra_content"} for c in (CALL, OTHER)]


def test_what_was_said_in_one_thread_is_told_in_the_next() -> None:
    """The first request has nothing to leak, the second leaks the first."""
    change = lie.leaky()
    change({"messages": [{"role": "user", "content": "marzipan"}]})
    assert "marzipan" in str(change({"messages": [{"role": "user", "content": "Hello"}]}))


def chunk(*calls: Event, finish: str = "", text: str = "") -> Event:
    """A chunk of the model's stream."""
    delta: Event = (
        {"role": "assistant"} | ({"tool_calls": list(calls)} if calls else {}) | ({"content": text} if text else {})
    )
    return {"choices": [{"index": 0, "delta": delta} | ({"finish_reason": finish} if finish else {})]}


def calls_in(*chunks: Event | None) -> list[Event]:
    """The tool calls in chunks, in order."""
    return [c for one in chunks if one for c in one["choices"][0]["delta"].get("tool_calls", ())]


@pytest.mark.parametrize(
    "layout", [[chunk(CALL, OTHER, finish="tool_calls")], [chunk(CALL), chunk(OTHER), chunk(finish="stop")]]
)
def test_calls_are_glued_in_both_layouts(layout: list[Event]) -> None:
    """Two calls, in one chunk or in two, become one with both arguments and the last id."""
    scratch: dict[str, Any] = {}
    (one,) = calls_in(*(lie.glued_calls(copy.deepcopy(c), scratch) for c in layout))
    assert one["function"]["arguments"] == '{"title":"A"}{"title":"B"}'
    assert one["id"] == "c2"


@pytest.mark.parametrize("layout", [[chunk(CALL, OTHER)], [chunk(CALL), chunk(OTHER)]])
def test_only_the_first_call_is_heard(layout: list[Event]) -> None:
    """Of two calls, in one chunk or in two, the second is gone."""
    scratch: dict[str, Any] = {}
    assert calls_in(*(lie.first_call_only(copy.deepcopy(c), scratch) for c in layout)) == [CALL]


def test_thoughts_lose_their_marks() -> None:
    """A thought reads as plain text."""
    made = lie.bare_thoughts(chunk(text="<thought>Hm."), {})
    assert made["choices"][0]["delta"]["content"] == "Hm."
