"""Tools of an MCP server that misbehaves: what went wrong is told to the model and the user, and the thread lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.slow import but_for

from .conftest import DEADLINE_S, Chat, Turn, calling, environment_for, started

FAULTY = "tests.reference_server.faulty_mcp"
LIMIT_S = "1"
"""Seconds that a tool may take in these tests."""


@pytest.fixture(scope="module")
def faulty(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """A reference server that takes its tools from the faulty MCP server."""
    folder = tmp_path_factory.mktemp("faulty")
    with started(FAULTY) as (url, _):
        environment = environment_for(folder, upstream, TOOLS_MCP=url, TOOL_TIMEOUT=LIMIT_S)
        with started("reference_server", "--port", "0", environment=environment) as (server, _):
            yield Chat(url=server, upstream=upstream, folder=folder, user="ada")


def use(chat: Chat, name: str, thread: str | None = None) -> Turn:
    """A turn in which the model calls this tool, then says that it is done."""
    return chat.say("do it", {"calls": [calling(name)]}, {"text": "Done."}, thread=thread)


def told(turn: Turn) -> str:
    """What the model was told of the tool's failure; the user was shown the same, and the turn was answered."""
    (result,) = turn.results()
    assert turn.text == "Done."
    assert turn.errors == []
    assert result["error"] in str(turn.done("workflow"))
    return str(result["error"])


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("slow", "slow took longer than 1 s and was stopped"),
        ("errors", "the shelf is empty"),
        ("unsaid", "unsaid failed, and did not say why"),
        ("refused", "refused was not done"),
    ],
)
def test_a_failure_is_told_and_the_thread_lives(faulty: Chat, tool: str, words: str) -> None:
    """A tool that is slow, answers with an error, or is refused by the protocol is told; the next turn works."""
    turn = use(faulty, tool)
    assert words in told(turn)
    assert use(faulty, "good", thread=turn.thread).results() == [{"content": ["good is done"]}]


@pytest.mark.parametrize(
    ("tool", "result"),
    [
        ("structured", {"ferns": 7}),
        ("both", {"ferns": 8}),
        ("image", {"content": ["(image, which cannot be shown here)"]}),
        ("odd_widget", {"content": ["odd"]}),
    ],
)
def test_every_kind_of_result_reaches_the_model(faulty: Chat, tool: str, result: dict[str, object]) -> None:
    """Structured content comes once, a picture is named, and a widget that is none is left out."""
    turn = use(faulty, tool)
    assert turn.results() == [result]
    assert turn.text == "Done."
    assert turn.done("widget") == []


@pytest.mark.slow
def test_a_server_that_dies_in_mid_call_is_told_and_found_again(upstream: str, tmp_path: Path) -> None:
    """The call may not have been done, and says so; while nobody is there calls fail; then the tools work again."""
    with started(FAULTY) as (url, process):
        port = str(urlsplit(url).port)
        environment = environment_for(tmp_path, upstream, TOOLS_MCP=url, TOOL_TIMEOUT=LIMIT_S)
        with started("reference_server", "--port", "0", environment=environment) as (server, _):
            chat = Chat(url=server, upstream=upstream, folder=tmp_path, user="ada")
            dying = use(chat, "dies")
            assert "dies" in told(dying)
            process.wait(DEADLINE_S)
            told(use(chat, "good", thread=dying.thread))
            with started(FAULTY, environment={**os.environ, "PORT": port}):
                wanted = [{"content": ["good is done"]}]
                until = time.monotonic() + DEADLINE_S
                while (results := use(chat, "good", thread=dying.thread).results()) != wanted:
                    assert time.monotonic() < until, results


@pytest.mark.slow
def test_arguments_that_do_not_fit_cost_nobody_the_connection(upstream: str, tmp_path: Path) -> None:
    """A call without a required argument is refused with its name; the child that holds the tools stays."""
    environment = environment_for(tmp_path, upstream, TOOLS_MCP="stdio", TOOL_TIMEOUT="20")
    with started("reference_server", "--port", "0", environment=environment) as (server, process):
        chat = Chat(url=server, upstream=upstream, folder=tmp_path, user="ada")
        before = children(process)
        assert "missing required parameters: title" in told(use(chat, "create_task"))
        assert use(chat, "list_tasks").results() == [{"count": 0, "tasks": []}]
        assert children(process) == before


@pytest.mark.parametrize("transport", but_for(("stdio",), ("stdio", "http")))
def test_a_child_that_is_killed_is_started_again(upstream: str, tmp_path: Path, transport: str) -> None:
    """The child that holds the tools is killed, calls fail or wait, and a new child takes them, on the same tasks."""
    environment = environment_for(tmp_path, upstream, TOOLS_MCP=transport, TOOL_TIMEOUT="20")
    with started("reference_server", "--port", "0", environment=environment) as (server, process):
        chat = Chat(url=server, upstream=upstream, folder=tmp_path, user="ada")
        first = chat.say("add", {"calls": [calling("create_task", title="Milk")]}, {"text": "Done."})
        (child,) = children(process)
        os.kill(child, signal.SIGKILL)
        until = time.monotonic() + DEADLINE_S
        while True:
            listed = use(chat, "list_tasks", thread=first.thread)
            assert listed.text == "Done."
            if "tasks" in listed.results()[0]:
                break
            assert time.monotonic() < until, listed.results()
        assert [task["title"] for task in listed.results()[0]["tasks"]] == ["Milk"]


@pytest.mark.slow
def test_a_child_over_http_ends_with_the_server(upstream: str, tmp_path: Path) -> None:
    """A server that is killed leaves no MCP server behind it, though nobody could tell the child to end."""
    environment = environment_for(tmp_path, upstream, TOOLS_MCP="http")
    with started("reference_server", "--port", "0", environment=environment) as (_, process):
        (child,) = children(process)
        process.kill()
        process.wait(DEADLINE_S)
        until = time.monotonic() + DEADLINE_S
        while Path(f"/proc/{child}/stat").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
            assert time.monotonic() < until, f"process {child} is still there"


def children(process: subprocess.Popen[str]) -> list[int]:
    """The processes that a process has started."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not listed.exists():
        pytest.skip("this kernel does not list the children of a process")
    return [int(word) for word in listed.read_text().split()]


@pytest.mark.slow
def test_a_list_that_changes_is_followed(upstream: str, tmp_path: Path) -> None:
    """A tool that is gone is told when it is called; from then on the model is given the tools that there are."""
    with started(FAULTY) as (url, _):
        environment = environment_for(tmp_path, upstream, TOOLS_MCP=url, TOOL_TIMEOUT=LIMIT_S)
        with started("reference_server", "--port", "0", environment=environment) as (server, _):
            chat = Chat(url=server, upstream=upstream, folder=tmp_path, user="ada")
            thread = use(chat, "changes").thread
            assert "image was not done" in told(use(chat, "image", thread=thread))
            until = time.monotonic() + DEADLINE_S
            while tools(turn := use(chat, "good", thread=thread)) != {"good", "grown"}:
                assert time.monotonic() < until, tools(turn)
            assert use(chat, "grown", thread=thread).results() == [{"content": ["grown is done"]}]


def tools(turn: Turn) -> set[str]:
    """The tools that the model was given in a turn."""
    return {tool["function"]["name"] for tool in turn.calls()[-1]["body"].get("tools", ())}


@pytest.mark.parametrize("listed", ["", pytest.param(None, marks=pytest.mark.slow)])
def test_no_tools_and_no_server_are_told_at_the_start(upstream: str, tmp_path: Path, listed: str | None) -> None:
    """An MCP server without tools, or none at all, ends the start with what is wrong."""
    with started(FAULTY, environment={**os.environ, "FAULTY_TOOLS": listed or ""}) as (url, process):
        if listed is None:
            process.terminate()
            process.wait(DEADLINE_S)
        environment = environment_for(tmp_path, upstream, TOOLS_MCP=url)
        command = [sys.executable, "-m", "reference_server", "--port", "0"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert done.returncode != 0
    assert "TOOLS_MCP is wrong" in done.stdout + done.stderr
    assert ("lists no tools" if listed == "" else "no MCP server at") in done.stdout + done.stderr
