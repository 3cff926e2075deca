"""TOML that anybody wrote is read within bounds."""

from __future__ import annotations

import tomllib

import pytest

from gemini_standin.toml_text import read_toml

MANY = ".".join(["a"] * 20_000)


@pytest.mark.parametrize(
    "text",
    [
        f"{MANY} = 1",
        f"[{MANY}]",
        f"x = {{ {MANY} = 1 }}",
        " . ".join(["a"] * 20_000) + " = 1",
        'a."=".' * 10_000 + "a = 1",
        "\n".join(f"a{n}.b.c.d.e.f = 1" for n in range(10_000)),
        "a = " + "[" * 50_000,
    ],
)
def test_a_key_of_many_parts_is_refused_at_once(text: str) -> None:
    """A key of thousands of parts, in whatever spelling, is a sentence and not minutes of reading."""
    with pytest.raises(ValueError, match=r"nested deeper than 100 levels|more than 20,000 dots"):
        read_toml(text)


@pytest.mark.parametrize(
    "text",
    [
        f'a = "{MANY}"',
        f"a = '{MANY}'",
        f'a = """\n{MANY}\n"quoted" \\"""" # {MANY}',
        f"a = '''\n{MANY}\n'''",
        f"# {MANY}\na = 1",
        "a = [" + "1.5, " * 15_000 + "]",
        "\n".join(f"a{n}.b.c = 1" for n in range(5_000)),
    ],
)
def test_dots_that_part_no_key_are_read(text: str) -> None:
    """Dots in texts, comments and numbers, and many short keys, are read as the standard library reads them."""
    assert read_toml(text) == tomllib.loads(text)
