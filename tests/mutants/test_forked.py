"""Programs are forked from one that has loaded everything, and are programs all the same."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from chatkit_conformance.running.process import Died, Process
from mutants.forked import Forked, begin


def program(folder: Path, text: str, *arguments: str, **env: str) -> Process:
    """`python -m told_to`, forked in that folder, where it is the text."""
    (folder / "told_to.py").write_text(text, encoding="utf-8")
    command = (sys.executable, "-m", "told_to", *arguments)
    return Process(command, env={**os.environ, **env}, name="the program", cwd=str(folder), begin=begin)


async def ended(process: Process) -> list[str]:
    """Start it, wait for its end, and give what it said."""
    await process.start()
    await asyncio.wait_for(process.ended(), 30)
    await process.stop()
    return list(process.lines)


async def test_a_forked_program_has_its_own_surroundings(tmp_path: Path) -> None:
    """Arguments, environment, folder, process group and both outputs are those that were asked for."""
    text = (
        "import os, sys\n"
        "print(sys.argv[1:], os.environ['SAYS'], os.getcwd(), os.getpgid(0) == os.getpid())\n"
        "print('and complains', file=sys.stderr)\n"
    )
    said = await ended(program(tmp_path, text, "one", "two", SAYS="hello"))
    assert sorted(said) == [f"['one', 'two'] hello {tmp_path} True", "and complains"]


@pytest.mark.parametrize(("text", "code"), [("import sys; sys.exit(3)", 3), ("raise KeyError('x')", 1), ("", 0)])
async def test_a_forked_program_ends_as_it_does(text: str, code: int, tmp_path: Path) -> None:
    """Its exit code is told, and what it raised is said."""
    process = program(tmp_path, text)
    said = await ended(process)
    assert f"code {code}" in str(process.death())
    assert any("KeyError: 'x'" in line for line in said) == ("raise" in text)


async def test_a_forked_program_is_killed_with_its_group(tmp_path: Path) -> None:
    """SIGKILL ends it at once, and is told."""
    process = program(tmp_path, "import time; print('http://127.0.0.1:1', flush=True); time.sleep(60)")
    await process.start()
    await process.first_url(30)
    await process.stop(kill=True)
    with pytest.raises(Died, match=f"signal {int(signal.SIGKILL)}"):
        await process.changed(1)


async def test_a_forked_program_ends_with_whoever_began_it(tmp_path: Path) -> None:
    """Where the asker's connection is lost, the program is killed: nothing is left behind by a judge that dies."""
    left = _Left()
    process = Process(
        (sys.executable, "-m", "told_to"), env=dict(os.environ), name="it", cwd=str(tmp_path), begin=left.begin
    )
    (tmp_path / "told_to.py").write_text("import time; print('http://127.0.0.1:1', flush=True); time.sleep(60)")
    await process.start()
    await process.first_url(30)
    pid = process.pid
    left.hang_up()
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("it lives on")


async def test_what_is_no_module_is_begun_as_ever() -> None:
    """A command that is not `python -m` is not forked."""
    running = await begin(("/bin/sh", "-c", "exit 4"), os.environ, None)
    assert not isinstance(running, Forked)
    assert await running.wait() == 4


class _Left:
    """Begins a program, and can hang up on it as a process does that dies."""

    def __init__(self) -> None:
        self._made: list[Forked] = []

    async def begin(self, command: Sequence[str], env: Mapping[str, str], cwd: str | None) -> Forked:
        made = await begin(command, env, cwd)
        assert isinstance(made, Forked)
        self._made.append(made)
        return made

    def hang_up(self) -> None:
        for made in self._made:
            made.hang_up()
