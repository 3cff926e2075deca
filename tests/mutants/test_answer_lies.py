"""What the mutants do to answers that are no stream, to requests and to credentials."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mutants.catalogue import MUTANTS
from mutants.mutant import Event, Wire

Made = Callable[[Wire], Any]

ROWS = [
    {"type": "user_message", "id": "u", "content": [{"type": "input_text", "text": "Hello?"}]},
    {
        "type": "assistant_message",
        "id": "a",
        "thread_id": "t",
        "created_at": "2026-01-01T00:00:00",
        "content": [{"type": "output_text", "text": "A long answer, longer than twenty characters."}],
    },
]
GET = {"type": "threads.get_by_id", "params": {"thread_id": "t"}}
LIST = {"type": "items.list", "params": {"thread_id": "t", "limit": 2, "order": "desc", "after": "a"}}


def wire(name: str) -> Wire:
    """The change of a mutant on the wire."""
    change = MUTANTS[name].change
    assert isinstance(change, Wire)
    return change


def thread() -> dict[str, Any]:
    """A thread as a reload shows it."""
    return {
        "id": "t",
        "title": "Ferns",
        "created_at": "2026-01-01T00:00:00",
        "items": {"data": ROWS, "has_more": False},
    }


async def reloaded(played: Any) -> list[dict[str, Any]]:
    """The items of a reload."""
    rows: list[dict[str, Any]] = json.loads((await played.answer(thread(), GET)).body)["items"]["data"]
    return rows


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("reload-without-answers", ["u"]),
        ("reload-renumbered", ["u-stored", "a-stored"]),
        ("reload-doubled", ["u", "a", "a-copy"]),
        ("reload-repeats-row", ["u", "u", "a", "a"]),
        ("reload-backwards", ["a", "u"]),
        ("hidden-item-stored", ["u", "a", "a-h"]),
    ],
)
async def test_a_reload_shows_other_items(name: str, ids: list[str], stage: Made) -> None:
    """A lie about reloads changes which items there are."""
    assert [row["id"] for row in await reloaded(stage(wire(name)))] == ids


async def test_a_shortened_answer_keeps_its_beginning(stage: Made) -> None:
    """Answers are cut, questions are not."""
    rows = await reloaded(stage(wire("reload-shortened")))
    assert [row["content"][0]["text"] for row in rows] == ["Hello?", "A long answer, longe"]


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [("limit-ignored", "limit", 100), ("cursor-ignored", "after", None), ("order-ignored", "order", "asc")],
)
async def test_a_parameter_never_reaches_the_server(name: str, field: str, value: Any, stage: Made) -> None:
    """What a client asks for is replaced on the way."""
    played = stage(wire(name))
    await played.answer({"data": [], "has_more": False}, LIST)
    assert played.asked[0]["params"].get(field) == value


async def test_a_pretended_rename_only_reads(stage: Made) -> None:
    """The server is asked for the thread, and the answer has the title that was wished for."""
    played = stage(wire("rename-pretended"))
    request = {"type": "threads.update", "params": {"thread_id": "t", "title": "Moss"}}
    answer = await played.answer(thread(), request)
    assert played.asked[0]["type"] == "threads.get_by_id"
    assert json.loads(answer.body)["title"] == "Moss"


async def test_a_message_to_a_deleted_thread_begins_another(stage: Made) -> None:
    """Only what was deleted comes back."""
    played = stage(wire("deleted-comes-back"))
    say: Event = {"type": "threads.add_user_message", "params": {"thread_id": "t", "input": {}}}
    await played.answer({}, say)
    await played.answer({}, {"type": "threads.delete", "params": {"thread_id": "t"}})
    await played.answer({}, say)
    assert [asked["type"] for asked in played.asked] == ["threads.add_user_message", "threads.delete", "threads.create"]


@pytest.mark.parametrize(("name", "status"), [("bad-input-is-500", 500), ("bad-input-is-200", 200)])
async def test_a_refusal_has_another_status(name: str, status: int, stage: Made) -> None:
    """A refusal is told otherwise, and a success as it is."""
    played = stage(wire(name))
    assert (await played.answer({}, b"{bad", status=400)).status == status
    assert (await played.answer({}, GET)).status == 200


async def test_whoever_shows_nothing_is_the_first(stage: Made) -> None:
    """Without a token, and with a bad one, a request carries the first token that was seen."""
    played = stage(wire("anyone-enters"))
    await played.answer({}, GET, authorization="Bearer first")
    await played.answer({}, GET)
    assert [h["authorization"] for h in played.seen_headers] == ["Bearer first", "Bearer first"]


async def test_a_stranger_with_the_id_is_the_owner(stage: Made, events: list[Event]) -> None:
    """A request about a thread carries its owner's token, and one about none its own."""
    played = stage(wire("id-is-enough"))
    await played.stream(events, authorization="Bearer a")
    await played.answer({}, {"type": "threads.get_by_id", "params": {"thread_id": "thr_1"}}, authorization="Bearer b")
    await played.answer({}, {"type": "threads.list", "params": {}}, authorization="Bearer b")
    assert [h["authorization"] for h in played.seen_headers] == ["Bearer a", "Bearer a", "Bearer b"]
