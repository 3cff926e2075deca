"""The report of a run: report.html, summary.md and badge.json, from results.json and the transcripts beside it."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["write_report"]


def write_report(out_dir: Path) -> Path:
    """Write report.html, summary.md and badge.json into the folder of a run.

    Args:
        out_dir: the folder that `run --out` wrote: results.json, and transcripts/*.json where there are any.

    Returns:
        The path of report.html.

    Raises:
        FileNotFoundError: there is no results.json. ValueError: it is not one, or of another schema.
    """
    from .badge import badge
    from .page import page
    from .run import read_run
    from .shelf import TranscriptShelf
    from .summary import summary

    run = read_run(out_dir / "results.json")
    path = out_dir / "report.html"
    path.write_text(page(run, TranscriptShelf(out_dir / "transcripts")), encoding="utf-8", errors="backslashreplace")
    (out_dir / "summary.md").write_text(summary(run), encoding="utf-8", errors="backslashreplace")
    (out_dir / "badge.json").write_text(json.dumps(badge(run), indent=2) + "\n", encoding="utf-8")
    return path
