"""The odd servers are right: what judges their streams, threads, pages and history finds nothing. The rest is nox's."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.check import MUST
from chatkit_conformance.judging.catalogue import checks
from odd_servers import judge
from odd_servers.chat import Chat
from odd_servers.habits import Habits
from odd_servers.model import Answer, Model, ModelFailed
from odd_servers.odd_server import OddServer
from odd_servers.showing import WAYS
from odd_servers.table import BY_NAME, SERVERS
from odd_servers.tasks import Tasks
from odd_servers.threads import Threads
from tests.slow import but_for

CHEAP = (
    "alone-desk",
    "alone-taches",
    "alone-flujo",
    "alone-balcao",
    "alone-sportello",
    "alone-tanke",
    "alone-werkplaats",
    "alone-bestellungen",
    "sockets-plain",
    "sockets-cookie",
    "sockets-key",
    "sockets-query",
    "starlette-guard-beside",
    "starlette-guard-words",
    "starlette-yaml",
    "starlette-by-user",
    "starlette-airline",
    "starlette-renews",
    "starlette-proxied",
    "starlette-native",
    "starlette-slash",
    "starlette-rewrites",
    "sockets-summary",
    "starlette-one-each",
    "threads-key",
    "sdk-plain",
    "agents-airline",
    "node-cookie",
)
"""Of every make, and of every habit that once was taken for a fault."""

EXCHANGES = {"item_pages", "thread_pages", "tool_create", "empty_ids", "rich_requests", "no_credentials"}
"""What is held here: short conversations that none of these servers took part in without being accused, once."""

ROOT = Path(__file__).parents[2]


QUICK = {"alone-desk", "alone-flujo", "sockets-cookie", "starlette-guard-beside", "starlette-slash", "threads-key"}
"""Those that stand for the others in CI: of each make one."""


@pytest.mark.parametrize("name", but_for(QUICK, CHEAP))
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


FILLING = {"tool_create", "tool_update", "tool_complete", "tool_delete", "one_task_of_two", "two_calls", "claims"}
"""What fills a list of the oldest twenty, where every conversation is of the same two users."""


def test_tasks_are_looked_up_on_the_page_on_which_the_newest_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fixed users and a list in pages of twenty: most tools are judged all the same, and nothing is accused."""
    monkeypatch.chdir(ROOT)
    wanted = [c for c in checks() if c.level == MUST and not c.everywhere and set(c.on) <= FILLING]
    rows = [row for row in judge.judged(BY_NAME["sockets-query"], wanted) if row.outcome != "not_applicable"]
    assert [(row.id, row.got, row.reason) for row in rows if row.outcome not in ("passed", "not_judged")] == []
    assert sum(row.outcome == "passed" for row in rows) >= len(rows) // 2


@pytest.mark.slow
def test_agents_that_hand_over_are_judged_in_every_trade(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server like the official demo, with no tools of tasks, is held to what holds of handoffs, and keeps it."""
    monkeypatch.chdir(ROOT)
    wanted = [c for c in checks() if c.on == ("handed_over",) or c.id == "tools.not-run-again"]
    rows = {row.id: row for row in judge.judged(BY_NAME["agents-airline"], wanted)}
    handed = {id: row.outcome for id, row in rows.items() if "handoff" in id}
    assert set(handed.values()) == {"passed"}, handed
    assert len(handed) == 3
    told = rows["tools.not-run-again"]
    assert (told.outcome, "no tool but handoffs" in told.reason) == ("not_judged", True)


class Breaking(Model):
    """A model that breaks off in the middle of an answer."""

    def __init__(self) -> None:
        self.streams = True

    async def ask(self, messages: list[Any], answer: Answer, **more: Any) -> AsyncGenerator[str, None]:
        """Some words, and no more."""
        yield "These words "
        yield "were said."
        raise ModelFailed("It broke.")


@pytest.mark.parametrize("way", sorted(WAYS))
async def test_of_an_answer_that_breaks_off_what_was_shown_is_kept(way: str) -> None:
    """A server that shows an answer in one piece keeps nothing of one that it never showed."""
    habits = Habits(answer=way)  # type: ignore[arg-type]  # a key of the table of ways
    threads = Threads(habits, None)
    chat = Chat(habits, threads, Tasks(), Breaking())
    message = {"content": [{"type": "input_text", "text": "Hello."}]}
    events = [event async for event in chat.turn("ann", "threads.create", {"input": message})]
    shown = any("assistant_message" in json.dumps(event) for event in events)
    kept = [item["type"] for item in threads.mine("ann")[0].items]
    assert kept == ["user_message", *(["assistant_message"] if shown else [])]
    assert shown is (way != "whole")


def test_every_habit_is_somebodys() -> None:
    """No habit is declared that no server has, so that none is untried."""
    plain = Habits()
    for field in dataclasses.fields(Habits):
        assert any(getattr(s.habits, field.name) != getattr(plain, field.name) for s in SERVERS), field.name


def test_names_and_target_files_are_there() -> None:
    """Twenty servers at least, of seven makes, each with a target file."""
    assert len(BY_NAME) == len(SERVERS) >= 20
    assert {server.make for server in SERVERS} == {"sockets", "starlette", "threads", "sdk", "agents", "node", "alone"}
    assert all((judge.FOLDER / server.target).is_file() for server in SERVERS)


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that stands for no server ends with 2 and says where the names are."""
    assert judge.main(["nobody"]) == 2
    assert "lists them" in capsys.readouterr().err


def test_what_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Node, its servers are not started; the others are."""
    monkeypatch.setattr("shutil.which", lambda _: None)
    able: list[OddServer] = [server for server in SERVERS if judge.can_start(server)]
    assert {server.make for server in able} == {"sockets", "starlette", "threads", "sdk", "agents", "alone"}
