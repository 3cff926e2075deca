"""Writing: files whole or not at all, and what to say where there is no room or no right to write them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..target.config_error import ConfigError


class CannotWrite(ConfigError):
    """A file could not be written. The message says which, why, and what to type."""


@contextmanager
def writing_to(path: Path, option: str = "--out") -> Iterator[None]:
    """Turn what the system says about a file into a sentence. Raises CannotWrite.

    Args:
        path: the file or the folder. option: the option that names another place.
    """
    try:
        yield
    except OSError as e:
        where = e.filename or path
        raise CannotWrite(
            f"{where} cannot be written: {e.strerror or e}. Make room for it, or give {option} another folder."
        ) from e


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place and move it there, so that a cut run leaves no half file. Raises CannotWrite."""
    write_pieces(path, (text,))


def write_pieces(path: Path, texts: Iterable[str]) -> None:
    """Write a file as `write_whole` does, from texts that are never in memory all at once. Raises CannotWrite."""
    half = path.with_name(path.name + ".part")
    with writing_to(path):
        with half.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(texts)
        os.replace(half, path)


def writable(folder: Path) -> None:
    """Make the folder, and see that a file can be written there. Raises CannotWrite."""
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"0" * 65536)
