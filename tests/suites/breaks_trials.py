"""Conversations that each check of the tools' trials must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Call, Transcript
from tests.suites import conversations as c
from tests.suites import trials as t
from tests.suites.breaks_tools import cut_after, told
from tests.suites.build import edit, recall, without
from tests.suites.edits import no_results, silent, spoken

SINGLE = ("create", "read", "update", "complete", "delete")
BULK = ("bulk-complete", "bulk-delete")


def _without_result(made: Transcript, role: str) -> list[Transcript]:
    """The tool's result is empty; the model is not asked again."""
    return [told(made, c.NAMES[role], ""), cut_after(made, role, 0)]


def _other_arguments(call: Call) -> Call:
    messages = [dict(m) for m in call.body["messages"]]
    for m in messages:
        if m.get("tool_calls"):
            m["tool_calls"] = [{**x, "function": {**x["function"], "arguments": '{"x": 1}'}} for x in m["tool_calls"]]
    return replace(call, body={**call.body, "messages": messages})


BREAKS: Mapping[str, list[Transcript]] = {
    **{f"tools.{r}-visible": [without(t.each_tool(), r, "progress_update")] for r in SINGLE},
    **{f"tools.{r}-visible": [without(t.bulk_trials(), r, "progress_update")] for r in BULK},
    **{f"tools.{r}-result-returned": _without_result(t.each_tool(), r) for r in SINGLE},
    **{f"tools.{r}-result-returned": _without_result(t.bulk_trials(), r) for r in BULK},
    **{f"tools.{r}-wrong-arguments": [silent(t.wrong_arguments(), f"wrong-{r}")] for r in SINGLE[1:]},
    "tools.create-wrong-arguments": [edit(t.wrong_arguments(), "wrong-create", ended="cut")],
    **{f"tools.{r}-wrong-arguments": [silent(t.bulk_trials(), f"wrong-{r}")] for r in BULK},
    **{
        f"tools.{r}-unknown-id": [
            silent(t.unknown_ids(), f"unknown-{r}"),
            t.unknown_ids(after=c.task("Taken over")),
            t.unknown_ids(after=c.task("Leave me alone 1", completed=True)),
        ]
        for r in ("update", "complete", "delete")
    },
    "tools.create-other-scripts": [t.each_tool(listed="K?se ??? 1a2b3c"), no_results(t.each_tool())],
    "tools.update-other-scripts": [t.each_tool(relisted="??? 4d5e6f"), no_results(t.each_tool())],
    "tools.create-long-text": [
        silent(t.long_texts(), "create"),
        spoken(t.long_texts(), lambda old: [m for m in old if m["role"] != "tool"]),
    ],
    "tools.update-long-text": [silent(t.long_texts(), "update")],
    "tools.long-result-whole": [t.long_texts(listed="Read"), t.long_texts(behind="A")],
    "tools.executes-once": [
        told(
            c.tool_create(),
            "list_tasks",
            str([c.task(), {**c.task(), "id": "another"}]).replace("'", '"').replace("False", "false"),
        )
    ],
    "tools.five-calls-at-once": [t.many_calls(heard=3), t.many_calls(listed=4)],
    "tools.same-title-own-task": [t.many_calls(again=c.task(t.ERRANDS[0]), two=False)],
    "tools.equal-calls-answered": [t.many_calls(ids=("y0", "y0"))],
    "tools.bulk-complete-without-arguments": [t.bulk_trials(after=c.task(t.SPOONS, completed=True))],
    "tools.bulk-delete-without-arguments": [t.bulk_trials(after=c.task("Another"))],
    "gemini.calls-replayed-as-made": [recall(t.many_calls(), _other_arguments)],
    "gemini.empty-ids-run": [no_results(t.empty_ids()), t.empty_ids(listed=1)],
    "tools.failure-told": [t.unknown_ids(told={}), t.unknown_ids(told="")],
    "gemini.empty-ids-paired": [t.empty_ids(ids=("", ""))],
    "gemini.text-before-calls-replayed": [
        spoken(
            c.text_around_calls(),
            lambda old: [
                {k: v for k, v in m.items() if k != "content"} if m["role"] == "assistant" else m for m in old
            ],
        )
    ],
}
