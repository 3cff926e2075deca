"""Widgets, judged by the SDK and by the client's types: right where either knows it; and the types read whole."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.wire.drawn import components, known_components, problems_drawn, widgets_of
from chatkit_conformance.wire.generate_client import MANIFEST, PACKAGE, WIDGETS, facts, main

Data = dict[str, Any]


def card(*children: Data, **more: Any) -> Data:
    """A card with these children."""
    return {"type": "Card", "children": list(children), **more}


def told(widget: Data) -> list[str]:
    """What is wrong with a widget, a line each."""
    return [str(problem) for problem in problems_drawn(widget)]


TEXT = {"type": "Text", "value": "Ferns"}


@pytest.mark.parametrize(
    ("child", "path", "words"),
    [
        ({"type": "Buton", "label": "Done"}, "children[0].type", "did you mean 'Button'?"),
        ({"type": "Button", "lable": "Done"}, "children[0].lable", "did you mean 'label'?"),
        ({"type": "Button", "color": "red"}, "children[0].color", "one of primary, secondary"),
        ({"type": "Icon", "name": "no-such-icon"}, "children[0].name", "check-circle-filled"),
        ({"type": "Select", "name": "a"}, "children[0]", "a field 'options' of Select"),
        ({"type": "Select", "name": "a", "options": [{"value": "1"}]}, "children[0].options[0]", "a field 'label'"),
        ({"type": "Text"}, "children[0]", "a field 'value' of Text"),
        ({"type": "Text", "value": 7}, "children[0].value", "expected string, got 7"),
        ({"type": "Row", "children": [{"type": "text", "value": "a"}]}, "children[0].children[0].type", "'Text'?"),
    ],
)
def test_what_neither_knows_is_told_with_the_nearest(child: Data, path: str, words: str) -> None:
    """A misspelt component or field, a value that there is not, a missing field: each names its place."""
    (line,) = told(card(child))
    assert line.startswith(f"widget.{path}: ")
    assert words in line


@pytest.mark.parametrize(
    "widget",
    [
        card({"type": "Chart", "data": [], "series": [], "xAxis": "x"}),
        card({"type": "Table", "children": [{"type": "Table.Row", "children": [{"type": "Table.Cell"}]}]}),
        card({"type": "Select", "name": "a", "options": [], "searchable": True}),
        card(TEXT, border={"size": 1}),
        card({"type": "Icon", "name": "clock"}, {"type": "Icon", "name": "lucide:sprout"}),
        {"type": "Basic", "children": [card(TEXT)], "gap": 2},
        {"type": "ListView", "children": [{"type": "ListViewItem", "children": [TEXT]}]},
        card({"type": "Transition", "children": TEXT}, {"type": "Text", "value": "a", "width": 1.5}),
    ],
)
def test_what_one_of_the_two_knows_is_right(widget: Data) -> None:
    """Components and fields that only the SDK has, or only the client, are no findings."""
    assert told(widget) == []


def test_a_component_stands_where_it_can() -> None:
    """A text is no row of a list, and no widget by itself; within a card it is right."""
    (row,) = told({"type": "ListView", "children": [TEXT]})
    assert "one of ListViewItem at this place" in row
    (alone,) = told(TEXT)
    assert "one of Basic, Card, ListView at this place" in alone
    assert problems_drawn(TEXT, root=False) == []


def test_a_deep_widget_of_a_thousand_mistakes_is_told_briefly() -> None:
    """Depth is no recursion, and of many mistakes twenty are told."""
    deep: Data = TEXT
    for _ in range(5_000):
        deep = {"type": "Box", "children": [deep]}
    assert told(card(deep)) == []
    assert len(told(card(*({"type": "Buton"} for _ in range(1_000))))) == 20


def test_what_is_no_component_is_left_to_the_wires_schema() -> None:
    """A word, null and an object without a type are told elsewhere."""
    assert problems_drawn("a card") == problems_drawn({"children": []}) == []
    assert told(card({"type": "Row", "children": None})) != [] or told(card({"type": "Row"})) == []


def test_widgets_are_found_wherever_they_are_shown() -> None:
    """In events, updates, threads, pages and the answers to buttons."""
    item = {"type": "widget", "widget": card(TEXT)}
    for data, place in (
        ({"type": "thread.item.done", "item": item}, ("item", "widget")),
        ({"update": {"type": "widget.root.updated", "widget": card(TEXT)}}, ("update", "widget")),
        ({"items": {"data": [{"type": "task"}, item]}}, ("items", "data", 1, "widget")),
        ({"data": [item]}, ("data", 0, "widget")),
        ({"updated_item": item}, ("updated_item", "widget")),
    ):
        assert list(widgets_of(data)) == [(place, card(TEXT), True)]
    part = {"update": {"type": "widget.component.updated", "component": TEXT}}
    assert list(widgets_of(part)) == [(("update", "component"), TEXT, False)]


def test_both_know_most_components() -> None:
    """Twenty and more are known to both; each that is known has its own type among its fields."""
    both = [kind for kind in known_components() if len(components(kind)) == 2]
    assert len(both) > 20
    assert all("type" in part.fields for kind in known_components() for part in components(kind))


TYPES = """
export type WidgetRoot = Card;
export type WidgetComponent = Label | Box;
export type Card = { type: 'Card'; children: WidgetComponent[]; size?: 'sm' | 'lg' };
export type Label = { type: 'Label'; text: string; bold?: boolean; on?: Record<string, unknown> } & Pick<Sized, 'w'>;
export type Box = { type: 'Box'; children?: (WidgetComponent | Card)[]; edit?: false | { name: string } };
type Sized = { w?: number | string; h: number };
"""


def package(folder: Path, types: str = TYPES, name: str = PACKAGE) -> Path:
    """A package as `npm pack` writes one, with these types."""
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for file, text in ((MANIFEST, json.dumps({"name": name, "version": "9.9.9"})), (WIDGETS, types)):
            data = text.encode()
            info = tarfile.TarInfo(file)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def test_the_packages_types_become_facts(tmp_path: Path) -> None:
    """Unions, optional fields, intersections, picks, lists and literals are read as schemas."""
    made = facts(package(tmp_path))
    assert (made["package"], made["release"]) == (PACKAGE, "9.9.9")
    types = made["types"]
    assert sorted(types) == ["Box", "Card", "Label", "WidgetComponent", "WidgetRoot"]
    assert types["WidgetComponent"]["discriminator"]["mapping"] == {"Box": "#/$defs/Box", "Label": "#/$defs/Label"}
    assert types["Card"]["required"] == ["children", "type"]
    assert types["Card"]["properties"]["size"] == {"enum": ["sm", "lg"], "type": "string"}
    assert types["Label"]["properties"]["w"] == {"anyOf": [{"type": "number"}, {"type": "string"}]}
    assert "h" not in types["Label"]["properties"]
    assert types["Box"]["properties"]["edit"]["anyOf"][0] == {"const": False, "type": "boolean"}


@pytest.mark.parametrize(
    ("types", "name", "said"),
    [
        (TYPES, "chatkit", "npm pack @openai/chatkit"),
        ("export type WidgetRoot = Card;", PACKAGE, "'WidgetComponent' is mentioned and not there"),
        (TYPES.replace("boolean;", "keyof Card;"), PACKAGE, "is not understood"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, types: str, name: str, said: str) -> None:
    """Another package, a missing type and an unknown construct end with a sentence, never with half the facts."""
    with pytest.raises(SystemExit, match=said):
        facts(package(tmp_path, types, name))


def test_a_changed_package_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` writes nothing, prints the difference and ends with 1."""
    assert main([str(package(tmp_path)), "--check"]) == 1
    assert '+ "release": "9.9.9"' in capsys.readouterr().out
