"""Writes the generated pages of the documentation: catalogue, requirements, stream-grammar, widgets-by-sdk-and-client.

python -m chatkit_conformance.ledger.pages            writes them
python -m chatkit_conformance.ledger.pages --check    exits 1 if one is out of date
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..check import AREAS, Check
from ..judging.catalogue import checks
from ..judging.levels import LEVELS, levels_of
from .grammar_page import grammar_page
from .row import Requirement, ledger
from .widgets_page import widgets_page

DOCS = Path(__file__).resolve().parents[2] / "docs"
MADE = "<!-- Made by `python -m chatkit_conformance.ledger.pages`; not to be edited. -->"


def catalogue_page(known: Sequence[Check]) -> str:
    """docs/catalogue.md: every check, by area."""
    must = sum(check.level == "MUST" for check in known)
    lines = [
        "# The catalogue",
        "",
        MADE,
        "",
        f"{len(known)} checks, {must} of them MUST. `chatkit-conformance explain ID` explains one: how it is "
        "checked, the usual cause of a failure, the fix.",
        "",
        "| conformance level | what a server does that reaches it | checks |",
        "|---|---|---|",
    ]
    members = [name for check in known for name in levels_of(check)]
    lines += [f"| {level.name} | {level.means} | {members.count(level.name)} |" for level in LEVELS]
    more = sorted(set(members) - {level.name for level in LEVELS})
    lines += [f"| {name} | The capability, if the server has it. | {members.count(name)} |" for name in more]
    for area in AREAS:
        mine = [check for check in known if check.area == area]
        if mine:
            lines += ["", f"## {area}", "", "| check | level | requirement | source |", "|---|---|---|---|"]
            lines += [f"| `{c.id}` | {_level(c)} | {_cell(c.requirement)} | {_cell(c.clause)} |" for c in mine]
    return "\n".join([*lines, ""])


def requirements_page(rows: Sequence[Requirement]) -> str:
    """docs/requirements.md: the ledger, what no check covers first."""
    own = [row for row in rows if row.checks != (row.id,)]
    bare = [row for row in own if not row.checks]
    lines = [
        "# Requirements",
        "",
        MADE,
        "",
        f"{len(rows)} rows: {len(own)} from the release and the specification, of which {len(bare)} "
        f"have no check, and one for each of {len(rows) - len(own)} checks (see [the catalogue](catalogue.md)).",
        "",
        "## What no check covers, and why",
        "",
        "| requirement | level | source | why |",
        "|---|---|---|---|",
    ]
    lines += [f"| {_named(r)} | {r.level} | {_cell(str(r.source))} | {_cell(r.why_none)} |" for r in bare]
    for title, part in _parts(row for row in own if row.checks).items():
        lines += ["", f"## {title}", "", "| requirement | level | source | checks |", "|---|---|---|---|"]
        lines += [f"| {_named(r)} | {r.level} | {_cell(str(r.source))} | {_ids(r.checks)} |" for r in part]
    return "\n".join([*lines, ""])


def _parts(rows: Iterable[Requirement]) -> Mapping[str, list[Requirement]]:
    parts: dict[str, list[Requirement]] = {}
    for row in rows:
        parts.setdefault(row.id.split(".")[0].capitalize(), []).append(row)
    return parts


def _named(row: Requirement) -> str:
    quote = f"<br>“{_cell(row.source.quote)}”" if row.source.quote else ""
    return f"`{row.id}` {_cell(row.requirement)}{quote}"


def _ids(ids: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(f"`{id}`" for id in ids[:most])
    return shown + (f" and {len(ids) - most} more" if len(ids) > most else "")


def _level(check: Check) -> str:
    return f"{check.level} ({check.capability})" if check.capability else check.level


def _cell(text: str) -> str:
    cleaned = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
    return cleaned.replace("_", "\\_")


def pages() -> dict[str, str]:
    """File name -> text of each generated page."""
    known = checks()
    return {
        "catalogue.md": catalogue_page(known),
        "requirements.md": requirements_page(ledger(known)),
        "stream-grammar.md": grammar_page(MADE),
        "widgets-by-sdk-and-client.md": widgets_page(MADE),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with --check compare them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m chatkit_conformance.ledger.pages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is out of date")
    parser.add_argument("--docs", type=Path, default=DOCS, help="the folder of the pages")
    options = parser.parse_args(arguments)
    stale = []
    for name, text in pages().items():
        path = options.docs / name
        if options.check:
            stale += [name] if not path.exists() or path.read_text(encoding="utf-8") != text else []
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        command = "python -m chatkit_conformance.ledger.pages"
        print(f"out of date: {', '.join(stale)}. Type: {command}", file=sys.stderr)  # noqa: T201  # a command's answer
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
