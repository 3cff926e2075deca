"""Files that somebody wrote: on which line what stands, and how a mistake is told."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field, TypeAdapter

from chatkit_conformance.target.config_error import ConfigError
from chatkit_conformance.target.text_file import TextFile, read_as
from chatkit_conformance.target.toml import toml_key, toml_value

TOML = """\
# a comment
top = 1
[a]
"odd key" = 2
b.c = 3

[[rows]]
id = "x"
[rows.inner]
deep = 4

[[rows]]
id = "y"
list = [
  1,
  2,
]
"""

JSON = """\
{"top": 1,
 "rows": [
  {"id": "x"},
  {"id": "y",
   "list": [1,
            2]}]}
"""


@pytest.mark.parametrize(
    ("name", "text", "way", "line"),
    [
        ("f.toml", TOML, ("top",), 2),
        ("f.toml", TOML, ("a", "odd key"), 4),
        ("f.toml", TOML, ("a", "b", "c"), 5),
        ("f.toml", TOML, ("rows", 0, "id"), 8),
        ("f.toml", TOML, ("rows", 0, "inner", "deep"), 10),
        ("f.toml", TOML, ("rows", 1, "id"), 13),
        ("f.toml", TOML, ("rows", 1, "list", 1), 14),
        ("f.toml", TOML, ("rows", 1, "missing"), 12),
        ("f.toml", TOML, ("nowhere",), 0),
        ("f.json", JSON, ("rows", 1, "list", 1), 6),
        ("f.json", JSON, ("rows", 0, "missing"), 3),
        ("f.json", "{", ("rows",), 0),
    ],
)
def test_a_thing_is_found_on_its_line(name: str, text: str, way: tuple[str | int, ...], line: int) -> None:
    """A key, a row or an element has the line on which it stands, else that of what is around it."""
    assert TextFile(path=Path(name), text=text).line(way) == line


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A part."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    kind: Literal["plain", "fancy"] = "plain"
    wait_s: Annotated[float, Field(gt=0, examples=[2])] = 1.0


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A file."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    name: Annotated[str, Field(examples=["mine"])]
    inner: Inner = field(default_factory=Inner)
    secret: dict[str, str] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "nam = 1\n",
            ['f.toml:1: unknown key "nam" (did you mean "name"?); keys: name, inner, secret. Write: name = "mine"'],
        ),
        (
            'name = "x"\n[inner]\nwait_s = 0\nkind = "fanzy"\n',
            [
                "f.toml:3: [inner] wait_s = 0 is not a number of seconds above 0. Write: wait_s = 2",
                'f.toml:4: [inner] kind = "fanzy" is not known (did you mean "fancy"?); write one of plain, fancy. '
                'Write: kind = "fancy"',
            ],
        ),
        ("[inner]\n", ['f.toml: "name" is missing; it is text. Write: name = "mine"']),
        ('name = "x"\n[secret]\na = 77\n', ["f.toml:3: [secret] a = 77 is not text."]),
    ],
)
def test_every_mistake_is_told_in_the_order_of_the_lines(tmp_path: Path, text: str, said: list[str]) -> None:
    """A mistake has its line, what was there, the nearest that there is, and what to write."""
    path = tmp_path / "f.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as failure:
        read_as(Whole, path)
    told = str(failure.value).replace(f"{tmp_path}/", "").splitlines()
    assert set(said) <= set(told)
    assert [line for line in told if line in said] == said


def test_what_may_be_a_credential_is_not_repeated(tmp_path: Path) -> None:
    """Under a quiet key a message says what is wrong with a value, and not the value."""
    text = TextFile(path=tmp_path / "f.toml", text="", quiet=frozenset({"secret"}))
    with pytest.raises(ConfigError) as failure:
        text.read(TypeAdapter(Whole), {"name": "x", "secret": {"a": 4711}})
    assert "4711" not in str(failure.value)
    assert "[secret] a = " in str(failure.value)


def test_toml_is_written_as_it_is_read() -> None:
    """Keys and values of every kind are read again as they were."""
    value = {"a b": [1, 2.5, True], "c": {"x": 'say "no"\n\x7f'}, "ünï": {}}
    text = "\n".join(f"{toml_key(key)} = {toml_value(item)}" for key, item in value.items())
    assert tomllib.loads(text) == value
