"""One class name, one class: within a package, a name that stands for two things has to be looked up each time."""

from __future__ import annotations

import ast
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("chatkit_conformance", "gemini_standin", "load", "mutants", "reference_server", "suites")


def class_names(package: str) -> dict[str, list[str]]:
    """Name of each top-level class of a package -> the files that define one of that name."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", f"{package}/*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in listed.stdout.splitlines():
        for node in ast.parse((ROOT / name).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(name)
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_no_class_name_stands_twice_in_one_package(package: str) -> None:
    """Two classes of one package have two names."""
    found = class_names(package)
    assert found
    twice = {name: files for name, files in found.items() if len(files) > 1}
    assert not twice, "rename one of each pair: a name stands for one thing (docs/glossary.md)"
