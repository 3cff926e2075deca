"""The rooms know of each other what ARCHITECTURE.md says, and no more."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = "chatkit_conformance"
ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
PAGE = (ROOT / "ARCHITECTURE.md").read_text()


def _table(text: str) -> dict[str, set[str] | None]:
    """Each row's name, and what it may import; None for everything."""
    return {name: None if may == "everything" else set(re.findall(r"`(\w+)`", may)) for name, may in ROW.findall(text)}


TABLE = _table(PAGE.partition("## Rooms of the core")[0])
CORE_TABLE = _table(PAGE.partition("## Rooms of the core")[2].partition("\n## ")[0])
JUDGED = {"chatkit", "agents", "openai"}
MAY_KNOW_THE_SDK = ("chatkit_conformance/store/", "chatkit_conformance/wire/generate.py")
"""The Store contract judges the SDK's own class; the generator makes the schema from a release and judges nobody."""


def imported(path: Path) -> set[str]:
    """The top-level names that a file imports absolutely, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def files(room: str) -> list[Path]:
    """The Python files of a room."""
    return sorted((ROOT / room).rglob("*.py"))


def test_the_table_names_every_room_with_code() -> None:
    """A folder that holds Python is in the table, and the table names no folder that is not there."""
    with_code = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".") and any(p.rglob("*.py"))}
    with_code -= {"dist", "build"}
    assert with_code <= set(TABLE), f"not in ARCHITECTURE.md: {sorted(with_code - set(TABLE))}"
    assert all((ROOT / room).is_dir() for room in TABLE)


@pytest.mark.parametrize("room", sorted(TABLE))
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    """No import crosses a line that ARCHITECTURE.md does not draw."""
    allowed = TABLE[room]
    if allowed is None:
        return
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(room)
        for name in imported(path) & set(TABLE) - allowed - {room}
    }
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("room", ["chatkit_conformance", "suites"])
def test_the_judge_imports_nothing_of_the_accused(room: str) -> None:
    """The core never imports the SDKs that servers are made of; the Store contract and the generator may."""
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(room)
        if not path.relative_to(ROOT).as_posix().startswith(MAY_KNOW_THE_SDK)
        for name in imported(path) & JUDGED
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_of_the_stand_in_the_judge_takes_five_modules() -> None:
    """Of the stand-in the judge takes how it words mistakes, its models, its readers of JSON, TOML and files."""
    taken = {
        node.module
        for path in files(CORE)
        for node in ast.walk(ast.parse(path.read_text(), str(path)))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gemini_standin")
    }
    assert taken == {"gemini_standin." + name for name in ("given_file", "mistake", "models", "nesting", "toml_text")}


def parts(path: Path) -> tuple[str, ...]:
    """The module's name below the core, its own package's `__init__` left out."""
    names = path.relative_to(ROOT / CORE).with_suffix("").parts
    return names[:-1] if names[-1] == "__init__" else names


def inner_arrows(path: Path) -> set[str]:
    """The parts of the core that a file of the core imports, relative and absolute imports alike."""
    package = path.relative_to(ROOT).parent.parts
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if not isinstance(node, ast.ImportFrom):
            continue
        base = package[: len(package) - node.level + 1] if node.level else ()
        target = (*base, *(node.module or "").split("."))
        if target[0] == CORE:
            below = [name for name in target[1:] if name]
            found |= {below[0]} if below else {alias.name for alias in node.names}
    return found


def test_the_core_table_names_every_part() -> None:
    """Each module and folder of the core is a row of the second table, and each row is there."""
    there = {parts(path)[0] for path in files(CORE) if parts(path)} - {"__main__"}
    assert there == set(CORE_TABLE)


@pytest.mark.parametrize("part", sorted(CORE_TABLE))
def test_a_part_of_the_core_knows_only_what_it_may(part: str) -> None:
    """No import inside the core crosses a line that ARCHITECTURE.md does not draw, relative imports included."""
    allowed = CORE_TABLE[part]
    if allowed is None:
        return
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(CORE)
        if parts(path)[:1] == (part,)
        for name in inner_arrows(path) & set(CORE_TABLE) - allowed - {part}
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_the_core_table_has_no_circle() -> None:
    """Every part of the core can be put after those that it may know."""
    waiting = {part: may or set() for part, may in CORE_TABLE.items()}
    while ready := [part for part, may in waiting.items() if not may & set(waiting)]:
        for part in ready:
            del waiting[part]
    assert not waiting, f"these know each other in a circle: {sorted(waiting)}"
