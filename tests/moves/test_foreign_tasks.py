"""A call for another user's task: by an id that is none of the caller's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatkit_conformance.moves.own_ids import own_ids
from chatkit_conformance.moves.state import Person, Task
from chatkit_conformance.moves.tools import NO_ID, foreign
from chatkit_conformance.transcript import Call

ANN = Person(user="ann")


@pytest.mark.parametrize(
    ("theirs", "own", "id"),
    [
        (["u7f2"], ["a310"], "u7f2"),
        (["1", "2"], ["1"], "2"),
        (["1"], ["1", "2"], NO_ID),
        (["1"], [], "1"),
    ],
)
def test_where_each_user_s_tasks_are_numbered_from_one_nobody_s_own_is_called(
    theirs: list[str], own: list[str], id: str
) -> None:
    """An id that is the caller's own, too, is not called: a server that changes the own task then is right."""
    assert foreign([(ANN, Task(title="Theirs", id=each)) for each in theirs], set(own)) == (ANN, id)


def test_where_nobody_has_a_task_an_id_of_nobody_s_is_called() -> None:
    """There is nobody whose list could be read, either."""
    assert foreign([], set()) == (None, NO_ID)


class _Talk:
    """What a conversation knows of the requests to the model."""

    def __init__(self, *calls: Call) -> None:
        self._calls = calls

    async def calls(self, at_least: int) -> tuple[Call, ...]:
        return self._calls


class _Act:
    """A move, as far as it is asked whose turns there were."""

    def __init__(self, talk: _Talk, **turns: dict[str, Any]) -> None:
        self.talk, self.stage = talk, self
        self.turns = turns


def _told(nonce: str, result: str) -> Call:
    made = {"id": "c", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Please."},
        {"role": "assistant", "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "c", "content": result},
    ]
    return Call(n=1, nonce=nonce, at=1.0, position=1, body={"messages": messages})


def _turn(user: str, nonce: str, *roles: str) -> dict[str, Any]:
    return {"user": user, "nonce": nonce, "tools": [{"role": role} for role in roles]}


@pytest.mark.parametrize(
    ("result", "own"),
    [
        (json.dumps({"task": {"id": 1, "title": "Ferns", "priority": 2}}), {"1"}),
        ("Added as number 2.", {"2"}),
        (json.dumps({"ok": True}), set()),
    ],
)
async def test_an_id_that_a_tool_told_a_user_is_that_user_s(result: str, own: set[str]) -> None:
    """Also where the turn then failed, so that the task is in no state of ours; in prose, each number may be one."""
    turns = {"1": _turn("ann", "zq1", "create"), "2": _turn("bob", "zq2", "create")}
    act: Any = _Act(_Talk(_told("zq1", result), _told("zq2", json.dumps({"id": "u9"}))), **turns)
    assert await own_ids(act, ANN, ["1", "2", "u9"]) == own


async def test_a_task_that_no_result_told_of_may_have_any_number() -> None:
    """Where a turn broke off in its call, nobody knows what the task that it may have made is called."""
    act: Any = _Act(_Talk(), turn=_turn("ann", "zq1", "create"))
    assert await own_ids(act, ANN, ["7", "u9"]) == {"7"}
