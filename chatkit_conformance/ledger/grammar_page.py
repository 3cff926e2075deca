"""docs/stream-grammar.md: the two machines of the stream's grammar and its rules, drawn from the tables that judge."""

from __future__ import annotations

from collections.abc import Mapping

from ..stream.tables import ANSWERS, LIFE, RULES, START, TURN

Machine = Mapping[tuple[str, str], tuple[str, str]]


def grammar_page(made: str) -> str:
    """The page. `made`: the comment that says what it is made by."""
    starts = ", ".join(f"`{request}` in *{state}*" for request, state in START.items())
    return "\n".join(
        [
            "# The grammar of a stream",
            "",
            made,
            "",
            "What a ChatKit server may send in one stream, and in which order. `thread.updated`, `stream_options`,",
            "`progress_update`, `client_effect` and `notice` may come at any time. A server need not stream an item",
            "piece by piece: `thread.item.done` alone is enough.",
            "",
            "## One stream",
            "",
            f"Start states: {starts}, any other request in *answering*. An item counts when it is added or done.",
            "A cell has the next state, or ✗ and the rule that the event breaks.",
            "",
            as_table(TURN),
            "```mermaid",
            mermaid(TURN) + "```",
            "",
            f"These requests ask for an answer: {', '.join(f'`{request}`' for request in ANSWERS)}.",
            "",
            "## One item",
            "",
            "The events are the `thread.item.*` events of one item id. *known* is an item of an earlier turn.",
            "",
            as_table(LIFE),
            "```mermaid",
            mermaid(LIFE) + "```",
            "",
            "## The rules",
            "",
            "| rule | level | what must hold | source |",
            "|---|---|---|---|",
            *(f"| `{name}` | {rule.level} | {_cell(rule.says)} | {_cell(rule.why)} |" for name, rule in RULES.items()),
            "",
        ]
    )


def mermaid(machine: Machine) -> str:
    """A machine as a Mermaid state diagram; a breach is marked with its rule."""
    names = {state: state.replace(" ", "_") for pair in machine.items() for state in (pair[0][0], pair[1][0])}
    lines = ["stateDiagram-v2", *(f'    state "{state}" as {name}' for state, name in names.items())]
    for (before, kind), (after, rule) in machine.items():
        mark = f" ✗ {rule} ({RULES[rule].level})" if rule else ""
        lines.append(f"    {names[before]} --> {names[after]}: {kind}{mark}")
    return "\n".join(lines) + "\n"


def as_table(machine: Machine) -> str:
    """A machine as a Markdown table: a row for each state, a column for each event."""
    states, kinds = (list(dict.fromkeys(key[place] for key in machine)) for place in (0, 1))
    rows = [["", *kinds], ["---"] * (len(kinds) + 1)]
    for state in states:
        cells = (machine[state, kind] for kind in kinds)
        rows.append([f"**{state}**", *(f"✗ `{rule}`" if rule else after for after, rule in cells)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
