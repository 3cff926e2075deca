"""The published JSON Schemas of the files that people write, and of the one that a run writes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.target.target import CAPABILITIES, LATENCY, ROLES, SHOWS

DOCS = Path(__file__).parents[2] / "docs"


def _schema(file: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((DOCS / f"chatkit-{file}.schema.json").read_text("utf-8"))
    return value


@pytest.mark.parametrize("file", ["target", "baseline", "results"])
def test_the_published_schema_is_what_the_command_prints(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/chatkit-FILE.schema.json is made by `chatkit-conformance schema FILE`."""
    assert main(["schema", file]) == 0
    again = f"chatkit-conformance schema {file} > docs/chatkit-{file}.schema.json"
    assert capsys.readouterr().out == (DOCS / f"chatkit-{file}.schema.json").read_text("utf-8"), f"type: {again}"


def test_an_editor_is_told_every_key() -> None:
    """The target file's schema names each tool, capability and latency, by the name that stands in the file."""
    sections = {name.removesuffix("Section"): below["properties"] for name, below in _schema("target")["$defs"].items()}
    assert set(sections["Tools"]) == {"arguments", *ROLES, *SHOWS}
    assert set(sections["Capabilities"]) == set(CAPABILITIES)
    assert set(sections["Latency"]) == set(LATENCY)
    assert all(row.get("description") for row in sections["Target"].values())


@pytest.mark.parametrize(
    ("file", "text", "right"),
    [
        ("target", '[target]\ncommand = "x"\n[tools]\nbulk-delete = "x"\n[users.a]\ncookies = { s = "1" }\n', True),
        ("target", '[target]\ncommand = ["x", "y"]\nauth = "cookie"\npath = "/api"\n', True),
        ("target", '[target]\ncomand = "x"\n', False),
        ("target", '[target]\ncommand = "x"\nauth = "cooky"\n', False),
        ("target", '[target]\ncommand = "x"\n[tools]\nbulk_delete = "x"\n', False),
        ("target", '[target]\ncommand = "x"\n[users.a]\nheader = {}\n', False),
        ("baseline", '[[expected]]\nid = "a.b"\nreason = "r"\nwhen = { x = ">=1" }\n', True),
        ("baseline", '[[expected]]\nid = "a.b"\n', False),
        ("baseline", '[[expected]]\nid = "a.b"\nreason = "r"\nflaky = "yes"\n', False),
    ],
)
def test_an_editor_marks_what_is_wrong(file: str, text: str, right: bool) -> None:
    """A validator of JSON Schema says of a file what reading it says."""
    assert jsonschema_rs.is_valid(_schema(file), tomllib.loads(text)) is right
