"""Write the conversations of a run as a HAR file, for a browser's network panel or a proxy's viewer.

  chatkit-conformance har                          chatkit-report -> chatkit-report/conversations.har
  chatkit-conformance har REPORT --out run.har

Both sides are in it: what the browser sent, and what the server asked the model. `lint` reads such a file.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path

from ..visible import complain, say
from . import WRONG_USAGE

NAME = "conversations.har"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("report", nargs="?", type=Path, default=Path("chatkit-report"), metavar="REPORT", help="the folder of a run")
    add("--out", type=Path, metavar="FILE", help=f"default: {NAME} in that folder")


def run(options: argparse.Namespace) -> int:
    """Write it; returns the exit code."""
    from ..lint.recording import Unreadable, read_recording
    from ..results.har import har
    from ..results.saved import read_results
    from ..results.versions import versions
    from ..results.writing import writing_to

    try:
        results = read_results(options.report)
        recording = read_recording(options.report)
    except (Unreadable, ValueError) as e:
        complain(f"chatkit-conformance har: {e.args[0]}")
        return WRONG_USAGE
    held = [t for t in recording.transcripts if t.replies]
    made = har(
        held,
        url=results.target.url,
        began=datetime.fromisoformat(results.started),
        version=versions()["chatkit-conformance"],
    )
    path = options.out or options.report / NAME
    with writing_to(path, "--out"):
        path.write_text(json.dumps(made, indent=1), encoding="utf-8")
    say(f"{len(made['log']['entries'])} requests of {len(held)} conversations are in {path}")
    return 0
