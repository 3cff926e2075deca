"""What changed between two runs: newly failing, fixed, outcomes and figures that changed, checks added and removed.

  chatkit-conformance diff before/results.json after/results.json
  chatkit-conformance diff load-before.json load-after.json
  chatkit-conformance diff DIRECT PROXIED      folders of a run and of one with `run --through URL`: what the proxy does

Exit: 0 nothing newly fails, 1 something does or the proxy buffers, cuts or refuses, 2 a file cannot be compared.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..visible import complain, say
from . import WRONG_USAGE

if TYPE_CHECKING:
    from ..judging.hop import HopChange
    from ..results.model import RunResults

LOAD_KEYS = frozenset({"first_token", "measurement_error"})
"""Keys by which a file is known as load.json."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("before", metavar="A", type=Path, help="results.json or load.json, or the folder of a run")
    parser.add_argument("after", metavar="B", type=Path, help="the later one")
    parser.add_argument("--json", action="store_true", help="the changes as a JSON list")


def run(options: argparse.Namespace) -> int:
    """Print the changes; returns the exit code."""
    from ..judging.difference import KINDS, changes
    from ..judging.hop import HARMS
    from ..results.saved import read_json, read_results

    try:
        files = [_file(path) for path in (options.before, options.after)]
        load = [_is_load(read_json(path)) for path in files]
        if any(load):
            return _compare_loads(files, load, options)
        before, after = (read_results(path) for path in files)
        hop = _hop(before, after, files)
    except ValueError as e:
        complain(f"chatkit-conformance diff: {e}")
        return WRONG_USAGE
    found = changes(before, after)
    code = int(any(change.kind == "newly_failing" for change in found) or any(one.kind in HARMS for one in hop))
    if options.json:
        say(json.dumps([*(one.to_json() for one in hop), *(change.to_json() for change in found)], indent=1))
        return code
    for one in hop:
        what = f"{one.kind} {one.what}".rstrip()
        say(f"  {'the hop':<17} {what}: {one.said} ({one.replies} replies, such as {', '.join(one.where)})")
    for value, path in ((before, files[0]), (after, files[1])):
        if not value.complete:
            say(f"  note    {path} is from a run that was cut short")
    for kind, title in KINDS.items():
        for change in (c for c in found if c.kind == kind):
            said = f": {change.said}" if change.said else ""
            say(f"  {title:<17} {change.id}  {change.before or 'not there'} -> {change.after or 'not there'}{said}")
    if after.target.through != before.target.through:
        did = ", ".join(dict.fromkeys(one.kind for one in hop)) or "nothing to the answers"
        say(f"{after.target.through or 'The server itself'}: {did}")
    counts = [f"{n} {title}" for kind, title in KINDS.items() if (n := sum(c.kind == kind for c in found))]
    say(", ".join(counts) or "no difference")
    return code


def _hop(before: RunResults, after: RunResults, files: Sequence[Path]) -> list[HopChange]:
    """What stands in front of the server in the later run alone does; nothing where both were asked the same way."""
    from ..judging.hop import hop_changes
    from ..report.transcript_folder import TranscriptFolder

    if after.target.through == before.target.through:
        return []
    held = [list(TranscriptFolder(path.parent / "transcripts").each()) for path in files]
    for path, transcripts in zip(files, held, strict=True):
        if not transcripts:
            raise ValueError(f"{path}: no transcripts beside it, which tell what is between. Name the folder of a run.")
    return hop_changes(*held)


def _file(path: Path) -> Path:
    """The file itself, or that of the folder of a run."""
    names = ("results.json", "load.json") if path.is_dir() else ()
    return next((path / name for name in names if (path / name).exists()), path)


def _is_load(value: object) -> bool:
    return isinstance(value, Mapping) and "results" not in value and set(value) >= LOAD_KEYS


def _compare_loads(files: list[Path], load: list[bool], options: argparse.Namespace) -> int:
    if not all(load):
        odd = files[load.index(False)]
        raise ValueError(f"{odd} is not a load.json, but the other file is: compare two files of the same kind.")
    if options.json:
        raise ValueError("--json works only for results of a run: load.json is JSON already.")
    from ..load_analysis.compare import diff_loads, read_load

    say(diff_loads(*files))
    before, after = (int(read_load(path)["exit"]) for path in files)
    return int(after != 0 and before == 0)
