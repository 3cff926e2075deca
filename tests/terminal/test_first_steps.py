"""The first steps of a newcomer that go wrong: each is told what happened, and what to type in its place."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chatkit_conformance.cli import main

RUN = "chatkit-conformance run"


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with one file of Python, in which everything is typed."""
    (tmp_path / "server.py").write_text("print('no server')\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("--url http://127.0.0.1:8000", f"Type: {RUN} --url http://127.0.0.1:8000"),
        (
            "--url localhost:8000 --header 'Authorization: Bearer s3cret'",
            f"Type: {RUN} --url localhost:8000 --header ...",
        ),
        ("http://127.0.0.1:8000/chatkit", f"Type: {RUN} --url http://127.0.0.1:8000/chatkit"),
        ("localhost:8000", f"Type: {RUN} --url http://localhost:8000"),
        ("-- python server.py", f"Type: {RUN} -- python server.py"),
        ("python server.py", f"Type: {RUN} -- python server.py"),
        ("server.py", f"Type: {RUN} -- python server.py"),
        ("server.mjs --verbose", f"Type: {RUN} -- node server.mjs --verbose"),
        ("chatkit-target.toml", f"Type: {RUN} --target chatkit-target.toml"),
        ("test", "Did you mean 'run'?"),
        ("rum", "Did you mean 'run'?"),
        ("--verison", "Did you mean --version?"),
        ("frobnicate", "There are init, run, doctor,"),
        ("run server.py", f"follows --, as in: {RUN} -- python server.py"),
        ("run npm start", f"follows --, as in: {RUN} -- npm start"),
        ("run http://127.0.0.1:8000", f"Type: {RUN} --url http://127.0.0.1:8000"),
        ("doctor localhost:8000/chatkit", "Type: chatkit-conformance doctor --url http://localhost:8000/chatkit"),
        ("run chatkit.toml", f"Type: {RUN} --target chatkit.toml"),
        ("run", "type: chatkit-conformance init"),
        ("doctor", "type: chatkit-conformance init"),
        ("run --url localhost:8000", "begins with no http://. Type: http://localhost:8000"),
        ("run --url 127.0.0.1:8000/chatkit", "Type: http://127.0.0.1:8000/chatkit"),
        ("run --url nowhere", "write http://HOST:PORT/PATH"),
        ("run --target chatkit-target.tml", "chatkit-target.tml: No such file"),
    ],
)
def test_what_is_typed_wrongly_is_told_with_what_to_type(
    typed: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, one line or two, with the line to type in place of it; a credential is not repeated."""
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main(shlex.split(typed)))
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert told in said
    assert "s3cret" not in said
    assert said.count("\n") <= 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("server.py", "server.py is a file that python runs. Type: -- python server.py"),
        ("./server.py --port 1", "./server.py is a file that python runs. Type: -- python ./server.py --port 1"),
        ("sever.py", "There is no sever.py in "),
        ("sever.py", "Did you mean server.py?"),
        ("pyhton server.py", "No program of that name is on the path."),
        ("python sever.py", "can't open file"),
    ],
)
def test_a_command_that_cannot_begin_says_what_to_type(
    typed: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file without what runs it, a slip in its name, a program that there is not: exit 3, and what to type."""
    assert main(["run", "--", *shlex.split(typed)]) == 3
    assert told in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A cwd that does not exist is named, not taken for a program that does not."""
    Path("chatkit-target.toml").write_text('[target]\ncommand = "python server.py"\ncwd = "chat"\n')
    assert main(["run"]) == 3
    assert "There is no folder" in capsys.readouterr().err


def test_findings_of_a_run_that_judged_nothing_are_no_all_clear(capsys: pytest.CaptureFixture[str]) -> None:
    """After a server that could not start, `findings` says so, for people and agents, and ends with 1."""
    assert main(["run", "--", "sever.py"]) == 3
    for more in ((), ("--for-agent",), ("--json",)):
        capsys.readouterr()
        assert main(["findings", *more]) == 1
        said = capsys.readouterr()
        assert "could not be started" in said.err
        assert "Nothing to mend" not in said.out


def test_a_taken_port_is_told_by_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody listens on the port of --standin-port: exit 2, with the option and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = main(["run", "--url", "http://127.0.0.1:9/chatkit", "--standin-port", str(port)])
    said = capsys.readouterr().err
    assert code == 2, said
    assert f"port {port}, on which the server's requests to Gemini are awaited (--standin-port), is taken" in said


@pytest.mark.parametrize("typed", ["help", "--help", "-h"])
def test_help_is_given_however_it_is_asked_for(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`help` is as good as --help."""
    assert main([typed]) == 0
    assert "Begin with: chatkit-conformance run --" in capsys.readouterr().out


HIDDEN = """
import sys
sys.modules[sys.argv[1]] = None
from chatkit_conformance.cli import main
sys.exit(main(sys.argv[2:]))
"""
"""A program in which one package is not installed, as far as imports can see."""


@pytest.mark.parametrize(
    ("package", "typed", "extra"),
    [
        ("locust", "load -- python server.py", "load"),
        ("hypothesis", "store server:Store", "store"),
        ("shtab", "completion bash", "completion"),
        ("tree_sitter", "audit before after", "audit"),
    ],
)
def test_what_needs_an_extra_says_which(package: str, typed: str, extra: str) -> None:
    """A command whose packages are an extra's ends 2 without them, with the line that installs it."""
    for folder in ("before", "after"):
        Path(folder).mkdir()
        Path(folder, "chat.js").write_text("new WebSocket('ws://127.0.0.1');\n")
    command = [sys.executable, "-c", HIDDEN, package, *shlex.split(typed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    assert re.search(rf"pip install ['\"]chatkit-conformance\[{extra}\]['\"]", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
