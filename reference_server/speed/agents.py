"""An agent that costs a run nothing: its tools are given when they are asked for, and each run has a copy of it.

Tools in `Agent.tools` are asked one by one, in tasks of their own, whether they are enabled, and are written into two
signatures of the agent in each run: 4 % of a turn. With an agent that runs share, the SDK looks at every run under way
for each run: 10 % at 200 runs at once. In its place a plain server makes one `Agent(tools=[...])` and shares it.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Any

from agents import Agent, RunContextWrapper, Tool


@dataclass
class ReadyAgent(Agent[Any]):
    """An agent whose tools are always all there; it gives them as an agent with MCP servers gives theirs."""

    always: list[Tool] = field(default_factory=list)

    async def get_all_tools(self, run_context: RunContextWrapper[Any]) -> list[Tool]:
        """The tools, not asked whether they are enabled."""
        return list(self.always)

    def for_one_run(self) -> Agent[Any]:
        """A copy that no other run shares."""
        return copy(self)
