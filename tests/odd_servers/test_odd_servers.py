"""The odd servers are right: what judges their streams, threads, pages and history finds nothing. The rest is nox's."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chatkit_conformance.check import MUST
from chatkit_conformance.judging.catalogue import checks
from odd_servers import judge
from odd_servers.habits import Habits
from odd_servers.table import BY_NAME, SERVERS, OddServer

CHEAP = (
    "sockets-plain",
    "sockets-cookie",
    "sockets-key",
    "starlette-guard-words",
    "starlette-by-user",
    "starlette-airline",
    "starlette-native",
    "starlette-slash",
    "sdk-plain",
    "node-cookie",
)
"""Of every make, and of every habit that once was taken for a fault."""

EXCHANGES = {"item_pages", "thread_pages", "tool_create", "empty_ids", "rich_requests", "no_credentials"}
"""What is held here: short conversations that none of these servers took part in without being accused, once."""

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", CHEAP)
def test_nothing_is_told_of_a_server_that_is_odd_and_right(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No MUST check fails, and a good many were judged."""
    monkeypatch.chdir(ROOT)
    server = BY_NAME[name]
    if not judge.can_start(server):
        pytest.skip(f"{server.make} is not installed")
    wanted = [c for c in checks() if c.level == MUST and not c.everywhere and set(c.on) <= EXCHANGES]
    rows = judge.judged(server, wanted)
    assert [(row.id, row.got) for row in rows if row.outcome in ("failed", "error", "untestable")] == []
    assert sum(row.outcome == "passed" for row in rows) >= 12


def test_every_habit_is_somebodys() -> None:
    """No habit is declared that no server has, so that none is untried."""
    plain = Habits()
    for field in dataclasses.fields(Habits):
        assert any(getattr(s.habits, field.name) != getattr(plain, field.name) for s in SERVERS), field.name


def test_names_and_target_files_are_there() -> None:
    """Twenty servers at least, of four makes, each with a target file."""
    assert len(BY_NAME) == len(SERVERS) >= 20
    assert {server.make for server in SERVERS} == {"sockets", "starlette", "sdk", "node"}
    assert all((judge.FOLDER / server.target).is_file() for server in SERVERS)


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that stands for no server ends with 2 and says where the names are."""
    assert judge.main(["nobody"]) == 2
    assert "lists them" in capsys.readouterr().err


def test_what_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Node, its servers are not started; the others are."""
    monkeypatch.setattr("shutil.which", lambda _: None)
    able: list[OddServer] = [server for server in SERVERS if judge.can_start(server)]
    assert {server.make for server in able} == {"sockets", "starlette", "sdk"}
