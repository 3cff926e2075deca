"""Hostile in its values: JSON that is legal, and that no program expects."""

from __future__ import annotations

import json
import random
from asyncio import StreamWriter
from collections.abc import Iterator

from chatkit_conformance.transcript import JSON

from .hostility import answers
from .server import OK_STREAM, Asked, answer, asked_model, delta, event, thread_event

CREATED = b'"2026-01-01T00:00:00Z"'
OTHERS: tuple[JSON, ...] = (None, True, 0, -1, 7.5, "", "x", [], [[]], {}, {"type": "x"}, 2**63)
"""Values of every kind, to stand where another is expected."""


async def _dated(asked: Asked, writer: StreamWriter, written: bytes) -> None:
    """An honest answer, its dates written otherwise."""
    item = {"id": "m0", "type": "assistant_message", "thread_id": "thr_0", "created_at": "2026-01-01T00:00:00Z"}
    whole = {**item, "content": [{"type": "output_text", "text": "x", "annotations": []}]}
    if not asked.streams:
        page = {"data": [whole, whole], "has_more": False, "after": None}
        sent = json.dumps({"id": "thr_0", "created_at": "2026-01-01T00:00:00Z", "items": page, **page}).encode()
        writer.write(answer(sent.replace(CREATED, written)))
        return
    said = delta(await asked_model(asked))
    sent = thread_event("thr_0") + event(type="thread.item.added", item=item) + said
    sent += event(type="thread.item.done", item=whole)
    writer.write(OK_STREAM + sent.replace(CREATED, written))


@answers(codes=(0, 1, 3))
async def numbers_beyond_reading(asked: Asked, writer: StreamWriter) -> None:
    """Dates each item with 1e999, which is legal JSON and infinite."""
    await _dated(asked, writer, b"1e999")


@answers(codes=(0, 1, 3))
async def numbers_of_many_digits(asked: Asked, writer: StreamWriter) -> None:
    """Dates each item with a number of 5,000 digits."""
    await _dated(asked, writer, b"9" * 5000)


@answers(codes=(0, 1, 3))
async def dates_at_the_edge(asked: Asked, writer: StreamWriter) -> None:
    """Dates each item in the year 1, east of Greenwich, which no clock can hold in UTC."""
    await _dated(asked, writer, b'"0001-01-01T00:00:00+14:00"')


@answers(codes=(0, 1, 3))
async def dates_that_are_none(asked: Asked, writer: StreamWriter) -> None:
    """Dates each item on the 99th of a month."""
    await _dated(asked, writer, b'"2026-99-99T99:99:99+99:99"')


def _changed(value: JSON, at: Iterator[bool], chance: random.Random) -> JSON:
    if next(at):
        return chance.choice(OTHERS)
    if isinstance(value, dict):
        return {key: _changed(item, at, chance) for key, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, at, chance) for item in value]
    return value


@answers(codes=(0, 1, 3))
async def other_types(asked: Asked, writer: StreamWriter) -> None:
    """Puts a value of another kind into every tenth place."""
    chance = random.Random(len(asked.body))
    at = iter(lambda: chance.random() < 0.1, None)
    if not asked.streams:
        page: JSON = {"data": [{"id": "m0", "type": "x"}], "has_more": False, "after": None}
        writer.write(answer(_changed({"id": "thr_0", "items": page, **page}, at, chance)))
        return
    said = await asked_model(asked)
    item = {"id": "m0", "type": "assistant_message", "thread_id": "thr_0", "created_at": "2026-01-01T00:00:00Z"}
    whole = {**item, "content": [{"type": "output_text", "text": said, "annotations": []}]}
    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": said}
    turn: list[JSON] = [
        {"type": "thread.item.added", "item": item},
        {"type": "thread.item.updated", "item_id": "m0", "update": update},
        {"type": "thread.item.done", "item": whole},
    ]
    sent = [json.dumps(_changed(one, at, chance)).encode() for one in turn]
    writer.write(OK_STREAM + thread_event("thr_0") + b"".join(b"data: " + one + b"\n\n" for one in sent))


@answers(codes=(0, 1, 3))
async def long_ids(asked: Asked, writer: StreamWriter) -> None:
    """Gives every thread and item an id of a hundred thousand letters, with a path in it."""
    long = "../" * 3 + "i" * 100_000
    if not asked.streams:
        writer.write(answer({"id": long, "data": [{"id": long, "type": long}], "has_more": True, "after": long}))
        return
    writer.write(OK_STREAM + thread_event(long) + delta(await asked_model(asked)))
    writer.write(event(type="thread.item.done", item={"id": long, "type": "assistant_message", "content": []}))
