"""A turn in which the model calls a tool that only reads: what comes back to the model after it?"""

from __future__ import annotations

from collections.abc import Sequence

from ..check import Untestable
from ..diagnosis.asked import refused_after_call
from ..diagnosis.diagnosis import Diagnosis
from ..running.environment import TestEnvironment
from ..script import calls, reply
from ..talk import Talk
from ..target.config_error import ConfigError
from ..target.tools import declared_tools, map_roles
from ..transcript import Call

READS = "read"
"""The role of the tool that is called: it lists, and changes nothing."""


async def tool_turn(
    environment: TestEnvironment, talk: Talk, thread: str, asked: Sequence[Call], within_s: float
) -> tuple[Diagnosis | None, str]:
    """What is wrong with it, and what to say where nothing is; neither where no such tool is declared.

    Args:
        thread: the thread that goes on. asked: the requests of the turns before, which declare the tools.
        within_s: seconds for the answer.
    """
    if environment.standin is None:
        return None, ""
    declared = declared_tools(function for call in asked for function in call.tools)
    try:
        talk.tools = map_roles(declared, talk.target.tools, talk.target.tool_arguments)
        step = calls(talk.tool_call(READS))
    except (ConfigError, Untestable):
        return None, ""
    turn = await talk.say(
        thread, "And what is on it?", step, reply("That is all."), label="turn-3", deadline_s=within_s
    )
    made = await talk.calls(talk.last_nonce, at_least=0, timeout_s=0)
    if cause := refused_after_call(made):
        return cause, ""
    ended = "answered" if turn.ended == "closed" and not turn.errors else "not answered, which a run looks into"
    return None, f"{talk.tools[READS].name} was called, and the turn was {ended}"
