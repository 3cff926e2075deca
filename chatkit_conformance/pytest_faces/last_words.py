"""The standard error that pytest does not capture: for the last words of a process that has to be ended."""

from __future__ import annotations

import os
import sys
from typing import TextIO

_kept: list[TextIO] = []
"""The one stream, once it was kept."""


def keep_stderr() -> None:
    """Keep what is standard error now, before a test is captured."""
    if not _kept and sys.__stderr__ is not None:
        _kept.append(os.fdopen(os.dup(sys.__stderr__.fileno()), "w", encoding="utf-8"))


def uncaptured_stderr() -> TextIO:
    """The stream that was kept, or what is standard error now."""
    return _kept[0] if _kept else sys.__stderr__ or sys.stderr
