"""Whether an exception means that the database is away, which is nobody's fault here and passes."""

from __future__ import annotations

import logging

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

RETRY_AFTER_S = 5
"""Seconds after which a client is told to come again."""


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, did not answer in time, or is full."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError | TimeoutError)


def in_a_line(error: BaseException) -> str:
    """The error for the log: its kind, and the first line of what it says."""
    said = str(error.orig if isinstance(error, DBAPIError) and error.orig else error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:300]}" if said else type(error).__name__


class AwayInALine(logging.Filter):
    """A library's record of a database that is away, without its traceback: hundreds of turns can fail at once."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes; one that quotes such an exception is shortened."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and is_away(error):
            said = record.getMessage().split("\n", 1)[0]
            record.msg, record.args, record.exc_info, record.exc_text = f"{said}: {in_a_line(error)}", (), None, None
        return True
