"""`chatkit-conformance store`: no class to write, a report with the root causes, and what to type when it is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.store.given import CannotMake, GivenContext, context_from, contract_from
from chatkit_conformance.store.store_run import RuleOutcome, StoreReport

ROOT = Path(__file__).parents[2]


def _ran(store: str, *more: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-c",
        "from chatkit_conformance.cli import main; raise SystemExit(main())",
        "store",
        store,
    ]
    return subprocess.run(
        [*command, "--out", str(folder), *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_a_faulty_store_has_a_report_with_its_root(tmp_path: Path) -> None:
    """Exit 1; the root is said, with what was not judged for it, in every file of the report."""
    ran = _ran("mutants.stores.faults_of_calls:NothingKept", folder=tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "failed  MUST   [store.keeps-what-it-is-given]" in ran.stdout
    assert "does NOT conform to the Store contract" in ran.stdout
    results = json.loads((tmp_path / "results.json").read_text())
    failed = [row["rule"] for row in results["rules"] if row["outcome"] == "failed"]
    assert failed == ["store.keeps-what-it-is-given"]
    assert "Not judged because of it:" in (tmp_path / "summary.md").read_text()
    assert "<h2>store.keeps-what-it-is-given" in (tmp_path / "report.html").read_text()
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    assert suite.attrib["failures"] == "1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere:Store"], "nowhere cannot be imported"),
        (["mutants.stores.memory"], "type MODULE:CLASS"),
        (["mutants.stores.memory:Nothing"], "has no 'Nothing'"),
        (["chatkit.store:Store"], "cannot be made: it has no add_thread_item"),
        (["mutants.stores.memory:MemoryStore", "--context", "{user"], "--context is no JSON"),
        (["mutants.stores.memory:MemoryStore", "--context", '{"a": 1}'], "has no {user} in it"),
        (["mutants.stores.memory:MemoryStore", "--without", "files"], "files"),
    ],
)
def test_what_names_no_store_is_refused_with_what_to_type(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 and one sentence, before anything is run."""
    assert main(["store", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_context_is_read_by_key_and_by_attribute() -> None:
    """`{user}` is filled in everywhere, and a name that is not there is an error that lists those that are."""
    made = context_from('{"user_id": "{user}", "tenant": {"of": ["{user}"]}}')("alice")
    assert isinstance(made, GivenContext)
    assert made.user_id == made["user_id"] == "alice"
    assert made["tenant"] == {"of": ["alice"]}
    with pytest.raises(AttributeError, match="has no 'name'; it has user_id, tenant"):
        _ = made.name


def test_a_function_may_make_the_context() -> None:
    """`module:function` is called with the user's name."""
    assert contract_from("mutants.stores.memory:MemoryStore", "mutants.stores.memory:MemoryStore.request_of")
    with pytest.raises(CannotMake, match="is no class and no function"):
        contract_from("mutants.stores.fault:PUBLIC", '{"user_id": "{user}"}')


@pytest.mark.parametrize(
    ("outcomes", "conforms"),
    [
        (["passed", "not claimed"], True),
        (["passed", "warned"], True),
        (["passed", "failed"], False),
        (["passed", "not judged"], False),
        (["passed", "known failure"], False),
        ([], False),
    ],
)
def test_what_was_not_judged_is_no_yes(outcomes: list[str], conforms: bool) -> None:
    """A store conforms when every rule that applies was judged, and no MUST failed."""
    rows = [RuleOutcome(rule="value.text", level="MUST", outcome=o, said="", seconds=0.0) for o in outcomes]
    assert StoreReport(store="s", rows=tuple(rows)).conforms is conforms
