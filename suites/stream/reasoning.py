"""The model's thoughts, where a server shows them: as a workflow, apart from the answer."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.check import MUST, Finding, Findings, check
from chatkit_conformance.transcript import Transcript

from ..clauses import types
from ..evidence import answer_text, note, reloaded, shorten, turn

KNOWN = 24
"""Characters by which a thought is known: a server may shorten it."""


def _told(items: list[dict[str, Any]]) -> str:
    """What the workflows of reasoning among these items say."""
    shown = [item.get("workflow") or {} for item in items if item.get("type") == "workflow"]
    return "\n".join(str(flow.get("tasks")) for flow in shown if flow.get("type") == "reasoning")


@check(
    "stream.reasoning-shown",
    level=MUST,
    on=("reasoned_answer",),
    clause=types("948-954") + " and L1003-1008: a workflow of type reasoning, a task of type thought",
    cause="The thoughts are not asked of Gemini (include_thoughts), dropped with its flag, or in a custom workflow.",
    fix="Show deltas with extra_content.google.thought as a thought task of a workflow of type reasoning.",
    capability="reasoning",
)
def reasoning_shown(t: Transcript) -> Findings:
    """A thought of the model's is a task of a finished workflow of type reasoning."""
    made, thought = turn(t, "thought"), str(note(t, "thought"))[:KNOWN]
    done = [e.item for e in made.items_done("workflow")]
    if thought not in _told(done):
        yield Finding(
            expected=f"a thought task {shorten(thought)}", got=shorten(done or "no workflow"), reply="thought"
        )


@check(
    "stream.reasoning-kept",
    level=MUST,
    on=("reasoned_answer",),
    clause=types("948-954") + "; user specification SC-005: conversations persist over a page reload",
    cause="The workflow is shown by events of its own and never stored, or its end comes after the answer's turn.",
    fix="Finish the workflow with thread.item.done before the answer begins.",
    capability="reasoning",
    criteria=("SC-005",),
)
def reasoning_kept(t: Transcript) -> Findings:
    """A reload shows the thought, and the turn's answer apart from it."""
    thought, rows = str(note(t, "thought"))[:KNOWN], reloaded(t, "reload")
    if thought not in _told(rows):
        got = shorten([row.get("type") for row in rows])
        yield Finding(expected=f"a thought task {shorten(thought)}", got=f"items {got}", reply="reload")
    if thought in answer_text(turn(t, "thought")):
        yield Finding(expected="an answer without the thought", got=shorten(thought), reply="thought")
