"""`run --watch`: the next round keeps what the last one started, and says first what became of what had failed."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import pytest

from tests.harness.conftest import PATIENCE_S

SERVER = Path(__file__).parent / "tiny_server.py"

STARTED = """
import os, runpy, sys
with open("started.txt", "a") as told:
    told.write(os.environ["GEMINI_BASE_URL"] + "\\n")
sys.argv = ["tiny_server.py", *HOW]
runpy.run_path({server!r}, run_name="__main__")
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")


class Watch:
    """A watch that runs, its lines, and the server's file that it watches. `how`: what is wrong with the server."""

    def __init__(self, folder: Path, env: dict[str, str], *how: str) -> None:
        self.folder, self.lines = folder, queue.Queue[str]()
        self.write(*how)
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "chatkit_conformance",
                "run",
                "--watch",
                "src",
                "--",
                sys.executable,
                "src/server.py",
            ],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(line)

    def write(self, *how: str) -> None:
        """Change the server."""
        (self.folder / "src").mkdir(exist_ok=True)
        (self.folder / "src" / "server.py").write_text(f"HOW = {list(how)!r}\n" + STARTED.format(server=str(SERVER)))

    def round(self) -> list[str]:
        """The lines up to the one that says that it waits for a change again."""
        until, lines = time.monotonic() + PATIENCE_S, list[str]()
        while not lines or not lines[-1].startswith("watching "):
            lines.append(self.lines.get(timeout=max(0.1, until - time.monotonic())).rstrip())
        return lines

    @property
    def cpu_s(self) -> float:
        """Seconds of processor that the command itself has used, without the programs that it starts."""
        used = psutil.Process(self.process.pid).cpu_times()
        return float(used.user + used.system)

    def standins(self) -> list[psutil.Process]:
        """The stand-ins that it has started and that run."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "gemini_standin" in child.cmdline()]

    def base_urls(self) -> list[str]:
        """Where the server was told to ask the model, each time that it was started."""
        return (self.folder / "started.txt").read_text().split()

    def end(self) -> int:
        """Press Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def watch(tmp_path: Path, environment: Callable[..., dict[str, str]]) -> Iterator[Callable[..., Watch]]:
    """Begins a watch in an empty folder."""
    begun: list[Watch] = []

    def begin(*how: str) -> Watch:
        begun.append(Watch(tmp_path, environment(PYTHONUNBUFFERED="1"), *how))
        return begun[-1]

    yield begin
    for one in begun:
        one.process.kill()
        one.process.wait(PATIENCE_S)


@pytest.mark.slow
def test_a_change_is_judged_with_what_is_there_already(watch: Callable[..., Watch]) -> None:
    """The second round asks the stand-in of the first, which forgot it, and takes less than two thirds of the work."""
    watching = watch("--how", "deaf")
    first = watching.round()
    assert "FINDINGS" in "\n".join(first)
    cold_s, kept = watching.cpu_s, [one.pid for one in watching.standins()]
    watching.write()
    second = watching.round()
    assert "CONFORMS" in "\n".join(second)
    assert watching.cpu_s - cold_s < 0.66 * cold_s
    assert [one.pid for one in watching.standins()] == kept
    assert len(set(watching.base_urls())) == 1
    assert watching.end() == 0


@pytest.mark.slow
def test_what_failed_is_told_first_and_the_verdict_before_the_report(watch: Callable[..., Watch]) -> None:
    """What had failed has its answer before the rest is judged, and the report's path comes after the verdict."""
    watching = watch("--how", "leaks")
    watching.round()
    watching.write()
    lines = watching.round()
    again = next(n for n, line in enumerate(lines) if line.startswith("  again"))
    assert " 1 of 2 that failed last time pass now" in lines[again]
    assert "still wrong: stream.shouts;" in lines[again]
    verdict = next(n for n, line in enumerate(lines) if line.startswith("CONFORMS"))
    report = next(n for n, line in enumerate(lines) if line.endswith("report.html"))
    assert again < verdict < report


@pytest.mark.slow
def test_a_stand_in_that_ended_is_started_again(watch: Callable[..., Watch]) -> None:
    """A stand-in that somebody ended between two rounds costs a start, and no verdict."""
    watching = watch()
    watching.round()
    (standin,) = watching.standins()
    standin.kill()
    standin.wait(PATIENCE_S)
    watching.write("--how", "leaks")
    assert "FINDINGS" in "\n".join(watching.round())
    watching.write()
    assert "CONFORMS" in "\n".join(watching.round())
    assert len(set(watching.base_urls())) == 2
    children = psutil.Process(watching.process.pid).children(recursive=True)
    assert watching.end() == 0
    _, alive = psutil.wait_procs(children, PATIENCE_S)
    assert not alive
