"""Which ports the processes of a started server listen on, where the system shows it (Linux)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

_LISTEN = "0A"


def listened(pids: Iterable[int]) -> set[int]:
    """The TCP ports on which one of these processes accepts connections; empty where the system does not tell."""
    sockets: set[str] = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    sockets.add(os.readlink(entry.path).removeprefix("socket:[").removesuffix("]"))
    return {port for table in ("tcp", "tcp6") for port, inode in _rows(table) if inode in sockets}


def _rows(table: str) -> Iterable[tuple[int, str]]:
    """Port and inode of each listening socket of the machine."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN:
                yield int(fields[1].rpartition(":")[2], 16), fields[9]
