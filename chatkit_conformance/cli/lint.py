"""Judge a recorded stream offline, with the same checks.

  curl -iN ... > answer.sse && chatkit-conformance lint answer.sse
  chatkit-conformance lint session.har             saved from a browser's network panel, with content
  chatkit-conformance lint chatkit-report          the transcripts of a run, judged again

Kinds: .sse and .txt (a stream's bytes), .jsonl and .ndjson (an event a line), .har, transcripts of a run (.json, or the
folder). Exit: 0 nothing wrong, 1 findings or not judged in time, 2 the file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from ..visible import complain, flat, say
from . import WRONG_USAGE
from .selection import chosen

JUDGING_S = 60.0
"""Seconds that judging one recording may take: the longest conversation of a run takes one of them."""

FINDINGS = 1
"""Exit code where something is wrong, or not all was judged."""

SHOWN = 5
"""Findings of one check that are printed."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("files", metavar="FILE", type=Path, nargs="+", help="a recording, or the folder of a run")
    add("--type", default="", help="the request type of a bare stream, e.g. threads.create")
    add("--select", metavar="GLOB", action="append", default=[], help="only checks whose id matches; repeatable")
    add("--level", action="append", default=[], choices=("MUST", "SHOULD", "MAY"), help="only these")
    add("--strict", action="store_true", help="exit 1 also if a SHOULD check fails")
    add("--json", action="store_true", help="the results as JSON")
    add("--deadline", metavar="S", type=float, default=JUDGING_S, help="seconds to judge each (default %(default)g)")
    add("--not-applied", action="store_true", help="list every check that could not be applied, and why")


def run(options: argparse.Namespace) -> int:
    """Judge each file; returns the gravest exit code."""
    return max(_lint(file, options) for file in options.files)


def _lint(file: Path, options: argparse.Namespace) -> int:
    from ..judged_run.check_result import check_result
    from ..judging.verdict import verdict_of
    from ..lint import lint, read_recording
    from ..lint.recording import KINDS, Unreadable
    from ..results.model import RunResults
    from ..target.target import Target
    from ..wire.schema import streaming_types

    try:
        if options.type and options.type not in streaming_types():
            raise LookupError(f"--type {options.type!r} does not stream: write one of {', '.join(streaming_types())}.")
        recording = read_recording(file, options.type)
        checks = chosen(options)
    except (Unreadable, LookupError) as e:
        complain(f"chatkit-conformance lint: {e.args[0]}")
        return WRONG_USAGE
    linted = lint(recording, checks, until=time.monotonic() + options.deadline)
    again = f"chatkit-conformance lint {file} --select "
    target = Target(source=str(file))
    rows = [
        check_result(result, target).model_copy(update={"repro": again + result.check.id}) for result in linted.results
    ]
    code = verdict_of(RunResults(results=tuple(rows), complete=True, strict=options.strict)).exit
    if linted.cut:
        complain(
            f"chatkit-conformance lint: {file}: judging was cut after {options.deadline:g} s; what was not judged says "
            "so with --not-applied. Raise it with --deadline."
        )
        code = code or FINDINGS
    if options.json:
        value = {"file": str(file), "results": [row.to_json() for row in rows], "not_applied": linted.left}
        say(json.dumps(value, indent=1))
        return code
    events = sum(len(reply.events) for t in recording.transcripts for reply in t.replies)
    say(f"  read    {file}: {KINDS[recording.kind]}, {events} events")
    for note in recording.notes:
        say(f"  note    {note}")
    for row in rows:
        if row.outcome in ("failed", "warned", "untestable", "error"):
            say(f"  {row.outcome.upper():<7} {row.id}: {flat(row.got)}")
            for found in row.findings[:SHOWN]:
                at = "" if found.event is None else f", event {found.event}"
                say(f"            {found.reply}{at}: expected {flat(found.expected)}; got {flat(found.got)}")
            if len(row.findings) > SHOWN:
                say(f"            and {len(row.findings) - SHOWN} more")
    if options.not_applied:
        for id, why in linted.left.items():
            say(f"  not applied: {id}: {why}")
    replies = sum(len(t.replies) for t in recording.transcripts)
    passed = sum(row.outcome == "passed" for row in rows)
    warned = sum(row.outcome == "warned" for row in rows)
    word = "NOT FINISHED" if linted.cut else "FINDINGS" if code else "WARNINGS" if warned else "NOTHING WRONG"
    say(
        f"{word}: {passed} of {len(rows)} checks passed on {replies} "
        f"answer{'s' * (replies != 1)}; {len(linted.left)} could not be applied"
        f"{'' if options.not_applied or not linted.left else ' (--not-applied lists them)'}."
    )
    return code
