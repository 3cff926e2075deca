"""`chatkit-conformance store`: no class to write, a report with the root causes, and what to type when it is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.store.contract import CONTRACT_TESTS
from chatkit_conformance.store.given import CannotMake, GivenContext, context_from, contract_from
from chatkit_conformance.store.known import rules_named
from chatkit_conformance.store.rules import RULES
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


def test_a_baseline_excuses_what_is_known(tmp_path: Path) -> None:
    """Exit 0 where only known rules fail; the report says all the same that the store does not conform."""
    baseline = tmp_path / "baseline.toml"
    known = '[[expected]]\nid = "store.keeps-what-it-is-given"\nreason = "Nothing is kept yet."\nlink = "#12"\n'
    baseline.write_text(known)
    lost = _ran("mutants.stores.faults_of_calls:NothingKept", "--baseline", str(baseline), folder=tmp_path / "lost")
    assert lost.returncode == 0, lost.stdout + lost.stderr
    results = json.loads((tmp_path / "lost" / "results.json").read_text())
    assert (results["conforms"], results["as_known"]) == (False, True)
    assert [row["said"] for row in results["rules"] if row["outcome"] == "known failure"] == [
        "Nothing is kept yet. (#12)"
    ]
    assert results["criteria"]["SC-005"]["met"] is False
    assert "SC-005, conversations persist over a page reload: not met" in lost.stdout


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('id = "item.saved-is-loded"', "is no rule of the Store contract. Did you mean 'item.saved-is-loaded'?"),
        ('id = "nothing.*"', "'nothing.*' is no rule of the Store contract."),
    ],
)
def test_a_baseline_of_no_rule_is_refused(
    entry: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that fits no rule is an error with its line and the nearest, and nothing is run."""
    monkeypatch.chdir(ROOT)
    (tmp_path / "baseline.toml").write_text(f'[[expected]]\n{entry}\nreason = "why"\n')
    assert main(["store", "mutants.stores.memory:MemoryStore", "--baseline", str(tmp_path / "baseline.toml")]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "baseline.toml:" in told


def test_an_entry_names_one_rule_or_those_of_a_glob() -> None:
    """A parameter stays with its rule, a glob stands for every rule that it fits, and a test's name is taken."""
    assert rules_named("item.saved-is-loaded[widget]", CONTRACT_TESTS) == ["item.saved-is-loaded[widget]"]
    assert rules_named("attachment.*", CONTRACT_TESTS) == [rule for rule in RULES if rule.startswith("attachment.")]
    test = next(iter(CONTRACT_TESTS))
    assert rules_named(test, CONTRACT_TESTS) == [test]
    assert rules_named("nothing.at-all", CONTRACT_TESTS) == []


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        ({"item.saved-is-loaded": "passed", "durability.kill": "passed", "isolation.reads": "failed"}, "met, 2 of 2"),
        ({"item.saved-is-loaded": "passed", "durability.kill": "known failure"}, "not met, 1 of 2"),
        ({"item.saved-is-loaded": "passed", "attachment.delete": "not claimed"}, "met, 1 of 1"),
        ({"isolation.reads": "passed"}, "not met, nothing of it was judged"),
    ],
)
def test_sc_005_is_told_with_its_figure(outcomes: dict[str, str], line: str) -> None:
    """Conversations persist where every MUST of keeping and finding again holds; other rules do not count."""
    rows = tuple(
        RuleOutcome(rule=rule, level="MUST", outcome=outcome, said="", seconds=0.0)
        for rule, outcome in outcomes.items()
    )
    assert f"reload: {line}" in StoreReport(store="mine:Store", rows=rows).sc_005


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
