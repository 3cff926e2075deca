"""Where the newest tasks stand of a user whose list comes by the page, and who has those of other conversations, too.

A list of the oldest first has each new task on its last page, once there are more than one page holds. So a task is
made and looked for, page by page, and conversations about tasks then read the list from there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..check import Untestable
from ..script import calls, reply
from ..target.paged import holds, turning
from ..transcript import SHARED_TASKS

if TYPE_CHECKING:
    from ..talk import Talk

PAGES = 12
"""Pages that are looked through at most: where the list tells how many rows it has, two are enough."""


OWN_USERS = (
    "The list has the tasks of other conversations, too. With a token for each user, [users.a] headers = "
    '{ Authorization = "Bearer {token:a}" } and jwt_secret in the target file, each conversation has a list of its own.'
)
"""What to do where what is made may be on a page of a list that nobody reads."""


class NewestPages:
    """Where the newest tasks of a run's users stand, looked up again before each conversation about tasks."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}

    async def told(self, talk: Talk, aside: Callable[[str, str], Talk]) -> None:
        """Have a talk read its users' lists from there. `aside`: makes a talk of a name and dialect, to look with."""
        for user in [name for name in ("a", "b") if name in talk.target.users]:
            looking = aside(f"{talk.exchange}-pages-{user}", talk.dialect)
            self._known[user] = await newest_page(looking, user, self._known.get(user, {}))
        talk.reading = {user: dict(arguments) for user, arguments in self._known.items() if arguments}
        talk.note(SHARED_TASKS, {"from": talk.reading, "why": OWN_USERS})


async def newest_page(talk: Talk, user: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with which the list tool shows the user's newest tasks; {} where none are needed, or none known.

    Args:
        talk: is not judged. known: what was found before.
    """
    turns = turning(talk.tools["read"]) if "read" in talk.tools else None
    if turns is None:
        return {}
    title = f"Find the newest page {secrets.token_hex(3)}"
    value = known.get(turns.argument)
    try:
        text = await _read(talk, user, turns.argument, value, title)
        for _ in range(PAGES):
            if text is None or holds(text, title):
                break
            value = turns.next(value, text)
            text = await _read(talk, user, turns.argument, value) if value is not None else None
    except Untestable:
        return {}
    if text is None:
        return await newest_page(talk, user, {}) if known else {}
    found = turns.around(value, text, title)
    return {} if found is None else {turns.argument: found}


async def _read(talk: Talk, user: str, argument: str, value: Any, title: str = "") -> str | None:
    """What the list tool tells of that page, after a task of that title is made; None where it tells nothing."""
    made = [calls(talk.tool_call("create", title=title))] if title else []
    listing = talk.tool_call("read")
    if value is not None:
        listing = {**listing, "arguments": {**listing["arguments"], argument: value}}
    await talk.create("Where is my newest task?", *made, calls(listing), reply("Here."), label="newest", user=user)
    told = await talk.result_of(talk.last_nonce, position=len(made) + 1)
    return next((row["content"] for row in reversed(told) if row["name"] == listing["name"]), None)
