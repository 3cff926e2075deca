"""Which agent of a server made a request to the model: the one that answers, a guard beside it, a title's."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..transcript import Call

BEGINNING = 60
"""Characters of the instructions by which an agent is known again: a date or a name may change further on."""


def agent_of(call: Call) -> tuple[str, ...]:
    """By what the agent that made a request is known again: its tools, and how its instructions begin."""
    return (*(str(tool.get("name")) for tool in call.tools), _orders(call))


def of_one_agent(calls: Iterable[Call]) -> tuple[Call, ...]:
    """The requests of the agent that answers, which a guard or a title's agent of the same turn is not.

    Agents are known apart by their tools and by how their instructions begin. The one that answers has tools, where any
    has; else it is told more messages than the others; else the model answered it; else it asks last.
    """
    agents = _by_agent(calls)
    if not agents:
        return ()
    answering = max(agents, key=_likeliest)
    return tuple(answering)


def of_the_answer(calls: Iterable[Call]) -> tuple[Call, ...]:
    """The requests that led to the answer: of the agent that answers, and of those that it gave over to.

    Those are asked after a tool's result, or once the agent that answers has ended, as another model is that steps in.
    A guard is asked before it or beside it, and judges the message as it came.
    """
    made = tuple(calls)
    first = of_one_agent(made)
    own = {call.n for call in first}
    ended = max((call.finished_at or call.gone_at or call.at for call in first), default=0.0)
    return tuple(call for call in made if call.n in own or call.position or call.at >= ended)


def failed_beside(calls: Iterable[Call], answering: Iterable[Call]) -> bool:
    """Whether an agent beside the one that answers asked the model, and in the end had nothing of it.

    One that asks for a title is none: the answer does not hang on it.
    """
    own = {call.n for call in answering}
    others = _by_agent(call for call in calls if call.n not in own and not call.title)
    return any(map(_failed, others))


def _failed(made: list[Call]) -> bool:
    """Whether the last request of an agent, after which it asked no more, was answered with a fault."""
    return bool(made[-1].fault) or made[-1].status >= 400


def _by_agent(calls: Iterable[Call]) -> list[list[Call]]:
    agents: dict[tuple[str, ...], list[Call]] = {}
    for call in calls:
        agents.setdefault(agent_of(call), []).append(call)
    return list(agents.values())


def _orders(call: Call) -> str:
    told = (m.get("content") for m in call.messages if m.get("role") in ("system", "developer"))
    return json.dumps(next(told, ""))[:BEGINNING]


def _likeliest(made: list[Call]) -> tuple[bool, int, bool, int]:
    most = max(len(call.messages) for call in made)
    return bool(made[0].tools), most, not _failed(made), made[-1].n
