"""What to mend, as a table on the terminal: the cause that explains most first, with what was expected and got."""

from __future__ import annotations

import textwrap

from ..report.groups import Ranked, groups_of, ranked, to_mend
from ..results.model import RunResults
from ..results.outcome import OUTCOMES
from .printer import Printer

INDENT = 15
"""Columns before a text of the table."""

LINES = 3
"""Lines of one text: what is longer is whole in the report."""


def findings_table(run: RunResults, printer: Printer, *, most: int | None) -> None:
    """Print it; nothing where nothing is to mend.

    Args:
        most: causes that are told, None for all.
    """
    seen = (row for row in run.results if row.outcome != "untestable")  # these are told with their reasons
    causes = to_mend(ranked(groups_of(seen)))
    if not causes:
        return
    printer.line()
    printer.line(("bold", "What to mend, the first thing first"))
    for n, one in enumerate(causes[:most], 1):
        _cause(n, one, printer)
    rest = len(causes[most or len(causes) :])
    if rest:
        printer.line(f"  and {rest} more, in the report and with -v")
    printer.line()


def _cause(n: int, one: Ranked, printer: Printer) -> None:
    row = one.group.first
    words = OUTCOMES[row.outcome]
    more = f", and {one.explains} other finding{'s' * (one.explains != 1)} with it" if one.explains else ""
    printer.line(f"  {n:>2} ", (words.tone, f"{words.word} {row.level}"), " ", ("bold", row.id), more)
    finding = row.findings[0] if row.findings else None
    texts = (
        ("must be", row.requirement),
        ("expected", finding.expected if finding else ""),
        ("got", finding.got if finding else row.said),
        ("where", finding.place if finding else ""),
        ("fix", row.fix),
    )
    for name, text in texts:
        if text:
            _text(name, text, printer)
    printer.line(f"     {'again':<9} ", row.repro)  # whole: it is to be copied


def _text(name: str, text: str, printer: Printer) -> None:
    width = max(20, (printer.width or 120) - INDENT)
    lines = textwrap.wrap(" ".join(text.split()), width) or [""]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], lines[LINES - 1][: width - 1] + "…"]
    printer.line(f"     {name:<9} {lines[0]}")
    for line in lines[1:]:
        printer.line(" " * INDENT + line)
