"""Roles of tools, names of their arguments, and ids in their results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from chatkit_conformance.check import Untestable
from chatkit_conformance.target.config_error import ConfigError
from chatkit_conformance.target.doubt import doubtful
from chatkit_conformance.target.stated import AFTER, front_of, stated_arguments
from chatkit_conformance.target.task_id import task_id_from
from chatkit_conformance.target.tool_result import tool_results
from chatkit_conformance.target.tools import Tool, call_of, map_roles
from chatkit_conformance.transcript import Call

REFERENCE = (
    "create_task",
    "list_tasks",
    "update_task",
    "delete_task",
    "complete_task",
    "complete_all_tasks",
    "delete_all_tasks",
)
ROLES = ("create", "read", "update", "delete", "complete", "bulk-complete", "bulk-delete")


@pytest.mark.parametrize(
    "names",
    [
        REFERENCE,
        ("addTodo", "getTodos", "editTodo", "removeTodo", "markTodoDone", "markAllTodosDone", "removeAllTodos"),
        (
            "new_item",
            "search_items",
            "rename_item",
            "erase_item",
            "finish_item",
            "bulk_finish_items",
            "bulk_erase_items",
        ),
        (
            "aufgabe_anlegen",
            "aufgaben_auflisten",
            "aufgabe_aendern",
            "aufgabe_loeschen",
            "aufgabe_erledigen",
            "alle_aufgaben_erledigen",
            "alle_aufgaben_loeschen",
        ),
        (
            "creer_tache",
            "afficher_taches",
            "modifier_tache",
            "supprimer_tache",
            "terminer_tache",
            "terminer_toutes_taches",
            "supprimer_toutes_taches",
        ),
        (
            "crearTarea",
            "listarTareas",
            "actualizarTarea",
            "eliminarTarea",
            "completarTarea",
            "completarTodasTareas",
            "eliminarTodasTareas",
        ),
        ("gorev_ekle", "gorev_listele", "gorev_guncelle", "gorev_sil", "gorev_tamamla", "tum_tamamla", "tum_sil"),
    ],
)
def test_roles_are_read_from_names(names: tuple[str, ...]) -> None:
    """The words of a tool's name tell its role, in the styles that servers use."""
    found = map_roles([Tool(name=name) for name in ("get_weather", *names)], {})
    assert {role: tool.name for role, tool in found.items()} == dict(zip(ROLES, names, strict=True))


def test_tools_whose_names_say_nothing_are_known_by_their_descriptions() -> None:
    """The verb that begins a description tells the role, unless two begin alike or the name speaks for itself."""
    one = schema(("id",), id=TEXT)
    tools = [
        Tool(name="t1", description="Creates a new to-do for the user."),
        Tool(name="t2", description="Lists all to-dos."),
        Tool(name="t3", description="Elimina una tarea.", schema=one),
        Tool(
            name="t4", description="Deletes all of the user's to-dos.", schema=schema((), confirm={"type": "boolean"})
        ),
        Tool(name="t5", description="Updates a to-do.", schema=one),
        Tool(name="t6", description="Update the theme."),
        Tool(name="weather_get", description="Completes the picture."),
    ]
    found = {role: tool.name for role, tool in map_roles(tools, {}).items()}
    assert found == {"create": "t1", "read": "weather_get", "delete": "t3", "bulk-delete": "t4"}


def test_list_all_is_no_bulk_tool() -> None:
    """`list_all_tasks` reads, and a server without bulk tools has none."""
    found = map_roles([Tool(name="list_all_tasks"), Tool(name="delete_task")], {})
    assert {role: tool.name for role, tool in found.items()} == {"read": "list_all_tasks", "delete": "delete_task"}


@pytest.mark.parametrize(
    ("description", "schema", "known"),
    [
        ("Handoff to the gardener agent to handle the request. ", {"type": "object", "properties": {}}, True),
        ("Ends the chat and rings a colleague.", {"type": "object", "properties": {}}, False),
        ("Handoff of money.", {"type": "object", "properties": {"amount": {"type": "number"}}}, False),
    ],
)
def test_a_handoff_is_known_by_more_than_its_name(description: str, schema: Mapping[str, Any], known: bool) -> None:
    """A tool called transfer_to_... is another agent's where it is described so and takes nothing."""
    tool = Tool(name="transfer_to_gardener", description=description, schema=schema)
    assert ("handoffs" in map_roles([tool], {})) is known


def test_target_file_wins_over_names() -> None:
    """A name that the target file gives is taken; one that the server does not declare is a mistake."""
    tools = [Tool(name="frobnicate"), Tool(name="create_task")]
    assert map_roles(tools, {"create": "frobnicate"})["create"].name == "frobnicate"
    with pytest.raises(ConfigError, match="'nix', but the server declares frobnicate, create_task"):
        map_roles(tools, {"create": "nix"})


def schema(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """An object's schema."""
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
NULLABLE = {"anyOf": [{"type": "string"}, {"type": "null"}]}


@pytest.mark.parametrize(
    ("schema_", "facts", "arguments"),
    [
        (schema(("titel",), titel=TEXT, beschreibung=TEXT), {"title": "Farne"}, {"titel": "Farne"}),
        (schema(("bezeichnung",), bezeichnung=TEXT, confirm={"type": "boolean"}), {"title": "x"}, {"bezeichnung": "x"}),
        (schema(("nr",), nr=NUMBER), {"id": "12"}, {"nr": 12}),
        (schema(("nr", "inhalt"), nr=NUMBER, inhalt=TEXT), {"id": "3", "new_title": "y"}, {"nr": 3, "inhalt": "y"}),
        (schema(("id_tarea",), id_tarea=TEXT), {"id": "a1"}, {"id_tarea": "a1"}),
        (
            schema(("task",), task={"type": "object", "properties": {"nombre": TEXT}, "required": ["nombre"]}),
            {"title": "Helechos"},
            {"task": {"nombre": "Helechos"}},
        ),
        (
            schema(("title", "due_date", "tags"), title=TEXT, due_date=NULLABLE, tags=NULLABLE),
            {"title": "z"},
            {"title": "z", "due_date": None, "tags": None},
        ),
    ],
)
def test_arguments_are_found_by_language_type_and_nesting(
    schema_: dict[str, Any], facts: dict[str, Any], arguments: dict[str, Any]
) -> None:
    """An argument that goes by an unknown name is the one that can hold the fact, if there is only one."""
    made = call_of(Tool(name="t", schema=schema_), facts)["arguments"]
    made.pop("confirm", None)
    assert made == arguments


@pytest.mark.parametrize("required", [("reason",), ("user_id",), ("a", "b")])
def test_a_fact_is_never_put_where_it_may_not_belong(required: tuple[str, ...]) -> None:
    """Arguments of another known meaning, and two that could both be meant, are left alone."""
    with pytest.raises(Untestable):
        call_of(Tool(name="t", schema=schema(required, **dict.fromkeys(required, TEXT))), {"title": "x"})


@pytest.mark.parametrize(
    ("schema_", "facts", "arguments"),
    [
        (schema(("title",), title=TEXT), {"title": "Ferns", "priority": "high"}, {"title": "Ferns"}),
        (schema(("name",), name=TEXT), {"title": "Ferns"}, {"name": "Ferns"}),
        (schema((), taskId={"type": "integer"}), {"id": "12", "title": "Old"}, {"taskId": 12}),
        (
            schema((), task_id=TEXT, title=TEXT),
            {"id": "1", "title": "Old", "new_title": "New"},
            {"task_id": "1", "title": "New"},
        ),
        (
            schema((), title=TEXT, new_title=TEXT),
            {"id": "1", "title": "Old", "new_title": "New"},
            {"title": "Old", "new_title": "New"},
        ),
        (
            schema((), task_id=TEXT, changes=schema((), title=TEXT)),
            {"id": "1", "new_title": "New"},
            {"task_id": "1", "changes": {"title": "New"}},
        ),
        (schema((), task_ids={"type": "array", "items": TEXT}), {"ids": ["1", "2"]}, {"task_ids": ["1", "2"]}),
        (schema((), confirm={"type": "boolean"}), {}, {"confirm": True}),
        (schema((), confirm={"type": "boolean"}), {"confirm": False}, {"confirm": False}),
        (schema(("due",), due={"anyOf": [TEXT, {"type": "null"}]}), {}, {"due": None}),
        (schema(("kind",), kind={"enum": ["a", "b"]}), {}, {"kind": "a"}),
        (
            schema(("n", "ok", "l"), n={"type": "integer"}, ok={"type": "boolean"}, l={"type": "array"}),
            {},
            {"n": 1, "ok": True, "l": []},
        ),
        (
            {**schema((), input={"$ref": "#/$defs/In"}), "$defs": {"In": schema((), title=TEXT)}},
            {"title": "Ferns"},
            {"input": {"title": "Ferns"}},
        ),
    ],
)
def test_arguments_are_named_as_the_schema_names_them(
    schema_: dict[str, Any], facts: dict[str, Any], arguments: dict[str, Any]
) -> None:
    """Facts find the argument that is meant; what is required and unknown gets a value that fits its type."""
    assert call_of(Tool(name="t", schema=schema_), facts)["arguments"] == arguments


@pytest.mark.parametrize(
    ("argument", "facts", "sent"),
    [
        ({"enum": ["bassa", "media", "alta"]}, {"priority": "high"}, "alta"),
        ({"enum": ["Low", "Medium", "High"]}, {"priority": "medium"}, "Medium"),
        ({"anyOf": [{"enum": ["p1", "p2", "p3", "p4"]}, {"type": "null"}]}, {"priority": "low"}, "p1"),
        ({"type": "integer", "minimum": 1, "maximum": 5}, {"priority": "medium"}, 3),
        ({"enum": ["home", "work"]}, {"tags": ["garden"]}, None),
        ({"type": "array", "items": {"enum": ["home", "work"]}}, {"tags": ["garden"]}, None),
        ({"type": "string"}, {"tags": ["garden", "spring"]}, "garden, spring"),
        ({"type": "string", "format": "date-time"}, {"due_date": "2032-02-29"}, "2032-02-29T00:00:00Z"),
        ({"type": "string", "pattern": r"^\d\d\.\d\d\.\d{4}$"}, {"due_date": "2032-02-29"}, None),
        ({"type": "boolean"}, {"priority": "high"}, None),
    ],
)
def test_a_fact_is_said_in_the_schemas_own_words_or_not_at_all(
    argument: dict[str, Any], facts: dict[str, Any], sent: object
) -> None:
    """A tool that is called against its schema may refuse, so a fact that has no place in it is left out."""
    (fact,) = facts
    made = call_of(Tool(name="t", schema=schema((), title=TEXT, **{fact: argument})), {"title": "Ferns", **facts})
    assert made["arguments"].get(fact) == sent


def test_an_owners_value_is_sent_in_place_of_a_made_up_one() -> None:
    """A value of [tools.arguments] is sent wherever a tool has that argument, nested or not, and no fact takes it."""
    fixed = {"user_id": 7, "list": {"name": "home"}}
    flat = schema(("user_id",), user_id=TEXT, task_id=TEXT, list={})
    nested = schema((), input=schema((), user_id={}, id={}))
    made = [
        call_of(map_roles([Tool(name="delete_task", schema=s)], {}, fixed)["delete"], {"id": "3"})["arguments"]
        for s in (flat, nested)
    ]
    assert made == [{"user_id": 7, "list": {"name": "home"}, "task_id": "3"}, {"input": {"user_id": 7, "id": "3"}}]
    with pytest.raises(Untestable, match="no argument for id"):
        call_of(Tool(name="t", schema=schema((), user_id=TEXT), fixed=fixed), {"id": "3"})


def test_fact_without_an_argument_is_untestable() -> None:
    """A tool that cannot be told which task is not called at all."""
    with pytest.raises(Untestable, match="'t' has no argument for id; its arguments are colour"):
        call_of(Tool(name="t", schema=schema((), colour=TEXT)), {"id": "1"})


UUID = "0d1f6a3e-93b4-4c3a-8a55-0c7b5f1f0001"


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (json.dumps({"task": {"id": "t1", "title": "Ferns"}}), "t1"),
        (json.dumps({"tasks": [{"id": 3, "title": "Moss"}, {"id": 4, "title": "Ferns"}]}), "4"),
        (json.dumps({"content": json.dumps([{"task_id": "x9", "title": "Ferns"}])}), "x9"),
        (f"Created Ferns with id {UUID}.", UUID),
        ("1. Moss\n2. Ferns (id: 17)\n3. Bark", "17"),
        ("#8 Moss\n#9 Ferns\n", "9"),
        ("{'id': 'ebbd9005', 'title': 'Ferns', 'tags': []}", "ebbd9005"),
        ("{'total': 3, 'title': 'Ferns', 'priority': 2, 'id': 17}", "17"),
        ("{'title': 'Ferns', 'user_id': 4, 'taskId': 9}", "9"),
        ("Task(title='Ferns', count=3, id=12)", "12"),
        ('Here you are:\n```json\n[{"id": 8, "title": "Ferns"}]\n```', "8"),
        ("| ID | Title | Done |\n|---|---|---|\n| 3 | Moss | no |\n| 4 | Ferns | no |", "4"),
        (json.dumps({"items": [{"node": {"id": "n1", "data": {"title": "Ferns"}}}]}), "n1"),
        (json.dumps([{"type": "text", "text": json.dumps({"id": 5, "title": "Ferns"})}]), "5"),
        (json.dumps({"numero": 20, "attivita": [{"codice": "att_1", "titolo": "Ferns"}]}), "att_1"),
        (json.dumps({"number": 2, "tasks": [{"k": "A-1", "name": "Moss"}, {"k": "A-2", "name": "Ferns"}]}), "A-2"),
        (json.dumps({"number": 7, "title": "Ferns", "tags": ["a"]}), "7"),
        ("Created Ferns. You have 5 tasks.", None),
        ("Created task 12: Ferns (5 tasks in all)", "12"),
        (json.dumps({"title": "Moss", "id": 1}), None),
        ("Ferns are green", None),
    ],
)
def test_id_of_a_task_is_found_in_a_result(text: str, id: str | None) -> None:
    """The id that belongs to the title is found in JSON, in JSON within JSON, and in prose."""
    assert task_id_from(text, "Ferns") == id


def test_tool_results_are_those_of_this_turn() -> None:
    """Only results after the last user message count, each under its tool's name."""
    made = {"id": "c1", "function": {"name": "list_tasks", "arguments": "{}"}}
    old = {"id": "c0", "function": {"name": "old", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "before"},
        {"role": "assistant", "tool_calls": [old]},
        {"role": "tool", "tool_call_id": "c0", "content": "old"},
        {"role": "user", "content": "now"},
        {"role": "assistant", "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "[]"}]},
    ]
    results = tool_results(Call(n=0, body={"messages": messages}))
    assert results == [{"name": "list_tasks", "call_id": "c1", "content": "[]"}]


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("The signed-in user's id is u-17. Pass it as user_id.", "The signed-in user's id is "),
        ("You are brief.\nuser_id: 42\nBe kind.", "user_id: "),
        ("Current user_id='abc-1'", "Current user_id='"),
        ("Pass the user id to every tool.", ""),
        ("You help people in a shop.", ""),
    ],
)
def test_a_value_that_the_instructions_tell_is_found_by_the_words_before_it(text: str, front: str) -> None:
    """Where instructions name the user, the words in front of the name are kept; a mere mention tells nothing."""
    assert front_of(text, "user_id") == front


def _by_user(**schema: Any) -> Tool:
    properties = {"user_id": {"type": "string", **schema}, "title": {"type": "string"}}
    return Tool(name="add_task", schema={"properties": properties, "required": ["user_id", "title"]})


def test_an_identity_is_looked_up_where_the_instructions_tell_it() -> None:
    """The call asks the stand-in to read the user's id out of the request, as a model does."""
    asked = Call(n=0, body={"messages": [{"role": "system", "content": "The user_id is u-17."}]})
    fixed = stated_arguments([_by_user()], [asked])
    made = call_of(Tool(name="add_task", schema=_by_user().schema, fixed=fixed), {"title": "x"})
    assert made["arguments"] == {"user_id": f"{AFTER}The user_id is ", "title": "x"}


def test_an_identity_that_nothing_tells_is_never_made_up() -> None:
    """Without a value the call cannot be made, and the reason says what to write; an example in the schema is one."""
    with pytest.raises(Untestable, match=r"value of the argument user_id cannot be told.*\[tools.arguments\]"):
        call_of(_by_user(), {"title": "x"})
    assert call_of(_by_user(examples=["u-1"]), {"title": "x"})["arguments"]["user_id"] == "u-1"


@pytest.mark.parametrize(
    ("create", "read", "required", "sure"),
    [
        ("create_task", "list_tasks", (), True),
        ("addTodo", "list_tasks", (), True),
        ("add", "list_all", (), True),
        ("create_ingredient", "list_ingredients", (), True),
        ("add_checked_bag", "get_trip_details", (), False),
        ("create_customer", "get_customer", ("customer_id",), False),
    ],
)
def test_tools_that_do_not_belong_together_are_doubted(
    create: str, read: str, required: tuple[str, ...], sure: bool
) -> None:
    """Tools of one thing are believed by their names; those of two things, or that ask for an id, are tried first."""
    schema = {"properties": {name: {"type": "string"} for name in required}, "required": list(required)}
    assert (doubtful(Tool(name=create), Tool(name=read, schema=schema)) == "") is sure


def test_what_the_other_tools_call_a_task_by_is_its_handle() -> None:
    """Where an argument's name says nothing, the only one that another tool needs is what names a task."""
    kort = {"type": "string"}

    def needing(name: str, *names: str) -> Tool:
        return Tool(name=name, schema={"properties": dict.fromkeys(names, kort), "required": list(names)})

    tools = (needing("delete_task", "kort"), needing("update_task", "kort", "overskrift"))
    roles = map_roles(tools, {})
    assert call_of(roles["update"], {"id": "A-12", "new_title": "Ferns"})["arguments"]["kort"] == "A-12"
    with pytest.raises(Untestable):
        call_of(tools[1], {"id": "A-12", "new_title": "Ferns"})


def test_a_title_is_called_in_an_update_as_where_a_task_is_made() -> None:
    """A new title finds the argument of the same word, inside another one, though no list of names has it."""
    text = {"type": "string"}
    made = {"type": "object", "properties": {"wortlaut": text}, "required": ["wortlaut"]}
    inner = {"type": "object", "properties": {"notiz": text, "neuer_wortlaut": text}}
    changed = {"type": "object", "properties": {"task_id": text, "was": inner}, "required": ["task_id", "was"]}
    roles = map_roles([Tool(name="create_task", schema=made), Tool(name="update_task", schema=changed)], {})
    called = call_of(roles["update"], {"id": "t1", "new_title": "Water"})
    assert called["arguments"] == {"task_id": "t1", "was": {"neuer_wortlaut": "Water"}}


def test_a_name_that_says_more_is_another_thing() -> None:
    """A title is never put where the name of something else belongs."""
    text = {"type": "string"}
    made = {"type": "object", "properties": {"wortlaut": text}, "required": ["wortlaut"]}
    changed = {"type": "object", "properties": {"task_id": text, "wortlaut_der_liste": text}}
    roles = map_roles([Tool(name="create_task", schema=made), Tool(name="update_task", schema=changed)], {})
    with pytest.raises(Untestable, match="no argument for new_title"):
        call_of(roles["update"], {"id": "t1", "new_title": "Water"})
