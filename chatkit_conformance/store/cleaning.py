"""Deletes what a test saved: a shared database should be as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatkit.store import Store

from .one_call import context_for

if TYPE_CHECKING:
    from .under_test import StoreUnderTest

DELETED_BY = {"save_thread": "delete_thread", "save_attachment": "delete_attachment"}
"""What saves -> what deletes. Deleting a thread deletes its items."""

WRITES_INTO = ("add_thread_item", "save_item")
"""What writes into a thread, and makes it in a store that should not."""

GIVEN_UP_AFTER = 3
"""Deletions that failed: a store whose deleting is broken is not asked a hundred times."""


class Written:
    """Who saved what, threads before attachments last."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str, str], None] = {}

    def note(self, user: str, method: str, arguments: tuple[Any, ...]) -> None:
        """Remember a call if it saves something that has to be deleted."""
        if method in DELETED_BY:
            self._entries[user, DELETED_BY[method], arguments[0].id] = None
        elif method in WRITES_INTO:
            self._entries[user, "delete_thread", arguments[0]] = None

    async def delete(self, contract: StoreUnderTest, store: Store[Any]) -> None:
        """Delete all of it. What cannot be deleted stays: whether deleting works is the subject of other tests."""
        failed = 0
        for user, method, entry in self._entries:
            try:
                async with context_for(contract, user) as context:
                    await getattr(store, method)(entry, context=context)
            except Exception:
                failed += 1
            if failed > GIVEN_UP_AFTER:
                return
