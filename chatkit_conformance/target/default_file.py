"""Where a target is described, if nobody says where: chatkit-target.toml of a folder, else its pyproject.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gemini_standin.given_file import read_given_text
from gemini_standin.toml_text import read_toml

NAME = "chatkit-target.toml"
PYPROJECT = "pyproject.toml"
WITHIN = ("tool", "chatkit-conformance")
"""Where a pyproject.toml has what a target file holds."""


def described(folder: Path) -> list[Path]:
    """Every file of this folder that describes a target; the first one counts."""
    found = [folder / NAME] if (folder / NAME).exists() else []
    return found + ([folder / PYPROJECT] if _has_target(folder / PYPROJECT) else [])


def _has_target(pyproject: Path) -> bool:
    try:
        table: Any = read_toml(read_given_text(pyproject))
    except (OSError, ValueError, RecursionError):
        return False
    for name in WITHIN:
        table = table.get(name) if isinstance(table, dict) else None
    return table is not None
