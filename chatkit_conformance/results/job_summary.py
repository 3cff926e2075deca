"""The summary of a run on the page of a GitHub job."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..visible import complain

VARIABLE = "GITHUB_STEP_SUMMARY"
"""Environment variable with which GitHub Actions names the file that it shows."""


def append_summary(summary: Path, environ: Mapping[str, str] | None = None) -> bool:
    """Append summary.md to the job's summary where there is one. A file that cannot be written fails no run.

    Returns:
        Whether it was appended.
    """
    place = (os.environ if environ is None else environ).get(VARIABLE)
    if not place:
        return False
    try:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(summary.read_text(encoding="utf-8") + "\n")
    except OSError as e:
        complain(f"chatkit-conformance: {VARIABLE} names {place}, which cannot be written: {e.strerror}")
        return False
    return True
