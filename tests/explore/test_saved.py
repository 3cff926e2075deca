"""A saved conversation is read back as it was, and a file that is none is refused with what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.exchange import EXCHANGES
from chatkit_conformance.moves.move import Move
from chatkit_conformance.moves.saved import Saved, as_exchange, in_words, read_saved
from chatkit_conformance.moves.table import KINDS
from chatkit_conformance.target.config_error import ConfigError

MOVES = (
    Move(kind="begin"),
    Move(kind="say", args={"thread": 0, "with": "quote"}),
    Move(kind="bulk-tool", args={"confirm": None}),
)


def test_it_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    """Moves, users, what was found and the seed survive the file."""
    saved = Saved(moves=MOVES, people=3, found=("persistence.title-as-expected",), seed=7)
    (tmp_path / "one.json").write_text(saved.text(KINDS), encoding="utf-8")
    assert read_saved(tmp_path / "one.json", KINDS) == saved


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ("[]", "not a saved conversation"),
        ('{"format": 1, "moves": [{"kind": "sya"}]}', "move 1 is of kind 'sya'"),
        ('{"format": 1, "moves": [{"kind": "say", "args": {"with": "quot"}}]}', "say has no with 'quot'"),
        ('{"format": 9, "moves": []}', '"format": 1'),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """The message names the file, the place and what was there."""
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(ConfigError, match=r"bad\.json") as refused:
        read_saved(tmp_path / "bad.json", KINDS)
    assert told in str(refused.value)


def test_a_missing_file_is_told() -> None:
    """A path that leads nowhere is told with what to name."""
    with pytest.raises(ConfigError, match="explore"):
        read_saved(Path("nowhere.json"), KINDS)


def test_the_exchange_to_paste_runs_and_has_the_same_moves() -> None:
    """The Python source declares an exchange whose moves are those of the conversation."""
    source = as_exchange("found_pasted", MOVES, KINDS)
    scope: dict[str, Any] = {}
    try:
        exec(compile(source, "found_pasted.py", "exec"), scope)
        assert tuple(scope["MOVES"]) == MOVES
        assert EXCHANGES["found_pasted"].story.startswith("user 0 begins a thread")
    finally:
        EXCHANGES.pop("found_pasted", None)


def test_the_words_tell_every_move() -> None:
    """A conversation in words has a numbered line for each move."""
    lines = in_words(MOVES, KINDS)
    assert lines[0] == "1. user 0 begins a thread"
    assert lines[2].startswith("3. user 0 has the bulk-complete tool called with confirm None")
    assert json.dumps(lines)
