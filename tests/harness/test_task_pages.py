"""A list of tasks says itself whether it is whole."""

from __future__ import annotations

import pytest

from chatkit_conformance.target.task_reading import is_page


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
