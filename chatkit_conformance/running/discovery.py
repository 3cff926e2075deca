"""Discovery: one turn, from which we learn whether the server's model is our stand-in and which tools it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..script import reply
from ..talk import Talk
from ..target.stated import stated_arguments
from ..target.tools import Tool, declared_tools, map_roles
from ..transcript import Reply
from .environment import TestEnvironment
from .never_asked import why_never_asked

NAME = "discovery"
"""The discovery's transcript is called so."""

CALL_S = 3.0
"""Seconds that the server has, after its stream ended, to have asked the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What was learnt.

    Args:
        directed: whether the server's model is the stand-in. tools: by role. declared: all of them.
        reason: where not directed, why, and what to do.
    """

    directed: bool
    tools: Mapping[str, Tool] = field(default_factory=dict)
    declared: tuple[Tool, ...] = ()
    reason: str = ""


async def discover(talk: Talk, environment: TestEnvironment) -> Discovered:
    """Hold one turn and read the tools from the request that it caused.

    Raises:
        ConfigError: the target file names a tool that the server does not declare.
    """
    turn = await talk.create("Hello.", reply("Hello there."), label="discovery")
    return await discovered(talk, environment, turn)


async def discovered(talk: Talk, environment: TestEnvironment, turn: Reply) -> Discovered:
    """What the requests tell that a first turn caused.

    Raises:
        ConfigError: the target file names a tool that the server does not declare.
    """
    calls = await talk.calls(at_least=1, timeout_s=CALL_S)
    if not calls:
        return Discovered(directed=False, reason=await why_never_asked(environment, turn))
    declared = declared_tools(f for call in calls for f in call.tools)
    fixed = {**stated_arguments(declared, calls), **talk.target.tool_arguments}
    return Discovered(directed=True, declared=declared, tools=map_roles(declared, talk.target.tools, fixed))
