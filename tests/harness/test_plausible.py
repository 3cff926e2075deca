"""Values for arguments that a tool must be given: what the schema tells of them is kept to."""

from __future__ import annotations

from typing import Any

import pytest

from chatkit_conformance.check import Untestable
from chatkit_conformance.target.plausible import plausible_number, plausible_text
from chatkit_conformance.target.tools import Tool, call_of, made_up


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("date", {}, "2030-01-01"),
        ("start_time", {}, "10:00"),
        ("when", {}, "when"),
        ("when", {"format": "date-time"}, "2030-01-01T10:00:00Z"),
        ("when", {"description": "Day as YYYY-MM-DD"}, "2030-01-01"),
        ("when", {"description": "Day as YYYY-MM-DD, for example 2024-12-05"}, "2030-12-05"),
        ("when", {"description": "Tag im Format TT.MM.JJJJ"}, "01.01.2030"),
        ("when", {"description": "Start as HH:MM, 24 hours"}, "10:00"),
        ("seat", {"description": "The seat, e.g. '14 C'."}, "14 C"),
        ("seat", {"description": "The seat, such as 14C."}, "14C"),
        ("code", {"pattern": "^[A-Z]{3}$"}, "UTC"),
        ("code", {"pattern": "^[A-Z]{2}$", "description": "for example nothing"}, "DE"),
        ("code", {"pattern": "("}, "code"),
        ("code", {"minLength": 6}, "codeco"),
        ("a_long_name", {"maxLength": 4}, "a_lo"),
    ],
)
def test_a_text_has_the_shape_that_its_schema_tells(name: str, schema: dict[str, Any], value: str) -> None:
    """A format, a pattern, an example, a shape in words, the name; a day that is over by now is no day to send."""
    assert plausible_text(name, schema) == value


@pytest.mark.parametrize(
    ("schema", "value"),
    [({}, 1), ({"minimum": 7}, 7), ({"exclusiveMinimum": 0}, 1), ({"maximum": -2}, -2), ({"maximum": 12}, 1)],
)
def test_a_number_is_within_its_bounds(schema: dict[str, Any], value: int) -> None:
    """A tool refuses what is not."""
    assert plausible_number(schema) == value


def test_a_value_is_made_up_where_nothing_gives_one() -> None:
    """The title is ours to say, and what the schema or its owner gives is theirs."""
    properties = {
        "title": {"type": "string"},
        "when": {"type": "string"},
        "court": {"type": "integer"},
        "kind": {"type": "string", "enum": ["clay", "grass"]},
        "club": {"type": "string"},
        "note": {"type": "string"},
    }
    schema = {"type": "object", "properties": properties, "required": ["title", "when", "court", "kind", "club"]}
    assert made_up(Tool(name="book", schema=schema, fixed={"club": "north"})) == ["when", "court"]


def test_a_tool_that_refuses_whatever_it_is_called_with_says_so() -> None:
    """No call of it is made: what it then did not do is no fault of its own."""
    with pytest.raises(Untestable, match="give it a day"):
        call_of(Tool(name="book", refuses="give it a day"), {"title": "Ferns"})
