"""The stand-in under attack from the server that asks it: bodies, depths and connections without a bound."""

from __future__ import annotations

import json
import socket
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from gemini_standin.entry import MOST_VALUES, Entry
from gemini_standin.nesting import MAX_DEPTH, read_json
from tests.gemini_standin.conftest import start

DEEP = 100_000


def _nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 900, DEEP])
def test_json_that_is_nested_too_deep_is_no_json(levels: int) -> None:
    """Deeper than the bound, below and beyond what Python itself can read, it is refused with one kind of error."""
    assert read_json(_nested(MAX_DEPTH)) is not None
    with pytest.raises(ValueError, match="deeper"):
        read_json(_nested(levels))


def test_a_deep_body_is_refused_and_stays_readable_in_the_journal(standin: Any) -> None:
    """A body that nobody can read is answered as Gemini answers it, and the journal is told as before."""
    nonce = standin.script({"text": "a"})
    body = json.dumps(standin.body(nonce)).encode()[:-1] + b', "x": ' + _nested(DEEP) + b"}"
    answer = standin.http.post("/v1beta/openai/chat/completions", content=body)
    assert answer.status_code == 400
    assert any(call["path"].endswith("completions") for call in standin.calls(""))


def test_a_body_of_too_many_values_is_told_as_its_beginning() -> None:
    """What would take a gigabyte to read is kept as text: how it began, and how long it was."""
    raw = json.dumps({"messages": [0] * (MOST_VALUES + 2)}).encode()
    told = Entry(n=0, at=0.0, method="POST", path="/", headers={}, raw=raw).to_json()["body"]
    assert isinstance(told, str)
    assert told.startswith('{"messages"')
    assert len(told) < 2_000


def test_many_messages_take_time_in_proportion(standin: Any) -> None:
    """Twenty thousand messages are matched to their script within seconds: each is looked at a few times, not once
    for every other."""
    nonce = standin.script({"text": "found"})
    filler = [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}] * 10_000
    messages = [*standin.body(nonce)["messages"], *filler]
    began = time.monotonic()
    answer = standin.ask(nonce, messages=messages, stream=False)
    assert answer.json()["choices"][0]["message"]["content"] == "found"
    assert time.monotonic() - began < 15


def test_what_was_told_whole_is_not_told_again(standin: Any) -> None:
    """From a number on, only calls are told that nobody was told of after their end, the first so many of them."""
    nonces = [standin.script({"text": "a"}) for _ in range(3)]
    for nonce in nonces:
        standin.ask(nonce)
    first = standin.calls(nonces[0], calls=1, finished=1, timeout=30)[0]["n"]
    standin.calls(*nonces, calls=3, finished=1, timeout=30)
    assert standin.calls(*nonces, since=first, most=9) == []
    new = standin.script({"text": "b"})
    standin.ask(new)
    assert [call["nonce"] for call in standin.calls(new, *nonces, since=first, most=1)] == [new]


FEW_FILES = (
    "import resource, runpy; resource.setrlimit(resource.RLIMIT_NOFILE, (160, 160)); "
    "runpy.run_module('gemini_standin', run_name='__main__', alter_sys=True)"
)
"""A stand-in that may have sixty connections, beside the hundred files that are spared."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of open files")
def test_the_most_silent_connection_is_ended_first() -> None:
    """Where more connections are open than may be, those that never said a word are ended, and others are answered."""
    running = start(program=("-c", FEW_FILES))
    where = urlsplit(running.url)
    held = [socket.create_connection((where.hostname, where.port)) for _ in range(200)]
    try:
        assert running.http.get("/_standin/health").status_code == 200
        held[0].settimeout(10)
        assert held[0].recv(1) == b""
    finally:
        for one in held:
            one.close()
        assert running.stop() == 0
