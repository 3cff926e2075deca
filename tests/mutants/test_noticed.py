"""Faults put into right conversations: they change what they say they change, and the report counts who noticed."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from chatkit_conformance.judging.catalogue import load_suites
from mutants.edits import edited
from mutants.noticed import main, report
from tests.suites.conversations import three_turns

load_suites()


def test_an_edit_changes_one_reply_or_one_call() -> None:
    """Whatever is drawn, all else stays as it was, and the place that is named is the one that changed."""
    right, seen = three_turns(), set()
    for seed in range(200):
        made = edited(right, Random(seed))
        if made is None:
            continue
        replies = [new.label for old, new in zip(right.replies, made.transcript.replies, strict=True) if old != new]
        calls = [f"call {new.n}" for old, new in zip(right.calls, made.transcript.calls, strict=True) if old != new]
        assert [*replies, *calls] in ([made.where], []), made.what  # two equal rows may have changed places
        seen.add(made.what.partition(":")[0])
    assert {"history", "threads.get_by_id, rows", "threads.create, event"} <= seen


def test_the_same_seed_draws_the_same_faults() -> None:
    """So that what was not noticed can be looked at again."""
    drawn = [[edited(three_turns(), Random(seed)) for seed in range(20)] for _ in (1, 2)]
    assert [made and made.what for made in drawn[0]] == [made and made.what for made in drawn[1]]


def test_the_report_counts_what_was_noticed() -> None:
    """Most faults in a plain conversation are noticed; each kind that is not has a line with its place."""
    first, *rest = report([three_turns()], Random(4), 60)
    noticed, _, total, *_ = first.split()
    assert 30 < int(noticed) <= int(total) <= 60
    assert all("not noticed: " in line and "three_turns/" in line for line in rest)


def test_a_folder_without_conversations_says_what_to_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the command that fills it."""
    assert main([str(tmp_path)]) == 2
    assert f"run chatkit-conformance run --out {tmp_path} first" in capsys.readouterr().out
