"""A list of tasks says itself whether it is whole."""

from __future__ import annotations

import pytest

from chatkit_conformance.target.paged import is_paged
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
