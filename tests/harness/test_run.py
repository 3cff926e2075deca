"""`chatkit-conformance run`, whole, with a small real server and the real stand-in."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.cli import main
from tests.slow import but_for

TINY = (sys.executable, str(Path(__file__).parent / "tiny_server.py"))
PATIENCE_S = 240.0
Cli = Callable[..., Any]

PASSED = {
    "stream.answers": "passed",
    "stream.shouts": "warned",
    "stream.speaks": "passed",
    "tools.executes": "passed",
    "persistence.restart": "passed",
    "gemini.only": "passed",
    "widgets.seen": "not_applicable",
}


def test_good_server_conforms(cli: Cli) -> None:
    """A good server ends 0; the report's path is the last line; both sides are in the transcripts."""
    ran = cli("run", "--", *TINY)
    assert ran.code == 0, ran.out + ran.err
    assert ran.out.splitlines()[-1] == str(Path("chatkit-report/report.html"))
    assert ran.outcomes() == PASSED
    assert ran.results["complete"] is True
    assert ran.results["verdict"] == "conforms"
    assert ran.results["target"]["tools"] == {"create": "add_todo", "read": "show_todos"}
    for dialect in ("gemini-3", "gemini-2.5"):
        held = json.loads((ran.folder / "transcripts" / f"hello--{dialect}.json").read_text())
        assert [reply["label"] for reply in held["replies"]] == ["turn-1", "reload-1"]
        assert [call["profile"] for call in held["calls"]] == [dialect]
    lines = (ran.folder / "results.jsonl").read_text().splitlines()
    assert {json.loads(line)["id"] for line in lines} == set(PASSED)
    assert 'tests="7"' in (ran.folder / "junit.xml").read_text()


def test_an_invariant_is_judged_on_every_conversation(cli: Cli) -> None:
    """A check without `on` is judged on each exchange that has evidence, those that are held alone too."""
    ran = cli("run", "--select", "stream.speaks", "--", *TINY)
    assert ran.code == 0, ran.out + ran.err
    (row,) = ran.results["results"]
    assert {exchange for exchange, _ in row["judged"]} == {"hello", "tool_turn", "restarted"}


def test_selection_holds_only_what_it_needs(cli: Cli) -> None:
    """--select judges the checks that fit, in the dialect asked for, and holds no other exchange."""
    ran = cli("run", "--select", "stream.answers", "--dialect", "gemini-2.5", "--out", "r", "--", *TINY)
    assert ran.code == 0, ran.out + ran.err
    held = {path.name for path in (ran.folder.parent / "r" / "transcripts").iterdir()}
    assert held == {"hello--gemini-2.5.json", "discovery--gemini-3.json"}


BY_MARK = (("-k", "answers"), ("-m", "stream and MUST"), ("-m", "stream and must"))
"""Expressions of pytest's."""


@pytest.mark.parametrize("options", but_for(BY_MARK[1:], BY_MARK))
def test_pytest_expressions_select(cli: Cli, options: tuple[str, str]) -> None:
    """-k and -m select as in pytest, areas and levels being marks."""
    ran = cli("run", *options, "--", *TINY)
    assert ran.code == 0, ran.out + ran.err
    assert set(ran.outcomes()) == {"stream.answers"}


def test_leak_is_found_and_no_secret_is_written(cli: Cli) -> None:
    """A connection to OpenAI is a finding, a logged key is told of, and no file of the report holds it."""
    ran = cli("run", "--", *TINY, "--how", "leaks")
    assert ran.code == 1, ran.out + ran.err
    assert ran.outcomes()["gemini.only"] == "failed"
    assert "FAILED  gemini.only: CONNECT api.openai.com" in ran.out
    whole = json.loads((ran.folder / "transcripts" / "whole_run.json").read_text())
    assert {"secret": "OPENAI_API_KEY", "where": "log"} in whole["notes"]["leaks"]
    written = "".join(path.read_text() for path in ran.folder.rglob("*") if path.is_file())
    assert "sk-canary" not in written
    assert "Bearer ey" not in written
    assert "key <secret" in (ran.folder / "target.log").read_text()


def test_server_that_dies_ends_the_run(cli: Cli) -> None:
    """A server that ends by itself ends the run with 3, and its last lines are shown."""
    ran = cli("run", "--", *TINY, "--how", "dies")
    assert ran.code == 3
    assert "the server ended with code 7" in ran.err
    assert "out of luck" in ran.err
    assert ran.results["complete"] is False


def test_server_that_dies_of_one_request_is_judged_on(cli: Cli) -> None:
    """It is started again: the conversation under which it dies again tells of it, and the others are judged."""
    ran = cli("run", "--", *TINY, "--how", "dies-later")
    assert ran.code == 1, ran.out + ran.err
    assert ran.results["complete"] is True
    assert ran.outcomes() == {**PASSED, "tools.executes": "failed"}
    assert any("the server ended by itself" in warning for warning in ran.results["warnings"])
    held = json.loads((ran.folder / "transcripts" / "tool_turn--gemini-3.json").read_text())
    (row,) = held["notes"]["died"]
    assert (row["how"], row["said"]) == ("ended with code 7", "out of luck")
    assert (row["request"], row["reply"]) == ("threads.create", "tool")
    assert row["printed"][-1] == "out of luck"
    whole = json.loads((ran.folder / "transcripts" / "whole_run.json").read_text())
    assert whole["notes"]["deaths"] == []


def test_locked_door_says_what_to_give(cli: Cli) -> None:
    """A server that answers 401 to good credentials ends the run with 3, and the message says what to type."""
    ran = cli("run", "--", *TINY, "--how", "locked")
    assert ran.code == 3
    assert "HTTP 401" in ran.err
    assert "--header 'Authorization: Bearer ...'" in ran.err


@pytest.mark.slow
def test_server_that_ignores_the_stand_in_is_untestable(cli: Cli) -> None:
    """A server that never asks the stand-in is red, with one reason that names GEMINI_BASE_URL."""
    ran = cli("run", "--select", "stream.*", "--", *TINY, "--how", "deaf")
    assert ran.code == 1
    assert set(ran.outcomes().values()) == {"untestable"}
    assert ran.out.count("Let it read GEMINI_BASE_URL") == 1


def test_slow_start_is_waited_for(cli: Cli) -> None:
    """A server that takes connections before it can answer is waited for until it answers."""
    ran = cli("run", "--select", "stream.answers", "--", *TINY, "--how", "slow-start")
    assert ran.code == 0, ran.out + ran.err
    assert ran.results["start_up_seconds"] >= 3


def test_cut_run_says_so(cli: Cli) -> None:
    """A run whose deadline is over ends, red and visibly incomplete."""
    ran = cli("run", "--deadline", "0.5", "--", *TINY)
    assert ran.code == 1
    assert "deadline of 0.5 s" in ran.err
    assert ran.results["complete"] is False


def test_a_run_that_ends_at_the_first_failure_names_it(cli: Cli) -> None:
    """With -x the run says after which check nothing more was judged, and not that somebody interrupted it."""
    ran = cli("run", "-x", "--strict", "--", *TINY)
    assert ran.code == 1, ran.out + ran.err
    assert "nothing more was judged after stream.shouts, which is warned, since -x was given" in ran.err
    assert ran.results["complete"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run",), "give --url"),
        (("run", "--"), "nothing follows --"),
        (("run", "--selct", "x"), "Did you mean --select?"),
        (("run", "--report", "x"), "Did you mean --out?"),
        (("run", "--timeout=9"), "Did you mean --deadline?"),
        (("run", "python", "server.py"), "follows --, as in: chatkit-conformance run -- python server.py"),
        (("run", "--url", "nowhere"), "write http://HOST:PORT/PATH"),
        (("run", "--url", "http://h", "--", "x"), "give one of them"),
        (("run", "--select", "strem.*", "--url", "http://h"), "matches no check. Did you mean stream."),
        (("run", "--target", "nix.toml"), "nix.toml: No such file"),
        (("rum",), "Did you mean 'run'?"),
        (("explain", "stream.answer"), "Did you mean stream.answers"),
        (("list", "--select", "nix.*"), "matches no check"),
    ],
)
def test_wrong_usage_ends_2_with_a_hint(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    """A wrong option, name or file ends 2 and names the right one."""
    ran = cli(*arguments)
    assert ran.code == 2
    assert said in ran.err


def test_broken_suite_is_our_fault(cli: Cli, tmp_path: Path) -> None:
    """A suite that cannot be imported ends 4, not 1: the target is not to blame."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "bad.py").write_text("import no_such_module_anywhere\n")
    ran = cli("run", "--", *TINY, CHATKIT_CONFORMANCE_SUITES=str(tmp_path / "mine"))
    assert ran.code == 4
    assert "the suite itself failed" in ran.err


def test_list_tells_every_field(cli: Cli) -> None:
    """list --json holds id, level, area, clause, requirement, capability, criteria and exchanges of every check."""
    rows = json.loads(cli("list", "--json").out)
    assert {row["id"] for row in rows} == set(PASSED)
    row = next(row for row in rows if row["id"] == "stream.answers")
    assert row["requirement"] == "The answer reaches the browser."
    assert (row["level"], row["area"], row["clause"]) == ("MUST", "stream", "tiny")
    assert (row["capability"], row["criteria"], row["on"]) == (None, ["SC-001"], ["hello"])


def test_commands_follow_each_other_in_one_process(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever calls `main` from Python can call any command after any other, `list` too."""
    assert main(["list", "--select", "stream.turn-answered"]) == 0
    assert main(["explain", "stream.turn-answered"]) == 0
    assert "stream.turn-answered (MUST)" in capsys.readouterr().out


def test_explain_tells_source_and_fix(cli: Cli) -> None:
    """explain shows the requirement, where it comes from, and how it is checked."""
    out = cli("explain", "stream.answers").out
    held = "hello (gemini-3, gemini-2.5): A new thread, one answer"
    for said in ("stream.answers (MUST)", "The answer reaches the browser.", held):
        assert said in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_interrupted_run_leaves_a_report_and_no_process(
    tmp_path: Path, environment: Callable[..., dict[str, str]], number: int
) -> None:
    """Ctrl-C and SIGTERM stop the server and the stand-in, and the report says that it is incomplete."""
    told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not told.done():
            told.set_result(int(await reader.readline()))
        writer.close()

    listener = await asyncio.start_server(hear, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    command = [sys.executable, "-m", "chatkit_conformance", "run", "--", *TINY, "--how", "waits"]
    run = await asyncio.create_subprocess_exec(
        *command,
        cwd=tmp_path,
        env=environment(TINY_TELLS=str(port)),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    async with asyncio.timeout(PATIENCE_S):
        pid = await told  # a turn has begun that will not end
        run.send_signal(number)
        out = (await run.communicate())[0].decode()
    listener.close()
    assert run.returncode == 1, out
    results = json.loads((tmp_path / "chatkit-report" / "results.json").read_text())
    assert results["complete"] is False
    assert results["stopped"] == "it was interrupted"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_started_server_is_found_on_a_path_of_its_own(cli: Cli) -> None:
    """Where ChatKit does not answer at /chatkit, the run looks where else it may, judges it there, and says so."""
    ran = cli("run", "--select", "stream.answers", "--", *TINY, "--path", "/support/chatkit")
    assert ran.code == 0, ran.out + ran.err
    assert any("answers at /support/chatkit and not at /chatkit" in warning for warning in ran.results["warnings"])
