"""A list of tasks says itself whether it is whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatkit_conformance.target.paged import Turning, is_paged
from chatkit_conformance.target.task_reading import is_page
from chatkit_conformance.target.tools import Tool


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ('{"page": 1, "pages": 2, "tasks": [{"id": 1}]}', True),
        ('{"tasks": [{"id": 1}], "next_cursor": "b2"}', True),
        ('{"total": 31, "items": [{"id": 1}]}', True),
        ('{"page": 1, "pages": 1, "tasks": [{"id": 1}]}', False),
        ('{"total": 1, "items": [{"id": 1}], "next": null}', False),
        ('[{"id": 1, "title": "Page two of the novel"}]', False),
    ],
)
def test_a_page_of_several_is_told_from_a_whole_list(text: str, *, more: bool) -> None:
    """A list that names further pages, a next cursor or a larger total does not show every task."""
    assert is_page(text) is more


@pytest.mark.parametrize(
    ("names", "paged"),
    [
        (["offset"], True),
        (["pageToken", "status"], True),
        (["page"], True),
        (["page_size"], False),
        (["limit", "due_after"], False),
        ([], False),
    ],
)
def test_a_list_tool_that_has_pages_is_known_by_its_arguments(names: list[str], *, paged: bool) -> None:
    """A tool that can be asked to go on has pages; one that is only asked for how many or for which has none."""
    properties = {name: {"type": "string"} for name in names}
    assert is_paged(Tool(name="list_tasks", schema={"type": "object", "properties": properties})) is paged


ROWS = [{"id": n, "title": f"t{n}"} for n in range(20)]


@pytest.mark.parametrize(
    ("how", "value", "more", "after"),
    [
        ("rows", None, {"total": 57, "next_offset": 20}, 54),
        ("rows", 52, {"total": 57, "next_offset": None}, None),
        ("rows", None, {"nextOffset": 20}, 20),
        ("rows", 20, {"has_more": True}, 40),
        ("rows", None, {}, None),
        ("page", None, {"pages": 3}, 2),
        ("page", 2, {"next_page": "3"}, 3),
        ("page", 3, {"pages": 3}, None),
        ("cursor", None, {"next_cursor": "b2", "has_more": True}, "b2"),
        ("cursor", "b2", {"next_cursor": None, "has_more": False}, None),
    ],
)
def test_the_next_page_is_asked_for_as_the_list_says(how: Any, value: Any, more: dict[str, Any], after: Any) -> None:
    """By the value that it gives, else by what it counts; with a total, the last page comes next."""
    text = json.dumps({"tasks": ROWS, **more})
    assert Turning(argument="x", how=how).next(value, text) == after


@pytest.mark.parametrize(
    ("how", "value", "title", "around"),
    [("rows", None, "t19", 16), ("rows", 52, "t4", 53), ("rows", None, "t0", None), ("page", 4, "t3", 4)],
)
def test_a_reading_has_the_newest_task_well_inside(how: Any, value: Any, title: str, around: Any) -> None:
    """Rows before it, which others may delete; where the newest come first, none are skipped."""
    text = json.dumps({"tasks": ROWS})
    assert Turning(argument="x", how=how).around(value, text, title) == around
