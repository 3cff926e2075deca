"""How a run ends when somebody else ends it: nobody is left running, and nobody reads a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatkit_conformance.running.process import accepts, free_port
from tests.hostile.lab import MARK, ROOT, TINY, running

TARGET = (sys.executable, "-m", "tests.hostile", "silent-later", "--after", "0")
PATIENCE_S = 30.0


def _as_in_a_terminal() -> None:
    """Where these tests run under nohup, SIGHUP is ignored by whatever they start."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def started(
    *arguments: str,
    cwd: Path,
    mark: str,
    target: Sequence[str] = TARGET,
    python: Sequence[str] = (sys.executable,),
) -> Iterator[subprocess.Popen[bytes]]:
    """A command under way, in a session of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CHATKIT_CONFORMANCE_SUITES": str(TINY), MARK: mark}
    command = [*python, "-m", "chatkit_conformance", *arguments, *(["--", *target] if target else [])]
    with (cwd / "said").open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
            preexec_fn=_as_in_a_terminal,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for_target(mark: str) -> None:
    """Wait until the target's own child runs."""
    end = time.monotonic() + PATIENCE_S
    while not any("time.sleep(600)" in command for command in running(mark, until_s=0).values()):
        assert time.monotonic() < end, "the target did not start"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_nobody_running(tmp_path: Path, number: signal.Signals) -> None:
    """Target, stand-in and a child in a session of its own end with the run, whatever ends it."""
    mark = f"{tmp_path}"
    with started("run", cwd=tmp_path, mark=mark) as process:
        wait_for_target(mark)
        process.send_signal(number)
        code = process.wait(PATIENCE_S)
    assert not running(mark, until_s=5.0)
    said = (tmp_path / "said").read_text()
    assert "Traceback" not in said
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else 1), said


def test_twice_is_told_and_three_times_ends_it_at_once(tmp_path: Path) -> None:
    """The second Ctrl-C says that it is ending, the third ends it; nobody is left, and there is no traceback."""
    mark = f"{tmp_path}"
    stubborn = [*TARGET[:3], "ignores-sigterm-and-hangs", "--after", "0"]
    with started("run", cwd=tmp_path, mark=mark, target=stubborn) as process:
        wait_for_target(mark)
        began = time.monotonic()
        while process.poll() is None and time.monotonic() - began < PATIENCE_S:
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        assert process.wait(PATIENCE_S) == 1
    assert time.monotonic() - began < 4
    assert not running(mark, until_s=5.0)
    said = (tmp_path / "said").read_text()
    assert "Traceback" not in said
    assert "it is ending already" in said


@pytest.mark.parametrize(
    "module", ["chatkit_conformance.cli.selection", "_pytest.config", "chatkit_conformance.running.settings"]
)
def test_ctrl_c_in_the_first_moments_is_no_traceback(tmp_path: Path, module: str) -> None:
    """Where it comes while modules are still imported, it says that it was interrupted, and ends with 1."""
    mark, said = f"{tmp_path}", tmp_path / "said"
    with started("run", cwd=tmp_path, mark=mark, python=(sys.executable, "-v")) as process:
        end = time.monotonic() + PATIENCE_S
        while f"import '{module}'" not in said.read_text():
            assert time.monotonic() < end, f"{module} was never imported"
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)
    assert not running(mark, until_s=5.0)
    assert "Traceback" not in said.read_text()
    assert process.returncode in (1, -signal.SIGINT)  # before the command has begun, the signal itself ends it
    assert process.returncode != 1 or "it was interrupted" in said.read_text()


async def test_the_stand_in_ends_with_its_command(tmp_path: Path) -> None:
    """`standin` that is ended by SIGTERM frees its port."""
    port = free_port()
    with started("standin", "--port", str(port), cwd=tmp_path, mark=f"{tmp_path}", target=()) as process:
        end = time.monotonic() + PATIENCE_S
        while not await accepts("127.0.0.1", port):
            assert time.monotonic() < end, (tmp_path / "said").read_text()
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
    assert not running(f"{tmp_path}", until_s=2.0)
    assert not await accepts("127.0.0.1", port)
