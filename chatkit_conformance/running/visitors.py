"""Visitors: users that nobody named. Asked once a run, so that a conversation can have users of its own.

A generated conversation compares what a user has *whole*: their threads, their tasks. That is only fair where nobody
else acts in their name, so each such conversation speaks as visitors where the server takes them, and compares less
where not.
"""

from __future__ import annotations

import secrets

from ..http.client import Client
from ..target.target import Target

ANSWER_S = 10.0
"""Seconds that the answer may take."""

LIST = {"type": "threads.list", "params": {"limit": 1, "order": "desc"}}


async def takes_visitors(client: Client, target: Target) -> bool:
    """Whether a token for a user of a fresh name is taken, and that user has no thread yet.

    False where no token can be minted, and where the server refuses it or shows another user's threads.
    """
    visitor = target.visitor(f"visitor-{secrets.token_hex(4)}")
    if visitor is None:
        return False
    made = await client.send(label="visitor", payload=LIST, headers=visitor.sent(), deadline_s=ANSWER_S)
    page = made.body if made.status == 200 and isinstance(made.body, dict) else {}
    return page.get("data") == []
