"""Judge a migration by its source: what is left of WebSocket, what is not Gemini's, and how many lines are gone.

  chatkit-conformance audit old/ new/            two folders: SC-003 (its static part), SC-004 and SC-006
  chatkit-conformance audit v1.4 HEAD            two git refs of the repository here; REF:FOLDER for a part of one
  chatkit-conformance audit .                    one tree: SC-003 and SC-004
  chatkit-conformance run --audit BEFORE AFTER -- COMMAND     all nine criteria in one report

JavaScript and TypeScript need the extra: pip install "chatkit-conformance[audit]". Nothing is run, and nothing is
fetched.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, date, datetime
from pathlib import Path

from ..visible import say

WRITTEN = ("json", "sarif", "html")
"""Forms that are written to a file, by the option of that name."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("trees", nargs="+", metavar="TREE", help="BEFORE and AFTER, or AFTER alone: folders, or git refs")
    add("--repository", metavar="DIR", type=Path, default=Path(), help="where git refs are looked up (default: here)")
    add("--as-of", metavar="DATE", type=date.fromisoformat, help="the day for retirements (default: today)")
    add("--strict", action="store_true", help="exit 1 also if there are only warnings")
    add("--json", metavar="FILE", type=Path, nargs="?", const=Path("-"), help="write JSON; without FILE, print it")
    add("--sarif", metavar="FILE", type=Path, help="write SARIF 2.1.0")
    add("--html", metavar="FILE", type=Path, help="write a page")


def run(options: argparse.Namespace) -> int:
    """Judge; returns the exit code."""
    from ..audit import Audit, audit
    from ..audit.page import audit_page
    from ..audit.printed import printed
    from ..audit.sarif_log import sarif_log
    from ..results.writing import writing_to
    from ..target.config_error import ConfigError

    if len(options.trees) > 2:
        raise ConfigError(f"{len(options.trees)} trees: give BEFORE and AFTER, or AFTER alone.")
    made: Audit = audit(options.trees, as_of=options.as_of or datetime.now(UTC).date(), repository=options.repository)
    forms = {
        "json": lambda: json.dumps(made.to_json(), indent=1, ensure_ascii=False) + "\n",
        "sarif": lambda: json.dumps(sarif_log(made), indent=1, ensure_ascii=False) + "\n",
        "html": lambda: audit_page(made),
    }
    for form in WRITTEN:
        path: Path | None = getattr(options, form)
        if path is not None and path != Path("-"):
            with writing_to(path, f"--{form}"):
                path.write_text(forms[form](), encoding="utf-8", errors="backslashreplace")
    say(forms["json"]() if options.json == Path("-") else printed(made))
    return made.exit_code(strict=options.strict)
