"""What the tools tell the model, in whatever turn they were called."""

from __future__ import annotations

from collections.abc import Iterator

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import TURNS
from chatkit_conformance.moves.task_calls import BULK, ROLES
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import GEMINI_CALLING
from ..evidence import rounds


@check(
    "tools.results-told",
    level=MUST,
    needs=("model",),
    clause=GEMINI_CALLING,
    capability="tasks",
    cause="One of the tools returns None or an empty text, or its result is lost where several are called.",
    fix="Return what was done, with the task's id and title, or why nothing was done.",
    criteria=("SC-007",),
)
def results_told(t: Transcript) -> Findings:
    """No tool for tasks answers the model with an empty result, whenever it is called, alone or with others."""
    judged = 0
    for turn in turns_in(t):
        note = t.notes.get(TURNS, {}).get(turn.asked.reply.label, {})
        if note.get("left"):
            continue  # what becomes of a call whose user has gone is another question
        names = {tool["name"]: tool["role"] for tool in note.get("tools", ()) if tool.get("role") in (*ROLES, *BULK)}
        for n, name, content in _results(turn):
            judged += name in names
            if name in names and _empty(content):
                got = f"the result {content!r} of {name}"
                label = turn.asked.reply.label
                yield Finding(expected=f"words that tell what the {names[name]} tool did", got=got, reply=label, call=n)
    if not judged:
        raise Untestable(f"No result of a tool for tasks was sent to the model in {t.exchange}.")


def _results(turn: Turn) -> Iterator[tuple[int, str, object]]:
    """Each result of a turn, once: the number of the first request that has it, the name of its tool, and it."""
    seen: set[str] = set()
    for call in turn.calls:
        named = {id: name for made in rounds(call) for id, name, _ in made.calls}
        for message in call.messages:
            id = str(message.get("tool_call_id", ""))
            if message.get("role") == "tool" and id in named and id not in seen:
                seen.add(id)
                yield call.n, named[id], message.get("content")


def _empty(content: object) -> bool:
    """Whether a content says nothing: no text, or blank ones alone."""
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else part for part in parts]
    return all(text is None or (isinstance(text, str) and not text.strip()) for text in texts)
