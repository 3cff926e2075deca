"""What a run found, the root cause first: a list, or one at a time for a coding agent.

  chatkit-conformance findings                       of chatkit-report, what to mend first on top
  chatkit-conformance findings --for-agent           the first: request, expected, got, source, fix, what checks it
  chatkit-conformance findings --for-agent --nth 2   the next
  chatkit-conformance findings --json                all of them

Exit: 0 nothing to mend, 1 something is, 2 there are no results.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..visible import complain, say
from . import WRONG_USAGE

if TYPE_CHECKING:
    from ..report.groups import Ranked

LONGEST = 1_500
"""Characters of one value that are shown to an agent: what is longer is in the transcript that is named."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add(
        "results",
        nargs="?",
        type=Path,
        default=Path("chatkit-report"),
        metavar="RESULTS",
        help="results.json of a run, or its folder (default chatkit-report)",
    )
    add("--for-agent", action="store_true", help="one finding, with all that it takes to mend and to check it")
    add("--nth", metavar="N", type=int, default=1, help="with --for-agent: which one (default 1, the first to mend)")
    add("--json", action="store_true", help="as JSON")


def run(options: argparse.Namespace) -> int:
    """Print them; returns the exit code."""
    from ..report.groups import groups_of, ranked, to_mend
    from ..results.saved import read_results

    try:
        results = read_results(options.results)
    except ValueError as e:
        complain(f"chatkit-conformance findings: {e}")
        return WRONG_USAGE
    causes = to_mend(ranked(groups_of(results.results)))
    folder = options.results.parent if options.results.suffix else options.results
    rows = [row_of(one, n, len(causes), folder) for n, one in enumerate(causes, 1)]
    if not rows and results.stopped:
        complain(f"chatkit-conformance findings: nothing was judged to the end: {results.stopped}")
        say("[]" if options.json else "Mend that first, and run it again.")
        return 1
    if options.for_agent:
        return _one(rows, options)
    if options.json:
        say(json.dumps(rows, indent=1, ensure_ascii=False))
    elif rows:
        for row in rows:
            say(f"{row['n']:>3}  {row['level']:<6} {row['id']}: expected {row['expected']}; got {row['got']}")
        say(f"{len(rows)} to mend; `chatkit-conformance findings --for-agent` tells all of the first.")
    else:
        say("Nothing to mend.")
    return int(bool(rows))


def _one(rows: list[dict[str, Any]], options: argparse.Namespace) -> int:
    """The one that was asked for."""
    if not rows:
        say("Nothing to mend.")
        return 0
    if not 1 <= options.nth <= len(rows):
        complain(f"chatkit-conformance findings: --nth {options.nth}: there are {len(rows)}.")
        return WRONG_USAGE
    row = rows[options.nth - 1]
    if options.json:
        say(json.dumps(row, indent=1, ensure_ascii=False))
        return 1
    say(f"# {row['n']} of {row['of']}: {row['id']} ({row['level']})\n")
    for name, title in TITLES.items():
        if row[name]:
            say(f"{title}: {_cut(str(row[name]))}")
    say("\nMend this one alone, then type what checks it. It is mended when that prints no finding for it.")
    return 1


TITLES = {
    "requirement": "requirement",
    "request": "request",
    "expected": "expected",
    "got": "got",
    "where": "where",
    "transcript": "transcript (both sides of the server)",
    "source": "source",
    "cause": "usual cause",
    "fix": "fix",
    "follows": "fails with it",
    "check": "check",
}
"""What is told of a finding, in this order, and how it is called."""


def row_of(one: Ranked, n: int, of: int, folder: Path) -> dict[str, Any]:
    """One cause as JSON values. `n`, `of`: its place among all. `folder`: of the run, where its transcripts are."""
    row = one.group.first
    finding = row.findings[0] if row.findings else None
    return {
        "n": n,
        "of": of,
        "id": row.id,
        "level": row.level,
        "outcome": row.outcome,
        "requirement": row.requirement,
        "request": row.curl,
        "expected": finding.expected if finding else "",
        "got": row.said,
        "where": finding.place if finding else "",
        "transcript": str(folder / row.transcript) if row.transcript else "",
        "source": row.clause,
        "cause": row.cause,
        "fix": row.fix,
        "follows": ", ".join(other.id for other in one.group.results[1:]),
        "check": row.repro,
    }


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
