"""A role for which the owner says that there is no tool: nothing is guessed for it, and nothing asked of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatkit_conformance.check import CHECKS, TOOL_ROLES, WITHOUT
from chatkit_conformance.judging.catalogue import exchanges, load_suites
from chatkit_conformance.judging.judge import judge
from chatkit_conformance.running.capabilities import Probed
from chatkit_conformance.running.discovery import Discovered
from chatkit_conformance.running.host import RunState
from chatkit_conformance.running.prerequisite import prerequisite
from chatkit_conformance.target.file import read_target
from chatkit_conformance.target.target import Target
from chatkit_conformance.target.tools import Tool, map_roles
from chatkit_conformance.transcript import Transcript

from .test_target import written

NAMES = ("create_task", "list_tasks", "update_task", "delete_task", "complete_task", "complete_all", "delete_all")
TOOLS = [Tool(name=name, description=f"{name} of the user") for name in NAMES]


@pytest.mark.parametrize("none", ['""', "false"])
def test_an_owner_says_that_there_is_none(tmp_path: Path, none: str) -> None:
    """False and an empty name both stand for no tool, which is a declaration."""
    text = f'[target]\nurl = "http://127.0.0.1:1/chatkit"\n[tools]\ncreate = "add"\nbulk-delete = {none}\n'
    target = read_target(written(tmp_path, text), {})
    assert target.without == ["bulk-delete"]
    assert target.declared["bulk-delete"] is False
    assert "create" not in target.declared


def test_nothing_is_guessed_for_it() -> None:
    """Neither a name nor a description gives a tool to a role for which there is none."""
    roles = map_roles(TOOLS, {"bulk-delete": "", "delete": "", "handoffs": ""})
    assert set(roles) == {*TOOL_ROLES} - {"bulk-delete", "delete"}


@pytest.mark.parametrize(
    ("exchange", "without", "roles", "absent", "why"),
    [
        ("tool_delete", ["delete"], ["create", "read"], "delete", ""),
        ("bulk_tools", ["bulk-delete"], ["create", "read", "bulk-complete"], "", ""),
        ("bulk_tools", ["bulk-delete", "bulk-complete"], ["create", "read"], "bulk-complete", ""),
        ("bulk_tools", [], ["create", "read"], "", "bulk-complete or bulk-delete"),
        ("bulk_tools", ["bulk-delete"], ["create", "read"], "", "bulk-complete or bulk-delete"),
        ("tool_create", ["bulk-delete"], ["create", "read"], "", ""),
    ],
)
def test_a_conversation_is_held_with_the_tools_that_there_are(
    exchange: str, without: list[str], roles: list[str], absent: str, why: str
) -> None:
    """What needs a tool that is not meant to be there does not apply; what needs any of two is held with one."""
    state = RunState(target=Target(url="http://127.0.0.1:1/chatkit", tools=dict.fromkeys(without, "")))
    state.discovered = Discovered(directed=True, tools={role: Tool(name=role) for role in roles})
    state.probed = Probed(found={"tools": True, "tasks": True}, seen={})
    known, said = prerequisite(exchanges()[exchange], state, in_words=False)
    assert known == absent
    assert why in said
    assert bool(said) is bool(why)


def test_what_is_asked_of_it_does_not_apply() -> None:
    """The checks of that tool do not apply, with what the owner said; those of another tool do."""
    load_suites()
    held = [Transcript(exchange="bulk_tools", dialect="gemini-3")]
    lacks = {"bulk-delete": False}
    result = judge(CHECKS["tools.bulk-delete-executes"], held, lacks)
    assert (result.outcome, result.reason) == (
        "not_applicable",
        "the target file says that there is no tool to bulk-delete",
    )
    assert judge(CHECKS["tools.delete-executes"], held, lacks).outcome == "untestable"
    assert judge(CHECKS["tools.bulk-complete-executes"], held, lacks).outcome == "untestable"


def test_the_ids_tell_which_tool_a_check_is_about() -> None:
    """A check of one tool begins with its role; those of several tools, or of none, have no role."""
    load_suites()
    roles = {check.id: check.role for check in CHECKS.values() if check.role}
    assert set(roles.values()) == {*TOOL_ROLES}
    assert roles["tools.bulk-delete-executes"] == "bulk-delete"
    assert roles["tools.delete-executes"] == "delete"
    assert not {"tools.bulk-keeps-other-users-tasks", "tools.declared", "tools.created-task-listed"} & {*roles}


def test_all_tools_but_those_that_are_not_meant_to_be_there_are_declared() -> None:
    """A missing tool is a finding, unless the owner says that there is none."""
    load_suites()
    names = {role: role for role in TOOL_ROLES if role != "bulk-delete"}
    t = Transcript(exchange="tool_update", dialect="gemini-3", notes={"names": names})
    declared = CHECKS["tools.declared"].judge
    assert [found.got.split(";")[0] for found in declared(t)] == ["none for bulk-delete"]
    assert not list(declared(replace(t, notes={**t.notes, WITHOUT: ["bulk-delete"]})))
