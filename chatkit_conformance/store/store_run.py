"""A run of the Store contract by the command: pytest, and what it found as a table."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ..check import MUST
from .rules import RULES

FAILED, WARNED, PASSED = "failed", "warned", "passed"
KNOWN, NOT_JUDGED, NOT_CLAIMED = "known failure", "not judged", "not claimed"
OUTCOMES = (PASSED, FAILED, WARNED, KNOWN, NOT_JUDGED, NOT_CLAIMED)
"""How a rule may end, in the order in which a verdict counts them."""

PERSISTENCE = ("store.", "thread.", "item.", "value.", "time.", "paging.", "read.", "write.", "durability.", "model.")
"""The beginnings of the rules that SC-005 rests on: what was shown is kept, found again, and in its order."""

STYLE = """body { font: 16px/1.5 system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
pre { background: #f4f4f4; padding: 1rem; white-space: pre-wrap }
td { padding: 0 1rem 0 0 }"""
"""Of the report's page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """How one rule, with its parameter where it has one, ended."""

    rule: str
    level: str
    outcome: str
    said: str
    seconds: float


def _waits_for(rule: str) -> str:
    """What is said of a rule that stands on a broken one."""
    return f"not judged: {rule} failed"


@dataclass(slots=True)
class OutcomeRecorder:
    """A pytest plugin that keeps each rule's outcome, and says each as it comes."""

    say: Any
    rows: list[RuleOutcome] = field(default_factory=list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Keep the outcome of a contract test."""
        report = yield
        rule = getattr(getattr(item, "function", None), "contract_rule", None)
        if rule is not None and (report.when == "call" or report.outcome != "passed"):
            self._keep(item, rule, report, call)
        return report

    def _keep(self, item: pytest.Item, rule: str, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
        parameter = item.name.partition("[")[2]
        said = str(call.excinfo.value) if call.excinfo is not None else ""
        outcome = PASSED
        if report.outcome == "failed":
            outcome = FAILED
        elif report.outcome == "skipped" and hasattr(report, "wasxfail"):
            outcome = WARNED if said.startswith("SHOULD: ") else KNOWN
        elif report.outcome == "skipped":
            outcome = NOT_JUDGED if said.startswith("not judged") else NOT_CLAIMED
        name = f"{rule}[{parameter}" if parameter else rule
        row = RuleOutcome(
            rule=name, level=RULES[rule].level, outcome=outcome, said=said, seconds=round(call.duration, 3)
        )
        self.rows.append(row)
        if outcome in (FAILED, WARNED):
            self.say(f"{outcome:7} {row.level:6} {said.removeprefix('SHOULD: ').split(chr(10))[0]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReport:
    """What a run found."""

    store: str
    rows: tuple[RuleOutcome, ...]

    def of(self, *outcomes: str) -> list[RuleOutcome]:
        return [row for row in self.rows if row.outcome in outcomes]

    @property
    def conforms(self) -> bool:
        """Every rule that applies was judged, and no MUST failed."""
        broken = [row for row in self.of(FAILED) if row.level == MUST]
        return bool(self.of(PASSED)) and not broken and not self.of(NOT_JUDGED, KNOWN)

    @property
    def as_known(self) -> bool:
        """Whether no MUST failed but those that are known, and nothing was left out but for these."""
        known = {row.rule for row in self.of(KNOWN)}
        waiting = [row for row in self.of(NOT_JUDGED) if row.said not in {_waits_for(rule) for rule in known}]
        broken = [row for row in self.of(FAILED) if row.level == MUST]
        return bool(self.of(PASSED)) and not broken and not waiting

    @property
    def persists(self) -> tuple[int, int]:
        """SC-005, conversations persist over a page reload: how many of its rules hold, and how many were judged."""
        rows = [row for row in self.rows if row.level == MUST and row.rule.startswith(PERSISTENCE)]
        judged = [row for row in rows if row.outcome != NOT_CLAIMED]
        return sum(row.outcome == PASSED for row in judged), len(judged)

    @property
    def sc_005(self) -> str:
        """The success criterion as one line."""
        held, judged = self.persists
        said = "nothing of it was judged" if not judged else f"{held} of {judged} rules that it rests on hold"
        met = "met" if judged and held == judged else "not met"
        return f"SC-005, conversations persist over a page reload: {met}, {said}."

    @property
    def verdict(self) -> str:
        """One line."""
        counts = Counter(row.outcome for row in self.rows)
        told = ", ".join(f"{counts[name]} {name}" for name in OUTCOMES if counts[name]) or "nothing was judged"
        return f"{self.store} {'CONFORMS to' if self.conforms else 'does NOT conform to'} the Store contract: {told}."

    @property
    def causes(self) -> list[tuple[RuleOutcome, list[str]]]:
        """Each failure, with the rules that could not be judged for it."""
        waiting = self.of(NOT_JUDGED)
        return [(row, [w.rule for w in waiting if w.said == _waits_for(row.rule)]) for row in self.of(FAILED, WARNED)]

    def as_markdown(self) -> str:
        """The report for people, and for a CI job's summary."""
        lines = [f"# {self.verdict}", "", self.sc_005, ""]
        for row, waiting in self.causes:
            lines += [
                f"## {row.rule} ({row.level})",
                "",
                RULES[row.rule.split("[")[0]].must,
                "",
                "```",
                row.said,
                "```",
                "",
            ]
            lines += [f"Not judged because of it: {', '.join(waiting)}.", ""] if waiting else []
        lines += ["| rule | level | outcome | seconds |", "|---|---|---|---|"]
        lines += [f"| {row.rule} | {row.level} | {row.outcome} | {row.seconds:.2f} |" for row in self.rows]
        return "\n".join(lines) + "\n"

    def as_html(self) -> str:
        """One page, by itself."""
        parts = [f"<h1>{html.escape(self.verdict)}</h1><p>{html.escape(self.sc_005)}</p>"]
        for row, waiting in self.causes:
            rule = RULES[row.rule.split("[")[0]]
            parts.append(f"<h2>{html.escape(row.rule)} <small>{row.level}</small></h2><p>{html.escape(rule.must)}</p>")
            parts.append(
                f"<pre>{html.escape(row.said)}</pre><p>{html.escape(rule.why)} ({html.escape(rule.source)})</p>"
            )
            parts += [f"<p>Not judged because of it: {html.escape(', '.join(waiting))}.</p>"] if waiting else []
        rows = "".join(
            f"<tr><td>{html.escape(row.rule)}<td>{row.level}<td>{row.outcome}<td>{row.seconds:.2f} s"
            for row in self.rows
        )
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            f"<title>Store contract: {html.escape(self.store)}</title>"
            f"<style>{STYLE}</style>{''.join(parts)}<table>{rows}</table></html>\n"
        )

    def as_json(self) -> str:
        """The report for programs."""
        data = {
            "schema": 1,
            "store": self.store,
            "conforms": self.conforms,
            "as_known": self.as_known,
            "criteria": {"SC-005": {"met": self.persists[0] == self.persists[1] > 0, "evidence": self.sc_005}},
            "rules": [asdict(row) for row in self.rows],
        }
        return json.dumps(data, indent=1) + "\n"


TEST_FILE = '''"""The Store contract for {store}.

Written by `chatkit-conformance store`. Make it yours, and run it with pytest.
"""

from chatkit_conformance.store.capabilities import Capabilities
from chatkit_conformance.store.given import contract_from

TestStore = contract_from(
    {store!r},
    {context!r},
    __module__=__name__,
    {attributes}
)
'''


def run_contract(store: str, context: str, attributes: Sequence[str], out: Path, say: Any) -> StoreReport:
    """Run the contract, and write the test file, results.json, summary.md, report.html and junit.xml into `out`.

    Args:
        attributes: of the class, as source: `strict=True`.
    """
    out.mkdir(parents=True, exist_ok=True)
    file = out / "test_store.py"
    file.write_text(TEST_FILE.format(store=store, context=context, attributes=", ".join(attributes)), "utf-8")
    recorder = OutcomeRecorder(say=say)
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:asyncio"]
    (out / "pytest.ini").write_text("[pytest]\n", "utf-8")
    where = ["-c", str(out / "pytest.ini"), f"--rootdir={out}", f"--junitxml={out / 'junit.xml'}", str(file)]
    pytest.main([*options, *where], plugins=[recorder])
    report = StoreReport(store=store, rows=tuple(recorder.rows))
    (out / "results.json").write_text(report.as_json(), "utf-8")
    (out / "summary.md").write_text(report.as_markdown(), "utf-8")
    (out / "report.html").write_text(report.as_html(), "utf-8")
    return report
