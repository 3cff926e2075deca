"""What the patches do to the methods that they replace."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from chatkit.types import AssistantMessageItem, EndOfTurnItem, ThreadMetadata

from mutants import inside

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANSWER = AssistantMessageItem(id="a", thread_id="t", created_at=NOW, content=[])
END = EndOfTurnItem(id="e", thread_id="t", created_at=NOW)


async def test_a_forgetful_store_keeps_the_other_items() -> None:
    """Items of one type are not stored, all others are."""
    kept: list[Any] = []

    async def add(self: Any, thread_id: str, item: Any, context: Any) -> None:
        kept.append(item)

    forgetful = inside.forget(AssistantMessageItem)(add)
    await forgetful(None, "t", ANSWER, None)
    await forgetful(None, "t", END, None)
    assert kept == [END]


async def test_a_late_store_stores_after_it_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call returns before the item is stored, and the item is stored in the end."""
    monkeypatch.setattr(inside, "LATE_S", 0.01)
    stored = asyncio.Event()

    async def add(*args: Any) -> None:
        stored.set()

    await inside.saved_late(add)(None, "t", ANSWER, None)
    assert not stored.is_set()
    await asyncio.wait_for(stored.wait(), 5)


def test_counted_ids_begin_anew_in_each_thread() -> None:
    """Two threads have items of the same ids."""
    make = inside.counted_ids(lambda: "")
    threads = [ThreadMetadata(id=id, created_at=NOW) for id in ("t1", "t2", "t1")]
    assert [make(None, "message", t, None) for t in threads] == ["item_1", "item_1", "item_2"]


def test_numeric_ids_are_numbers_and_never_the_same() -> None:
    """The near miss makes ids that are odd and unique."""
    make = inside.numeric_ids(lambda: "")
    made = [make(None, "message", None, None) for _ in range(100)]
    assert len(set(made)) == 100
    assert all(id.isdecimal() for id in made)


async def test_flipped_order_flips_whichever_way_it_is_given() -> None:
    """Ascending becomes descending by position and by name, and all else stays."""

    async def load(self: Any, *args: Any, **more: Any) -> Any:
        return args, more

    flipped = inside.other_order(load)
    assert await flipped(None, "t", None, 5, "asc", context=1) == (("t", None, 5, "desc"), {"context": 1})
    assert await flipped(None, "t", order="desc") == (("t",), {"order": "asc"})


async def test_a_pretended_tool_answers_without_being_called() -> None:
    """The tool's result has the arguments, and the tool itself is never run."""

    async def tool(context: Any, arguments: str) -> Any:
        raise AssertionError("the tool was run")

    result = json.loads(await inside.pretend(tool)(None, '{"title": "A"}'))
    assert result["task"]["title"] == "A"


@pytest.mark.parametrize(("how", "told"), [(inside.silent, "ok"), (inside.speechless, "")])
async def test_a_silent_tool_works(how: Any, told: str) -> None:
    """The tool runs, and its result is kept back."""
    ran: list[str] = []

    async def tool(context: Any, arguments: str) -> str:
        ran.append(arguments)
        return "made"

    assert await how(tool)(None, "{}") == told
    assert ran == ["{}"]


async def test_a_bulk_tool_is_always_confirmed() -> None:
    """Whatever the model says, the tool is told that it was confirmed."""

    async def tool(context: Any, arguments: str) -> Any:
        return json.loads(arguments)

    assert await inside.always_confirmed(tool)(None, '{"confirm": false}') == {"confirm": True}


def test_a_patch_is_put_in_place_and_only_when_called() -> None:
    """`around` changes nothing until the patch is applied; then every instance is changed."""

    class Box:
        def open(self) -> str:
            return "empty"

    patch = inside.around(Box, "open", lambda real: lambda self: f"not {real(self)}")
    assert Box().open() == "empty"
    patch()
    assert Box().open() == "not empty"


def test_a_turn_is_limited_to_two_questions() -> None:
    """The model is asked two times at most, whatever the server says."""
    run = inside.two_model_calls(lambda **more: SimpleNamespace(**more))
    assert run(max_turns=10).max_turns == 2
