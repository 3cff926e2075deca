"""Python programs that a run starts find byte code of the start before, whatever the environment forbids."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatkit_conformance.running import byte_code
from chatkit_conformance.running.byte_code import ELSEWHERE, FORBIDDEN, keeping_byte_code


def test_byte_code_is_kept_away_from_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forbidden beside the sources, and none installed: a program leaves its own in a folder of this process."""
    monkeypatch.setattr(byte_code, "_compiled", lambda: False)
    (tmp_path / "server_of_a_stranger.py").write_text("print('up')\n")
    environ = keeping_byte_code({**os.environ, FORBIDDEN: "1", ELSEWHERE: ""})
    subprocess.run([sys.executable, "-c", "import server_of_a_stranger"], env=environ, cwd=tmp_path, check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["server_of_a_stranger.py"]
    assert list(Path(environ[ELSEWHERE]).rglob("server_of_a_stranger.*.pyc"))


@pytest.mark.parametrize(
    "environ", [{}, {FORBIDDEN: ""}, {FORBIDDEN: "1", ELSEWHERE: "/somewhere"}], ids=["none", "empty", "a place"]
)
def test_an_environment_that_allows_it_or_names_a_place_stays(environ: dict[str, str]) -> None:
    """What the user set is the user's, and where nothing is forbidden nothing is added."""
    assert keeping_byte_code(environ) == environ


def test_installed_byte_code_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an installer compiled the packages, another place would hide that."""
    monkeypatch.setattr(byte_code, "_compiled", lambda: True)
    assert keeping_byte_code({FORBIDDEN: "1"}) == {FORBIDDEN: "1"}
