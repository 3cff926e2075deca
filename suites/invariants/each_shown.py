"""Several calls of one tool in a turn: what is shown of the one is shown of the others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.marks import KINDS
from chatkit_conformance.moves.notes import EXPECTED, TURNS
from chatkit_conformance.moves.shown import values_in
from chatkit_conformance.moves.task_calls import ROLES
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import spec
from ..evidence import rounds, shorten

CHANGES = tuple(role for role in ROLES if role != "read")

SHOWS = ("workflow", "task")
"""Items that tell of a call. A widget may list tasks that no call was about."""

AND_MORE = re.compile(r"\b(?:more|others?|all|\d+ (?:tasks|items)|weitere|alle)\b", re.IGNORECASE)
"""Words by which something tells of several tasks at once."""


@check(
    "tools.each-call-shown",
    level=SHOULD,
    needs=("model",),
    clause=spec("SC-002: a tool's execution is visible"),
    capability="tasks",
    cause="What is shown is kept by the tool's name, so that of several calls of one tool in a turn the first is seen.",
    fix="Show each call by an item or a task of its own.",
    criteria=("SC-002",),
)
def each_call_shown(t: Transcript) -> Findings:
    """Where calls of one tool in a turn name several tasks, and a step tells the title of one, others tell the rest."""
    turns = [turn for turn in turns_in(t) if any(answer.calls for answer in turn.answers)]
    if not turns:
        raise Untestable(f"No tool was called in {t.exchange}.")
    for turn in turns:
        r = turn.asked.reply
        if not turn.sound or turn.asked.wrong or not r.streamed or r.ended != "closed":
            continue
        shown = _shown(turn)
        for role, titles in _titles(t, turn):
            told = [title for title in titles if title in shown]
            lost = [title for title in titles if title not in shown]
            if told and lost and not AND_MORE.search(shown):
                got = f"{shorten(told[0])} alone"
                yield Finding(expected=f"{lost[0]!r} shown, too, for the {role} tool", got=got, reply=r.label)


def _shown(turn: Turn) -> str:
    """The steps that a turn showed, as one text."""
    found = []
    for e in turn.asked.reply.events:
        data: Mapping[str, Any] = e.data or {}
        if e.item.get("type") in SHOWS or "workflow" in str(e.update.get("type")):
            found.append(json.dumps(data, ensure_ascii=False))
    return "\n".join(found)


def _titles(t: Transcript, turn: Turn) -> Iterator[tuple[str, list[str]]]:
    """The titles of the tasks that calls of one role were about, where each of several calls was carried out."""
    label = turn.asked.reply.label
    note, known = t.notes.get(TURNS, {}).get(label, {}), t.notes.get(EXPECTED, {}).get(label, {}).get("tasks", ())
    by_id = {str(task["id"]): task["title"] for task in known if task["id"] and task["sure"]}
    sure = {task["title"] for task in known if task["sure"]}
    last = max((rounds(call) for call in turn.calls), key=len, default=[])
    made = sum(len(each.results) for each in last)
    if note.get("fault") or made < len(note.get("tools", ())):
        return
    for role in CHANGES:
        titles = []
        for tool in note.get("tools", ()):
            values = list(values_in(tool.get("arguments"))) if tool.get("role") == role else []
            titles += [by_id.get(value, value) for value in values]
        named = [title for title in dict.fromkeys(titles) if KINDS["task"] in title and title in sure]
        if len(named) > 1:
            yield role, named
