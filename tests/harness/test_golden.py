"""results.json, held whole: a key that goes or changes its meaning is seen here first."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs

from chatkit_conformance.results.saved import read_results

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "results.json"
OLD = HERE / "golden" / "results-before-0.1.json"
TINY = (sys.executable, str(HERE / "tiny_server.py"))
SCHEMA = HERE.parents[1] / "docs" / "chatkit-results.schema.json"
BASELINE = '[[expected]]\nid = "stream.shouts"\nreason = "It whispers."\nlink = "https://example.com/7"\n'

TIMES = {"seconds", "start_up_seconds", "started", "figure"}
Cli = Callable[..., Any]
OF_THE_MACHINE = ("the machine was busy", "the server took", "beside other conversations")
"""Words of the warnings that come where the machine is slow."""


def settled(value: Any, key: str = "") -> Any:
    """The value without what differs from one run to the next: times, versions, ports, paths and ids."""
    if key in TIMES and value is not None:
        return f"<{key}>"
    if key == "versions":
        return dict.fromkeys(value, "<version>")
    if isinstance(value, dict):
        return {name: settled(below, name) for name, below in value.items()}
    if isinstance(value, list):
        return [settled(below) for below in value]
    if isinstance(value, str):
        text = value.replace(sys.executable, "python").replace(str(HERE), "HERE")
        return re.sub(r"127\.0\.0\.1:\d+|thr_\d+|\[\w+-\w+\]", "<varies>", text)
    return value


def test_results_json_is_what_it_was(cli: Cli, tmp_path: Path) -> None:
    """A run of the tiny suites writes the committed results.json, times and ports aside, and it fits the schema."""
    (tmp_path / "known.toml").write_text(BASELINE)
    ran = cli("run", "--baseline", "known.toml", "--seed", "7", "--", *TINY, "--how", "leaks")
    assert ran.code == 1, ran.err
    made = settled(ran.results)
    made["warnings"] = [told for told in made["warnings"] if not any(words in told for words in OF_THE_MACHINE)]
    made["results"].sort(key=lambda row: row["id"])
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_text(json.dumps(made, indent=1) + "\n")
    assert made == json.loads(GOLDEN.read_text()), "meant to be so? Then run this test with GOLDEN=write"
    assert list(made) == list(json.loads(GOLDEN.read_text()))
    assert jsonschema_rs.is_valid(json.loads(SCHEMA.read_text()), ran.results)


def test_what_is_read_is_what_was_written(cli: Cli) -> None:
    """Nothing of a results.json is lost when it is read."""
    ran = cli("run", "--select", "stream.*", "--", *TINY)
    assert read_results(ran.folder).to_json() == ran.results


def test_a_file_of_an_earlier_release_is_read(cli: Cli) -> None:
    """A results.json that lacks the newer keys can be compared, and its report be made."""
    run = read_results(OLD)
    assert {row.outcome for row in run.results} == {"passed", "warned", "not_applicable", "failed"}
    ran = cli("diff", str(OLD), str(OLD))
    assert (ran.code, ran.out) == (0, "no difference\n")
