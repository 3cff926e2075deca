"""The contract under strangers' settings of pytest: warnings as errors, workers, no plugins; and marks on a class."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEST = """
import pytest
from chatkit_conformance.store import StoreContract
from mutants.stores.contracts import MemoryContract
from mutants.stores.faults_of_threads import PlainInsert
from mutants.stores.memory import MemoryStore

{mark}
class TestMine(MemoryContract):
    store_class = {store}
"""
FEW = "not generated and (thread or item) and not field_by_field and not sequence and not cost and not writers"


def _ran(folder: Path, *options: str, mark: str = "", store: str = "MemoryStore") -> subprocess.CompletedProcess[str]:
    (folder / "test_mine.py").write_text(TEST.format(mark=mark, store=store))
    command = [sys.executable, "-m", "pytest", "-q", "-k", FEW, *options, "test_mine.py"]
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, timeout=240)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("-W", "error", "-p", "no:xdist", "-p", "no:asyncio"), marks=pytest.mark.slow),
        pytest.param(("-n", "2"), marks=pytest.mark.slow),
        ("-o", "asyncio_mode=strict", "-p", "no:xdist"),
    ],
    ids=["warnings as errors", "xdist", "strict asyncio"],
)
def test_a_right_store_is_green_under_any_settings(options: tuple[str, ...], tmp_path: Path) -> None:
    """Nothing of ours warns, needs a mode of a plugin, or depends on which worker runs what."""
    ran = _ran(tmp_path, *options)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("mark", ["@pytest.mark.xfail(reason='later')", "@pytest.mark.skip(reason='later')"])
def test_a_mark_on_the_class_is_refused(mark: str, tmp_path: Path) -> None:
    """A class that is marked as a whole would never turn red; the error says what to write."""
    ran = _ran(tmp_path, "-p", "no:xdist", mark=mark, store="PlainInsert")
    assert ran.returncode == 4
    assert "known_failures = " in ran.stdout + ran.stderr


def test_a_condition_on_the_class_is_left_alone(tmp_path: Path) -> None:
    """Where there is no database the class may be skipped."""
    ran = _ran(tmp_path, "-p", "no:xdist", mark="@pytest.mark.skipif(True, reason='no database here')")
    assert ran.returncode == 0, ran.stdout
    assert "skipped" in ran.stdout


def test_the_contract_needs_the_sdk_pytest_and_hypothesis_alone() -> None:
    """Beside an older SDK nothing else of this project's dependencies has to be installed."""
    script = (
        "import importlib.abc, sys\n"
        "class Absent(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in GONE and not path: raise ModuleNotFoundError(name)\n"
        "GONE = {'jsonschema_rs', 'uvicorn', 'fastapi', 'sqlalchemy', 'aiohttp', 'yaml'}\n"
        "sys.meta_path.insert(0, Absent())\n"
        "import chatkit_conformance.pytest_faces.plugin\n"
        "import chatkit_conformance.store.store_run\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", script]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
