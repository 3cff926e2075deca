"""One check: its requirement, where that comes from, how it is checked, the usual cause of a failure, the fix."""

from __future__ import annotations

import argparse
import json
import textwrap

from ..visible import complain, say
from . import WRONG_USAGE
from .list import check_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("id", metavar="ID", help="a check's id, as `list` shows it")
    parser.add_argument("--json", action="store_true", help="as a JSON object")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    from ..check import WHOLE_RUN
    from ..judging.aliases import current
    from ..judging.catalogue import checks, exchanges, nearest
    from ..judging.killers import killers
    from ..judging.levels import levels_of

    known = {check.id: check for check in checks()}
    check = known.get(current(options.id))
    if check is None:
        complain(f"chatkit-conformance explain: no check {options.id!r}. {nearest(options.id)}")
        return WRONG_USAGE
    conversations = exchanges()
    stories = [
        f"{name} ({', '.join(conversations[name].dialects)}): {conversations[name].story}"
        for name in check.on
        if name in conversations
    ]
    beside = [f"{name}: all requests to the model, and other observations" for name in check.on if name == WHOLE_RUN]
    everywhere = ["every conversation of the run"] if check.everywhere else []
    caught = killers(check.id)
    rows = (
        ("requirement", check.requirement),
        ("source", check.clause),
        ("needs", f"capability {check.capability}" if check.capability else ""),
        ("criteria", ", ".join(check.criteria)),
        ("level", ", ".join(levels_of(check))),
        ("checked on", "\n".join((*stories, *beside, *everywhere))),
        ("killed by", _killed(caught)),
        ("usual cause", check.cause),
        ("fix", check.fix),
        ("run it", f"chatkit-conformance run --select {check.id} -- COMMAND"),
    )
    if options.json:
        more = {"levels": list(levels_of(check)), "conversations": [*stories, *beside, *everywhere]}
        again = f"chatkit-conformance run --select {check.id} -- COMMAND"
        say(json.dumps({**check_json(check), **more, "killed_by": caught, "check": again}, indent=1))
        return 0
    if check.id != options.id:
        say(f"{options.id} is now called {check.id}.\n")
    say(f"{check.id} ({check.level})\n")
    for name, value in rows:
        if value:
            say(_row(name, value))
    return 0


def _killed(caught: list[str] | None) -> str:
    if caught is None:
        return ""
    return f"mutants that it catches: {', '.join(caught)}" if caught else "no mutant yet: it is unproven"


def _row(name: str, value: str) -> str:
    lines = [line for part in value.splitlines() for line in textwrap.wrap(part, 96)]
    return f"{name:<12} " + f"\n{'':<13}".join(lines)
