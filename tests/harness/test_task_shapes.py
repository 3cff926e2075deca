"""A list of tasks is read in whatever shape a server tells it: the id beside a title is never a neighbour's."""

from __future__ import annotations

import json

import pytest

from chatkit_conformance.target.task_id import ids_of, named, task_id_from, told_id
from chatkit_conformance.target.task_reading import entry, facts_of, is_completed, is_page
from chatkit_conformance.target.task_shapes import loose_rows

ONE, OTHER = "Water the ferns", "Buy milk"
TASK = {"title": ONE, "completed": False}
FENCED = "Here they are:\n```json\n" + json.dumps([{"id": 12, **TASK}], indent=1) + "\n```"

ROWS = {
    "YAML": f"tasks:\n  - id: 11\n    title: {OTHER}\n    done: true\n  - id: 12\n    title: {ONE}\n    done: no\n",
    "YAML, the title first": f"- title: {OTHER}\n  id: '11'\n  done: yes\n- title: '{ONE}'\n  id: '12'\n  done: no\n",
    "pairs line by line": f"Task\n Id: 11\n Title: {OTHER}\n Done: yes\n\nTask\n Id: 12\n Title: {ONE}\n Done: no",
    "under result": json.dumps({"result": {"tasks": [{"id": 12, **TASK}]}}),
    "text under result": json.dumps({"result": json.dumps([{"id": 12, **TASK}])}),
    "MCP": json.dumps({"content": [{"type": "text", "text": json.dumps([{"id": 12, **TASK}])}]}),
    "XML": f"<t><task id='11'><title>{OTHER}</title></task><task id='12' done='no'><title>{ONE}</title></task></t>",
    "CSV": f"id,title,completed\n11,{OTHER},true\n12,{ONE},false",
    "tabs": f"id\ttitle\tcompleted\n11\t{OTHER}\ttrue\n12\t{ONE}\tfalse",
    "a table in a box": f"+--+\n| id | title | done |\n+--+\n| 11 | {OTHER} | yes |\n| 12 | {ONE} | no |\n+--+",
    "columns of blanks": f"ID   TITLE             DONE\n11   {OTHER}          yes\n12   {ONE}   no",
    "keyed by id": json.dumps({"tasks": {"11": {"title": OTHER}, "12": TASK}}),
    "lists": json.dumps([[11, OTHER, True], [12, ONE, False]]),
    "tuples": f"[(11, '{OTHER}', True), (12, '{ONE}', False)]",
    "columns and rows": json.dumps({"columns": ["id", "title", "done"], "rows": [[11, OTHER, True], [12, ONE, False]]}),
    "German": json.dumps([{"nummer": 12, "bezeichnung": ONE, "erledigt": False}]),
    "Spanish": json.dumps([{"identificador": 12, "título": ONE, "completada": False}]),
    "an id in an object": json.dumps([{"_id": {"$oid": "12"}, **TASK}]),
    "a link": json.dumps([{"href": "/tasks/12", **TASK}]),
    "fenced": FENCED,
    "a French table": f"| Tâche | Faite | Réf. |\n|---|---|---|\n| {OTHER} | oui | `11` |\n| {ONE} | non | `12` |",
}
"""The same two tasks; each shape tells an id, a title, and that the task is open."""

LINES = {
    "in HTML": f"<ul><li data-id='11'>{OTHER}</li><li data-id='12'>{ONE}</li></ul>",
    "ids and titles alone": json.dumps({"11": OTHER, "12": ONE}),
    "numbered, with an id": f"You have 2 tasks:\n1. {OTHER} [id: 11]\n2. {ONE} [id: 12]",
    "in brackets behind": f"You have 2 tasks: {OTHER} (11) and {ONE} (12).",
    "said": f"I created the task '{ONE}'. Its ID is 12.",
    "in German": f"Aufgabe 11: {OTHER} (erledigt)\nAufgabe 12: {ONE} (offen)",
    "in Japanese": f"タスク11：{OTHER}（完了）\nタスク12：{ONE}（未完了）",
    "in French prose": f"La tâche « {ONE} » est ajoutée (réf. 12).",
    "as code": f"Added **{ONE}** as `12`.",
    "with a sign": f"✅ 11 {OTHER}\n⏳ 12 {ONE}",
}


@pytest.mark.parametrize("shape", [*ROWS, *LINES])
def test_the_id_beside_a_title_is_its_own(shape: str) -> None:
    """In each shape the task's id is 12, though the other task and a count stand near."""
    assert task_id_from({**ROWS, **LINES}[shape], ONE) == "12"


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("1. {} (ref t-1a2b; open)", False),
        ("- {} — t-1a2b — done", True),
        ("{}: not done", False),
        ("{}, completed", True),
        ("{}, open, done", None),
        ("{} (open the door, then it is done)", None),
    ],
)
def test_a_state_in_prose_stands_alone(line: str, done: bool | None) -> None:
    """A word for a state is read between marks, where there is one such word; within a sentence it says nothing."""
    found = entry(line.format(ONE), ONE)
    assert found is not None
    assert is_completed(found) is done


@pytest.mark.parametrize(
    ("state", "done"),
    [("done", True), ("Completed", True), ("in_progress", False), ("To Do", False), ("out", None), ("returned", None)],
)
def test_a_state_in_words_of_its_own_says_nothing(state: str, done: bool | None) -> None:
    """A state is read where its word is known; of a loan that is `out` nobody here says that it is open."""
    assert is_completed({"id": "l-1", "title": ONE, "state": state}) is done


@pytest.mark.parametrize("shape", ROWS)
def test_a_row_is_an_object_with_its_facts(shape: str) -> None:
    """In a shape with rows, the id, the title and that it is open are told of one object."""
    found = entry(ROWS[shape], ONE)
    assert found is not None
    assert ids_of(ROWS[shape], ONE) == {"12"}
    assert is_completed(found) is False
    assert facts_of(found) == {"title": ONE, "completed": False}


@pytest.mark.parametrize(
    "text",
    [
        f"Created: {ONE}",
        f"Note: I could not find {ONE}.\nHint: list the tasks first.",
        "id, or whatever you like\nand so on, and so forth",
        "<p>Nothing is here",
        "<!DOCTYPE html><html></html>",
        "",
    ],
)
def test_prose_has_no_rows(text: str) -> None:
    """A sentence with a colon, a comma or a tag in it is no list of tasks."""
    assert loose_rows(text) is None
    assert task_id_from(text, ONE) is None


def test_what_a_loose_notation_does_not_tell_is_not_made_up() -> None:
    """Tags and dates of YAML are left out: a list of them, or a date's form, would be read wrongly."""
    found = entry(f"- id: 12\n  title: {ONE}\n  due: 2030-01-02\n  tags:\n    - green\n    - wet\n", ONE)
    assert found == {"id": "12", "title": ONE}


@pytest.mark.parametrize(
    ("text", "page"),
    [
        (f"Page 1 of 3\n- {ONE}", True),
        (f"Seite 3 von 3\n- {ONE}", False),
        (f"- {ONE}\n... and 5 more", True),
        ("Showing 20 of 45 tasks", True),
        ("Showing 3 of 3 tasks", False),
        (json.dumps({"items": [TASK], "pageInfo": {"hasNextPage": True}}), True),
        (json.dumps({"items": [TASK], "next": None}), False),
    ],
)
def test_a_page_says_so_in_words_too(text: str, *, page: bool) -> None:
    """What says that there is more is a page of several; what says that this is all is not."""
    assert is_page(text) is page


def test_a_column_that_tells_rows_apart_holds_their_ids() -> None:
    """Where no key says id, the id is what is another in each row and looks like one; of two such, neither is taken."""
    rows = [{"title": OTHER, "karte": "A-11", "stufe": 1}, {"title": ONE, "karte": "A-12", "stufe": 1}]
    assert task_id_from(json.dumps(rows), ONE) == "A-12"
    rows[0]["stufe"] = 2
    assert task_id_from(json.dumps(rows), ONE) is None
    assert told_id(json.dumps(rows), ONE) is None


def test_half_of_a_word_is_no_id() -> None:
    """A number that begins another task's handle, or what a cut left of it, is not the id of this one."""
    far = "| Mend the fence | no | `" + "ab" * 90 + "40` |\n"
    assert task_id_from(f"{far}| {ONE} | no | never |", ONE) is None
    assert task_id_from(f"40c7e1 is due\n{ONE} is new", ONE) is None


@pytest.mark.parametrize(
    ("handle", "told", "result", "known"),
    [
        ("12", json.dumps([{"id": 12, "title": ONE}]), "Rien.", True),
        ("40", f"« {ONE} » (`40`)", "Aucune tâche n'a cette référence.", False),
        ("40", f"« {ONE} » (`40`)", f"C'est fait pour « {ONE} ».", True),
        ("40", f"« {ONE} » (`40`)", "Deleted.", True),
        (ONE, "Done", f"Pas de tâche {ONE}.", False),
    ],
)
def test_a_guessed_handle_names_a_task_only_where_the_server_says_so(
    handle: str, told: str, result: str, known: bool
) -> None:
    """An id under a key names it; of another word, only the call's result can tell, and an echo tells nothing."""
    assert named(ONE, handle, [told], result) is known
