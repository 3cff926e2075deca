"""How long a started server waited for a processor is read where the system tells it, and added up over restarts."""

from __future__ import annotations

import os
from pathlib import Path

from chatkit_conformance.running.starved import Starved


def test_what_a_server_waited_is_added_up_over_restarts(tmp_path: Path) -> None:
    """A server that was started again begins anew, and what the first one waited is not forgotten."""
    starved = Starved(str(tmp_path / "{pid}"))
    (tmp_path / "11").write_text("5000000 1500000000 7\n")
    assert starved.total_s(11) == 1.5
    (tmp_path / "11").write_text("9000000 2500000000 9\n")
    assert starved.total_s(11) == 2.5
    (tmp_path / "11").unlink()
    assert starved.total_s(11) == 2.5
    (tmp_path / "12").write_text("1 500000000 1\n")
    assert starved.total_s(12) == 3.0
    assert starved.total_s(0) == 3.0


def test_where_the_system_says_nothing_nobody_waited(tmp_path: Path) -> None:
    """Other systems have no such file, and a server by URL has no process here."""
    assert Starved(str(tmp_path / "{pid}")).total_s(os.getpid()) == 0.0
    (tmp_path / "3").write_text("?")
    assert Starved(str(tmp_path / "{pid}")).total_s(3) == 0.0
