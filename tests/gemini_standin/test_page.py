"""docs/stand-in-scripts.md against the stand-in: every key, kind, body, shape and way is on the page, in its words."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from gemini_standin.asked_fault import KEY_TYPES
from gemini_standin.errors import NAMES
from gemini_standin.fault_kinds import COMMON, KINDS
from gemini_standin.script import parse
from gemini_standin.shapes import SHAPES
from gemini_standin.split import SPLITS
from gemini_standin.step import Hold, Script, Split, Step, ToolCall, Usage

PAGE = (Path(__file__).parents[2] / "docs" / "stand-in-scripts.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The page's part under a heading, up to the next heading of its depth."""
    depth = title.split(" ")[0]
    return PAGE.split(f"\n{title}\n")[1].split(f"\n{depth} ")[0]


def named(text: str) -> set[str]:
    """What stands in the first column of the tables of a text."""
    cells = re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_key_of_a_script_and_of_a_step_is_on_the_page() -> None:
    """The two tables name the keys that can be read, all of them and no other."""
    assert named(section("## Keys of a script")) == {field.name for field in fields(Script)}
    assert named(section("## Keys of a step")) == {field.name for field in fields(Step)}


@pytest.mark.parametrize("noun", [Hold, ToolCall, Split])
def test_the_keys_of_what_is_in_a_step_are_explained(noun: type) -> None:
    """Holds, calls and splits have no key that the page is silent about."""
    missing = [field.name for field in fields(noun) if f"`{field.name}`" not in PAGE]
    assert not missing


def test_the_tokens_that_can_be_told_are_on_the_page() -> None:
    """`usage` has no key that the page is silent about."""
    assert [key for key in Usage.__annotations__ if f"`{key}`" not in PAGE] == []


def test_every_key_of_a_fault_is_on_the_page() -> None:
    """All keys that any kind takes, besides the two that end a fault, stand in the table of keys."""
    rows = named(section("## Faults")) - set(KINDS) - set(NAMES) - set(SHAPES)
    assert rows == set(KEY_TYPES) | COMMON


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_its_row(name: str) -> None:
    """A kind's row says what is sent, where, and with which keys, as the stand-in's own table does."""
    kind = KINDS[name]
    keys = ", ".join(f"`{key}`" for key in sorted(kind.keys - COMMON)) or "none"
    assert f"| `{name}` | {kind.does} | {', '.join(kind.at)} | {keys} |" in PAGE


def test_every_body_shape_and_way_has_its_row() -> None:
    """The names that a fault or a split can have are all explained, shapes and ways in the stand-in's own words."""
    assert named(section("### Bodies of errors")) == set(NAMES)
    assert all(f"| `{name}` | {shape.does} |" in PAGE for name, shape in SHAPES.items())
    assert all(f"| `{name}` | {does} |" in PAGE for name, does in SPLITS.items())


def test_every_example_can_be_played() -> None:
    """Each JSON block of the page is a script that the stand-in takes."""
    examples = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        parse(json.loads(example))
