"""Every check: id, level, area, clause, requirement, capability, criteria."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..check import Check
from ..visible import complain, say
from . import WRONG_USAGE
from .selection import chosen


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="as a JSON list")
    parser.add_argument("--markdown", action="store_true", help="as Markdown, as in docs/catalogue.md")
    parser.add_argument("--requirements", action="store_true", help="the requirement ledger instead, as JSON")
    parser.add_argument("--select", metavar="GLOB", action="append", default=[], help="only checks whose id matches")
    parser.add_argument("--level", action="append", default=[], choices=("MUST", "SHOULD", "MAY"), help="only these")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    try:
        checks = chosen(options)
    except LookupError as e:
        complain(f"chatkit-conformance list: {e.args[0]}")
        return WRONG_USAGE
    if options.requirements:
        from ..ledger import ledger

        say(json.dumps([row.to_json() for row in ledger(checks)], indent=1))
        return 0
    if options.markdown:
        from ..ledger.pages import catalogue_page

        say(catalogue_page(checks).rstrip("\n"))
        return 0
    if options.json:
        say(json.dumps([check_json(check) for check in checks], indent=1))
        return 0
    width = max((len(check.id) for check in checks), default=0)
    for check in checks:
        needs = f" [{check.capability}]" if check.capability else ""
        say(f"{check.id:<{width}}  {check.level:<6}  {check.requirement}{needs}")
    say(f"{len(checks)} checks. `chatkit-conformance explain ID` explains one.")
    return 0


def check_json(check: Check) -> dict[str, Any]:
    """A check as JSON."""
    return {
        "id": check.id,
        "level": check.level,
        "area": check.area,
        "clause": check.clause,
        "requirement": check.requirement,
        "capability": check.capability,
        "criteria": list(check.criteria),
        "on": list(check.on),
        "cause": check.cause,
        "fix": check.fix,
    }
