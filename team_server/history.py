"""The Agents SDK's session over ChatKit's own history.

A session that keeps what was said is a second history beside the thread's items: given both, the model reads everything
twice, and what ChatKit removes (a retry, an answer that was withdrawn) lives on in the session. So this one keeps
nothing: ChatKit's items are the history, and the session reads them.
"""

from __future__ import annotations

from agents import Session, SessionSettings, TResponseInputItem


class ThreadSession(Session):
    """The history of one thread before its newest message. `items` are ChatKit's, as the model takes them."""

    def __init__(self, thread_id: str, items: list[TResponseInputItem]) -> None:
        self.session_id = thread_id
        self.session_settings: SessionSettings | None = None
        self._items = items

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """What was said, the oldest first; the newest `limit` of it."""
        return self._items[-limit:] if limit else list(self._items)

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        """Nothing: ChatKit stores what is shown."""

    async def pop_item(self) -> TResponseInputItem | None:
        """None: nothing was added."""
        return None

    async def clear_session(self) -> None:
        """Nothing: the thread is deleted by ChatKit's own request."""
