"""Conversations that each check of the tools must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Call, Transcript
from tests.suites import conversations as c
from tests.suites.build import Data, create, edit, nonce_of, noted, recall, restream, said, say, transcript, without
from tests.suites.edits import CRASH, asked_with, calls_merged, no_results, silent, spoken


def told(t: Transcript, name: str, content: str) -> Transcript:
    """The transcript in which every result of that tool says something else."""

    def change(messages: list[Data]) -> list[Data]:
        ids = [row["id"] for m in messages for row in m.get("tool_calls", ()) if row["function"]["name"] == name]
        return [{**m, "content": content} if m.get("tool_call_id") in ids else m for m in messages]

    return spoken(t, change)


def cut_after(t: Transcript, label: str, rounds: int) -> Transcript:
    """The transcript in which one turn ended after so many rounds of tools: no later request was made."""
    nonce = nonce_of(label)
    return recall(t, lambda call: None if call.nonce == nonce and call.position > rounds else call)


def _swap(t: Transcript) -> Transcript:
    def change(call: Call) -> Call:
        messages: list[dict[str, Any]] = [dict(m) for m in call.body["messages"]]
        for m in messages:
            if m.get("tool_call_id") in ("k0", "k1"):
                m["tool_call_id"] = {"k0": "k1", "k1": "k0"}[m["tool_call_id"]]
        return replace(call, body={**call.body, "messages": messages})

    return recall(t, change)


OPEN, CLOSED = [c.task(x) for x in c.BULK], [c.task(x, completed=True) for x in c.BULK]

BREAKS: Mapping[str, list[Transcript]] = {
    "tools.create-executes": [no_results(c.tool_create()), told(c.tool_create(), "list_tasks", "[]")],
    "tools.read-executes": [told(c.tool_create(), "list_tasks", "[]"), cut_after(c.tool_create(), "create", 1)],
    "tools.update-executes": [
        c.tool("update", [c.task()], new_title=f"{c.TITLE} before noon"),
        cut_after(c.tool_update(), "update", 0),
    ],
    "tools.complete-executes": [c.tool("complete", [c.task()]), cut_after(c.tool_complete(), "complete", 0)],
    "tools.delete-executes": [c.tool("delete", [c.task()]), cut_after(c.tool_delete(), "delete", 0)],
    "tools.bulk-complete-executes": [c.bulk_tools(completed=OPEN), cut_after(c.bulk_tools(), "bulk-complete", 2)],
    "tools.bulk-delete-executes": [c.bulk_tools(deleted=CLOSED), cut_after(c.bulk_tools(), "bulk-delete", 2)],
    "tools.bulk-complete-needs-confirm": [c.bulk_tools(refused_complete=CLOSED)],
    "tools.bulk-delete-needs-confirm": [c.bulk_tools(refused_delete=[])],
    "tools.declared": [
        asked_with(c.tool_update(), tools=c.TOOLS[:4]),
        noted(c.tool_update(), names={k: v for k, v in c.NAMES.items() if k != "bulk-delete"}),
    ],
    "tools.result-reaches-model": [no_results(c.tool_create()), told(c.tool_create(), "create_task", "")],
    "tools.visible": [without(c.tool_create(), "create", "progress_update")],
    "tools.answer-follows": [silent(c.tool_create(), "create")],
    "tools.turn-after-works": [silent(c.tool_create(), "after")],
    "tools.two-calls-in-one-delta": [c.two_calls(lost="one-delta"), recall(c.two_calls(), calls_merged)],
    "tools.two-calls-in-two-deltas": [c.two_calls(lost="one-per-delta"), recall(c.two_calls(), calls_merged)],
    "tools.two-calls-paired": [_swap(c.two_calls())],
    "tools.several-steps": [cut_after(c.text_around_calls(), "steps", 1)],
    "tools.text-around-calls": [restream(c.text_around_calls(), "steps", lambda old: [*old[:2], *old[6:]])],
    "tools.call-beside-text-runs": [
        cut_after(c.text_beside_call(), "beside", 0),
        restream(c.text_beside_call(), "beside", lambda old: [*old[:2], *old[6:]]),
    ],
    "tools.bad-arguments-handled": [
        silent(c.bad_arguments(), "not-json"),
        edit(c.bad_arguments(), "no-title", ended="cut"),
    ],
    "tools.bad-arguments-reach-model": [no_results(c.bad_arguments())],
    "tools.bad-arguments-then-next-turn": [edit(c.bad_arguments(), "after-not-json", **CRASH)],
    "tools.unknown-tool-handled": [
        transcript("unknown_tool", [create("fault", "Launch.", []), say("next", "There?", [])]),
        transcript(
            "unknown_tool",
            [create("fault", "Launch.", [{"type": "thread.item.added", "item": said("a", "")}], ended="cut")],
        ),
    ],
}
