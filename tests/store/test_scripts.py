"""Each script that a failure prints is a whole file, and reproduces the failure when it is run."""

from __future__ import annotations

import contextlib
import io
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from chatkit_conformance.store import CONTRACT_TESTS, StoreFinding
from chatkit_conformance.store.scene import Scene
from chatkit_conformance.store.script import literal, script_of
from chatkit_conformance.store.trace import CallMade, Trace
from mutants.stores.contracts import JsonFileContract, contract_for, contract_tests
from mutants.stores.faults import FAULTS
from tests.slow import but_for

ROOT = Path(__file__).parents[2]
WITHOUT_SCRIPT = {"concurrency", "scaling", "durability", "model", "write"}
"""Areas whose failures are no single calls one after the other, or take long to shrink."""

WITHOUT_CALLS = {
    "signature.as-the-sdk-calls",
    "id.generated",
    "id.generated-after-reopening",
    "time.local",
    "paging.long",
    "isolation.many-users",
    "read.sees-other-workers",
}
"""Rules whose failures are no calls of the twelve methods, or none that a program elsewhere repeats."""

SHORT = [
    name
    for name, fault in FAULTS.items()
    if CONTRACT_TESTS[fault.killed_by.split("[")[0]].split(".")[0] not in WITHOUT_SCRIPT
]


def _finding(name: str) -> StoreFinding | None:
    contract, test = contract_for(FAULTS[name].store)(), FAULTS[name].killed_by
    contract.deadline_s = 5.0  # type: ignore[misc]  # for this instance
    for shown, arguments in contract_tests():
        if shown == test or shown.split("[")[0] == test:
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    getattr(contract, shown.split("[")[0])(**arguments)
            except StoreFinding as finding:
                return finding
    return None


@pytest.mark.parametrize("name", but_for(SHORT[::4], SHORT))
def test_every_script_of_our_faulty_stores_reproduces(name: str, tmp_path: Path) -> None:
    """The file runs on a new store and ends with the finding; no failure is without a script but for a reason."""
    finding = _finding(name)
    assert finding is not None
    if not finding.script:
        reason = ("The store hangs", "end otherwise", "more than a person reads")
        assert any(words in str(finding) for words in reason) or finding.rule in WITHOUT_CALLS, str(finding)
        return
    script = tmp_path / "script.py"
    script.write_text(finding.script)
    with pytest.raises(SystemExit) as ended, contextlib.redirect_stdout(io.StringIO()):
        runpy.run_path(str(script))
    assert str(ended.value).startswith(f"Still so: [{finding.rule}]")


def test_a_script_runs_by_itself_and_says_when_the_fault_is_gone(tmp_path: Path) -> None:
    """`python script.py` exits with 1 and the finding; on a mended store it exits with 0 and the call that differs."""
    finding = _finding("PlainInsert")
    assert finding is not None
    mended = finding.script.replace("PlainInsertContract", "MemoryContract").replace(
        "salt = uuid", "from mutants.stores.memory import MemoryStore\nsalt = uuid"
    )
    mended = mended.replace("\n\n\nasync def", "\ncontract.store_class = MemoryStore\n\n\nasync def", 1)
    said = []
    for number, text in enumerate((finding.script, mended)):
        (tmp_path / f"script{number}.py").write_text(text)
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", f"script{number}.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        said.append((ran.returncode, ran.stdout + ran.stderr))
    assert said[0][0] == 1, said
    assert "Still so: [thread.second-save-updates]" in said[0][1]
    assert said[1][0] == 0, said
    assert "It is no longer so: save_thread of alice-" in said[1][1]


def test_a_value_that_a_fixture_left_is_in_the_script() -> None:
    """Paths and texts on the instance are repeated in the script, so that `make_store` finds them."""
    contract = JsonFileContract()
    contract.path = Path("/data")  # type: ignore[attr-defined]  # as an autouse fixture does
    trace = Trace(calls=[CallMade(user="alice", method="load_thread", arguments=("t",), outcome="ok")])
    assert "contract.path = PosixPath('/data')" in script_of(contract, trace, StoreFinding("rule", "finding"))


def test_a_cursor_is_taken_from_the_page_that_gave_it() -> None:
    """A store's cursors are its own: a new store gives other ones."""
    first = CallMade(user="a", method="load_threads", arguments=(1, None, "asc"), outcome="page", after="row 17")
    second = CallMade(user="a", method="load_threads", arguments=(1, "row 17", "asc"), outcome="page")
    script = script_of(JsonFileContract(), Trace(calls=[first, second]), StoreFinding("rule", "finding"))
    assert "'load_threads', 1, r1.after, 'asc'" in script


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("thr_77ab", "('thr_' + salt)"),
        ("77ab", "salt"),
        ({"a": ["x77aby"]}, "{'a': [('x' + salt + 'y')]}"),
        (None, "None"),
    ],
)
def test_the_salt_of_ids_is_a_variable(value: object, source: str) -> None:
    """A script that runs twice against one database makes other ids each time."""
    assert literal(value, "77ab") == source


def test_what_a_test_saved_is_deleted_after_it() -> None:
    """Threads and attachments of every chapter are deleted: a shared database is as it was."""
    contract = contract_for(FAULTS["PlainInsert"].store.__mro__[1])()
    with Scene(contract, "thread.saved-is-loaded") as scene:
        store = scene.store
        contract.make_store = lambda: store  # type: ignore[method-assign]  # one database for all

    for name in ("test_deleting_an_item_takes_that_one", "test_attachments_are_their_owners_alone"):
        getattr(contract, name)()
    assert (store.threads, store.items, store.attachments) == ({}, {}, {})  # type: ignore[attr-defined]  # ours
