"""The judge stands beside somebody's own packages: it brings few, bounds none, and imports nothing of an extra."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = {
    "chatkit_conformance/audit/script_tree.py": "audit",
    "chatkit_conformance/cli/completion.py": "completion",
    "chatkit_conformance/load_analysis": "load native",
    "chatkit_conformance/store": "store",
    "chatkit_conformance/wire/generate.py": "reference",
    "chatkit_conformance/wire/generate_client.py": "audit",
    "load": "load",
    "reference_server": "reference postgres",
}
"""Where extras are used: a file or a room, and the extras that it may need."""

BY_ANOTHER = {
    "gevent": "locust",
    "httpx2": "mcp",
    "markupsafe": "jinja2",
    "mcp-types": "mcp",
    "psutil": "locust",
    "pydantic-core": "pydantic",
}
"""Distributions that a requirement of ours brings along, as its own public face."""

ROOMS = ("chatkit_conformance", "gemini_standin", "load", "reference_server", "suites")


def named(requirements: list[str]) -> set[str]:
    """The distributions that requirements name, in PyPI's spelling; those of other extras of ours, too."""
    found: set[str] = set()
    for line in requirements:
        name = re.match(r"[\w.-]+", line)
        assert name is not None
        if name[0] == PROJECT["name"]:
            for extra in line.partition("[")[2].partition("]")[0].split(","):
                found |= named(PROJECT["optional-dependencies"][extra])
        else:
            found.add(spelled(name[0]))
    return found


def spelled(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


CORE = named(PROJECT["dependencies"])


@cache
def brought(place: str) -> set[str]:
    """The distributions that a file may import from."""
    extras = [extra for room, words in EXTRAS.items() if place.startswith(room) for extra in words.split()]
    return CORE.union(*(named(PROJECT["optional-dependencies"][extra]) for extra in extras))


def imports(path: Path) -> Iterator[str]:
    """The top-level names that are imported when the program runs, wherever they stand."""
    tree = ast.parse(path.read_text(), str(path))
    typed = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in set(ast.walk(tree)) - typed:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_its_install_brings(room: str) -> None:
    """Every package that a core module imports is a core dependency, and a room of an extra needs that extra alone."""
    known = packages_distributions()
    ours = {path.name for path in ROOT.iterdir() if path.is_dir()}
    wrong = []
    for path in sorted((ROOT / room).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for name in set(imports(path)) - set(sys.stdlib_module_names) - ours:
            owners = {spelled(owner) for owner in known.get(name, [name])}
            owners |= {BY_ANOTHER[owner] for owner in owners & set(BY_ANOTHER)}
            if not owners & brought(place):
                wrong.append(f"{place} imports {name} of {', '.join(sorted(owners))}")
    assert not wrong, "\n".join(wrong)


def test_the_core_bounds_nothing_from_above() -> None:
    """No requirement of the core, of the Store contract or of the load test keeps a newer release out."""
    extras = PROJECT["optional-dependencies"]
    for line in [*PROJECT["dependencies"], *extras["store"], *extras["load"], *extras["audit"], *extras["native"]]:
        assert not re.search(r"<|==|~=", line.partition(";")[0]), line


def test_the_core_is_small() -> None:
    """A dozen packages at most: what is not needed to judge a server is an extra."""
    assert len(CORE) <= 12
    assert not CORE & {"openai", "openai-agents", "openai-chatkit", "fastapi", "sqlalchemy", "httptools", "uvloop"}


@pytest.mark.parametrize("room", ["chatkit_conformance", "gemini_standin", "reference_server"])
def test_a_typed_package_says_so(room: str) -> None:
    """Each package of the wheel has the marker by which type checkers read its annotations."""
    assert (ROOT / room / "py.typed").exists()
