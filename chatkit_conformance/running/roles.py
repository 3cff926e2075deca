"""Whether tools that were guessed to be those of a task chat are: a guess that fits badly is tried before it is used.

A server of another trade has tools, too. `add_checked_bag` creates nothing that `get_trip_details` lists, and judged as
a task chat it would break thirty promises that it never made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..check import Untestable
from ..script import calls, reply
from ..target.doubt import doubtful
from ..target.target import SHOWS
from ..target.tools import Tool
from .capabilities import Probed

if TYPE_CHECKING:
    from ..talk import Talk
    from .discovery import Discovered

TITLE = "Look at the guessed tools"
"""Of the task that is created to try a guess."""

LISTING = ("create", "read")
"""The roles without which no task can be followed."""


def of_tasks(roles: Iterable[str]) -> bool:
    """Whether a conversation with these roles needs the tools of a task chat.

    One that needs the tool of a capability alone, such as a handoff, fits a server of any trade.
    """
    return not {*roles} <= {*SHOWS}


async def settled(talk: Talk, roles: Mapping[str, Tool], named: Mapping[str, str]) -> dict[str, Tool]:
    """The roles that can be believed: those that the owner named, and guesses that fit, or that prove right.

    Args:
        roles: as guessed and named. named: the target file's names, by role.
    """
    believed = {role: tool for role, tool in roles.items() if role in named}
    if not {*LISTING} <= roles.keys() or {*LISTING} <= believed.keys():
        return dict(roles)
    if not doubtful(roles["create"], roles["read"]) or await _proves_right(talk, roles):
        return dict(roles)
    return believed


async def _proves_right(talk: Talk, roles: Mapping[str, Tool]) -> bool:
    """Whether the task that one tool creates is in what the other answers."""
    talk.tools = roles
    try:
        steps = (calls(talk.tool_call("create", title=TITLE)), calls(talk.tool_call("read", title=TITLE)))
    except Untestable:
        return False
    await talk.create(f"Please add: {TITLE}.", *steps, reply("Done."), label="probe-roles")
    told = await talk.result_of(talk.last_nonce, position=2)
    return any(TITLE in str(row.get("content")) for row in told)


def with_tasks(probed: Probed, discovered: Discovered, declared: Mapping[str, bool]) -> Probed:
    """What is known of tools at all, and of those of a task chat, beside what was probed.

    Args:
        declared: what the owner said; it is not looked at.
    """
    names = ", ".join(tool.name for tool in discovered.declared)
    missing = [role for role in LISTING if role not in discovered.tools]
    rows = {
        "tools": (bool(discovered.declared), f"its first request to the model declares {names or 'no tools'}"),
        "tasks": (not missing, f"none of {names or 'its tools'} is known to {' and to '.join(missing)} tasks"),
    }
    # With tools that are declared absent there is nothing to say of tasks; with none seen, that is all there is to say.
    known = {*declared, *(() if discovered.declared and declared.get("tools") is not False else ("tasks",))}
    looked = {name: row for name, row in rows.items() if name not in known}
    return Probed(
        found={**probed.found, **{name: there for name, (there, _) in looked.items()}},
        seen={**probed.seen, **{name: seen for name, (_, seen) in looked.items()}},
    )


def tools_notice(probed: Probed) -> str:
    """What to declare, where tools or those of tasks were not found, and what it changes; else ""."""
    if probed.found.get("tools") is False:
        return (
            f"{probed.seen['tools']}, so what needs tools is not applicable. If that is right, write tools = false "
            "under [capabilities]; if it has tools, write tools = true, and what is missing fails."
        )
    if probed.found.get("tasks") is False:
        return (
            f"{probed.seen['tasks']}, so what needs the tools of a task chat is not applicable. If it is a task chat, "
            'name them under [tools], such as create = "..."; if not, write tasks = false under [capabilities].'
        )
    return ""
