"""Agents that are tools, and answers in JSON: conversations that are right, odd and right, and broken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Transcript
from tests.suites.build import (
    ERROR,
    Data,
    answer,
    asked,
    called,
    calling,
    create,
    done,
    get,
    item,
    read,
    recall,
    replaced,
    result,
    say,
    sent,
    transcript,
    user,
)
from tests.suites.edits import silent, spoken

INNER, OUTER = "Farne mögen Regen.", "In German that is what I said."
CALL = ("n1", "translate", {"input": asked("Ferns like rain.", "nested")})
TOOLS = [{"type": "function", "function": {"name": "translate"}}]


def nested_agent(*, inner: bool = True) -> Transcript:
    """An agent that was called as a tool; `inner`: whether what it asks the model can be told."""
    question = {"role": "user", "content": asked("Say it in German.", "nested")}
    told = [question, calling(CALL), result("n1", INNER)]
    calls = [
        called("nested", [question], sent=sent("", CALL), tools=TOOLS),
        called("nested", [{"role": "user", "content": CALL[2]["input"]}], n=1, side=True, sent=sent(INNER)),
        called("nested", told, n=2, position=1, sent=sent(OUTER), tools=TOOLS),
    ]
    replies = [
        create("nested", "Say it in German.", answer("a1", OUTER)),
        read("reload"),
        say("after", "Thank you.", answer("a2", "You are welcome.")),
    ]
    return transcript("nested_agent", replies, calls if inner else [calls[0], calls[2]], tool="translate")


PLAN = "Water the ferns daily"
FIT = json.dumps({"title": PLAN, "steps": []})
UNFIT = '{"neither": ["a title"], "nor": 1}'
SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
WANTED = {"type": "json_schema", "json_schema": {"name": "final_output", "schema": SCHEMA}}


def structured_answer(
    shown: Any = None, unfit: Any = None, wanted: Any = WANTED, *, beside: bool = False
) -> Transcript:
    """Two answers in JSON, one that fits and is shown in words, one that does not and is told.

    Args:
        beside: the agent that gives them is told of no call, and seems to stand beside the conversation.
    """
    calls = []
    for n, (label, said) in enumerate((("fit", FIT), ("unfit", UNFIT))):
        question = {"role": "user", "content": asked("Make a plan.", label)}
        handoff = [calling(("h1", "transfer_to_planner", {})), result("h1", {"assistant": "planner"})]
        calls.append(called(label, [question], n=2 * n, sent=sent("", ("h1", "transfer_to_planner", {}))))
        told = [question] if beside else [question, *handoff]
        place = 0 if beside else 1
        last = called(label, told, n=2 * n + 1, position=place, side=beside, sent=sent(said))
        calls.append(replace(last, body={**last.body, **({"response_format": wanted} if wanted else {})}))
    replies = [
        create("fit", "Make a plan.", shown or answer("a1", f"A plan: {PLAN}.")),
        read("reload"),
        say("unfit", "Make a plan.", unfit or [ERROR]),
        read("reload-unfit"),
        say("after", "Thank you.", answer("a3", "You are welcome.")),
    ]
    return transcript("structured_answer", replies, calls, stopped=["unfit"])


THOUGHT = "I weigh rain against sun, and rain against wind."


def reasoned_answer(*, kind: str = "reasoning", said: str = "It is 42.", kept: bool = True) -> Transcript:
    """A thought that is shown as a workflow, and the answer after it."""
    task = {"type": "thought", "content": THOUGHT, "status_indicator": "complete"}
    flow = item("workflow", "w1", workflow={"type": kind, "tasks": [task], "expanded": False})
    replies = [
        create("thought", "Which number?", [done(flow), *answer("a1", said)]),
        read("reload") if kept else get("reload", [user("u-thought", asked("Which number?", "thought"))]),
        say("after", "Thank you.", answer("a2", "You are welcome.")),
    ]
    calls = [called("thought", [{"role": "user", "content": asked("Which number?", "thought")}])]
    return transcript("reasoned_answer", replies, calls, thought=THOUGHT)


CARD: Data = item("widget", "w1", widget={"type": "Card", "children": [{"type": "Text", "value": PLAN}]})


def sound_agents() -> list[Transcript]:
    """One of each."""
    return [nested_agent(), structured_answer(), reasoned_answer()]


def odd_agents() -> list[Transcript]:
    """An inner agent that is asked in other words; a plan that is a widget; an answer that is told in own words."""
    return [
        nested_agent(inner=False),
        structured_answer([done(CARD)], answer("a2", "No plan could be made.")),
        structured_answer(wanted={"type": "json_object"}),
        structured_answer(beside=True),
    ]


BREAKS: Mapping[str, list[Transcript]] = {
    "tools.nested-agent-result": [
        spoken(nested_agent(), lambda old: [{**m, "content": ""} if m["role"] == "tool" else m for m in old]),
        recall(nested_agent(), lambda call: None if call.n == 2 else call),
    ],
    "tools.nested-agent-answered": [replaced(nested_agent(), "nested", OUTER, INNER)],
    "tools.turn-after-nested-agent-works": [silent(nested_agent(), "after")],
    "tools.structured-answer-shown": [silent(structured_answer(), "fit")],
    "tools.structured-answer-readable": [structured_answer(answer("a1", FIT))],
    "gemini.answer-schema-sent": [structured_answer(wanted=None), structured_answer(wanted={"type": "json_object"})],
    "errors.unfit-answer-told": [silent(structured_answer(), "unfit"), structured_answer(unfit=answer("a2", UNFIT))],
    "stream.reasoning-shown": [reasoned_answer(kind="custom")],
    "stream.reasoning-kept": [reasoned_answer(kept=False), reasoned_answer(said=f"{THOUGHT} It is 42.")],
    "tools.turn-after-structured-answer-works": [silent(structured_answer(), "after")],
}
