"""The kill matrix as a Markdown page."""

from __future__ import annotations

from typing import Any

HEAD = """\
# Kill matrix

Each mutant is the reference server with one promise broken, and each near miss is odd but right. A check is proved by
the mutants that it kills. Made by `python -m mutants.matrix`: {how}.

{killed} of {lies} mutants are killed by a check that is named for them; {passing} of {odd} near misses pass every MUST
check. Of {musts} MUST checks, {proved} have killed a mutant.

"""


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
        proved=matrix["must_checks"] - len(matrix["unproven"]) - len(without),
    )
    text += _table(
        "Mutants", "killed by", [(row, ", ".join(_marked(row)) or f"**lives** {row['trouble']}") for row in lies]
    )
    text += _table("Near misses", "MUST checks that fired", [(row, _odd(row)) for row in odd])
    text += _list("Unproven: MUST checks that have killed no mutant", [f"`{id}`" for id in matrix["unproven"]])
    text += _list(
        "Checks that fire on the reference server as it is, and so kill nothing here",
        [f"`{id}`" for id in matrix["fires_on_reference"]],
    )
    return text + _list("MUST checks without a mutant, and why", [f"`{id}`: {why}" for id, why in without.items()])


def _marked(row: dict[str, Any]) -> list[str]:
    return [f"**{id}**" if id in row["named"] else id for id in row["killed_by"]]


def _odd(row: dict[str, Any]) -> str:
    return row["trouble"] or ", ".join(row["killed_by"]) or "none"


def _table(title: str, column: str, rows: list[tuple[dict[str, Any], str]]) -> str:
    lines = [f"| `{row['name']}` | {row['lie']} | {what} |" for row, what in rows]
    return "\n".join([f"## {title}", "", f"| name | what it does | {column} |", "|---|---|---|", *lines, "", ""])


def _list(title: str, rows: list[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {row}" for row in rows), *([] if rows else ["None."]), "", ""])
