"""What the documentation tells people to type and to write works as it stands."""

from __future__ import annotations

import importlib
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
BLOCK = re.compile(r"^ *```(?P<kind>\w+)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
GUIDE = ROOT / "docs" / "testing-your-server.md"


def blocks(page: Path, kind: str) -> list[str]:
    """The code blocks of that kind."""
    return [found["text"] for found in BLOCK.finditer(page.read_text("utf-8")) if found["kind"] == kind]


def typed() -> list[tuple[str, str]]:
    """Each `chatkit-conformance` line of the documentation, with its page."""
    return [
        (page.name, part.strip())
        for page in PAGES
        for block in blocks(page, "sh")
        for line in block.replace("\\\n", " ").splitlines()
        for part in line.split("&&")
        if part.strip().startswith("chatkit-conformance")
    ]


@pytest.mark.parametrize(("page", "line"), typed())
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
