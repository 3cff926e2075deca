"""Tasks as they stand in a tool's result, in whatever shape a server tells them.

Read as JSON, JSON inside text or strings, what Python prints of dicts and lists (the Agents SDK sends a tool's dict
so), `Task(id=1, title='x')`, a Markdown table, the shapes of task_shapes.py, and last as lines of prose. A task found
as an object is a dict; one found in prose is its line.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from .task_shapes import DONE_KEYS, STATE_KEYS, TITLE_KEYS, loose_rows, rows_of, spelled

Entry = dict[str, Any] | str
"""A task: an object, or a line of text."""

LONGEST = 400_000
"""Characters of a result that are read as a structure; a longer one is read as prose."""

_DONE_WORDS = ("completed", "complete", "done", "finished", "closed", "erledigt", "fertig", "hecho", "terminé", "完了")
_YES = ("true", "yes", "ja", "oui", "sí", "si", "sim", "tak", "evet", "ya", "x", "✓", "✅", "✔")
_NO = ("false", "no", "nein", "non", "nee", "nej", "nei", "nie", "não", "hayır", "tidak", "✗", "❌")
_DONE_MARKS = re.compile(r"\[x\]|☑|✅|✔", re.IGNORECASE)
_OPEN_MARKS = re.compile(r"\[ \]|☐|⬜")
_OPEN_WORDS = (
    *("open", "pending", "to do", "todo", "not done", "not completed", "incomplete", "unfinished", "active"),
    *("offen", "nicht erledigt", "pendiente", "abierta", "ouverte", "à faire", "aperta", "未完了"),
)
_BEGUN_WORDS = (
    *(
        "new",
        "created",
        "planned",
        "backlog",
        "waiting",
        "outstanding",
        "not started",
        "started",
        "in progress",
        "doing",
    ),
    *("neu", "geplant", "begonnen", "in arbeit", "nueva", "en curso", "en cours", "in corso", "em andamento"),
)
"""More words for the state of a task that is not done, where they stand alone under a key that tells it."""

_STATE = re.compile(
    rf"(?:^|[(\[;,|—–:-])\s*(?:({'|'.join(_DONE_WORDS)})|{'|'.join(_OPEN_WORDS)})\s*(?=$|[)\];,|—–.-])", re.IGNORECASE
)
"""A word for a task's state that stands alone between marks, as in "Ferns (ref 12; open)": within a sentence, it may
speak of something else."""

_REPR = re.compile(r"\b[A-Za-z_]\w*\(((?:[^()]|\([^()]*\))*)\)")
_PAIR = re.compile(r"""(\w+)=('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,\s()]+)""")


@lru_cache(maxsize=512)
def parsed(text: str) -> Any:
    """The structure in a text: JSON, a Python literal, or either inside prose; None where there is none."""
    found = text.strip()
    if not found or len(found) > LONGEST:
        return None
    for value in (_whole(found), _table(found), _inside(found), _reprs(found), loose_rows(found)):
        if value is not None:
            return value
    return None


def _whole(text: str) -> Any:
    if not text.startswith(("{", "[", "(", '"', "'")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
    return value if isinstance(value, dict | list | tuple | str) else None


def _inside(text: str) -> Any:
    """The objects that stand inside prose, one after the other."""
    found: list[Any] = []
    decoder, at = json.JSONDecoder(), 0
    while (match := re.compile(r"[\[{]").search(text, at)) is not None:
        try:
            value, at = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            line = text[match.start() :].splitlines()[0]
            value, at = _whole(line.rstrip(" .;,")), match.start() + 1
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(row, dict) for row in value)):
            found.append(value)
            at = max(at, match.start() + 1)
    return found or None


def _reprs(text: str) -> Any:
    """Objects as Python's dataclasses and pydantic print them: `Task(id=1, title='Ferns')`."""
    rows = []
    for match in _REPR.finditer(text):
        pairs = {key: _value(raw) for key, raw in _PAIR.findall(match[1])}
        if len(pairs) > 1:
            rows.append(pairs)
    return rows or None


def _value(raw: str) -> Any:
    try:
        return ast.literal_eval(raw)
    except (ValueError, SyntaxError):
        return raw


def _table(text: str) -> Any:
    """The rows of a Markdown table, keyed by its head."""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("|")]
    if len(lines) < 3 or not re.fullmatch(r"[|\s:-]+", lines[1]):
        return None
    cells = [[_bare(cell) for cell in line.strip("|").split("|")] for line in lines]
    head = [cell.lower().replace(" ", "_") for cell in cells[0]]
    return [dict(zip(head, row, strict=False)) for row in cells[2:]]


def _bare(cell: str) -> str:
    """A table's cell without the marks that make it code or bold."""
    cell = cell.strip()
    while len(cell) > 2 and cell[0] == cell[-1] and cell[0] in "`*_":
        cell = cell[1:-1].strip()
    return cell


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a structure, outer before inner; texts that hold a structure are looked into."""
    if isinstance(value, str):
        if value.lstrip().startswith(("{", "[")):
            yield from objects(_whole(value.strip()))
        return
    value = rows_of(value)
    if isinstance(value, dict):
        yield {str(key): inner for key, inner in value.items()}
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for inner in value:
        if isinstance(inner, dict | list | tuple | str):
            yield from objects(inner)


def entry(text: str, title: str) -> Entry | None:
    """The smallest piece of a result that holds the title: an object, else the line. None where it is nowhere."""
    found = [row for row in objects(parsed(text)) if title in _texts(row)]
    if found:
        return found[-1]
    return next((_clause(line, title) for line in text.splitlines() if title in line), None)


def entries(text: str, title: str) -> list[Entry]:
    """Every piece of a result that holds the title: objects, else lines."""
    found: list[Entry] = [row for row in objects(parsed(text)) if title in _texts(row)]
    return found or [_clause(line, title) for line in text.splitlines() if title in line]


_OWN_NUMBER = re.compile(r"(?:^|: |; )([^\W\d]+) \d+\b[^;]{0,12}$")
"""How a task begins in a list that is one sentence: "There are 2 tasks: task 1 is A (done); task 2 is B (open)."."""


def _clause(line: str, title: str) -> str:
    """What a line of prose says of one task: all of it, or in a list that is one sentence its own clause."""
    at = line.find(title)
    begins = _OWN_NUMBER.search(line[:at])
    if begins is None:
        return line
    end = line.find(f"; {begins[1]} ", at)
    return line[begins.start(1) : end if end >= 0 else len(line)].rstrip(" .")


def _texts(row: dict[str, Any]) -> list[str]:
    return [value for value in row.values() if isinstance(value, str)]


_MORE_KEYS = (
    *("has_more", "hasmore", "next", "next_page", "nextpage", "next_cursor", "nextcursor", "nextpagetoken"),
    *(
        "has_next",
        "hasnext",
        "has_next_page",
        "hasnextpage",
        "next_offset",
        "nextoffset",
        "next_page_token",
        "truncated",
    ),
)
_PAGE_OF = re.compile(
    r"(?:\b(?:page|seite|página|pagina)\s+|\bshowing\s+(?:\d+\s*(?:-|–|to)\s*)?|\berste\w*\s+)"
    r"(\d+)\s*(?:of|/|von|de|di|sur|out of)\s*(\d+)",
    re.IGNORECASE,
)
_AND_MORE = re.compile(
    r"\b(?:and|und|et|y|e)\s+\d+\s+(?:more|weitere|others|autres|más|altri)\b|\b(?:offset|cursor|page)\s*=\s*\w+",
    re.IGNORECASE,
)
TOTAL_KEYS = ("total", "total_count", "totalcount", "count_all")
"""Keys under which a list tells how many rows it has in all."""


def is_page(text: str) -> bool:
    """Whether a list says that it is one page of several, so that what is not in it may be on another."""
    for row in objects(parsed(text)):
        told = {key.lower(): value for key, value in row.items()}
        pages = told.get("pages", told.get("total_pages", told.get("page_count")))
        rows = [value for value in row.values() if isinstance(value, list)]
        totals = (told[key] for key in TOTAL_KEYS if key in told)
        beyond = any(isinstance(total, int) and rows and total > max(map(len, rows)) for total in totals)
        if (isinstance(pages, int) and pages > 1) or beyond or any(told.get(key) for key in _MORE_KEYS):
            return True
    if any(int(first) < int(last) for first, last in _PAGE_OF.findall(text)):
        return True
    return bool(_AND_MORE.search(text))


def is_completed(found: Entry) -> bool | None:
    """Whether an entry says that its task is completed; None where it does not say it in words that we know."""
    if isinstance(found, str):
        if _OPEN_MARKS.search(found):
            return False
        if _DONE_MARKS.search(found):
            return True
        told_so = {bool(state[1]) for state in _STATE.finditer(found.strip())}
        return told_so.pop() if len(told_so) == 1 else None
    told = {spelled(key): value for key, value in found.items()}
    for key in DONE_KEYS:
        if isinstance(told.get(key), bool):
            return bool(told[key])
        if isinstance(told.get(key), str) and told[key].lower() in (*_YES, *_NO):
            return told[key].lower() in _YES
    for key in STATE_KEYS:
        if isinstance(told.get(key), str):
            state = re.sub(r"[\s_-]+", " ", told[key]).strip().lower()
            return True if state in _DONE_WORDS else False if state in (*_OPEN_WORDS, *_BEGUN_WORDS) else None
    if "completed_at" in told:
        return told["completed_at"] is not None
    return None


FACTS: dict[str, tuple[str, ...]] = {
    "title": TITLE_KEYS,
    "description": ("description", "details", "notes", "note", "body"),
    "due_date": ("due_date", "due", "deadline", "due_at", "duedate"),
    "priority": ("priority", "importance"),
    "tags": ("tags", "labels", "categories"),
}
"""Keys under which a task's facts stand in an object, in lower case, the likeliest first."""


def facts_of(found: Entry) -> dict[str, Any]:
    """What an object says of its task, comparable: dates without a time, tags in order. Nothing of a line of prose."""
    if isinstance(found, str):
        return {}
    told = {spelled(key): value for key, value in found.items()}
    facts: dict[str, Any] = {}
    for fact, keys in FACTS.items():
        key = next((key for key in keys if key in told), None)
        if key is not None:
            facts[fact] = _plain(fact, told[key])
    if (done := is_completed(found)) is not None:
        facts["completed"] = done
    return facts


def _plain(fact: str, value: Any) -> Any:
    if value in (None, "", [], ()):
        return None
    if fact == "due_date":
        return str(value)[:10]
    if fact == "tags" and isinstance(value, list | tuple):
        return sorted(map(str, value))
    if fact == "tags" and isinstance(value, str):
        return sorted(part.strip() for part in value.strip("[]").replace("'", "").split(","))
    return str(value).strip().lower() if fact == "priority" else value


_SUCCESS_KEYS = ("ok", "success", "succeeded", "updated", "deleted", "completed", "changed", "removed")
_FAILURE = re.compile(
    r"\bnot[ _-]?found\b|\bno (?:such )?(?:task|todo|item)|\berror|\bfail|\bunknown\b|\binvalid\b"
    r"|\bdoes(?:n't| not) exist|\bcould(?:n't| not)\b|\bcannot\b|\bunable\b|\bmissing\b|\b404\b|\bnothing\b",
    re.IGNORECASE,
)
_SUCCESS_WORDS = re.compile(r"\b(?:updated|changed|completed|deleted|removed|done|marked|success\w*)\b", re.IGNORECASE)


def claims_success(text: str) -> bool | None:
    """Whether a tool's result says that its work was done; None where it does not say it in words that we know."""
    if _FAILURE.search(text):
        return False
    rows = list(objects(parsed(text)))
    outer = next((n for n, row in enumerate(rows) if len(row) > 1), 0)  # what only wraps says nothing
    for row in rows[: outer + 1]:
        for key in _SUCCESS_KEYS:
            value = row.get(key)
            if isinstance(value, bool | int):
                return bool(value)
            if isinstance(value, dict) and value:  # `"deleted": {...}` shows what it was done to
                return True
        status = row.get("status", row.get("result"))
        if isinstance(status, str) and _SUCCESS_WORDS.search(status):
            return True
    if rows:
        return None
    if text.strip().lower() in ("true", "false"):
        return text.strip().lower() == "true"
    return True if _SUCCESS_WORDS.search(text) else None
