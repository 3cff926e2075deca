"""The command: how it starts, how it stops, what it says."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import httpx
import pytest


def test_stops_at_once_with_streams_open(start_standin: Any) -> None:
    """SIGTERM ends it within a second or so, also while a stream is held, with status 0."""
    standin = start_standin()
    nonce = standin.script({"text": "a", "fault": {"kind": "stall", "after": 1, "max_s": 60}})
    url, head = f"{standin.face}chat/completions", {"authorization": "Bearer k"}
    with httpx.stream("POST", url, json=standin.body(nonce), headers=head, trust_env=False) as answer:
        next(answer.iter_raw())
        began = time.monotonic()
        assert standin.stop() == 0
    assert time.monotonic() - began < 3


def test_a_taken_port_is_one_clear_line(standin: Any) -> None:
    """A port that cannot be had ends with status 2 and says what to type."""
    port = standin.url.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "-m", "gemini_standin", "--port", port],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"cannot listen on 127.0.0.1:{port}:")
    assert done.stderr.rstrip().endswith("try --port 0")


def test_health_and_unknown_control_paths(standin: Any) -> None:
    """Health tells the profile, the clock and the process; a wrong path lists the right ones."""
    health = standin.http.get("/_standin/health").json()
    assert (health["ok"], health["profile"], health["pid"]) == (True, "gemini-3", standin.process.pid)
    assert abs(health["clock"] - time.monotonic()) < 2
    wrong = standin.http.get("/_standin/jornal")
    assert wrong.status_code == 404
    assert "GET /_standin/journal" in wrong.json()["error"]


def test_help_shows_how_to_try_it() -> None:
    """--help has a line for curl and every option."""
    done = subprocess.run(
        [sys.executable, "-m", "gemini_standin", "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "curl -N URL/v1beta/openai/chat/completions" in done.stdout
    for option in ("--profile", "--lenient", "--pace", "--seed", "--no-gzip", "--ssl-certfile"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--note", "credential"), '"credential" is not known (did you mean "credentials"?)'),
        (("--ssl-certfile", __file__), f"no certificate in {__file__}"),
    ],
)
def test_a_wrong_option_ends_it_with_what_there_is(options: tuple[str, ...], said: str) -> None:
    """A rule or a certificate that there is not ends with status 2 and one line."""
    done = subprocess.run(
        [sys.executable, "-m", "gemini_standin", *options], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_is_stopped_quietly_before_it_serves() -> None:
    """Stopped right behind its URL, while it still loads, it ends with status 0 and without a word."""
    command = [sys.executable, "-m", "gemini_standin"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.terminate()
        assert (process.wait(60), process.stderr.read()) == (0, "")
