"""Shrinks a conversation to the shortest that still breaks the same check.

What is near the move in which the breach was seen is tried first. Then comes plain delta debugging on the list of
moves: what is left out comes first, then simpler arguments. A server cannot be
replayed as a function can, so every candidate is held anew, in fresh threads, with fresh words and, where the server
takes visitors, by fresh users; several at the same time. Of those that still fail, the one that leaves out most wins,
so that the result does not hang on which answered first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from ..moves.move import JSON, Move, MoveKind

Conversation = tuple[Move, ...]
Fails = Callable[[Sequence[Conversation]], Awaitable[list[bool]]]
"""Holds conversations side by side; which of them still break the check."""

AT_ONCE = 8
"""Candidates that are held side by side."""

NEAR = (0, 1, 2, 4)
"""How many moves before the one in which a breach was seen are tried with it, beside the beginning of threads."""


async def shrunk(
    moves: Conversation,
    kinds: Mapping[str, MoveKind],
    fails: Fails,
    *,
    seen: int | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> Conversation:
    """The shortest conversation found that still fails.

    Args:
        seen: the place of the move in which the breach was seen, where it is known.
        go_on: asked before each batch; shrinking ends where it is false, with the shortest so far.
    """
    if seen is not None:
        moves = await _first(_around(moves, seen), fails, go_on) or moves
    while go_on():
        smaller = await _first(_shorter(moves), fails, go_on) or await _first(_simpler(moves, kinds), fails, go_on)
        if smaller is None:
            return moves
        moves = smaller
    return moves


async def _first(candidates: Iterator[Conversation], fails: Fails, go_on: Callable[[], bool]) -> Conversation | None:
    """The first candidate that still fails, of batches that are held one after another."""
    while go_on():
        batch = [candidate for _, candidate in zip(range(AT_ONCE), candidates, strict=False)]
        if not batch:
            return None
        verdicts = await fails(batch)
        for candidate, failed in zip(batch, verdicts, strict=True):
            if failed:
                return candidate
    return None


def _around(moves: Conversation, seen: int) -> Iterator[Conversation]:
    """The move in which it was seen with few others: those right before it, any one of them, then all before it."""
    begins = {n for n, move in enumerate(moves[:seen]) if move.kind == "begin"}
    near = [{seen, *begins, *range(max(0, seen - size), seen)} for size in NEAR]
    pairs = [{seen, *begins, n} for n in reversed(range(seen))]
    tried: list[set[int]] = []
    for kept in (*near, *pairs, set(range(seen + 1))):
        if kept not in tried and len(kept) < len(moves):
            tried.append(kept)
            yield without(moves, [n for n in range(len(moves)) if n not in kept])


def _shorter(moves: Conversation) -> Iterator[Conversation]:
    """The conversation without some of its moves: first long runs of them, then pairs, then single ones."""
    size = len(moves) // 2
    while size:
        for start in range(0, len(moves), max(1, size // 2)):
            rest = without(moves, range(start, min(start + size, len(moves))))
            if rest and len(rest) < len(moves):
                yield rest
        size //= 2


def without(moves: Conversation, left_out: Collection[int]) -> Conversation:
    """The conversation without these moves; threads are counted anew where one is not begun any more."""
    begun: dict[JSON, list[int]] = {}
    for n, move in enumerate(moves):
        if move.kind == "begin":
            begun.setdefault(move.args.get("user", 0), []).append(n)
    kept = []
    for n, move in enumerate(moves):
        if n in left_out:
            continue
        lost = begun.get(move.args.get("user", 0), [])
        thread = move.args.get("thread", 0)
        shift = sum(at in left_out for at in lost[:thread]) if isinstance(thread, int) else 0
        kept.append(_with(move, thread=thread - shift) if shift else move)
    return tuple(kept)


def _simpler(moves: Conversation, kinds: Mapping[str, MoveKind]) -> Iterator[Conversation]:
    """The conversation with one argument made simpler, or with a plainer move in the place of a combined one."""
    users = [move.args.get("user", 0) for move in moves]
    if lowest := min((user for user in users if isinstance(user, int)), default=0):
        yield tuple(_with(move, user=user - lowest) for move, user in zip(moves, users, strict=True))
    for n, move in enumerate(moves):
        for plainer in _plainer(move, kinds):
            yield (*moves[:n], plainer, *moves[n + 1 :])


def _plainer(move: Move, kinds: Mapping[str, MoveKind]) -> Iterator[Move]:
    kind = kinds[move.kind]
    who = {name: move.args[name] for name in ("user", "thread") if name in move.args}
    # What is done meanwhile may be no move of its own, such as leaving another thread.
    if move.kind == "meanwhile" and (inner := kinds.get(kind.arg(move, "inner"))) is not None:
        yield Move(kind=inner.name, args={name: value for name, value in who.items() if name in inner.args})
    if move.kind in ("second-tab", "twice", "meanwhile", "leave"):
        yield Move(kind="say", args=who)
    if len(who) != len(move.args):
        yield Move(kind=move.kind, args=who)
    for name, value in move.args.items():
        values = kind.args[name]
        for simpler in values[: values.index(value)][:3]:
            yield _with(move, **{name: simpler})


def _with(move: Move, **args: JSON) -> Move:
    return replace(move, args={**move.args, **args})
