"""Checks of installed packages: the entry points of one group.

Reading the metadata of every package takes a tenth of what `list` does; few have a package with checks. So the files
are looked through for the group's name first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

GROUP = "chatkit_conformance.suites"
"""Entry points of this group add checks: each names a module that declares them."""

_METADATA = (".dist-info", ".egg-info")


def load_plugged_in() -> None:
    """Import every module that an installed package names as one of checks. Raises what importing it raises."""
    if not any(map(_may_name_one, sys.path)):
        return
    from importlib.metadata import entry_points

    for entry in entry_points(group=GROUP):
        entry.load()


def _may_name_one(place: str) -> bool:
    """Whether a folder of `sys.path` holds a package that names the group. Of what is no folder it is not known."""
    folder = place or "."
    try:
        return any(GROUP.encode() in path.read_bytes() for path in _entry_points(folder))
    except OSError:
        return os.path.exists(folder)


def _entry_points(folder: str) -> Iterator[Path]:
    for name in os.listdir(folder):
        if name.endswith(_METADATA) and (path := Path(folder, name, "entry_points.txt")).is_file():
            yield path
