"""Discovery: one turn, from which we learn whether the server's model is our stand-in and which tools it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..script import reply
from ..talk import Talk
from ..target.tools import Tool, declared_tools, map_roles

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


async def discover(talk: Talk) -> Discovered:
    """Hold one turn and read the tools from the request that it caused.

    Raises:
        ConfigError: the target file names a tool that the server does not declare.
    """
    turn = await talk.create("Hello.", reply("Hello there."), label="discovery")
    calls = await talk.calls(talk.last_nonce, at_least=1, timeout_s=CALL_S)
    if not calls:
        came = f"HTTP {turn.status}, {len(turn.events)} events"
        errors = "; ".join(str((e.data or {}).get("message") or e.raw)[:200] for e in turn.errors)
        return Discovered(directed=False, reason=_never_called(talk, came + (f": {errors}" if errors else "")))
    declared = declared_tools(f for call in calls for f in call.tools)
    return Discovered(
        directed=True, declared=declared, tools=map_roles(declared, talk.target.tools, talk.target.tool_arguments)
    )


def _never_called(talk: Talk, came: str) -> str:
    if talk.target.command:
        return (
            f"the server never called the stand-in (its turn: {came}). Let it read GEMINI_BASE_URL from "
            "the environment, or write {gemini_base_url} where it takes its base URL, in its command or [target.env]."
        )
    return (
        f"the server never called the stand-in (its turn: {came}). Start the server with "
        "GEMINI_BASE_URL=http://127.0.0.1:PORT/v1beta/openai/ and run with --standin-port PORT, or let the run start "
        "it: chatkit-conformance run -- COMMAND."
    )
