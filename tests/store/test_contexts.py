"""Every call has a context of its own, and the context is ended; `make_context` may yield it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from chatkit_conformance.store import StoreContract
from mutants.stores.memory import Caller, MemoryStore


class Session:
    """A session of a database: only one task at a time may use it, and it must be closed."""

    open = 0
    made = 0

    def __init__(self, user_id: str) -> None:
        self.user_id, self.busy = user_id, False
        Session.open += 1
        Session.made += 1

    async def aclose(self) -> None:
        Session.open -= 1


class SessionStore(MemoryStore):
    """Uses the session in the context, as an ORM does: concurrent use is an error."""

    async def turn(self) -> None:
        await super().turn()

    def key(self, entry_id: str, context: Any) -> tuple[str, str]:
        return (context.user_id, entry_id)

    async def add_thread_item(self, thread_id: str, item: Any, context: Any) -> None:
        if context.busy:
            raise RuntimeError("This session is provisioning a new connection; concurrent operations are not permitted")
        context.busy = True
        await super().add_thread_item(thread_id, item, context)
        context.busy = False


class Returned(StoreContract):
    """The context is returned, and closed by its own aclose()."""

    writers = 8

    def make_store(self) -> Any:
        return SessionStore()

    def make_context(self, user: str) -> Any:
        return Session(user)


class Yielded(Returned):
    """The context is yielded."""

    async def make_context(self, user: str) -> AsyncIterator[Any]:
        session = Session(user)
        try:
            yield session
        finally:
            await session.aclose()


class YieldedPlainly(Returned):
    """The context is yielded by a generator that awaits nothing."""

    def make_context(self, user: str) -> Iterator[Any]:
        session = Session(user)
        yield session
        Session.open -= 1


class CommitFails(Returned):
    """The request's end fails, as a commit does."""

    async def make_context(self, user: str) -> AsyncIterator[Any]:
        yield Caller(user_id=user)
        raise RuntimeError("could not serialize access")


@pytest.mark.parametrize("contract", [Returned, Yielded, YieldedPlainly])
@pytest.mark.parametrize("test", ["test_writers_on_one_thread_lose_nothing", "test_saving_a_thread_keeps_its_items"])
def test_a_session_in_the_context_is_no_mans_but_its_calls(contract: type[Any], test: str) -> None:
    """Tasks that write at once have a session each, and every session is closed."""
    Session.open = Session.made = 0
    getattr(contract(), test)()
    assert Session.made > 5
    assert Session.open == 0


def test_an_error_at_the_end_of_a_request_is_the_calls() -> None:
    """What the code after `yield` raises is what the call raised."""
    with pytest.raises(AssertionError, match="could not serialize access"):
        CommitFails().test_a_thread_and_an_item_are_kept()
