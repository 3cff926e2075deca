"""Make the report of a run again from its files, or draw the runs of a folder over time.

  chatkit-conformance report chatkit-report          report.html, summary.md and badge.json, of this release
  chatkit-conformance report --history runs          runs/history.html: every run below runs/, and what newly failed

To keep a run of each day: chatkit-conformance run --out runs/2026-11-27 -- COMMAND
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..visible import complain, say
from . import WRONG_USAGE


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("report", nargs="?", type=Path, default=Path("chatkit-report"), metavar="REPORT", help="the folder of a run")
    add("--history", type=Path, metavar="FOLDER", help="draw every run below this folder over time")


def run(options: argparse.Namespace) -> int:
    """Write; returns the exit code."""
    from ..report import write_report
    from ..report.history import write_history

    try:
        if options.history is None:
            say(write_report(options.report))
            return 0
        path, shown, left_out = write_history(options.history)
    except ValueError as why:
        complain(f"chatkit-conformance report: {why}")
        return WRONG_USAGE
    for why_not in left_out:
        complain(f"  left out: {why_not}")
    say(f"{shown} runs\n{path}")
    return 0
