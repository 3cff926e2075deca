"""The baseline: what it makes of results, what a file may hold, and how it is refreshed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.baseline import Baseline, Entry, read_baseline, write_baseline
from chatkit_conformance.baseline.compare import updated
from chatkit_conformance.check import MUST, Check
from chatkit_conformance.judging.judge import Result
from chatkit_conformance.results.model import CheckResult
from chatkit_conformance.results.outcome import Outcome
from chatkit_conformance.target.config_error import ConfigError

TINY = (sys.executable, str(Path(__file__).parent / "tiny_server.py"))
Cli = Callable[..., Any]


def result(id: str, outcome: Outcome) -> Result:
    """A result of a check of that id."""
    check = Check(
        id=id, level=MUST, requirement="r", clause="c", judge=lambda _: (), on=("x",), cause="c", fix="f", module="m"
    )
    return Result(check=check, outcome=outcome)


@pytest.mark.parametrize(
    ("outcome", "flaky", "becomes"),
    [
        ("failed", False, "expected_failure"),
        ("warned", False, "expected_failure"),
        ("untestable", False, "expected_failure"),
        ("passed", False, "unexpected_pass"),
        ("not_applicable", False, "not_applicable"),
        ("error", False, "error"),
        ("failed", True, "expected_failure"),
        ("passed", True, "passed"),
    ],
)
def test_an_entry_turns_an_outcome(outcome: Outcome, flaky: bool, becomes: str) -> None:
    """A known failure is expected, a pass of it is red, and for a flaky one neither is news."""
    baseline = Baseline(entries=(Entry(id="stream.*", reason="known", flaky=flaky),), source="b.toml")
    made = baseline.applied(result("stream.incremental", outcome))
    assert made.outcome == becomes
    assert made.baseline == {"id": "stream.*", "reason": "known", "link": "", "flaky": flaky}
    untouched = baseline.applied(result("tools.visible", outcome))
    assert untouched.outcome == outcome


def test_a_named_check_comes_before_a_pattern() -> None:
    """Of two entries that fit, the one that names the check counts."""
    baseline = Baseline(entries=(Entry(id="stream.*", reason="all"), Entry(id="stream.a", reason="one", flaky=True)))
    entry = baseline.entry_for("stream.a")
    assert entry is not None
    assert entry.reason == "one"


@pytest.mark.parametrize(
    ("when", "active"),
    [
        ({}, True),
        ({"python": ">=3"}, True),
        ({"python": "<3"}, False),
        ({"server": ">=2"}, False),
        ({"pytest": ">=8", "python": ">=3"}, True),
    ],
)
def test_conditions_on_versions(when: Mapping[str, str], active: bool) -> None:
    """An entry counts where all its versions fit; a name that is not known here excuses nothing."""
    baseline = Baseline(entries=(Entry(id="a.b", reason="r", when=when),), versions={"python": "3.12.1"})
    assert (baseline.applied(result("a.b", "failed")).outcome == "expected_failure") is active
    assert bool(baseline.idle()) is not active


@pytest.mark.parametrize(
    ("name", "text", "line", "write"),
    [
        ("b.toml", '[[expected]]\nid = "a.b\nreason = "x"', 2, "[[expected]]"),
        ("b.toml", '[[expected]]\nid = "a.b"\n', 1, 'reason = "why it fails"'),
        ("b.toml", '[[expected]]\nid = "a.b"\nreason = "r"\n\n[[expected]]\nid = "c.d"\nreson = "r"', 7, "reason ="),
        ("b.toml", '[[expected]]\nid = "a.b"\nreason = "r"\nflaky = "yes"', 4, "flaky = true"),
        ("b.toml", '[[expected]]\nid = "a.b"\nreason = "r"\nwhen = { python = "three" }', 4, 'python = ">=0.19"'),
        ("b.toml", '[[expected]]\nid = "a.b"\nreason = "r"\n[[expected]]\nid = "a.b"\nreason = "r"', 4, "Keep one"),
        ("b.json", '{"expected": [\n{"id": "a.b",\n}]}', 3, "expected"),
        ("b.json", '{"expected": [\n{"id": "a.b", "reason": "r"},\n{"id": "c.d"}]}', 3, '"reason": "why it fails"'),
    ],
)
def test_malformed_file_names_line_and_remedy(tmp_path: Path, name: str, text: str, line: int, write: str) -> None:
    """A malformed baseline is told with the line and what to write there."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_baseline(path)
    assert f"{name}:{line}:" in str(caught.value)
    assert write in str(caught.value)


@pytest.mark.parametrize("name", ["b.toml", "b.json"])
def test_written_is_what_is_read(tmp_path: Path, name: str) -> None:
    """What is written is read again as it was, odd characters and conditions included; comments above stay."""
    path = tmp_path / name
    if name == "b.toml":
        path.write_text('# ours\n\n[[expected]]\nid = "x.y"\nreason = "r"\n')
    entries = (
        Entry(id="a.b", reason='says "no"\n\x7f ünïcode \\', link="https://e/1", flaky=True),
        Entry(id="c.*", reason="r", when={"openai-agents": ">=0.19,<1"}),
    )
    write_baseline(path, entries)
    read = read_baseline(path)
    assert [(e.id, e.reason, e.link, e.flaky, dict(e.when)) for e in read] == [
        (e.id, e.reason, e.link, e.flaky, dict(e.when)) for e in entries
    ]
    assert name != "b.toml" or path.read_text().startswith("# ours\n")


def test_update_keeps_reasons_drops_what_passes_adds_what_fails() -> None:
    """An update keeps what still fails, splits a pattern that passes in part, and takes up new failures."""
    before = (
        Entry(id="a.kept", reason="why a"),
        Entry(id="b.*", reason="why b"),
        Entry(id="c.gone", reason="why c"),
        Entry(id="d.passes", reason="why d"),
        Entry(id="e.unjudged", reason="why e"),
        Entry(id="f.flaky", reason="why f", flaky=True),
        Entry(id="g.elsewhere", reason="why g", when={"nix": ">1"}),
    )
    rows = [
        {"id": "a.kept", "outcome": "expected_failure", "got": ""},
        {"id": "b.one", "outcome": "unexpected_pass", "got": ""},
        {"id": "b.two", "outcome": "expected_failure", "got": ""},
        {"id": "d.passes", "outcome": "passed", "got": ""},
        {"id": "f.flaky", "outcome": "passed", "got": ""},
        {"id": "g.elsewhere", "outcome": "passed", "got": ""},
        {"id": "h.new", "outcome": "failed", "got": "it sent nothing"},
        {"id": "i.warned", "outcome": "warned", "got": "small"},
    ]
    known = [row["id"] for row in rows] + ["e.unjudged"]
    results = [CheckResult.model_validate(row) for row in rows]
    after = {entry.id: entry.reason for entry in updated(before, results, versions={}, known=known)}
    assert after == {
        "a.kept": "why a",
        "b.two": "why b",
        "e.unjudged": "why e",
        "f.flaky": "why f",
        "g.elsewhere": "why g",
        "h.new": "Failed since the baseline was written: it sent nothing",
    }
    assert "i.warned" in {entry.id for entry in updated(before, results, versions={}, known=known, strict=True)}


@pytest.mark.slow
def test_known_failures_make_a_run_green_and_go_stale_loudly(cli: Cli, tmp_path: Path) -> None:
    """A run, an update from it, and a run with it: 1, then 0; an entry for nothing, or one that passes, is red."""
    leaky = ("--select", "stream.*", "--select", "gemini.*", "--", *TINY, "--how", "leaks")
    assert cli("run", *leaky).code == 1
    made = cli("baseline", "update")
    assert made.code == 0, made.err
    assert "+ gemini.only" in made.out
    ran = cli("run", "--baseline", "chatkit-baseline.toml", *leaky)
    assert ran.code == 0, ran.out + ran.err
    row = next(row for row in ran.results["results"] if row["id"] == "gemini.only")
    assert row["outcome"] == "expected_failure"
    assert row["baseline"]["reason"].startswith("Failed when the baseline was first written: CONNECT")
    assert ran.results["baseline"] == {"file": "chatkit-baseline.toml", "entries": 1, "stale": []}
    path = tmp_path / "chatkit-baseline.toml"
    path.write_text(
        path.read_text() + '[[expected]]\nid = "stream.nix"\nreason = "r"\n'
        '[[expected]]\nid = "stream.answers"\nreason = "r"\n'
    )
    stale = cli("run", "--baseline", "chatkit-baseline.toml", *leaky)
    assert stale.code == 1
    assert stale.results["verdict"] == "findings"
    assert stale.results["baseline"]["stale"] == ["stream.nix"]
    assert stale.outcomes()["stream.answers"] == "unexpected_pass"
    assert "'stream.nix' matches no check" in stale.out


@pytest.mark.slow
def test_a_part_of_the_conversations_takes_no_entry_away(cli: Cli, tmp_path: Path) -> None:
    """A check of the whole run that passes because fewer conversations were held is no unexpected pass.

    The entry stays, a note names it, an update keeps it, and a whole run tells when it can go.
    """
    server = ("--", *TINY, "--how", "leaks-later")
    assert cli("run", *server).outcomes()["gemini.only"] == "failed"
    assert cli("baseline", "update").code == 0
    text = (tmp_path / "chatkit-baseline.toml").read_text()
    assert 'reason = "Failed when the baseline was first written: CONNECT api.openai.com"' in text
    part = cli("run", "--select", "gemini.only", "--baseline", "chatkit-baseline.toml", *server)
    (row,) = part.results["results"]
    assert (part.code, row["outcome"], row["whole"]) == (0, "passed", False), part.out
    assert any(note.startswith("gemini.only passed although the baseline expects") for note in part.results["warnings"])
    assert cli("baseline", "update").code == 0
    assert (tmp_path / "chatkit-baseline.toml").read_text() == text
    mended = cli("run", "--baseline", "chatkit-baseline.toml", "--", *TINY)
    assert (mended.code, mended.outcomes()["gemini.only"]) == (1, "unexpected_pass"), mended.out


@pytest.mark.slow
def test_strict_counts_a_should(cli: Cli) -> None:
    """With --strict a SHOULD that does not hold ends 1; without it 0, and both verdicts are told either way."""
    lenient = cli("run", "--select", "stream.*", "--", *TINY)
    strict = cli("run", "--select", "stream.*", "--strict", "--", *TINY)
    assert (lenient.code, strict.code) == (0, 1), strict.out
    for ran in (lenient, strict):
        assert ran.results["verdicts"] == {"client": "partial", "tasks": "nothing_judged", "strict": "findings"}
        assert "works with ChatKit's client: judged only in part, strict: no" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--baseline", "nix.toml", "--url", "http://127.0.0.1:1"), "nix.toml: No such file"),
        (("baseline", "update"), "chatkit-report/results.json: No such file"),
        (("baseline", "updat"), "invalid choice"),
    ],
)
def test_wrong_baseline_ends_2(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    """A baseline or results file that is not there ends 2 with its name."""
    ran = cli(*arguments)
    assert ran.code == 2
    assert said in ran.err
