"""The test of the documentation is one: it passes as it stands, beside code of the name that it imports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing-your-code.md").read_text(encoding="utf-8")
HERE = "from tests.double import code_under_test as code\n\n\ndef chat(text):\n    return code.sound()\n"


def test_the_example_passes_as_it_stands(tmp_path: Path) -> None:
    """In a stranger's pytest, with nothing but the plugin."""
    code = re.search(r"```python\n# (test_chat\.py)\n(.*?)```", PAGE, re.DOTALL)
    assert code is not None
    (tmp_path / code[1]).write_text(code[2])
    (tmp_path / "my_chat.py").write_text(HERE)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(tmp_path)))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:locust", code[1]]
    ran = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_page_names_only_what_the_fixture_has() -> None:
    """Each method that the page shows is one of the fixture's."""
    from chatkit_conformance.double.gemini import Gemini

    named = set(re.findall(r"gemini\.(\w+)", PAGE))
    assert len(named) > 8
    assert {name for name in named if not hasattr(Gemini, name)} == set()
