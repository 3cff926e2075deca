"""A source tree as it is judged: its text files, read once, from a folder or from a commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from .kinds import LANGUAGES, PROSE, SKIPPED_FOLDERS, Language, is_test, left_out, suffix

LARGEST = 2_000_000
"""Bytes of a source file that is still read."""

LARGEST_DATA = 20_000_000
"""Bytes of a lock file or another data file that is still read."""

MOST_FILES = 50_000
"""Files of one tree. More is no source tree, but a disk."""

BINARY_BYTES = 8192
"""How much of a file is searched for the zero byte that no text has."""


@dataclass(frozen=True)
class SourceFile:
    """One text file.

    Args:
        path: from the tree's root, with slashes. text: what it holds.
    """

    path: str
    text: str

    @cached_property
    def suffix(self) -> str:
        """Its suffix in small letters."""
        return suffix(self.path)

    @cached_property
    def name(self) -> str:
        """Its name without folders."""
        return PurePosixPath(self.path).name

    @cached_property
    def language(self) -> Language | None:
        """The language whose lines count as code, or None."""
        return LANGUAGES.get(self.suffix)

    @cached_property
    def test(self) -> bool:
        """Whether it is a test or serves tests."""
        return is_test(self.path)

    @cached_property
    def left_out(self) -> str:
        """Why it is not the project's own code, or ""."""
        return left_out(self.path, self.text)

    @property
    def own(self) -> bool:
        """Whether it is the project's own, and no test."""
        return not self.test and not self.left_out


@dataclass(frozen=True)
class SourceTree:
    """The files of one tree.

    Args:
        label: what was typed. files: by path. notes: what was not read, and why, one sentence each.
    """

    label: str
    files: tuple[SourceFile, ...] = ()
    notes: tuple[str, ...] = ()
    paths: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def by_path(self) -> dict[str, SourceFile]:
        """Each file by its path."""
        return {file.path: file for file in self.files}

    def of(self, suffixes: Iterable[str]) -> Iterator[SourceFile]:
        """The files with one of these suffixes."""
        wanted = frozenset(suffixes)
        return (file for file in self.files if file.suffix in wanted)


def skipped(path: str) -> bool:
    """Whether a path lies in a folder that is never opened, or is prose."""
    *folders, _ = path.split("/")
    return bool(SKIPPED_FOLDERS & {*folders})


def limit(path: str) -> int:
    """The most bytes of this file that are read; 0 for what no rule looks at."""
    if suffix(path) in PROSE and not PurePosixPath(path).name.lower().startswith(("requirements", "constraints")):
        return 0
    return LARGEST if suffix(path) in LANGUAGES else LARGEST_DATA


def decoded(raw: bytes) -> str | None:
    """The text of a file, or None where it is binary."""
    if b"\0" in raw[:BINARY_BYTES]:
        return None
    return raw.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def tree_of(label: str, read: Iterable[tuple[str, int, bytes | None]]) -> SourceTree:
    """A tree of (path, size, bytes): the bytes are None where the file was too large to be read."""
    files, large, binary, paths = [], [], 0, set()
    for path, size, raw in read:
        paths.add(path)
        if raw is None:
            large.append(f"{path} ({size / 1e6:.1f} MB)")
            continue
        text = decoded(raw)
        if text is None:
            binary += 1
            continue
        files.append(SourceFile(path, text))
    notes = (
        [f"{len(large)} files are too large to be source and were not read: {', '.join(large[:5])}"] if large else []
    )
    return SourceTree(label, tuple(sorted(files, key=lambda f: f.path)), tuple(notes), frozenset(paths))
