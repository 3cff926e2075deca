"""Visitors: users that nobody named. Asked once a run, so that a conversation can have users of its own.

A generated conversation compares what a user has *whole*: their threads, their tasks. That is only fair where nobody
else acts in their name, so each such conversation speaks as visitors where the server takes them, and compares less
where not.
"""

from __future__ import annotations

import secrets

from ..http.client import Client
from ..http.retry_after import MOST_S
from ..target.target import Target, User
from .list_request import LIST

ANSWER_S = 10.0
"""Seconds that the answer may take."""

NOT_TAKEN = (
    "[visitors] was not used: the server refuses such a user, or shows one that is new the threads of others. "
    "All conversations share the named users, and compare less."
)
"""What is said where the target file says that there are visitors, and the server takes none."""


def fresh_visitor(target: Target) -> User | None:
    """A user of a name that nobody had before, or None where no token can be minted."""
    return target.visitor(f"visitor-{secrets.token_hex(4)}")


async def takes_visitors(client: Client, visitor: User) -> bool:
    """Whether a fresh user's token is taken, and that user has no thread yet.

    False where the server refuses it or shows another user's threads.
    """
    made = await client.send(
        label="visitor", payload=LIST, headers=visitor.sent(), deadline_s=ANSWER_S, held_back_s=MOST_S
    )
    page = made.body if made.accepted and isinstance(made.body, dict) else {}
    return page.get("data") == []
