"""The rules as a Markdown table, for docs/testing-your-store.md: `python -m chatkit_conformance.store.rules_table`."""

from __future__ import annotations

from .contract import CONTRACT_TESTS
from .rules import RULES


def rules_table() -> str:
    """One line per rule: id and test, its level, what must hold, what is left open, why, and who says so."""
    tests = {rule: name for name, rule in CONTRACT_TESTS.items()}
    lines = ["| rule, test | level | a store must, or should | left open | why | source |", "|---|---|---|---|---|---|"]
    for name, rule in RULES.items():
        only = f" Only with `{rule.needs}`." if rule.needs else ""
        cells = (f"**{name}** `{tests[name]}`", rule.level, rule.must + only, rule.left_open, rule.why, rule.source)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(rules_table())  # noqa: T201  # this is the command's output
