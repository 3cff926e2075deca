"""When the time is over: what was held is judged, what was under way is kept and named, and judging itself ends."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.check import MUST, Check, Findings
from chatkit_conformance.cli import main
from chatkit_conformance.http.allowance import EVENT_BYTES, GLANCE_EVENTS, Allowance
from chatkit_conformance.judging import judge as judge_module
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.judging.judge import judge
from chatkit_conformance.judging.time_limit import TooLong, time_limit
from chatkit_conformance.lint import ending, lint, read_recording, recording
from chatkit_conformance.transcript import Transcript
from tests.hostile.lab import TINY, meet


def _event(**data: Any) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def _words(n: int) -> bytes:
    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": "x"}
    return _event(type="thread.item.updated", item_id="m", update=update) * n


def _items(n: int) -> bytes:
    item = {"type": "assistant_message", "content": [], "thread_id": "t", "created_at": "2026-01-01T00:00:00Z"}
    return b"".join(
        _event(type=type, item={**item, "id": f"m{k}"})
        for k in range(n)
        for type in ("thread.item.added", "thread.item.done")
    )


def _errors(n: int) -> bytes:
    return _event(type="error", code="x", message="no", allow_retry=True) * n


def _unknown(n: int) -> bytes:
    # One event of ChatKit's, or lint would take it for another protocol's stream.
    return _event(type="stream_options") + b"".join(_event(type=f"x{k}") for k in range(n))


def calls(work: Callable[[], object]) -> int:
    """How many calls of functions some work takes: the same on every machine."""
    seen = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return seen


@pytest.mark.parametrize("stream", [_words, _items, _errors, _unknown])
def test_judging_is_linear_in_events(stream: Callable[[int], bytes], tmp_path: Path) -> None:
    """Twice the events take twice the work, whatever the events are."""
    taken = []
    for n in (10, 20, 400, 800):  # the first loads what is loaded once
        path = tmp_path / f"{n}.sse"
        path.write_bytes(stream(n))
        read = read_recording(path, "threads.create")
        taken.append(calls(lambda read=read: lint(read, checks())))  # type: ignore[misc]  # bound at once
    _, least, one, two = taken
    assert two - least < 2.4 * (one - least)


def test_four_times_the_events_take_four_times_as_long(tmp_path: Path) -> None:
    """In seconds too, which count what no call shows: a text that is copied, a list that is searched."""
    took = []
    for n in (100, 3_000, 12_000):  # the first loads what is loaded once
        path = tmp_path / f"{n}.sse"
        path.write_bytes(_words(n))
        began = time.process_time()
        linted = lint(read_recording(path, "threads.create"), checks())
        took.append(time.process_time() - began)
        assert not linted.cut
    assert took[2] < 8 * took[1], took


def test_a_recording_without_end_is_read_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an endless stream the beginning is judged, the reader is told, and nothing is said of how it ended."""
    for module in (recording, ending):
        monkeypatch.setattr(module, "MOST_RECORDED", 50)
    for name, data in (("a.sse", _words(60)), ("b.jsonl", _words(60).replace(b"data: ", b""))):
        (tmp_path / name).write_bytes(data)
        read = read_recording(tmp_path / name)
        (reply,) = read.transcripts[0].replies
        assert (len(reply.events), reply.ended) == (50, "left")
        assert "first 50 events" in read.notes[0]


def test_lint_ends_at_its_own_deadline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was not judged in time is no pass: exit 1, and it says what was cut and what to type."""
    path = tmp_path / "a.sse"
    path.write_bytes(_words(50))
    assert main(["lint", str(path), "--deadline", "0"]) == 1
    said = capsys.readouterr()
    assert "judging was cut after 0 s" in said.err
    assert "--deadline" in said.err
    assert "NOT FINISHED: 0 of 0" in said.out


def test_a_check_that_never_ends_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that computes for ever says nothing of the server: untestable, with what was cut."""
    monkeypatch.setattr(judge_module, "LOOK_S", 0.1)

    def for_ever(_: Transcript) -> Findings:
        yield from itertools.repeat(None)
        return

    def found(t: Transcript) -> Findings:
        return (finding for finding in for_ever(t) if finding is not None)

    never = Check(
        id="stream.for-ever",
        level=MUST,
        requirement="It ends.",
        judge=found,
        on=("one",),
        clause="none",
        cause="none",
        fix="none",
    )
    result = judge(never, [Transcript(exchange="one")])
    assert result.outcome == "untestable"
    assert "cut after 0.1 s" in result.reason


def _compute_for(seconds: float, *, limit_s: float) -> None:
    end = time.monotonic() + seconds
    with time_limit(limit_s):
        while time.monotonic() < end:
            pass


def test_a_limit_that_was_kept_interrupts_nothing_later() -> None:
    """A block that ends in time leaves nothing behind, and the next one has its own limit."""
    with time_limit(0.05):
        pass
    _compute_for(0.6, limit_s=30.0)
    with pytest.raises(TooLong):
        _compute_for(30.0, limit_s=0.05)


@pytest.mark.slow
def test_what_was_held_is_judged_and_what_hung_is_named(tmp_path: Path) -> None:
    """Where a server stops to answer in mid-run, the rest is judged, each conversation kept, and what hung is named."""
    met = meet("silent-later", tmp_path, deadline_s=15.0, suites=TINY, after=3)
    assert met.code == 1, met.err
    assert "deadline of 15 s passed" in met.said
    assert "Under way: " in met.said
    results = json.loads((tmp_path / "chatkit-report" / "results.json").read_text())
    outcomes = {row["outcome"] for row in results["results"]}
    assert results["complete"] is False
    assert "untestable" in outcomes
    assert len(results["results"]) == 7
    kept = {path.stem for path in (tmp_path / "chatkit-report" / "transcripts").glob("*.json")}
    assert {"hello--gemini-3", "hello--gemini-2.5", "tool_turn--gemini-3", "restarted--gemini-3"} <= kept


def test_an_allowance_that_is_spent_leaves_a_glance() -> None:
    """Whole answers are read until nothing is left; then some hundred events of each."""
    allowance = Allowance(kept_mb=1)
    assert not allowance.refuses(events=10_000, text=10_000_000)
    allowance.spend(events=1_000_000 // EVENT_BYTES + 1)
    assert not allowance.refuses(events=GLANCE_EVENTS - 1, text=0)
    assert allowance.refuses(events=GLANCE_EVENTS, text=0)
    assert "1 MB" in allowance.notice
    allowance.let_go()
    assert not allowance.refuses(events=10_000, text=10_000_000)
