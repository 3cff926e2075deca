"""Conventions that a reader would otherwise have to remember."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECRET = re.compile(r"AIza[0-9A-Za-z_-]{30,}|sk-[A-Za-z0-9]{24,}|eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.")


def tracked(*patterns: str) -> list[Path]:
    """The files that git tracks or would track, by pattern."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_file_has_grown_a_second_noun() -> None:
    """A Python file stays within 400 lines."""
    long = {p.relative_to(ROOT).as_posix(): n for p in tracked("*.py") if (n := len(p.read_text().splitlines())) > 400}
    assert not long


def test_every_test_says_in_a_sentence_what_it_holds() -> None:
    """Each test function has a docstring."""
    silent = [
        f"{path.relative_to(ROOT)}::{node.name}"
        for path in tracked("tests/**/test_*.py", "tests/test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_nothing_shaped_like_a_secret_is_committed() -> None:
    """No cassette, report, document or suite holds anything shaped like a key or a token."""
    found = [
        f"{path.relative_to(ROOT)}: {match.group()[:12]}..."
        for path in tracked("cassettes", "reports", "docs", "suites", "examples", "README.md")
        if path.suffix not in {".png", ".jpg", ".gz"} and (match := SECRET.search(path.read_text(errors="replace")))
    ]
    assert not found


def test_no_report_names_a_folder_of_the_machine_that_made_it() -> None:
    """Published evidence says what was typed and measured, not where on a disk."""
    absolute = re.compile(r"(?<![\w.:/])/(home|root|tmp|work|mnt|opt|var|Users)/\w")
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked("reports", "cassettes")
        if path.suffix in {".json", ".md", ".html"} and (match := absolute.search(path.read_text(errors="replace")))
    ]
    assert not found


def test_every_ignored_rule_has_its_code() -> None:
    """`noqa` and `type: ignore` name what they silence."""
    bare = re.compile(r"#\s*(noqa|type:\s*ignore)\s*($|[^:\[\s])")
    found = [
        f"{path.relative_to(ROOT)}:{n}"
        for path in tracked("*.py")
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if bare.search(line) and "bare = re.compile" not in line
    ]
    assert not found


def test_constraints_hold_names_and_versions_only() -> None:
    """constraints.txt has `name==version` lines and no host, path or option."""
    lines = [x for x in (ROOT / "constraints.txt").read_text().splitlines() if x and not x.startswith("#")]
    assert lines
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line) for line in lines)
