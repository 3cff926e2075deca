"""What tasks have beside their facts: numbers as they were said, and ids that no later task takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.marks import KINDS
from chatkit_conformance.moves.notes import EXPECTED
from chatkit_conformance.target.task_reading import objects, parsed
from chatkit_conformance.target.task_shapes import ID_KEYS, TITLE_KEYS
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_TOOLS
from ..evidence import shorten
from .expected_tasks import calls_in, names_in, readings, results_in, said_by_calls


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


@check(
    "tools.update-tells-new",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_TOOLS + "; the model tells the user what a tool's result says",
    capability="tasks",
    cause="The task is read before it is changed, and that is what the tool answers with.",
    fix="Answer with the task as it is after the change.",
)
def update_tells_new(t: Transcript) -> Findings:
    """What an update tells of a task that it gave another title, and that is listed so, has that title."""
    for reading in readings(t):
        listed = {task["title"] for task in reading.tasks if task["sure"] and reading.told(task["title"])}
        for arguments, text in results_in(t, reading, "update"):
            new = next((value for value in arguments.values() if isinstance(value, str) and value in listed), "")
            known = {value for value in arguments.values() if isinstance(value, str) and value != new}
            for row in objects(parsed(text)) if new and new not in text else ():
                title = next((row[key] for key in TITLE_KEYS if isinstance(row.get(key), str)), "")
                if f" {KINDS['task']}" in title and any(
                    row.get(key) in known for key in ID_KEYS if isinstance(row.get(key), str)
                ):
                    yield Finding(expected=f"title {new!r}", got=shorten(row), reply=reading.reply.label)
                    break


@check(
    "tools.emptied-tags-gone",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_TOOLS + "; a list that is given empty is meant to be empty",
    capability="tasks",
    cause="What is empty is taken for what was not given: `if tags:` in the place of `if tags is not None:`.",
    fix="Tell an argument that was left out from one that is empty.",
)
def emptied_tags_gone(t: Transcript) -> Findings:
    """A task whose list of tags a call made empty has none of them left in the list of tasks."""
    before: dict[tuple[str, str, str], Any] = {}
    for reading in readings(t):
        emptied = [
            (key, str(value))
            for arguments in calls_in(t, reading, "update")
            for key in (key for key, given in arguments.items() if given == [])
            for value in arguments.values()
        ]
        for task in reading.tasks:
            told = reading.told(task["title"])
            rows = told.items() if isinstance(told, dict) else ()
            for key, value in rows:
                place = (reading.user, task["title"], key)
                if (key, task["id"]) in emptied and value and value == before.get(place):
                    yield Finding(expected=f"no {key}", got=f"{key} {shorten(value)}", reply=reading.reply.label)
                before[place] = value


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
