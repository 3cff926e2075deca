"""A move is data: it survives being saved, and it can be told in words."""

from __future__ import annotations

import json
from itertools import product

import pytest

from chatkit_conformance.moves.move import Move
from chatkit_conformance.moves.table import KINDS
from chatkit_conformance.target.target import CAPABILITIES, ROLES


@pytest.mark.parametrize("name", KINDS)
def test_every_value_of_every_argument_can_be_saved_and_told(name: str) -> None:
    """A move with any of its arguments' values is the same after a trip through JSON, and has words."""
    kind = KINDS[name]
    for key, values in kind.args.items():
        for value in values:
            move = Move(kind=name, args={key: value})
            assert Move.from_json(json.loads(json.dumps(move.to_json()))) == move
            assert "{" not in kind.in_words(move)


def test_an_argument_that_is_left_out_has_the_simplest_value() -> None:
    """Arguments have defaults, the first of their values: short moves are easy to write by hand."""
    kind = KINDS["say"]
    assert kind.arg(Move(kind="say"), "with") == "plain"
    assert kind.arg(Move(kind="say", args={"with": "quote"}), "with") == "quote"


@pytest.mark.parametrize("name", KINDS)
def test_a_move_needs_only_what_a_server_can_be_known_to_have(name: str) -> None:
    """Needs are capabilities of the target file, roles of tools, or one of the two facts that a run learns."""
    kind = KINDS[name]
    known = {*CAPABILITIES, *(f"role:{role}" for role in (*ROLES, *CAPABILITIES)), "any-tool", "side-request"}
    for values in product(*kind.args.values()) if len(kind.args) < 6 else ():
        move = Move(kind=name, args=dict(zip(kind.args, values, strict=True)))
        assert set(kind.needed(move)) <= known


def test_the_issue_of_needs_by_value_is_seen() -> None:
    """What a move needs follows its arguments: a message with a file needs attachments, a plain one nothing."""
    say = KINDS["say"]
    assert say.needed(Move(kind="say")) == ()
    assert say.needed(Move(kind="say", args={"with": "file"})) == ("attachments",)
    use = KINDS["use-tool"]
    assert use.needed(Move(kind="use-tool", args={"role": "delete"})) == ("any-tool", "role:delete")
    assert use.wanted(Move(kind="use-tool", args={"role": "delete"})) == ("thread", "task")
