"""The reference server where only the judge is installed: one line that says what to type."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITHOUT = (
    "import importlib.abc, sys\n"
    "class Absent(importlib.abc.MetaPathFinder):\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name in ('fastapi', 'agents'): raise ModuleNotFoundError(name)\n"
    "sys.meta_path.insert(0, Absent())\n"
)


@pytest.mark.parametrize("module", ["reference_server", "reference_server.mcp"])
def test_without_the_extra_it_says_what_to_install(module: str) -> None:
    """It ends with 2 and names the extra, and no traceback is shown."""
    script = f"{WITHOUT}from {module}.__main__ import main\nsys.exit(main([]))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "The reference server needs agents, fastapi. Type: pip install 'chatkit-conformance[reference]'"
    )
