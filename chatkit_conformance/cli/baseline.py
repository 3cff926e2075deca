"""Write or refresh the expected failures from the results of a run.

  chatkit-conformance run -- COMMAND
  chatkit-conformance baseline update                        reads chatkit-report/results.json
  chatkit-conformance run --baseline chatkit-baseline.toml -- COMMAND

Entries keep their reasons; what passes now is dropped; what fails anew gets the finding as its reason, for you to
replace by a better one.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..visible import complain, say
from . import WRONG_USAGE

FILE = "chatkit-baseline.toml"
"""Where a baseline is written unless another name is given."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("action", choices=("update",), help="write or refresh the file")
    parser.add_argument(
        "results",
        nargs="?",
        type=Path,
        default=Path("chatkit-report"),
        metavar="RESULTS",
        help="results.json of a run, or its folder (default chatkit-report)",
    )
    parser.add_argument("--baseline", type=Path, default=Path(FILE), metavar="FILE", help=f"default {FILE}")
    parser.add_argument("--strict", action="store_true", help="expect warned checks, too: for run --strict")


def run(options: argparse.Namespace) -> int:
    """Write the file; says what was kept, added and dropped."""
    from ..baseline import read_baseline, write_baseline
    from ..baseline.compare import updated
    from ..judging.catalogue import checks
    from ..results.saved import read_results
    from ..results.versions import versions
    from ..target.config_error import ConfigError

    try:
        results = read_results(options.results)
        before = read_baseline(options.baseline) if options.baseline.exists() else ()
    except (ConfigError, ValueError) as e:
        complain(f"chatkit-conformance baseline: {e}")
        return WRONG_USAGE
    known = versions()
    after = updated(
        before, results.results, versions=known, known=[check.id for check in checks()], strict=options.strict
    )
    write_baseline(options.baseline, after)
    ids = {entry.id for entry in before}, {entry.id for entry in after}
    for sign, names in (("+", ids[1] - ids[0]), ("-", ids[0] - ids[1])):
        for name in sorted(names):
            say(f"  {sign} {name}")
    new = len(ids[1] - ids[0])
    say(f"{len(after)} expected failures, {new} of them new, in {options.baseline}")
    if not results.complete:
        say("The run was cut short: entries for checks that it did not run are unchanged.")
    if new:
        say(f"Write in {json.dumps(str(options.baseline))} why each new one fails: its reason is only the finding.")
    return 0
