"""The report of a run: report.html, summary.md and badge.json, from results.json and the transcripts beside it."""

from __future__ import annotations

import json
from pathlib import Path

from ..results.writing import write_whole

__all__ = ["write_report"]


def write_report(out_dir: Path) -> Path:
    """Write report.html, summary.md and badge.json into the folder of a run.

    Args:
        out_dir: the folder that `run --out` wrote: results.json, and transcripts/*.json where there are any.

    Returns:
        The path of report.html.

    Raises:
        ValueError: there is no results.json, or it is of another schema.
        CannotWrite: there is no room or no right.
    """
    from ..results.saved import read_results
    from .badge import badge
    from .page import page
    from .shown import fit_to_show
    from .summary import summary
    from .transcript_folder import TranscriptFolder

    run = fit_to_show(read_results(out_dir / "results.json"))
    path = out_dir / "report.html"
    write_whole(path, page(run, TranscriptFolder(out_dir / "transcripts")))
    write_whole(out_dir / "summary.md", summary(run))
    write_whole(out_dir / "badge.json", json.dumps(badge(run), indent=2) + "\n")
    return path
