"""The harness judges itself: a faulty request of ours is exit 4, never a finding."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.wire.own_fault import HarnessFault, refuse_faulty

TINY = (sys.executable, str(Path(__file__).parent / "tiny_server.py"))
Cli = Callable[..., Any]

SUITE = '''
from chatkit_conformance.check import MUST, Finding, check
from chatkit_conformance.exchange import exchange


@exchange()
async def odd(talk):
    """A list is asked for in no known order."""
    await talk.ask("threads.list", {{"order": "sideways"}}, label="odd"{more})


@check("protocol.answered", level=MUST, on=["odd"], clause="c", cause="c", fix="f")
def answered(t):
    """It is answered."""
    if t.reply("odd").status != 200:
        yield Finding(expected="200", got="none", reply="odd")
'''


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "threads.list", "params": {"order": "sideways"}},
        {"type": "threads.lst", "params": {}},
        {"type": "threads.get_by_id", "params": {"thread_id": "t", "nix": 1}},
        {"type": "threads.get_by_id", "params": {}},
    ],
)
def test_what_the_wire_does_not_know_is_not_sent(payload: Any) -> None:
    """A wrong value, an unknown type, an unknown field and a missing one are each refused before they are sent."""
    with pytest.raises(HarnessFault, match="the suite would send"):
        refuse_faulty(payload)


def test_what_the_wire_knows_is_sent() -> None:
    """A sound request passes."""
    refuse_faulty({"type": "threads.list", "params": {"order": "desc", "limit": 3}, "metadata": {"a": 1}})


@pytest.mark.parametrize(("more", "code", "outcome"), [("", 4, "error"), (", wrong=True", 0, "passed")])
def test_a_fault_of_ours_ends_4(cli: Cli, tmp_path: Path, more: str, code: int, outcome: str) -> None:
    """An exchange that would send a faulty request ends the run 4, with the remedy; marked as meant, it is sent."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "odd.py").write_text(SUITE.format(more=more))
    ran = cli("run", "--", *TINY, CHATKIT_CONFORMANCE_SUITES=str(tmp_path / "mine"))
    assert ran.code == code, ran.out + ran.err
    assert ran.outcomes() == {"protocol.answered": outcome}
    if code == 4:
        assert "pass wrong=True" in ran.results["results"][0]["reason"]
        assert ran.results["results"][0]["findings"] == []
