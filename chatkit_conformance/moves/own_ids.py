"""Which ids of others' tasks a user may have, too: a server may number the tasks of each user from one.

A call or a button that names such an id means a task of the user's own, and a server that changes that one is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..target.task_id import id_of
from ..target.task_reading import objects, parsed
from ..target.tool_result import tool_results
from ..transcript import Call

if TYPE_CHECKING:
    from .act import Act
    from .state import Person

_NUMBER = re.compile(r"\d+")


async def own_ids(act: Act, person: Person, ids: Iterable[str]) -> set[str]:
    """Those of the ids that a task of the user's own may have: told by a tool, or of a task that no result told of."""
    turns = {note["nonce"]: note for note in act.stage.turns.values() if note["user"] == person.user}
    calls = [c for c in await act.talk.calls(at_least=0) if c.nonce in turns and not c.side]
    told = {task.id for task in person.tasks} | {id for call in calls for id in _told(call)}
    answered = {call.nonce for call in calls if call.position}
    makes = {nonce for nonce, note in turns.items() if any(tool["role"] == "create" for tool in note["tools"])}
    return {id for id in ids if id in told or (makes - answered and _NUMBER.fullmatch(id))}


def _told(call: Call) -> Iterator[str]:
    """The ids in the results of tools that a request carries; in prose, each number may be one."""
    for text in (result["content"] for result in tool_results(call)):
        rows = [id for row in objects(parsed(text)) if (id := id_of(row)) is not None]
        yield from rows or _NUMBER.findall(text)
