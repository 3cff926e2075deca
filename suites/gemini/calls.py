"""Tool calls on their way back to the model: as they were made, with ids, with the words before them."""

from __future__ import annotations

from collections import Counter

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import GEMINI_CALLING
from ..evidence import answer_text, calls_of, last_rounds, note, shorten, turn
from ..tools.roles import found_in, listed, results


@check(
    "gemini.empty-ids-run",
    level=MUST,
    needs=("model",),
    on=("empty_ids",),
    clause=GEMINI_CALLING + "; 2.0 models give every call the id “”",
    cause="The Agents SDK ends the run: Tool invocations require a non-empty string call ID.",
    fix="Give a call without an id a generated one before the SDK sees the chunk.",
    criteria=("SC-007",),
)
def empty_ids_run(t: Transcript) -> Findings:
    """Calls with an empty id run, and the turn is answered."""
    made = len(results(t, "empty", "create"))
    if made < 2:
        got = f"{made} results, answer {shorten(answer_text(turn(t, 'empty')))}"
        yield Finding(expected="two results", got=got, reply="empty")
        return
    text = listed(t, "empty")
    for title in note(t, "titles"):
        if found_in(t, text, str(title)) is None:
            yield Finding(expected=f"{title!r} in the list", got=f"the list {shorten(text)}", reply="empty")


@check(
    "gemini.empty-ids-paired",
    level=MUST,
    needs=("model",),
    on=("empty_ids",),
    clause=GEMINI_CALLING + "; a result names its call by an id, and an empty one names none",
    cause='The empty id is sent back: several results have the same tool_call_id "".',
    fix="Use one generated id for the call and for its result.",
    criteria=("SC-007",),
)
def empty_ids_paired(t: Transcript) -> Findings:
    """Calls without an id go back with generated ids, and each result under the id of its call."""
    made = next((m for m in last_rounds(calls_of(t, "empty")) if len(m.calls) > 1), None)
    if made is None:
        raise Untestable("The two calls were never sent back to the model.")
    ids = [id for id, _, _ in made.calls]
    if not all(ids) or len(set(ids)) != len(ids) or sorted(ids) != sorted(id for id, _ in made.results):
        got = f"calls {ids}, results {[id for id, _ in made.results]}"
        yield Finding(expected="an id for each call, a result for each id", got=got, reply="empty")


@check(
    "gemini.empty-ids-apart",
    level=SHOULD,
    needs=("model",),
    on=("empty_ids",),
    clause=GEMINI_CALLING + "; a result names its call by an id, and one that two calls have names neither",
    cause="Calls without an id are numbered anew in each answer of the model.",
    fix="Generate an id of which none comes twice, as uuid4().",
    criteria=("SC-007",),
)
def empty_ids_apart(t: Transcript) -> Findings:
    """Of calls without an id that were made in one turn, one after another, no two go back under one id."""
    ids = [id for made in last_rounds(calls_of(t, "empty")) for id, _, _ in made.calls]
    twice = [f"{id!r} {times} times" for id, times in Counter(ids).items() if id and times > 1]
    if twice:
        yield Finding(expected="an id of its own for each call", got=", ".join(twice), reply="empty")
