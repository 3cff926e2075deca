"""The rooms know of each other what ARCHITECTURE.md says, and no more."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
TABLE = {
    room: None if may == "everything" else set(re.findall(r"`(\w+)`", may))
    for room, may in ROW.findall((ROOT / "ARCHITECTURE.md").read_text())
}
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
