"""What tasks have beside their facts: numbers as they were said, and ids that no later task takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED
from chatkit_conformance.target.task_reading import objects
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_TOOLS
from ..evidence import shorten
from .expected_tasks import names_in, readings, said_by_calls


@check(
    "tools.fractions-kept",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_TOOLS + "; JSON Schema: a number may have a fraction, an integer may not",
    capability="tasks",
    cause="The argument is declared as a number, and read as a whole one.",
    fix="Declare it as an integer, or keep the fraction.",
)
def fractions_kept(t: Transcript) -> Findings:
    """A fraction with which a task was made is in the list, where the list has a number under that name."""
    for reading in readings(t):
        for arguments, told in said_by_calls(t, reading, "create"):
            listed = dict(_numbers(told))
            for key, value in _numbers(arguments):
                if value % 1 and key in listed and listed[key] != value:
                    got = f"{key} {shorten(listed[key])}"
                    yield Finding(expected=f"{key} {shorten(value)}", got=got, reply=reading.reply.label)


def _numbers(value: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The numbers in a structure, each with its name."""
    for row in objects(dict(value)):
        yield from ((k, v) for k, v in row.items() if isinstance(v, int | float) and not isinstance(v, bool))


@check(
    "tools.names-kept",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_TOOLS + "; what a tool is given is what the user said",
    capability="tasks",
    cause="Names are tidied: str.title() makes Mcenroe of McEnroe, and Van Der Vaart of van der Vaart.",
    fix="Keep a text as it was given; make it even where you compare, and not where you store.",
)
def names_kept(t: Transcript) -> Findings:
    """A further text with which a task was made is in the list as it was given, where the list has such a text."""
    for reading in readings(t):
        for arguments, told in said_by_calls(t, reading, "create"):
            for key, value in arguments.items():
                if names_in(value) and key in told and _words(told[key]) != _words(value):
                    got = f"{key} {shorten(told[key])}"
                    yield Finding(expected=f"{key} {shorten(value)}", got=got, reply=reading.reply.label)


def _words(value: Any) -> list[str]:
    """A text, or a list of them, in words: what stands between them is the server's own."""
    return re.findall(r"\w+", "\n".join(map(str, value)) if isinstance(value, list) else str(value))


@check(
    "tools.task-ids-not-reused",
    level=SHOULD,
    clause=SPEC_TOOLS + "; a button, and the model's own past, name a task by its id for as long as they are shown",
    capability="tasks",
    cause="A new id is the highest one plus one, or how many there are: after a deletion it is an old one.",
    fix="Let the database count, and never back: AUTOINCREMENT in SQLite; or make ids at random.",
)
def ids_not_reused(t: Transcript) -> Findings:
    """The id of a task that was deleted is not given to another one of the user's."""
    told = [(label, what["tasks"]) for label, what in t.notes.get(EXPECTED, {}).items() if "tasks" in what]
    if not told:
        raise Untestable(f"no task was followed in {t.exchange}")
    for label, tasks in told:
        sure = [task for task in tasks if task["id"] and task["sure"] and task.get("told", True)]
        gone = {task["id"]: task["title"] for task in sure if task["gone"]}
        for task in sure:
            old = gone.get(task["id"])
            # A name that is made of the title is the same again with it.
            if old is not None and not task["gone"] and (old != task["title"] or task["id"].isdecimal()):
                got = f"{task['title']!r} has it"
                yield Finding(expected=f"nobody with id {task['id']!r}: it was {old!r}, deleted", got=got, reply=label)
                return
