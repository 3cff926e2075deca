"""The book: where a worker writes its rows, to a file on this machine or to the master on another."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

Row = dict[str, Any]


class RowWriter:
    """Rows, one JSON object each, written out every second.

    Args:
        path: the file, or None where `send` takes the rows away.
    """

    def __init__(self, path: Path | None, send: Callable[[list[str]], None] | None = None) -> None:
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None
        self._send = send
        self._waiting: list[str] = []

    def add(self, row: Row) -> None:
        """Take a row. It is written as JSON at once, so that no second's rows are a burst of work."""
        self._waiting.append(json.dumps(row, separators=(",", ":")))

    def add_lines(self, lines: list[str]) -> None:
        """Take rows that are JSON already."""
        self._waiting += lines

    def flush(self) -> None:
        """Write out what waits."""
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        if self._file is not None:
            self._file.write("\n".join(rows) + "\n")
            self._file.flush()
        elif self._send is not None:
            self._send(rows)

    def close(self) -> None:
        """Write out the rest."""
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None


def rows_path(folder: str, worker: str) -> Path:
    """The file for a worker's rows: its name and process, so that no two ever share one."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in worker)
    return place / f"rows-{safe}-{os.getpid()}.jsonl"
