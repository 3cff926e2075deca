"""Which of the server's tools asks the browser, draws, cites or locks: found by calling those that no name tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..check import Untestable
from ..script import Step, calls, reply
from ..target.tools import HANDOFF, Tool, call_of
from .capabilities import SHOWN_ITEMS, SHOWN_TITLE

if TYPE_CHECKING:
    from ..talk import Talk

MOST = 6
"""Tools without a role that are tried, in the order in which they are declared."""


async def shown_by(talk: Talk, declared: Sequence[Tool], roles: Mapping[str, Tool]) -> dict[str, Tool]:
    """The tools by capability that show it when they are called once, for capabilities that have none yet.

    What the target file says, that there is none or which one, holds. Only a server that this run started is asked:
    nobody knows what else an unknown tool does.

    Args:
        declared: all tools. roles: those whose role is known.
    """
    open_ones = {
        name: shows
        for name, shows in SHOWN_ITEMS.items()
        if name not in roles and name not in talk.target.tools and talk.target.capabilities.get(name) is not False
    }
    known = {tool.name for tool in roles.values()}
    found: dict[str, Tool] = {}
    first = _a_task(talk, roles) if "widgets" in open_ones else []
    for tool in [tool for tool in declared if tool.name not in known and not tool.name.startswith(HANDOFF)][:MOST]:
        if not talk.can_restart or not open_ones.keys() - found.keys():
            break
        try:
            step = calls(call_of(tool, {}))
        except Untestable:
            continue
        steps, first = (*first, step, reply("Done.")), []
        made = await talk.create(f"Please use {tool.name}.", *steps, label=f"probe-{tool.name}")
        for name in open_ones.keys() - found.keys():
            if any(map(open_ones[name], made.events)):
                found[name] = tool
    return found


def _a_task(talk: Talk, roles: Mapping[str, Tool]) -> list[Step]:
    """A step that makes a task, where that is possible: what draws tasks shows nothing without one."""
    try:
        return [calls(call_of(roles["create"], {"title": SHOWN_TITLE}))] if "create" in roles else []
    except Untestable:
        return []


def shown_notice(found: Mapping[str, Tool]) -> str:
    """A sentence that names what was found so, or ""."""
    rows = ", ".join(f'{name} = "{tool.name}"' for name, tool in sorted(found.items()))
    return f"tools known by what they show: to make that permanent, write {rows} under [tools]." if rows else ""
