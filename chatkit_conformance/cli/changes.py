"""Changes of files below some paths, by their times and sizes: no service of the system is needed, on any of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

EVERY_S = 0.15
"""Seconds between two looks. A tree of two thousand files takes a fiftieth of a second to look through."""

SETTLED_S = 0.1
"""Seconds without a further change after which an editor is taken to be done."""

PASSED_OVER = frozenset(
    {"__pycache__", "node_modules", ".git", ".venv", "venv", "bin", "obj", "dist", "build", ".next", "chatkit-report"}
)
"""Folders that a server or its tools write to themselves."""

Seen = dict[str, tuple[int, int]]


class Changes:
    """What changes from now on. Args: paths: files and folders."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._seen = self._look()

    def wait(self) -> list[str]:
        """The files that changed, came or went since the last time; waits until there are some. Ctrl-C ends it."""
        tick = threading.Event()
        while not (changed := self._changed(now := self._look())):
            tick.wait(EVERY_S)
        while not tick.wait(SETTLED_S) and (later := self._look()) != now:
            now = later
            changed = self._changed(now)
        self._seen = now
        return changed

    def _changed(self, now: Seen) -> list[str]:
        return sorted(path for path in now.keys() | self._seen.keys() if now.get(path) != self._seen.get(path))

    def _look(self) -> Seen:
        return {path: at for root in self._paths for path, at in _files(root)}


def _files(root: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    if root.is_file():
        yield from _one(str(root))
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in PASSED_OVER]
        for name in names:
            yield from _one(os.path.join(folder, name))


def _one(path: str) -> Iterator[tuple[str, tuple[int, int]]]:
    try:
        known = os.stat(path)
    except OSError:  # it went between two looks
        return
    yield path, (known.st_mtime_ns, known.st_size)
