"""An audit on a terminal: verdicts first, then every place, then the lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ..judging.criteria import CRITERION_WORDS
from ..report.criterion import shown
from ..report.plain import line
from .audit import Audit
from .hit import WEIGHTS
from .rules import RULES

PLACES = 15
"""Places of one rule that are printed; JSON has all."""

FOLDERS = 12


def printed(audit: Audit) -> str:
    """The audit as text."""
    return "\n".join(_lines(audit))


def _lines(audit: Audit) -> Iterator[str]:
    trees = f"{audit.before} -> {audit.after}" if audit.before else audit.after
    yield f"audit of {trees}: {audit.files} files, as of {audit.as_of}"
    for criterion in audit.criteria:
        said = shown(criterion)
        figure = said.figure or "no figure"
        word = CRITERION_WORDS[criterion.outcome][1]
        yield f"  {criterion.id}  {word:<16} {criterion.name}: {figure} (target {criterion.target})"
    for rule, group in groupby(audit.hits, key=lambda hit: hit.rule):
        hits = [*group]
        known = RULES[rule]
        yield f"  {hits[0].weight.upper():<7} {rule}: {known.title}"
        for hit in hits[:PLACES]:
            yield f"            {hit.spot}: {line(hit.said, 160)}"
        if len(hits) > PLACES:
            yield f"            and {len(hits) - PLACES} more (--json has all)"
        if hits[0].weight != "note":
            yield f"            fix: {hits[0].fix or known.fix}"
    if audit.removed is not None:
        yield from _removal(audit)
    for note in audit.notes:
        yield f"  note    {line(note, 300)}"
    counts = ", ".join(f"{n} {weight}{'s' * (n != 1)}" for weight in WEIGHTS if (n := audit.counted(weight)))
    yield f"{'FINDINGS' if audit.exit_code() else 'NOTHING WRONG'}: {counts or 'no hits'}."


def _removal(audit: Audit) -> Iterator[str]:
    r = audit.removed
    assert r is not None
    hidden = f", {r.hidden:,} only moved out of the count" if r.hidden else ""
    yield f"  lines of code: {r.before:,} before, {r.after:,} after"
    yield f"            {r.gone:,} gone, {r.new:,} new{hidden}: {r.fewer:,} fewer"
    for name, count in r.languages.items():
        yield f"            {name:<24} {count.before:>7,} -> {count.after:>7,}"
    changed = {name: c for name, c in r.folders.items() if c.before != c.after}
    for name, count in [*changed.items()][:FOLDERS]:
        yield f"            {name + '/':<24} {count.before:>7,} -> {count.after:>7,}"
    left = ", ".join(f"{c.before}/{c.after} {name}" for name, c in r.uncounted.items())
    if left:
        yield f"            files not counted, before/after: {left}"
