"""Loads from end to end: a known delay is found, and a load that is cut leaves a report that says how."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.load_analysis.compare import diff_loads, differences, read_load

from .conftest import LIVE, Report, environment, load, report, stop

QUICK = ("--mix", "newcomer=3,regular=1,leaver=1", "--think", "0.2", "--turn-deadline", "10")


def wait_for_rows(out: Path, files: int, within_s: float = 20.0) -> list[Path]:
    """Wait until so many workers have written a turn."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = [path for path in out.glob("rows/rows-*.jsonl") if '"row":"turn"' in path.read_text()]
        if len(found) >= files:
            return found
        time.sleep(0.1)  # files of another process have no event to wait on
    raise AssertionError(f"{files} workers had not written a turn within {within_s:g} s")


@pytest.fixture(scope="module")
def pair(probe_server: str, delayed: str, tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    """The same load on the probe server and on the probe server behind 300 ms, at the same time."""
    folder = tmp_path_factory.mktemp("pair")
    shape = ("--people", "12", "--seconds", "5", *QUICK, *LIVE)
    outs = [folder / name for name in ("plain", "delayed")]
    running = [load(out, "--url", url, *shape) for out, url in zip(outs, (probe_server, delayed), strict=True)]
    return [report(process, out) for process, out in zip(running, outs, strict=True)]


def test_a_server_slowed_by_300_ms_is_told_slower_by_300_ms(pair: list[Report]) -> None:
    """The difference of the medians is 300 ms within 5 %, it is called real, and its interval holds it nearly."""
    plain, slow = pair
    found = {(d.name, d.quantile): d for d in differences(plain.value, slow.value)}
    for name in ("first_token", "session_creation"):
        told = found[name, 0.5]
        assert told.real
        assert told.seconds == pytest.approx(0.3, rel=0.05)
        assert told.high - told.low < 0.1


def test_the_two_reports_are_told_apart_in_words(pair: list[Report]) -> None:
    """`diff` of the two folders says by how much which measure is slower."""
    text = diff_loads(pair[0].folder, pair[1].folder)
    assert re.search(r"First token p50: .* slower by 3\d\d\.\d ms|First token p50: .* slower by 29\d\.\d ms", text)


def test_every_turn_is_accounted_for_and_the_error_is_stated(pair: list[Report]) -> None:
    """Turns begun are turns ended are rows; probes give the generator's own error; the page needs no network."""
    for one in pair:
        assert one.value["validity"]["accounted"]
        assert one.value["turns"]["n"] >= 40  # 60 on a machine that does nothing else
        assert one.value["measurement_error"]["n"] > 30
        assert one.value["measurement_error"]["p50"] < 0.05
        assert one.value["persistence"]["rate"] == 1.0
        page = (one.folder / "load.html").read_text()
        assert "http://" not in page.replace(one.value["target"], "").replace("http://127.0.0.1", "")
        assert "<script" not in page
        assert one.code == one.value["exit"]
        assert one.said.rstrip().endswith("load.html") or "load.html" in one.said
        assert read_load(one.folder)["schema"] == 1


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Report]]:
    """Three loads at once: one loses a worker, one its target, one is interrupted."""
    folder = tmp_path_factory.mktemp("cut")
    command = [
        sys.executable,
        "-m",
        "chatkit_conformance.load_analysis.probe_server",
        "--first-s",
        "0.1",
        "--chunks",
        "5",
    ]
    probe_servers = [subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) for _ in range(2)]
    steady, dying = (process.stdout.readline().strip() for process in probe_servers if process.stdout)
    shape = ("--people", "6", *QUICK, *LIVE)
    running = {
        "killed": load(folder / "killed", "--url", steady, "--seconds", "6", "--processes", "2", *shape),
        "dying": load(folder / "dying", "--url", dying, "--seconds", "30", *shape),
        "interrupted": load(folder / "interrupted", "--url", steady, "--seconds", "30", *shape),
    }
    try:
        first, *_ = wait_for_rows(folder / "killed", 2)
        os.kill(int(first.stem.rpartition("-")[2]), signal.SIGKILL)
        wait_for_rows(folder / "dying", 1)
        probe_servers[1].kill()
        wait_for_rows(folder / "interrupted", 1)
        running["interrupted"].send_signal(signal.SIGINT)
        yield {name: report(process, folder / name) for name, process in running.items()}
    finally:
        for process in (*probe_servers, *running.values()):
            stop(process)


@pytest.mark.slow
def test_a_killed_worker_makes_the_load_invalid(cut: dict[str, Report]) -> None:
    """The report names the worker that was lost, gives no verdict on the server, and the exit code is 4."""
    killed = cut["killed"]
    assert (killed.code, killed.value["verdict"]) == (4, "INVALID")
    assert len(killed.value["validity"]["lost_workers"]) == 1
    assert "killed or crashed" in killed.value["reasons"][0]
    assert killed.value["turns"]["n"] > 0


@pytest.mark.slow
def test_a_target_that_dies_ends_the_load_with_a_report(cut: dict[str, Report]) -> None:
    """The report says that the target went away and when, keeps what was measured, and the exit code is 3."""
    dying = cut["dying"]
    assert (dying.code, dying.value["verdict"]) == (3, "GONE")
    assert "stopped responding" in dying.value["reasons"][0]
    assert dying.value["turns"]["n"] > 0
    assert "stopped responding" in (dying.folder / "load.html").read_text()


@pytest.mark.slow
def test_an_interrupted_load_leaves_a_report_that_says_so(cut: dict[str, Report]) -> None:
    """After Ctrl-C there is a report of what was measured; it gives no pass, and the exit code is 5."""
    interrupted = cut["interrupted"]
    assert (interrupted.code, interrupted.value["verdict"]) == (5, "INCONCLUSIVE")
    assert "interrupted" in interrupted.value["reasons"][0]
    assert "Cut short" in (interrupted.folder / "load.html").read_text()


@pytest.mark.slow
def test_a_budget_is_kept(
    probe_server: str, run_load: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load whose budget is spent begins no more turns, ends at once, and says so, on a GitHub job's page, too."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "job.md"))
    done = run_load(
        "--url",
        probe_server,
        "--people",
        "4",
        "--seconds",
        "60",
        *QUICK,
        "--live",
        "--budget-turns",
        "10",
        "--budget-tokens",
        "1000000",
    )
    assert done.value["turns"]["n"] == 10
    assert done.value["validity"]["stopped"] == "the budget of 10 turns is used up"
    assert "the budget of 10 turns is used up" in (done.folder / "load.html").read_text()
    assert (tmp_path / "job.md").read_text().startswith("## Load: ")


@pytest.mark.slow
def test_readers_pause_even_where_nobody_else_does(probe_server: str, run_load: Callable[..., Report]) -> None:
    """Five people who only read, without a pause of their own, look a few times each and do not hammer."""
    done = run_load(
        "--url", probe_server, "--mix", "reader=1", "--people", "5", "--seconds", "3", "--think", "0", *LIVE
    )
    rows = "".join(path.read_text() for path in done.folder.glob("rows/rows-*.jsonl"))
    assert 3 <= rows.count('"what":"threads.list"') <= 60


@pytest.mark.slow
def test_the_reference_server_from_both_sides(run_load: Callable[..., Report]) -> None:
    """With a stand-in the server's own share is told apart, tools are seen, and threads reload as they were."""
    done = run_load(
        "--rate",
        "4",
        "--seconds",
        "7",
        "--pace",
        "instant",
        "--mix",
        "newcomer=1,doer=3",
        "--",
        sys.executable,
        "-m",
        "reference_server",
    )
    value: dict[str, Any] = done.value
    assert value["loop"] == "open"
    assert value["errors"]["causes"] == {}
    assert value["turns"]["n"] > 10
    assert value["own_first_token"]["n"] == value["first_token"]["n"] == value["kinds"]["talk"]["n"]
    assert value["first_token_after_tools"]["n"] == value["turns"]["n"] - value["first_token"]["n"]
    assert 0 < value["own_first_token"]["p50"] <= value["first_token"]["p50"]
    assert value["tool_visible"]["n"] >= 10
    assert value["tool_visible"]["failed"] <= value["tool_visible"]["n"] // 10  # a busy machine holds one up
    assert {"tool:create", "tool:delete", "tool:bulk-delete"} <= set(value["kinds"])
    assert value["persistence"]["rate"] == 1.0
    assert value["cost"]["processor_ms_per_turn"] > 0
    assert value["validity"]["unmatched_calls"] == 0
    assert done.code in (0, 4, 5)


@pytest.mark.slow
def test_https_is_loaded_with_the_authorities_that_are_named(
    over_tls: str, certificate: tuple[Path, Path], run_load: Callable[..., Report]
) -> None:
    """--ca-file has a private certificate trusted; without it the load ends with 3 and names the option."""
    shape = ("--url", over_tls, "--people", "3", "--seconds", "2", *QUICK, *LIVE)
    done = run_load(*shape, "--ca-file", str(certificate[0]))
    assert done.value["turns"]["n"] > 3
    assert done.value["errors"]["causes"] == {}
    refused = run_load(*shape)
    assert refused.code == 3
    assert "--ca-file" in refused.said


@pytest.mark.slow
def test_two_servers_are_held_against_each_other_in_turn(run_load: Callable[..., Report]) -> None:
    """One stream, some and many go to each in turn; ratios say how many times better the first is, or nothing does."""
    server = [sys.executable, "-m", "reference_server"]
    done = run_load(
        "--people",
        "10",
        "--seconds",
        "2",
        "--rounds",
        "1",
        "--pace",
        "instant",
        "--compare-with",
        " ".join(server),
        "--",
        *server,
    )
    if done.value["verdict"] == "INVALID":  # others use this machine: then nothing is compared, and it is said why
        assert (done.code, done.value["ratios"]) == (4, {})
        assert done.value["reasons"]
        return
    assert done.code == 0
    assert [table["level"] for table in done.value["levels"]] == [1, 2, 10]
    assert all(table[side]["n"] > 0 and not table[side]["failed"] for table in done.value["levels"] for side in "AB")
    told = {key: ratio["level"] for key, ratio in done.value["ratios"].items()}
    assert told == {
        "own_first_token_p50_at_one_stream": 1,
        "session_creation_p50_at_a_part": 2,
        "session_creation_p50_at_saturation": 10,
        "turns_per_s_at_saturation": 10,
    }
    assert all(0.2 < ratio["ratio"] < 5 for ratio in done.value["ratios"].values())
    assert "A over B" in (done.folder / "load.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--url", "http://example.com", *LIVE], "--host example.com --yes-load example.com"),
        (["--url", "http://127.0.0.1:9", "--live"], "--budget-turns"),
        (["--url", "http://127.0.0.1:9"], "--standin-port"),
        (["--people", "100000", "--", "true"], "out of range"),
        (["--mix", "nobody=1", "--", "true"], "newcomer"),
        (["--rate", "0", "--", "true"], "0 turns per second is out of range"),
        (["--quantile", "95", "--", "true"], "--quantile 95 is out of range: give between 0 and 1"),
        (["--processes", "0", "--", "true"], "--processes 0 is out of range"),
        (["--compare-with", " ", "--", "true"], "--compare-with is empty"),
        (["--worker", "no-such-host.invalid"], "'no-such-host.invalid' cannot be resolved"),
        (["--"], "write the command"),
    ],
)
def test_what_must_not_be_loaded_is_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's host, a model that may cost money and loads out of range end with 2 and say what to type."""
    monkeypatch.chdir(tmp_path)
    assert main(["load", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_target_that_never_came_up_is_3(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A command that ends at once is told with its last words, and the exit code is 3."""
    code = main(["load", "--out", str(tmp_path / "out"), "--", sys.executable, "-c", "raise SystemExit('no luck')"])
    assert code == 3
    assert "no luck" in capsys.readouterr().err
