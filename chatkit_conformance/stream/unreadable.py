"""An answer of a shape that nobody can read: what was raised over it is the server's doing, and not the judge's."""

from __future__ import annotations

from collections.abc import Iterator

from ..check import MUST
from ..transcript import Transcript
from ..wire.schema import Problem, problems_of_event, problems_of_response, response_types


def unreadable(t: Transcript) -> str:
    """The first place where an answer of the conversation is not of ChatKit's types, in words, or ""."""
    return next((f"{where}: {problem}" for where, problem in _problems(t) if problem.level == MUST), "")


def _problems(t: Transcript) -> Iterator[tuple[str, Problem]]:
    answered = frozenset(response_types())
    for reply in t.replies:
        for event in reply.events:
            if event.data is not None:
                yield from ((f"{reply.label}, event {event.index}", one) for one in problems_of_event(event.data))
        if reply.accepted and reply.body is not None and reply.type in answered:
            yield from ((reply.label, one) for one in problems_of_response(reply.type, reply.body))
