"""Values for what the create tool must be given and nothing tells: tried once, before conversations depend on them.

A tool that refuses a value of ours is right. Where another one is taken, it is sent from then on; where none is, the
tool cannot be called, and what needs it says so, with what to write in the target file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..check import Untestable
from ..script import calls, reply
from ..target.argument_schema import options_of
from ..target.plausible import CLOCK, DAY, FORMATS, MOMENT
from ..target.task_reading import claims_success
from ..target.tools import Tool, call_of, made_up, required_arguments

if TYPE_CHECKING:
    from ..talk import Talk

TITLE = "Look at what is taken"
"""Of the task that is created to see whether made-up values are taken."""

TEXTS = (DAY, MOMENT, CLOCK, FORMATS["email"], FORMATS["uri"], FORMATS["uuid"], "1", "A")
NUMBERS = (1, 2, 10, 60, 100, 1000, 2030, 0)
"""What is tried where the first value was refused."""


async def with_values(talk: Talk, roles: Mapping[str, Tool]) -> tuple[dict[str, Tool], str]:
    """The tools, their create tool with values that it takes, and what was found of them, or "".

    Args:
        roles: by role, as they are believed.
    """
    tool = roles.get("create")
    try:
        names = made_up(tool) if tool is not None else []
    except Untestable:  # it says why by itself
        names = []
    tried = await _tried(talk, [tool]) if tool is not None and names else []
    if tool is None or not tried or claims_success(tried[0][1]) is not False:
        return dict(roles), ""
    said = tried[0][1]
    refused = [name for name in names if re.search(rf"\b{re.escape(name)}\b", said)] or names
    for other, result in await _tried(talk, list(_others(tool, refused))):
        if claims_success(result) is not False:
            taken = ", ".join(f"{name} = {other.fixed[name]!r}" for name in refused)
            return {**roles, "create": other}, f"{tool.name} was called with {taken}: it refuses others ({said[:120]})."
    sent = call_of(tool, {"title": TITLE})["arguments"]
    why = (
        f"{tool.name} refuses what it was called with, {sent}: {said[:200]}. If that is right, write "
        + ", ".join(f'{name} = "..."' for name in refused)
        + " under [tools.arguments] in the target file, with a value that it takes."
    )
    return {**roles, "create": replace(tool, refuses=why)}, why


def _others(tool: Tool, names: Iterable[str]) -> Iterable[Tool]:
    """The tool with other values for these arguments, each value for all of them that can have it."""
    schemas = {name: schema for name, schema in required_arguments(tool).items() if name in names}
    for text, number in zip(TEXTS, NUMBERS, strict=True):
        values: dict[str, Any] = {
            name: text if _takes_text(schema, tool) else number for name, schema in schemas.items()
        }
        yield replace(tool, fixed={**tool.fixed, **values})


def _takes_text(schema: Mapping[str, Any], tool: Tool) -> bool:
    return any(option.get("type", "string") == "string" for option in options_of(schema, tool.schema))


async def _tried(talk: Talk, tools: list[Tool]) -> list[tuple[Tool, str]]:
    """What each of these answers to a call, all in one turn; those are left out that answer nothing."""
    made = [call_of(tool, {"title": TITLE}) for tool in tools]
    await talk.create(f"Please add: {TITLE}.", calls(*made), reply("Done."), label=f"probe-values-{len(tools)}")
    told = await talk.result_of(talk.last_nonce)
    return list(zip(tools, [str(row.get("content")) for row in told], strict=False))
