"""Where a run's time is over before its first conversation, the first line of its message names what hung."""

from __future__ import annotations

import re
import sys

import pytest

from tests.harness.conftest import Cli

MUTE = """
import os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Mute(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(404)
    def do_POST(self):
        time.sleep(600)
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Mute).serve_forever()
"""
"""A server that is there, and answers no request of ChatKit's."""

HUNG = {
    "answers nothing at all": (
        ("-m", "tests.hostile", "silent"),
        r"an answer of http://127\.0\.0\.1:\d+/health for \d+\.\d s",
    ),
    "answers no message": (("-c", MUTE), r"threads\.list \(smoke\) for \d+\.\d s, without an answer"),
    "streams comments and no word": (
        ("-m", "tests.hostile", "comments-without-end"),
        r"threads\.create \(discovery\) for \d+\.\d s, of which HTTP 200 and \d+ events had come",
    ),
    "never listens": (
        ("-c", "import time; time.sleep(600)"),
        r"the server, which is neither on port \d+ \(given as PORT\) nor at a URL that it printed for \d+\.\d s",
    ),
}
"""Servers that hang at once, and what is said of it."""


DEADLINE_S = 13
"""Seconds in which a busy machine, too, has begun to wait for the server."""


@pytest.mark.slow
@pytest.mark.parametrize("how", HUNG)
def test_what_hung_before_the_first_answer_is_named(how: str, cli: Cli) -> None:
    """Which request, or which start, and for how many seconds it was waited for."""
    command, said = HUNG[how]
    ran = cli("run", "--deadline", str(DEADLINE_S), "--", sys.executable, *command)
    assert ran.code == 1, ran.err
    first = ran.err.splitlines()[0]
    assert f"the run's deadline of {DEADLINE_S} s passed" in first
    assert re.search(f"Under way: {said}", first), first
