"""summary.md: the run on one screen, for a job summary on GitHub or a pull request's comment."""

from __future__ import annotations

import re

from ..judging.levels import LEVEL_WORDS
from ..judging.verdict import verdict_of
from ..results.model import RunResults
from ..results.outcome import OUTCOMES
from .criterion import shown
from .groups import groups_of
from .plain import duration, line
from .target_name import target_name

MOST = 25
"""Findings listed. GitHub takes 1 MiB for a summary; a person takes less."""

_SIGNS = {"ok": "✅", "bad": "❌", "unsure": "❔", "warn": "⚠️", "off": "➖"}


def summary(run: RunResults) -> str:
    """The run as GitHub Markdown. What came from the server stands in code spans, where nothing is interpreted."""
    verdict = verdict_of(run)
    took = f" in {duration(run.seconds)}" if run.seconds is not None else ""
    lines = [f"## {_SIGNS[verdict.tone]} {verdict.headline}", "", verdict.sentence, ""]
    levels = [(name, LEVEL_WORDS.get(level.outcome)) for name, level in run.levels.items()]
    shown_levels = [f"{_SIGNS[words.tone]} {cell(name.replace('_', ' '))}" for name, words in levels if words]
    lines += ["Levels: " + ", ".join(shown_levels) + ".", ""] if shown_levels else []
    of = f" of {verdict.of}" if verdict.of and not verdict.whole else ""
    lines += [f"ChatKit conformance of {code(target_name(run), 160)}, {len(run.results)}{of} checks{took}.", ""]
    if run.stopped:
        lines += [f"Stopped: {code(run.stopped, 400)}", ""]
    lines += [f"> ⚠️ {code(warning, 300)}" for warning in run.warnings[:5]]
    if run.criteria:
        lines += ["", "| criterion | | target | figure | outcome |", "|---|---|---|---|---|"]
    for criterion in run.criteria:
        said = shown(criterion)
        cells = (
            criterion.id,
            cell(criterion.name),
            cell(criterion.target),
            cell(said.figure),
            f"{_SIGNS[said.tone]} {said.word}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    groups = groups_of(run.results)
    found = [result for group in groups for result in group.results]
    if found:
        lines += [
            "",
            f"### {len(found)} findings",
            "",
            "| | check | level | requirement | got |",
            "|---|---|---|---|---|",
        ]
    for result in found[:MOST]:
        got = result.findings[0].got if result.findings else result.reason
        sign = _SIGNS[OUTCOMES[result.outcome].tone]
        lines.append(
            f"| {sign} | {code(result.id, 80)} | {cell(result.level)} | {cell(result.requirement)} | {code(got, 160)} |"
        )
    if len(found) > MOST:
        lines += ["", f"{len(found) - MOST} more in report.html."]
    if found and found[0].repro:
        lines += [
            "",
            "Again, the first of them alone:",
            "",
            "```sh",
            line(found[0].repro, 400).replace("```", "'''"),
            "```",
        ]
    return "\n".join([*lines, ""])


def code(text: str, limit: int) -> str:
    """A text of the server as a code span that fits a table's cell; a dash for an empty one."""
    short = line(text, limit).replace("`", "ˋ").replace("|", "¦")
    return f"`{short}`" if short else "–"


def cell(text: str) -> str:
    """A text of ours for a table's cell."""
    return re.sub(r"([\\`*_<>\[\]|#@])", r"\\\1", line(text, 240)) if text else "–"
