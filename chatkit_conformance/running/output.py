"""What a started program printed: the last of it, within a bound of memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

LINES = 20_000
"""Lines that are kept, the latest."""

CHARACTERS = 4_000_000
"""Characters that are kept, the latest."""


class Output:
    """The latest lines, whole. A program that prints gigabytes is cut at its beginning."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._size = 0

    def add(self, line: str) -> None:
        """Keep a line, and drop the oldest where there is no room."""
        self._lines.append(line)
        self._size += len(line)
        while len(self._lines) > LINES or self._size > CHARACTERS:
            self._size -= len(self._lines.popleft())

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._lines))

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, n: int) -> str:
        return self._lines[n]

    def last(self, n: int) -> list[str]:
        """The last `n` lines."""
        return list(self._lines)[-n:]
