"""The documentation's store and its test files are what they are said to be: complete, short, and green."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "testing-your-store.md"
BLOCK = re.compile(r"^```python\n# (?P<name>\w+\.py)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with the files of the documentation, as a reader would make it."""
    for block in BLOCK.finditer(DOCS.read_text("utf-8")):
        (tmp_path / block["name"]).write_text(block["code"], "utf-8")
    return tmp_path


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:xdist", *arguments]
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, timeout=240)


def test_a_strangers_store_is_tested_in_under_ten_lines(written: Path) -> None:
    """The short test file has fewer than ten lines of code."""
    lines = (written / "test_my_store.py").read_text("utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) < 10


def test_the_short_example_finds_nothing_wrong_and_needs_no_asyncio_plugin(written: Path) -> None:
    """Plain pytest without plugins passes what the short example claims, and skips durability alone."""
    ran = run_pytest(written, "-k", "thread or attachment or reopening", "test_my_store.py", "-rs")
    assert re.search(r"\d\d passed, 2 skipped", ran.stdout), ran.stdout + ran.stderr
    assert "reopen() and address() are not given" in ran.stdout


@pytest.mark.store_full
def test_the_durable_example_passes_everything(written: Path) -> None:
    """The store of the documentation passes the whole contract, kills included."""
    ran = run_pytest(written, "test_my_durable_store.py")
    assert re.search(r"\d\d passed", ran.stdout), ran.stdout + ran.stderr
    assert "failed" not in ran.stdout
    assert "skipped" not in ran.stdout


@pytest.mark.store_full
def test_a_faulty_store_of_a_stranger_is_found_out(written: Path) -> None:
    """With one word of the example's SQL changed, a plain INSERT, the rule's test fails and names the rule."""
    store = written / "my_store.py"
    upsert = ' ON CONFLICT (owner, id) DO UPDATE SET body = excluded.body"'
    assert upsert in store.read_text("utf-8")
    store.write_text(store.read_text("utf-8").replace(upsert, '"', 1), "utf-8")
    ran = run_pytest(written, "-k", "second_save_updates", "test_my_store.py")
    assert ran.returncode == 1
    assert "[thread.second-save-updates]" in ran.stdout
    assert "IntegrityError('UNIQUE constraint failed" in ran.stdout
