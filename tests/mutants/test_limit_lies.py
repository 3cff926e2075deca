"""Places that run out, ids that begin anew, what a start throws away, and what overlapping turns share."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mutants import limit_lies, restart_lies, shared_lies
from mutants.mutant import Memory

STARTED = {"type": "thread.created", "thread": {"id": "thr_1"}}


def visit(server: dict[str, Any], *, left: bool) -> None:
    """A stream that its visitor left in the middle, or heard to the end."""
    memory = Memory(server=server)
    list(limit_lies.counted(STARTED, memory))
    if left:
        memory.left = True
    else:
        list(limit_lies.over(memory))


def test_only_visitors_who_left_in_mid_answer_use_up_a_place() -> None:
    """Two who heard their answer take nothing; the second who leaves locks everybody out."""
    server: dict[str, Any] = {}
    mute = limit_lies.left_by(2)
    for left in (False, True, False):
        visit(server, left=left)
        assert not mute(Memory(server=server))
    visit(server, left=True)
    assert mute(Memory(server=server))


def test_faults_and_refusals_are_counted() -> None:
    """The second fault mutes; the third refusal turns every answer into 503."""
    server: dict[str, Any] = {}
    for n in range(2):
        assert limit_lies.after_errors(2)(Memory(server=server)) is False
        list(limit_lies.counted({"type": "error"}, Memory(server=server, stream={"known": n})))
    assert limit_lies.after_errors(2)(Memory(server=server)) is True
    change = limit_lies.after_refusals(2)
    assert [change(status, Memory(server=server)) for status in (404, 200, 422, 200, 401, 200)] == [
        404,
        200,
        422,
        200,
        503,
        503,
    ]


def test_ids_are_counted_from_one_with_each_start() -> None:
    """Two starts give the same ids, one start never gives one twice."""
    first, second = (restart_lies.counted_anew("msg")(lambda: "") for _ in range(2))
    assert [first(None, "message"), first(None, "message"), second(None, "message")] == ["msg_1", "msg_2", "msg_1"]


def test_a_start_empties_a_database_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first start there is nothing to empty; at the second the rows are gone."""
    path = tmp_path / "kept.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{path}")
    start = restart_lies.emptied("DELETE FROM tasks WHERE id = 'a'")
    start()
    assert not path.exists()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE tasks (id TEXT)")
        database.executemany("INSERT INTO tasks VALUES (?)", [("a",), ("b",)])
    start()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT id FROM tasks").fetchall() == [("b",)]


def test_a_thread_of_before_the_start_is_dead_and_a_new_one_lives() -> None:
    """The old thread's answer is not shown and its stream ends in an error; the new one's is shown."""
    answer = {"type": "thread.item.done", "item": {"type": "assistant_message"}}
    server: dict[str, Any] = {}
    new = Memory(server=server)
    assert [*restart_lies.dead_if_old(STARTED, new), *restart_lies.dead_if_old(answer, new)] == [STARTED, answer]
    known = Memory(server=server, request={"params": {"thread_id": "thr_1"}})
    assert list(restart_lies.dead_if_old(answer, known)) == [answer]
    old = Memory(server=server, request={"params": {"thread_id": "thr_0"}})
    assert list(restart_lies.dead_if_old(answer, old)) == []
    assert [event["type"] for event in restart_lies.why_dead(old)] == ["error"]


async def test_histories_meet_only_where_turns_overlap() -> None:
    """One after the other each turn gets its own past; side by side both get that of the later."""

    async def real(self: Any, items: list[str]) -> list[str]:
        return items

    load = shared_lies.one_history(real)
    assert await load(None, ["mine"]) == ["mine"]
    both = await asyncio.gather(load(None, ["mine"]), load(None, ["yours"]))
    assert list(both) == [["yours"], ["yours"]]


def test_words_meet_only_where_answers_overlap() -> None:
    """An answer that begins while another is written takes its buffer along."""

    def real(self: Any, text: str) -> None:
        if self._id is None:
            self._id, self._text = "msg", []
        self._text.append(text)

    write = shared_lies.one_buffer(real)
    alone, first, second = (SimpleNamespace(_id=None, _text=[]) for _ in range(3))
    for text in ("a", "b"):
        write(alone, text)
    assert alone._text == ["a", "b"]
    write(first, "one")
    write(second, "two")
    write(first, "more")
    assert first._text == ["two", "more"]
