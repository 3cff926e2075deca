"""What the documentation tells people to type and to write works as it stands."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from chatkit_conformance.baseline import read_baseline
from chatkit_conformance.cli import COMMANDS, Parser, _parsed
from chatkit_conformance.target.file import read_target
from chatkit_conformance.target.form import FORM
from chatkit_conformance.target.target import CAPABILITIES, LATENCY, ROLES, SHOWS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^ *```(?P<kind>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
TYPED = ("sh", "")
"""Kinds of blocks that hold what is typed, and what is printed then."""

GUIDE = ROOT / "docs" / "testing-your-server.md"


def blocks(page: Path, kind: str) -> list[str]:
    """The code blocks of that kind."""
    return [found["text"] for found in BLOCK.finditer(page.read_text("utf-8")) if found["kind"] == kind]


def typed(*begins: str) -> list[tuple[str, str]]:
    """Each line of the documentation that is typed and begins so, with its page; a shell's prompt is no part of it."""
    return [
        (page.name, part)
        for page in PAGES
        for kind in TYPED
        for block in blocks(page, kind)
        for line in block.replace("\\\n", " ").splitlines()
        for part in (re.sub(r"^[\w ]+\$ ", "", part.strip()) for part in line.split("&&"))
        if part.startswith(begins)
    ]


@pytest.mark.parametrize(("page", "line"), typed("chatkit-conformance "))
def test_every_line_to_type_parses(page: str, line: str) -> None:
    """A command of the documentation is one that there is, with options that it has."""
    words = shlex.split(line, comments=True)[1:]
    assert words[0] in COMMANDS, f"{page}: {line}"
    module = importlib.import_module(f"chatkit_conformance.cli.{words[0]}")
    parser = Parser(prog=words[0], allow_abbrev=False)
    module.configure(parser)
    options, _ = _parsed(parser, words[1:])
    for pattern in getattr(options, "select", None) or ():
        assert "." in pattern or "*" in pattern


NOX = re.compile(r"nox -s ((?:[a-z]+ ?)+)")
MODULE = re.compile(r"python -m ([\w.]+)")


def _in_docs(pattern: re.Pattern[str]) -> set[str]:
    """What this pattern finds on the pages, a word each."""
    text = "\n".join(page.read_text("utf-8") for page in (*PAGES, ROOT / "CONTRIBUTING.md"))
    blocks_and_code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    return {word for part in blocks_and_code for found in pattern.findall(part) for word in found.split()}


def test_every_session_of_the_docs_is_one() -> None:
    """What `nox -s` is told to run is a session of the noxfile."""
    sessions = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text("utf-8"), re.MULTILINE))
    named = _in_docs(NOX)
    assert len(named) > 10
    assert named <= sessions, named - sessions


def test_every_module_of_the_docs_can_be_run() -> None:
    """What `python -m` is told to run is there, of ours or of what is installed."""
    named = _in_docs(MODULE)
    assert len(named) > 3
    assert {name for name in named if importlib.util.find_spec(name) is None} == {"yourserver"}


def test_every_extra_of_the_docs_is_one() -> None:
    """What stands in brackets behind the package's name is an extra that it has."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = _in_docs(re.compile(r"(?:chatkit-conformance|\.)\[([a-z]+)\]"))
    assert named
    assert named <= extras.keys(), named - extras.keys()


def test_every_option_of_pytest_in_the_docs_is_one() -> None:
    """What pytest is told to take, it takes with our plugin: its help has every option."""
    words = {word.split("=")[0] for _, line in typed("pytest ") for word in shlex.split(line, comments=True)}
    options = {word for word in words if word.startswith("--")}
    assert options
    command = [sys.executable, "-m", "pytest", "--help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    assert {option for option in options if option not in told} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_toml_block_loads(page: Path) -> None:
    """A TOML block is TOML."""
    for text in blocks(page, "toml"):
        assert tomllib.loads(text)


def test_the_target_file_of_the_guide_has_every_key(tmp_path: Path) -> None:
    """The guide's target file is read without an error, and leaves no section, role, capability or limit out."""
    text = next(text for text in blocks(GUIDE, "toml") if text.startswith("[target]"))
    path = tmp_path / "chatkit-target.toml"
    path.write_text(text)
    target = read_target(path)
    assert set(ROLES) <= set(target.tools) <= {*ROLES, *SHOWS}
    assert set(target.capabilities) == set(CAPABILITIES)
    assert set(target.latency) == set(LATENCY)
    table = tomllib.loads(text)
    schema = FORM.json_schema()
    assert set(table) == set(schema["properties"])
    keys = set(schema["$defs"]["TargetSection"]["properties"])
    assert {key for key in keys if re.search(rf"\b{key}\b", text)} == keys


def test_the_baseline_of_the_guide_is_read(tmp_path: Path) -> None:
    """The guide's baseline is one."""
    text = next(text for text in blocks(GUIDE, "toml") if "[[expected]]" in text)
    path = tmp_path / "chatkit-baseline.toml"
    path.write_text(text)
    entries = read_baseline(path)
    assert [entry.flaky for entry in entries] == [False, True, False]


def test_links_between_pages_lead_somewhere() -> None:
    """A link to another page of the documentation names a file that is there."""
    link = re.compile(r"\]\((?!https?:|#)([\w./-]+)(?:#[\w-]+)?\)")
    broken = [
        f"{page.name}: {name}"
        for page in PAGES
        for name in link.findall(page.read_text("utf-8"))
        if not (page.parent / name).exists() and not name.endswith(".png")
    ]
    assert not broken


def test_the_check_of_the_guide_is_one(tmp_path: Path) -> None:
    """The example of the guide, in a folder of its own, is listed, and held against a small server it passes."""
    text = blocks(ROOT / "docs" / "writing-a-check.md", "python")[0]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "greetings.py").write_text(text)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "CHATKIT_CONFORMANCE_SUITES": "mine"}
    tiny = ROOT / "tests" / "harness" / "tiny_server.py"
    done = subprocess.run(
        [sys.executable, "-m", "chatkit_conformance", "run", "--", sys.executable, str(tiny)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "chatkit-report" / "results.json").read_text())
    assert [(row["id"], row["outcome"]) for row in results["results"]] == [("stream.greeting-whole", "passed")]
