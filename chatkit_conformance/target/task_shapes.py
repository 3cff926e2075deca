"""Shapes in which servers tell a list of tasks: each read as rows, so that a task is one object with its id and title.

JSON, Python's notation and Markdown's tables are read whole. From what is looser (YAML, XML, CSV, columns, pairs line
by line) only the id, the title and whether it is done are taken: of the rest the notation does not say what it means.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Row = dict[str, Any]


def spelled(key: str) -> str:
    """A key without accents, capitals and signs: `Réf.` as `ref`, `data-id` as `data_id`."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", key) if not unicodedata.combining(sign))
    return re.sub(r"\W+", "_", plain.lower()).strip("_")


ID_KEYS = (
    *("id", "task_id", "taskid", "uuid", "todo_id", "todoid", "item_id", "itemid", "key", "number", "ref", "data_id"),
    *(
        "kennung",
        "nummer",
        "nr",
        "identificador",
        "identifiant",
        "identificatore",
        "codigo",
        "codice",
        "numero",
        "reference",
    ),
    *("referenz", "referencia", "riferimento", "handle", "slug", "schlussel", "clave", "chave", "chiave", "cle"),
)
"""Names under which a task's id stands beside its title, as `spelled`, the likeliest first."""

TITLE_KEYS = (
    *("title", "name", "subject", "summary", "text", "task", "todo"),
    *("titel", "titre", "titulo", "titolo", "bezeichnung", "aufgabe", "tarea", "tache"),
    *("tarefa", "omschrijving", "rubrik", "uppgift", "baslik", "judul"),
)
"""Names of a task's title, as `spelled`, the likeliest first."""

DONE_KEYS = (
    *("completed", "is_completed", "complete", "is_complete", "done", "is_done", "finished", "checked"),
    *("erledigt", "fertig", "abgeschlossen", "completada", "completado", "hecha", "hecho", "terminee", "termine"),
    *("faite", "fait", "concluida", "concluido", "feita", "feito", "completata", "fatto", "fatta"),
    *("klaar", "gedaan", "afgerond", "voltooid", "klar", "fardig", "avklarad", "ferdig", "udfort"),
    *("zrobione", "ukonczone", "tamamlandi", "selesai"),
)
STATE_KEYS = ("status", "state", "zustand", "estado", "statut", "stato")

TOLD = frozenset({*ID_KEYS, *TITLE_KEYS, *DONE_KEYS, *STATE_KEYS})
"""What is taken from a loose notation."""

_PAIR = re.compile(r"^(?P<dash>\s*[-*•]\s+|\s*)(?P<key>[^\W\d][\w -]{0,24}?)\s*:(?:\s+(?P<value>.*))?$")
_BOUNDARY = re.compile(r"^\s*(?:[-*•]\s*)?$")
_RULE = re.compile(r"^[\s|+:=-]+$")
AN_ID = re.compile(r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{8,}|[A-Za-z]{1,8}[-_]?\d[\w-]*")
_WORDS: Mapping[str, bool | None] = {"true": True, "yes": True, "false": False, "no": False, "null": None, "~": None}


def loose_rows(text: str) -> list[Row] | None:
    """The tasks in a text of none of the usual notations; None where it has no row with a title."""
    for read in _READERS:
        rows = [row for row in read(text) if any(key in row for key in TITLE_KEYS) and len(row) > 1]
        if rows:
            return rows
    return None


def _told(pairs: Iterator[tuple[str, str]]) -> Row:
    named = ((spelled(key), value.strip()) for key, value in pairs)
    return {key: _plain(value) for key, value in named if key in TOLD and value and value[:1] not in "|>"}


def _plain(value: str) -> Any:
    if value[:1] in "\"'" and value[-1:] == value[:1]:
        return value[1:-1]
    return _WORDS.get(value.lower(), value)


def _markup(text: str) -> Iterator[Row]:
    """XML, or a list in HTML: an element's attributes, the texts of its children, and its own text."""
    if not text.startswith("<") or "<!" in text:
        return
    from xml.etree import ElementTree

    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without `<!` it declares no entities that could grow
    except ElementTree.ParseError:
        return
    for element in root.iter():
        own = [] if len(element) else [("text", element.text or "")]
        yield _told(iter([*element.attrib.items(), *((child.tag, child.text or "") for child in element), *own]))


def _columns(text: str) -> Iterator[Row]:
    """A head with the names of the columns, and a row in each line: by commas, tabs, bars or blanks."""
    lines = [line.strip().strip("|").strip() for line in text.splitlines() if not _RULE.match(line)]
    for split in (_by(","), _by(";"), _by("\t"), _by("|"), lambda line: re.split(r"\s{2,}", line)):
        table = [[cell.strip() for cell in split(line)] for line in lines]
        for n, head in enumerate(table[:3]):
            rows = [row for row in table[n + 1 :] if len(row) == len(head)]
            names = {spelled(name) for name in head}
            if len(head) > 1 and rows and names.intersection(TITLE_KEYS) and names.intersection(TOLD - {*TITLE_KEYS}):
                yield from (_told(zip(head, row, strict=True)) for row in rows)
                return


def _by(sign: str) -> Callable[[str], list[str]]:
    return lambda line: next(csv.reader([line], delimiter=sign, skipinitialspace=True), [])


def _pairs(text: str) -> Iterator[Row]:
    """YAML, and pairs line by line: a dash, a blank line or a name that comes again begins the next row."""
    row: list[tuple[str, str]] = []
    for line in (*text.splitlines(), ""):
        found = _PAIR.match(line)
        again = found and any(found["key"].lower() == key.lower() for key, _ in row)
        if _BOUNDARY.match(line) or again or (found and found["dash"].strip()):
            yield _told(iter(row))
            row = []
        if found:
            row.append((found["key"], found["value"] or ""))


_READERS = (_markup, _columns, _pairs)


def rows_of(value: Any) -> Any:
    """The value with rows that are keyed by their id, or that are lists, as objects; any other as it is."""
    if isinstance(value, dict):
        return _of_columns(value) or _of_keyed(value) or value
    if isinstance(value, list | tuple) and value:
        made = [_of_list(row) for row in ([value] if isinstance(value, tuple) else value)]
        return made if all(made) else value
    return value


def _of_columns(value: Row) -> list[Row] | None:
    """`{"columns": ["id", "title"], "rows": [[1, "Ferns"]]}`."""
    lists = [each for each in value.values() if isinstance(each, list)]
    heads = [each for each in lists if each and all(isinstance(cell, str) for cell in each)]
    tables = [each for each in lists if each and all(isinstance(row, list | tuple) for row in each)]
    if len(heads) != 1 or len(tables) != 1:
        return None
    return [dict(zip(heads[0], row, strict=False)) for row in tables[0]]


def _of_keyed(value: Row) -> list[Row] | None:
    """`{"12": {"title": "Ferns"}}`, and `{"12": "Ferns"}`."""
    if not value or not all(AN_ID.fullmatch(str(key)) for key in value):
        return None
    if all(isinstance(inner, str) for inner in value.values()):
        return [{"id": key, "title": title} for key, title in value.items()]
    if all(isinstance(inner, dict) and not {*ID_KEYS}.intersection(map(spelled, inner)) for inner in value.values()):
        return [{"id": key, **inner} for key, inner in value.items()]
    return None


def _of_list(row: Any) -> Row | None:
    """`[12, "Ferns", False]`: an id, then a title."""
    if not isinstance(row, list | tuple) or len(row) < 2 or isinstance(row[0], bool):
        return None
    id, rest = row[0], row[1:]
    texts = [cell for cell in rest if isinstance(cell, str)]
    if not isinstance(id, int | str) or not AN_ID.fullmatch(str(id)) or not texts:
        return None
    done = [cell for cell in rest if isinstance(cell, bool)]
    return {"id": id, "title": texts[0], **({"completed": done[0]} if len(done) == 1 else {})}
