"""Ways to run out, or never to: places that visitors use up, waiting and rounds without an end."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import reference_server.answering as answering

from .mutant import Event, Memory

Mute = Callable[[Memory], bool]


def counted(event: Event, memory: Memory) -> Iterable[Event]:
    """Change nothing, but remember every stream, for `left_by`. Needs `over` at the end."""
    if "known" not in memory.stream:
        memory.stream["known"] = True
        memory.server.setdefault("streams", []).append(memory)
    if event.get("type") == "error":
        memory.server["errors"] = memory.server.get("errors", 0) + 1
    return (event,)


def over(memory: Memory) -> Iterable[Event]:
    """A stream of `counted` has been sent whole: to its end, and to somebody who was still there."""
    if not memory.left:
        memory.stream["over"] = True
    return ()


def left_by(visitors: int) -> Mute:
    """Nobody is answered any more once so many visitors left in mid-answer."""

    def mute(memory: Memory) -> bool:
        streams: list[Memory] = memory.server.get("streams", [])
        return sum(one.left and "over" not in one.stream for one in streams) >= visitors

    return mute


def after_errors(faults: int) -> Mute:
    """Nobody is answered any more once the model has failed so often."""
    return lambda memory: memory.server.get("errors", 0) >= faults


def after_refusals(refusals: int) -> Callable[[int, Memory], int]:
    """Everything is refused once so many requests were."""

    def change(status: int, memory: Memory) -> int:
        memory.server["refused"] = memory.server.get("refused", 0) + (400 <= status < 500)
        return 503 if memory.server["refused"] > refusals else status

    return change


def rounds_without_end() -> None:
    """A turn goes on as long as the model calls tools."""
    # By name: the number is a constant, which nothing else needs to set.
    setattr(answering, "MOST_ROUNDS", 1_000_000)  # noqa: B010 - see above
