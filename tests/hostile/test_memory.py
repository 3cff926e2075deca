"""A run has a budget of memory, whatever its target sends or prints: the most that the command ever had is measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.lab import MOST_MB, TINY, meet, peak_mb

DEADLINE_S = 25.0

LEAST_MB = 30.0
"""Megabytes that any Python takes which has loaded us: less was not measured."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell a peak")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["endless", "gzip-bomb", "one-huge-event", "wide-pages", "prints-gigabytes"])
def test_a_run_stays_within_its_memory(name: str, tmp_path: Path) -> None:
    """Streams without an end, bombs, one event of 300 MB, pages of millions, gigabytes of output: 400 MB at most."""
    met = meet(name, tmp_path, deadline_s=DEADLINE_S, suites=TINY)
    assert LEAST_MB < met.mb <= MOST_MB, f"{met.mb:.0f} MB\n{met.out}\n{met.err}"


def test_what_a_program_took_and_gave_back_is_measured() -> None:
    """The figure is a peak: memory that a program had for a moment counts, when it is free again."""
    took = f"held = bytearray({MOST_MB} << 20); del held; print('done', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", took], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"done\n"
        assert peak_mb(program.pid) > MOST_MB
        program.communicate(b"\n")
