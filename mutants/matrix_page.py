"""The kill matrix as a Markdown page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Row = dict[str, Any]

HEAD = """\
# Kill matrix

Each mutant is the reference server with one promise broken, and each near miss is odd but right. A check is proved by
the mutants that it kills. Made by `python -m mutants.matrix`: {how}.

{killed} of {lies} mutants are killed by a check that is named for them; {passing} of {odd} near misses pass every MUST
check. Of {musts} MUST checks, {proved} have killed a mutant. {unheld}

"""

UNHELD = "{n} rows of the tables have no verdict here: they stand at the end."
ALL_HELD = "Each row of the tables has its verdict here."


def page(matrix: dict[str, Any]) -> str:
    """The page of a matrix as `matrix.report` makes it."""
    lies = [row for row in matrix["mutants"] if not row["near_miss"]]
    odd = [row for row in matrix["mutants"] if row["near_miss"]]
    without = matrix["without_mutant"]
    text = HEAD.format(
        how=matrix["how"],
        lies=len(lies),
        killed=sum(row["killed"] for row in lies),
        odd=len(odd),
        passing=sum(not row["killed"] and not row["trouble"] for row in odd),
        musts=matrix["must_checks"],
        unheld=UNHELD.format(n=len(matrix["not_held"])) if matrix["not_held"] else ALL_HELD,
        proved=matrix["must_checks"] - len(matrix["unproven"]) - len(without),
    )
    text += _kinds("Kinds of mutants", "killed", lies, lambda row: row["killed"])
    text += _kinds("Kinds of near misses", "pass", odd, lambda row: not row["killed"] and not row["trouble"])
    text += _table("Mutants", "killed by", [(row, _killers(row)) for row in lies])
    text += _table("Near misses", "MUST checks that fired", [(row, _odd(row)) for row in odd])
    text += _list("Unproven: MUST checks that have killed no mutant", [f"`{id}`" for id in matrix["unproven"]])
    text += _list(
        "Checks that fire on the reference server as it is, and so kill nothing here",
        [f"`{id}`" for id in matrix["fires_on_reference"]],
    )
    text += _list("Not held: rows of the tables without a verdict", [f"`{name}`" for name in matrix["not_held"]])
    return text + _list("MUST checks without a mutant, and why", [f"`{id}`: {why}" for id, why in without.items()])


def _kinds(title: str, column: str, rows: list[Row], good: Callable[[Row], bool]) -> str:
    kinds = dict.fromkeys(row["kind"] for row in rows)
    lines = []
    for kind in kinds:
        mine = [row for row in rows if row["kind"] == kind]
        bad = ", ".join(f"`{row['name']}`" for row in mine if not good(row))
        lines.append(f"| {kind} | {sum(map(good, mine))} of {len(mine)} | {bad} |")
    return "\n".join([f"## {title}", "", f"| kind | {column} | the others |", "|---|---|---|", *lines, "", ""])


def _killers(row: Row) -> str:
    if row["refused"]:
        return "refused: it does not speak ChatKit"
    if row["killed"]:
        return ", ".join(_marked(row))
    return " ".join(filter(None, ("**UNKILLED**", row["survives"], row["trouble"])))


def _marked(row: Row) -> list[str]:
    return [f"**{id}**" if id in row["named"] else id for id in row["killed_by"]]


def _odd(row: Row) -> str:
    return row["trouble"] or ", ".join(row["killed_by"]) or "none"


def _table(title: str, column: str, rows: list[tuple[Row, str]]) -> str:
    lines = [f"| `{row['name']}` | {row['lie']} | {what} |" for row, what in rows]
    return "\n".join([f"## {title}", "", f"| name | what it does | {column} |", "|---|---|---|", *lines, "", ""])


def _list(title: str, rows: list[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {row}" for row in rows), *([] if rows else ["None."]), "", ""])
