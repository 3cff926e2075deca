"""Files that other machines run: the action, the workflow, the hook, the Dockerfile. They are read here."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # the package has no types

from chatkit_conformance.cli import COMMANDS, Parser
from chatkit_conformance.cli import lint as lint_command
from chatkit_conformance.cli import run as run_command

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


def options_of(module: Any) -> set[str]:
    """The options of a command."""
    parser = Parser(prog="x", allow_abbrev=False)
    module.configure(parser)
    return {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize("step", [s for s in STEPS if "run" in s], ids=lambda s: s["name"])
def test_a_script_of_the_action_is_bash(step: dict[str, Any]) -> None:
    """Each script parses, takes its inputs from the environment alone, and every option in it is one of `run`."""
    script = step["run"]
    assert subprocess.run(["bash", "-n", "-c", script], check=False).returncode == 0
    assert "${{" not in script, "an input in a script is somebody's shell command: hand it over in env"
    if step["name"] == "Judge":
        assert set(re.findall(r"--[a-z-]+", script)) <= options_of(run_command)


def test_every_input_of_the_action_is_used_and_described() -> None:
    """No input is there for nothing, and none is used that is not there."""
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    assert all(row["description"] for row in ACTION["inputs"].values())


def test_the_action_judges_as_it_is_typed(tmp_path: Path) -> None:
    """The script of the action hands all on, ends with the run's code, and obeys nothing that is printed meanwhile."""
    step = next(s for s in STEPS if s.get("id") == "run")
    program = tmp_path / "chatkit-conformance" / "bin" / "chatkit-conformance"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\nexit 3\n')
    program.chmod(0o755)
    given = {"COMMAND": "node server.js", "TARGET": "a b.toml", "BASELINE": "", "ARGUMENTS": "--strict --level MUST"}
    given["PYTHON"] = sys.executable
    environ = {**given, "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "out"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["bash", "-e", "-c", step["run"]], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    words = ["run", "--color", "yes", "--target", "a b.toml", "--strict", "--level", "MUST"]
    stopped, *printed, resumed = done.stdout.splitlines()
    assert printed == [*words, "--", "node", "server.js"]
    assert stopped == f"::stop-commands::{resumed.strip(':')}"
    assert re.fullmatch(r"::[0-9a-f]{32}::", resumed)
    assert (tmp_path / "out").read_text() == "exit-code=3\n"


def test_the_workflow_uses_the_action_with_inputs_that_it_has() -> None:
    """The pre-made workflow parses and gives the action only inputs that there are."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "conformance.yml").read_text())
    used = [step for job in workflow["jobs"].values() for step in job["steps"] if step.get("uses") == "./"]
    assert used
    assert all(set(step["with"]) <= set(ACTION["inputs"]) for step in used)
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_the_hook_is_a_command_that_takes_many_files() -> None:
    """pre-commit gives a hook all files at once: the command is there, and takes them."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, command = shlex.split(hook["entry"])
    assert (program, command in COMMANDS) == ("chatkit-conformance", True)
    parser = Parser(prog="lint")
    lint_command.configure(parser)
    assert len(parser.parse_args(["a.sse", "b.har"]).files) == 2
    assert all(re.search(hook["files"], name) for name in ("a.sse", "x/b.har", "c.ndjson"))


def test_the_image_asks_nothing_but_the_package_index() -> None:
    """The Dockerfile has no download but pip's, runs as nobody special, and names files and extras that there are."""
    steps = re.findall(
        r"^(FROM|COPY|RUN|USER|ENTRYPOINT|WORKDIR|CMD) (.+?)(?<!\\)$", DOCKERFILE, re.MULTILINE | re.DOTALL
    )
    runs = " ".join(text for kind, text in steps if kind == "RUN")
    assert not re.search(r"https?://|curl|wget|git |apt", runs)
    assert all("pip" in text for kind, text in steps if kind == "RUN")
    assert {extra for names in re.findall(r"\[([\w,]+)\]\"", DOCKERFILE) for extra in names.split(",")} <= set(EXTRAS)
    assert [text for kind, text in steps if kind == "USER"] == ["judge"]
    assert [text for kind, text in steps if kind == "ENTRYPOINT"] == ['["chatkit-conformance"]']


def test_the_skill_names_commands_that_there_are() -> None:
    """Each command line of the skill is one of this release."""
    skill = (ROOT / "skills" / "chatkit-conformance" / "SKILL.md").read_text()
    named = re.findall(r"`chatkit-conformance (\w+)", skill)
    assert len(named) > 4
    assert set(named) <= set(COMMANDS)
    assert re.match(r"---\nname: chatkit-conformance\ndescription: .+\n---\n", skill)
