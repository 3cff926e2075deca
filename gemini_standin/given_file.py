"""A file that somebody named, read within bounds: a device never ends, a pipe that nobody writes to never begins."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from pathlib import Path

MOST_SETTINGS = 4 * 1024 * 1024
"""Bytes of a file that a person writes: a target, a baseline, a conversation."""

MOST_RESULTS = 64 * 1024 * 1024
"""Bytes of a file that a run writes."""

PATIENCE_S = 10.0
"""Seconds that a pipe may take until its end. The shell's `<(command)` is one."""

_PIECE = 1024 * 1024


def read_given(path: Path, most: int = MOST_SETTINGS) -> bytes:
    """What is in it.

    Raises:
        OSError: it cannot be read, holds more than `most` bytes, or is a pipe that does not end in time. `strerror`
            says which.
    """
    # A pipe that nobody writes to would stop us in `open` already.
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb", 0) as file:
        kind = os.fstat(file.fileno())
        if stat.S_ISREG(kind.st_mode) and kind.st_size > most:
            raise _too_large(path, most)
        waits = None if stat.S_ISREG(kind.st_mode) or not hasattr(select, "poll") else select.poll()
        if waits:
            waits.register(file, select.POLLIN)
        until = time.monotonic() + PATIENCE_S
        data = bytearray()
        while len(data) <= most:
            if waits and not waits.poll(max(0.0, until - time.monotonic()) * 1000):
                raise OSError(errno.ETIMEDOUT, f"it is no file, and did not end within {PATIENCE_S:g} s", str(path))
            piece = file.read(min(_PIECE, most + 1 - len(data)))
            if not piece:
                return bytes(data)
            data += piece
    raise _too_large(path, most)


def read_given_text(path: Path, most: int = MOST_SETTINGS, errors: str = "strict") -> str:
    """The same as text, lines ending in `\\n`. Raises OSError, and UnicodeDecodeError where it is not UTF-8."""
    return read_given(path, most).decode("utf-8", errors).replace("\r\n", "\n").replace("\r", "\n")


def _too_large(path: Path, most: int) -> OSError:
    return OSError(errno.EFBIG, f"it holds more than {most // (1024 * 1024)} MB, the most that is read", str(path))
