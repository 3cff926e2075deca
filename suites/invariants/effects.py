"""What a tool does, it does once: as often as the model called it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

from chatkit_conformance.check import MUST, Finding, Findings, NotJudged, check
from chatkit_conformance.moves.marks import KINDS
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.target.task_id import ids_of
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_TOOLS
from ..evidence import rounds, shorten

OWN = re.compile(rf"\b(?:[0-9a-f]{{6}}|{KINDS['task']}[0-9a-z]{{10}}\d?)\b")
"""The random word in a title by which it is like no other: that of a written exchange, and that of a generated one."""


def named_in(arguments: str) -> Iterator[str]:
    """The texts among a call's arguments that only this conversation uses."""
    try:
        value = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            waiting += node.values()
        elif isinstance(node, str) and OWN.search(node):
            yield node


def _results(turn: Turn) -> Iterator[tuple[int, str]]:
    """Each tool's result in a turn, once, with the number of the request that carried it first."""
    seen: set[tuple[str, str]] = set()
    for call in turn.calls:
        for made in rounds(call):
            for result in made.results:
                if result not in seen:
                    seen.add(result)
                    yield call.n, result[1]


@check(
    "tools.executes-once",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS,
    capability="tasks",
    cause="The call runs when it is streamed and again when the run ends, once per attempt, or again after a failure.",
    fix="Run each call id once, and never run a turn with effects again.",
    criteria=("SC-007",),
)
def executes_once(t: Transcript) -> Findings:
    """As many tasks of a title are listed as the model's calls named it, however the turns ended."""
    called: Counter[str] = Counter()
    told: set[str] = set()
    judged = 0
    for turn in turns_in(t):
        for answer in turn.answers:
            called.update({text for _, _, arguments in answer.calls for text in named_in(arguments)})
        for n, result in _results(turn):
            for title, times in called.items():
                ids = ids_of(result, title) if title in result else set()
                judged += bool(ids)
                if len(ids) > times and title not in told:
                    told.add(title)
                    got = f"{len(ids)} tasks of the title {shorten(title)}: {shorten(sorted(ids))}"
                    label = turn.asked.reply.label
                    yield Finding(expected=f"{times} at most, as often as it was called", got=got, reply=label, call=n)
    if not judged:
        raise NotJudged(f"No result of a tool in {t.exchange} tells tasks with their ids.")
