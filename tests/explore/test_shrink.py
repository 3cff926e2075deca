"""Shrinking finds the shortest conversation that still breaks, whatever else was in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chatkit_conformance.explore.draw import Drawer, drawable
from chatkit_conformance.explore.shrink import AT_ONCE, Conversation, Fails, shrunk, without
from chatkit_conformance.moves.move import Move
from chatkit_conformance.moves.planning import foresee, impossible
from chatkit_conformance.moves.state import State
from chatkit_conformance.moves.table import KINDS


def make(kind: str, **args: Any) -> Move:
    """A move."""
    return Move(kind=kind, args=args)


def failing(breaks: Callable[[Sequence[Move]], bool], asked: list[int] | None = None) -> Fails:
    """A server that breaks on the conversations for which `breaks` holds, of the moves that could be held at all."""

    async def fails(batch: Sequence[Conversation]) -> list[bool]:
        if asked is not None:
            asked.append(len(batch))
        return [breaks(_held(moves)) for moves in batch]

    return fails


def _held(moves: Conversation) -> list[Move]:
    """The moves that a stage would hold: those that are possible after the ones before."""
    state, held = State.of(["0", "1", "2"]), []
    for move in moves:
        if not impossible(state, KINDS[move.kind], move):
            foresee(state, KINDS[move.kind], move)
            held.append(move)
    return held


def _delete_after_rename(held: Sequence[Move]) -> bool:
    names = [move.kind for move in held]
    return "rename" in names and "delete" in names[names.index("rename") :]


async def test_what_has_no_part_in_it_is_left_out() -> None:
    """Of thirteen moves three are left: a thread, its rename, and its delete."""
    noise = [make("say"), make("read"), make("rate"), make("list")]
    moves = (make("begin"), *noise, make("rename"), *noise, make("delete"), make("begin"), make("say", thread=1))
    short = await shrunk(moves, KINDS, failing(_delete_after_rename))
    assert [move.kind for move in short] == ["begin", "rename", "delete"]


async def test_threads_are_counted_anew_where_one_is_not_begun_any_more() -> None:
    """A move about the third thread is about the first one, once the two before it are gone."""
    moves = (make("begin"), make("begin"), make("begin"), make("rename", thread=2), make("delete", thread=2))
    short = await shrunk(moves, KINDS, failing(_delete_after_rename))
    assert short == (make("begin"), make("rename", thread=0), make("delete", thread=0))
    assert without(moves, range(1))[2].args == {"thread": 1}


async def test_arguments_get_as_simple_as_they_can() -> None:
    """What an argument has no part in has its simplest value; what it has a part in stays."""

    def breaks(held: Sequence[Move]) -> bool:
        return any(move.kind == "say" and move.args.get("with") == "quote" for move in held)

    moves = (make("begin", user=1), make("say", user=1, thread=0, **{"with": "quote"}))
    short = await shrunk(moves, KINDS, failing(breaks))
    assert short == (make("begin", user=0), make("say", user=0, thread=0, **{"with": "quote"}))


async def test_a_combined_move_becomes_a_plain_one() -> None:
    """A rename in mid-answer is a rename, where the answer has no part in it."""
    moves = (make("begin"), make("meanwhile", user=0, thread=0, inner="rename"))

    def breaks(held: Sequence[Move]) -> bool:
        return any("rename" in (move.kind, move.args.get("inner")) for move in held)

    short = await shrunk(moves, KINDS, failing(breaks))
    assert [move.kind for move in short] == ["begin", "rename"]


async def test_what_is_near_the_breach_is_tried_first() -> None:
    """Where it is known in which move a breach was seen, a few candidates are enough for a conversation of thirty."""
    asked: list[int] = []
    noise = [make("say"), make("read"), make("rate"), make("list")] * 4
    moves = (make("begin"), make("rename"), *noise, make("delete"), *noise)
    short = await shrunk(moves, KINDS, failing(_delete_after_rename, asked), seen=moves.index(make("delete")))
    assert [move.kind for move in short] == ["begin", "rename", "delete"]
    far: list[int] = []
    await shrunk(moves, KINDS, failing(_delete_after_rename, far))
    assert sum(asked) < sum(far)


async def test_it_ends_when_it_is_told_to() -> None:
    """A budget that is over ends it with the shortest so far, and no candidate is held any more."""
    asked: list[int] = []
    moves = tuple(make("begin") for _ in range(12))
    turns = iter([True, True, False, False, False])
    short = await shrunk(moves, KINDS, failing(lambda held: True, asked), go_on=lambda: next(turns, False))
    assert len(short) < len(moves)
    assert all(n <= AT_ONCE for n in asked)


async def test_what_never_breaks_again_is_given_back_as_it_was() -> None:
    """Where no shorter conversation fails, the drawn one stays."""
    moves = (make("begin"), make("say"))
    assert await shrunk(moves, KINDS, failing(lambda held: False)) == moves


async def test_drawn_conversations_shrink_to_a_handful() -> None:
    """The median of what is drawn shrinks to five moves or fewer."""
    drawer = Drawer(drawable(KINDS), people=2, seed=3)
    found = [moves for moves in (drawer.next() for _ in range(300)) if _delete_after_rename(_held(moves))]
    lengths = sorted([len(await shrunk(moves, KINDS, failing(_delete_after_rename))) for moves in found])
    assert lengths
    assert lengths[len(lengths) // 2] <= 5


@pytest.mark.parametrize(
    "move",
    [
        Move(kind=kind.name, args={arg: value})
        for kind in KINDS.values()
        for arg, values in kind.args.items()
        for value in values
    ],
)
async def test_every_move_can_be_made_plainer(move: Move) -> None:
    """Whatever a move does, what takes its place is a move that there is, with values that it may have."""

    async def fails(batch: Sequence[Conversation]) -> list[bool]:
        for plainer in (one for moves in batch for one in moves):
            assert all(value in KINDS[plainer.kind].args[name] for name, value in plainer.args.items()), plainer
        return [False] * len(batch)

    assert await shrunk((move,), KINDS, fails) == (move,)
