"""By what a server's tools name a task: an id under a key that says so, in a column of its own, or near the title.

Only the first is told; the others are guessed, and a call that names a task by them may name none: see `named`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .task_reading import claims_success, entries, objects, parsed
from .task_shapes import AN_ID, ID_KEYS, spelled

NOT_ITS_OWN = ("user", "owner", "parent", "list", "project", "author", "creator", "tenant", "account", "thread", "call")
"""Words in front of `id` that make it the id of something else."""

COUNTS = ("number", "numero", "nummer", "nr")
"""Keys of an id that beside a list tell how many rows it has."""

NEAR = 200
"""Characters around a title in which an id is looked for, where the result is prose."""

_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_MARKED = re.compile(
    r"(?:\bid\b(?:\s+(?:is|ist|es|est|è)\b)?|#)\W{0,3}([A-Za-z0-9][\w-]*)"
    r"|\b(?:r[ée]f(?:[ée]ren\w*)?|c[óo]digo|schl[üu]ssel|kennung)\b\W{1,3}(?=[\w-]*\d)([A-Za-z0-9][\w-]*)",
    re.IGNORECASE,
)
"""A word that says id, and what follows; behind a word that says so less surely, it has a digit in it."""
_AS_CODE = re.compile(r"`(?=[\w-]*\d)([A-Za-z0-9][\w-]*)`")
"""A word with a digit, written as Markdown writes code."""
_BEHIND = re.compile(r"\W{0,3}[(\[]\s*#?(\d+|[0-9a-f]{6,}(?:-[0-9a-f]+)*)\s*[)\]]", re.IGNORECASE)
"""A number in brackets that follows a title at once."""
_NUMBERED = re.compile(
    r"(?:^\W*|\b(?:task|todo|item|number|no\.?|nr\.?|nummer|n[úu]mero|num[ée]ro|aufgabe|tarea|tâche|attività|taak|klus"
    r"|uppgift|opgave|oppgave|zadanie|görev|tugas|задача)\s+|(?:タスク|任务|任務)\s*)"
    r"(\d+)(?![A-Za-z0-9_]|-\w)(?![\w.-]*\s*(?:tasks|todos|items|aufgaben|tareas|tâches)\b)",
    re.IGNORECASE,
)
"""A number that a line begins with, or that follows the word for a task. Any other may be a count."""

_LINK_KEYS = ("href", "url", "uri", "self", "link")


def ids_of(text: str, title: str) -> set[str]:
    """The ids of the tasks with this title in a result that is a structure; empty where it tells none."""
    return {id for row in entries(text, title) if isinstance(row, dict) and (id := id_of(row)) is not None}


def id_of(row: Mapping[str, Any]) -> str | None:
    """The id of an object: the key that says id first, then one that ends with it; never another thing's id."""
    names = {spelled(key): key for key in row if not (_holds_rows(row) and spelled(key) in COUNTS)}
    likely = [names[key] for key in ID_KEYS if key in names]
    ends = [key for key in row if re.search(r"(^|[_-])id$|Id$|ID$", key) and not key.lower().startswith(NOT_ITS_OWN)]
    for key in (*likely, *ends):
        if (value := _plain(row[key])) is not None:
            return value
    links = (row[key] for key in row if key.lower() in _LINK_KEYS and isinstance(row[key], str))
    return next((part for link in links if (part := link.rstrip("/").rpartition("/")[2])), None)


def _holds_rows(row: Mapping[str, Any]) -> bool:
    return any(isinstance(value, list) and any(isinstance(each, dict) for each in value) for value in row.values())


def _plain(value: Any) -> str | None:
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()  # as MongoDB writes an id
    good = isinstance(value, str | int) and not isinstance(value, bool) and str(value)
    return str(value) if good else None


def told_id(text: str, title: str) -> str | None:
    """The id of the task with that title, where the result has it under a key that says so; else None.

    What a list stands in is no task of that list, whatever id it has.
    """
    holding = [row for row in objects(parsed(text)) if title in _flat(row)]
    of_one = [row for row in holding if not (_holds_rows(row) and any(title in _flat(each) for each in _lists(row)))]
    return next((id for row in reversed(of_one) if (id := id_of(row)) is not None), None)


def _lists(row: Mapping[str, Any]) -> list[list[Any]]:
    return [value for value in row.values() if isinstance(value, list)]


def task_id_from(text: str, title: str) -> str | None:
    """The id of the task with that title, as a tool's result tells it; None where it tells none.

    It is looked for in the object that holds the title, in the objects around it, in the column by which rows are told
    apart, then as a UUID, a marked id or a number near the title.
    """
    return told_id(text, title) or _in_column(list(objects(parsed(text))), title) or _id_near(text, title)


def named(task: str, handle: str, told: Iterable[str], result: str) -> bool:
    """Whether a call named the task: so that a server which then did nothing has not done what it was asked.

    A handle that was read near a title, or the title itself, may name nothing for the server.

    Args:
        task: its title. handle: what it was called by. told: results that may tell its id. result: of the call.
    """
    if any(told_id(text, task) == handle for text in told) or claims_success(result) is True:
        return True
    return handle != task and task in result


def _in_column(rows: Sequence[Mapping[str, Any]], title: str) -> str | None:
    """What stands beside the title under the one key whose values look like ids and are another in each row."""
    own = next((row for row in reversed(rows) if title in row.values()), None)
    if own is None:
        return None
    alike = [row for row in rows if row.keys() == own.keys()]
    found = [key for key in own if len(alike) > 1 and _tells_apart([row[key] for row in alike])]
    return _plain(own[found[0]]) if len(found) == 1 else None


def _tells_apart(values: Sequence[Any]) -> bool:
    plain = [_plain(value) for value in values]
    return all(value and AN_ID.fullmatch(value) for value in plain) and len(set(plain)) == len(plain)


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else value


def _id_near(text: str, title: str) -> str | None:
    """The id in the title's line, else the one that stands nearest to it."""
    at = text.find(title)
    if at < 0:
        return None
    end = at + len(title)
    line_start, line_end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[line_start : line_end if line_end >= 0 else len(text)].replace(title, " " * len(title))
    # A word that the cut goes through would be read as another: half of `40c7` as the number 40.
    begins = 0 if at <= NEAR else max(text.find("\n", at - NEAR, line_start) + 1 or line_start, at - NEAR)
    around = text[begins : end + NEAR].replace(title, " " * len(title))
    for place, here in ((line, at - line_start), (around, at - begins)):
        for pattern in (_UUID, _MARKED, _AS_CODE, _NUMBERED):
            found = sorted(pattern.finditer(place), key=lambda m: abs(m.start() - here))
            if found:
                return next(word for word in (*found[0].groups(), found[0][0]) if word)
        if (behind := _BEHIND.match(text, end)) is not None:
            return behind[1]
    return None
