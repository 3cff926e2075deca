"""Which process answers in which thread, where several processes share a PostgreSQL database.

A row is a lease: it names its holder, and it ends by itself when the holder has not renewed it, so that a killed
process blocks no thread for long. A lease costs no connection while it is held, which an advisory lock would. The
database's clock decides. Whoever wants a turn of another process to end marks its lease; the holder sees the mark when
it renews.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from reference_server.database import Database
from reference_server.stored_text import key

_LOG = logging.getLogger("reference_server.leases")
# Seconds: a lease lasts this long without its holder; a holder renews this often; who waits looks this often.
_LASTS_S = 15
_RENEWED_EVERY_S = 1.0
_LOOKS_EVERY_S = 0.1

_UNTIL = f"now() + interval '{_LASTS_S} seconds'"
_TAKE = text(
    f"INSERT INTO turns (owner, thread_id, holder, until, ending) VALUES (:owner, :thread_id, :holder, {_UNTIL}, false)"  # noqa: S608 - a literal of this file
    " ON CONFLICT (owner, thread_id) DO UPDATE SET holder = excluded.holder, until = excluded.until, ending = false"
    " WHERE turns.until < now()"
)
_RENEW = text(
    f"UPDATE turns SET until = {_UNTIL} WHERE holder = :holder RETURNING owner, thread_id, ending"  # noqa: S608 - a literal of this file
)
_GIVE_BACK = text("DELETE FROM turns WHERE owner = :owner AND thread_id = :thread_id AND holder = :holder")
_MARK = text("UPDATE turns SET ending = true WHERE owner = :owner AND thread_id = :thread_id AND until >= now()")


class Leases:
    """The leases of one process. `end` is called with the keys (owner, thread) of a turn that another wants to end."""

    def __init__(self, database: Database, end: Callable[[tuple[str, str]], None]) -> None:
        self._database = database
        self._end = end
        self._holder = uuid.uuid4().hex
        self._renewing: asyncio.Task[None] | None = None
        self._wanted: set[tuple[str, str]] = set()

    async def take(self, user_id: str, thread_id: str) -> None:
        """Wait until no other process answers in the thread, and hold it."""
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew())
        row = self._row(user_id, thread_id)
        self._wanted.add((row["owner"], row["thread_id"]))
        while not await self._database.execute(_TAKE, row):  # noqa: ASYNC110 - what ends the wait is in the database
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def give_back(self, user_id: str, thread_id: str) -> None:
        """Let others answer in the thread."""
        row = self._row(user_id, thread_id)
        self._wanted.discard((row["owner"], row["thread_id"]))
        await self._database.execute(_GIVE_BACK, row)

    async def end(self, user_id: str, thread_id: str, *, within_s: float) -> None:
        """End another process's turn in the thread; returns once it has ended, or after `within_s` seconds."""
        row = self._row(user_id, thread_id)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while await self._database.execute(_MARK, row):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(_LOOKS_EVERY_S)

    async def close(self) -> None:
        """Stop renewing; every lease has been given back by now."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait([self._renewing])

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEWED_EVERY_S)
            try:
                for row in await self._database.rows(_RENEW, {"holder": self._holder}):
                    thread = (row.owner, row.thread_id)
                    if thread not in self._wanted:
                        # Granted after whoever waited for it was cancelled.
                        keys = {"owner": row.owner, "thread_id": row.thread_id, "holder": self._holder}
                        await self._database.execute(_GIVE_BACK, keys)
                    elif row.ending:
                        self._end(thread)
            except (SQLAlchemyError, OSError):
                _LOG.exception("the leases could not be renewed; trying again in %g s", _RENEWED_EVERY_S)

    def _row(self, user_id: str, thread_id: str) -> dict[str, str]:
        return {"owner": key(user_id), "thread_id": key(thread_id), "holder": self._holder}
