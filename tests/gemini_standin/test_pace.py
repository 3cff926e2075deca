"""Time: absolute schedules, gates, paces, and the stand-in's own lateness."""

from __future__ import annotations

import random
import threading
import time
from statistics import median
from typing import Any

import pytest

from gemini_standin.pace import RECORDED, schedule, split
from gemini_standin.step import Step


def test_schedule_is_absolute(standin: Any) -> None:
    """Chunk n goes out at first + n gaps from the request, without drift."""
    nonce = standin.script({"chunks": list("abcdefgh"), "first_s": 0.1, "gap_s": 0.05}, profile="gemini-2.5")
    standin.ask(nonce)
    (call,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    due = [call["at"] + 0.1 + n * 0.05 for n in range(8)]
    late = [sent["at"] - at for sent, at in zip(call["sent"], due, strict=False)]
    assert min(late) > -0.002
    assert late[-1] < 0.1


def test_hold_waits_for_its_gate_and_shifts_the_rest(standin: Any) -> None:
    """After n chunks nothing comes until the gate opens; then the schedule goes on from there."""
    nonce = standin.script({"chunks": ["a", "b", "c"], "hold": {"after": 2, "gate": "hold-1", "max_s": 9}})
    asking = threading.Thread(target=standin.ask, args=(nonce,))
    asking.start()
    assert len(standin.calls(nonce, calls=1, finished=1, timeout=0.3)[0]["sent"]) == 2
    opened = time.monotonic()
    standin.http.post("/_standin/gates/hold-1")
    (call,) = standin.calls(nonce, calls=1, finished=1, timeout=30)
    asking.join(60)
    assert call["sent"][2]["at"] >= opened


def test_gate_opened_before_is_open(standin: Any) -> None:
    """A gate may be opened before anybody waits."""
    standin.http.post("/_standin/gates/early")
    began = time.monotonic()
    standin.ask(standin.script({"text": "a", "wait_gate": "early", "hold": {"after": 0, "gate": "early"}}))
    assert time.monotonic() - began < 2


def test_gate_has_a_deadline(standin: Any) -> None:
    """A gate that nobody opens holds for max_s and no longer."""
    began = time.monotonic()
    standin.ask(standin.script({"text": "a", "wait_gate": {"gate": "nobody", "max_s": 0.2}}))
    assert 0.2 <= time.monotonic() - began < 2


def test_lateness_is_told(start_standin: Any) -> None:
    """The stand-in counts its paced chunks and tells how late they were; a DELETE begins anew."""
    standin = start_standin("--pace", "steady")
    standin.set(default_turn=[{"chunks": ["a", "b", "c"]}])
    standin.ask("none")
    told = standin.http.get("/_standin/lateness").json()
    assert told["n"] == 4
    assert 0 <= told["p50"] <= told["p99"] <= told["max"] < 1
    assert standin.http.delete("/_standin/lateness").json()["n"] == 0


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3-flash-preview", "gemini-2.0-flash"])
def test_recorded_pace_has_the_recorded_medians(model: str) -> None:
    """Drawn often enough, first token and chunk size have the medians that were recorded of the model."""
    figures = RECORDED[model]
    draw, firsts, sizes = random.Random(1), [], []
    for _ in range(300):
        pieces = split(Step(text="word " * 400), "recorded", model, draw)
        sizes += [len(piece) for piece in pieces[1:-1]]
        due = schedule(Step(), pieces, "recorded", model, draw)
        assert list(due) == sorted(due)
        firsts.append(due[0])
    assert median(firsts) == pytest.approx(figures.first_s[0], rel=0.15)
    assert median(sizes) == pytest.approx(figures.chunk_chars[0], rel=0.15)


def test_what_a_step_says_comes_before_the_pace() -> None:
    """Times and sizes named in a step are kept under any pace."""
    step = Step(text="abcdef", chunk_chars=2, first_s=0.0, gap_s=0.5)
    pieces = split(step, "recorded", "gemini-3.8-flash", random.Random(1))
    assert pieces == ("ab", "cd", "ef")
    assert schedule(step, pieces, "recorded", "gemini-3.8-flash", random.Random(1)) == (0.0, 0.5, 1.0)
