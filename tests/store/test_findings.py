"""What a finding says: fields, scripts that run, seeds that repeat."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from chatkit_conformance.store import StoreFinding
from chatkit_conformance.store.finding import difference, shown
from mutants.stores.contracts import JsonFileContract, contract_for
from mutants.stores.faults_of_items import CacheOutlivesThread
from mutants.stores.faults_of_threads import PlainInsert

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("saved", "loaded", "words"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1]: saved 2, loaded 3"),
        ({"a": None}, {}, "a: saved None, loaded nothing"),
        ({}, {"a": 1}, "a: never saved, loaded 1"),
        ([1], [1, 2], "value: saved 1 entries, loaded 2"),
        ({"a": True}, {"a": 1}, "a: saved True, loaded 1"),
        ({"t": NOON}, {"t": NOON.replace(tzinfo=None)}, "the time zone was lost"),
        ({"t": NOON.replace(tzinfo=None)}, {"t": NOON}, "the time zone was added"),
    ],
)
def test_a_difference_names_the_field_and_both_values(saved: object, loaded: object, words: str) -> None:
    """The first field that differs is named with its path."""
    assert words in str(difference(saved, loaded))


@pytest.mark.parametrize(
    ("saved", "loaded"),
    [({"n": 1}, {"n": 1.0}), ({"t": NOON}, {"t": NOON.astimezone(timezone(timedelta(hours=5)))}), ((1, 2), [1, 2])],
)
def test_what_json_cannot_tell_apart_is_equal(saved: object, loaded: object) -> None:
    """1 and 1.0, an instant in two zones and a tuple as a list are no difference."""
    assert difference(saved, loaded) is None


def test_long_values_are_cut() -> None:
    """A megabyte is not printed."""
    assert len(shown("x" * 1_000_000)) < 400


def _finding(store: type, name: str) -> StoreFinding:
    with pytest.raises(StoreFinding) as caught:
        getattr(contract_for(store)(), name)()
    return caught.value


def test_the_script_that_pytest_shows_can_be_pasted_and_run(tmp_path: Path) -> None:
    """The program in pytest's output, copied into a file, makes the same calls on a new store and meets the error."""
    contract = (
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from mutants.stores.contracts import MemoryContract\n"
        "from mutants.stores.faults_of_threads import PlainInsert\n"
        "class TestMine(MemoryContract):\n"
        "    store_class = PlainInsert\n"
    )
    (tmp_path / "test_mine.py").write_text(contract)
    command = [sys.executable, "-m", "pytest", "-q", "-k", "second_save_updates", "test_mine.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    end = "asyncio.run(main())\n"
    script = ran.stdout[ran.stdout.index("# A script to paste") : ran.stdout.index(end) + len(end)]
    (tmp_path / "script.py").write_text(script)
    again = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert "!! RuntimeError('duplicate key value" in again.stdout, ran.stdout + again.stdout + again.stderr
    assert again.stdout.count("->") == 1


@pytest.mark.store_full
def test_a_generated_failure_shrinks_to_few_calls_and_names_its_seed() -> None:
    """A fault that needs four steps is shown in at most twenty calls, checks included, and with the seed."""
    finding = _finding(CacheOutlivesThread, "test_any_sequence_of_calls_agrees_with_the_model")
    assert "seed = 20251006" in str(finding)
    writes = re.findall(r"store\.(save_thread|add_thread_item|save_item|delete_\w+)\(", finding.script)
    assert len(writes) <= 7, finding.script
    assert finding.script.count("await step(") <= 20, finding.script


@pytest.mark.store_full
def test_the_same_seed_finds_the_same_failure() -> None:
    """Two runs with one seed shrink to the same script, ids aside."""
    name = "test_any_sequence_of_calls_agrees_with_the_model"
    runs = [_finding(CacheOutlivesThread, name) for _ in range(2)]
    one, two = (re.sub(r"_[0-9a-f]{7,}|-[0-9a-f]{7,}", "", finding.script) for finding in runs)
    assert one == two


def test_a_value_that_a_fixture_left_is_in_the_script() -> None:
    """Paths and texts on the instance are repeated in the script, so that `make_store` finds them."""
    from chatkit_conformance.store.trace import Trace, script_of

    contract = JsonFileContract()
    contract.path = Path("/data")  # type: ignore[attr-defined]  # as an autouse fixture does
    assert "contract.path = PosixPath('/data')" in script_of(contract, Trace(), "finding")


def test_a_hanging_store_ends_with_a_finding() -> None:
    """A call that never returns is a finding after the deadline, not a hung run."""
    import asyncio

    class Hangs(PlainInsert):
        async def turn(self) -> None:
            await asyncio.Event().wait()

    contract = contract_for(Hangs)()
    contract.deadline_s = 0.2  # type: ignore[misc]  # for this instance
    with pytest.raises(StoreFinding, match=r"hangs: no end after 0.2 s"):
        contract.test_an_unknown_thread_is_not_found()
