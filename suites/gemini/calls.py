"""Tool calls on their way back to the model: as they were made, with ids, with the words before them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.target.task_reading import entry
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import GEMINI_CALLING
from ..evidence import answer_text, calls_of, content_text, last_rounds, model_calls, note, rounds, shorten, turn
from ..groups import TOOLS
from ..tools.roles import listed, results


def _made(c: Call) -> list[tuple[str, str]]:
    """(name, arguments) of the calls that the model made in an answer."""
    return list(_called(c))


def _called(c: Call) -> Iterator[tuple[str, str]]:
    for sent in c.sent:
        try:
            value = json.loads(sent.data.removeprefix("data: "))
        except ValueError:
            continue
        for choice in (value.get("choices") if isinstance(value, dict) else None) or ():
            for row in (choice.get("delta") or choice.get("message") or {}).get("tool_calls") or ():
                function = row.get("function") or {}
                if isinstance(function.get("arguments"), str):
                    yield str(function.get("name")), function["arguments"]


def _same(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one or "{}") == json.loads(other or "{}"))
    except ValueError:
        return one == other


@check(
    "gemini.calls-replayed-as-made",
    level=MUST,
    on=(*TOOLS, "many_calls"),
    clause=GEMINI_CALLING + "; the model's own turn is sent back as it was",
    cause="The call is rebuilt from what the tool received: defaults filled in, names or arguments changed.",
    fix="Send each call's name and arguments back as the model wrote them.",
    criteria=("SC-007",),
)
def calls_replayed_as_made(t: Transcript) -> Findings:
    """A call goes back to the model with its original name and arguments."""
    judged = 0
    by_turn: dict[str, list[Call]] = {}
    for c in model_calls(t):
        if not c.side:
            by_turn.setdefault(c.nonce, []).append(c)
    for made in by_turn.values():
        for c in made:
            wanted = _made(c)
            after = next((d for d in made if d.position == c.position + 1), None)
            if not wanted or after is None:
                continue
            judged += 1
            got = [(name, text) for _, name, text in rounds(after)[c.position].calls]
            for name, text in wanted:
                if not any(name == other and _same(text, replayed) for other, replayed in got):
                    expected = f"{name} {shorten(text)}"
                    yield Finding(expected=expected, got=f"calls {shorten(got)}", call=after.n)
    if not judged:
        raise Untestable(f"No call of {t.exchange} was sent back to the model.")


@check(
    "gemini.empty-ids-run",
    level=MUST,
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
        if entry(text, str(title)) is None:
            yield Finding(expected=f"{title!r} in the list", got=f"the list {shorten(text)}", reply="empty")


@check(
    "gemini.empty-ids-paired",
    level=MUST,
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
    "gemini.text-before-calls-replayed",
    level=SHOULD,
    on=("text_around_calls",),
    clause=GEMINI_CALLING + "; the model's own turn is sent back as it was",
    cause="The text of a message with calls is dropped when the message is sent back.",
    fix="Send the content and the tool_calls of one answer back in one assistant message.",
)
def text_before_calls_replayed(t: Transcript) -> Findings:
    """The model's text before a call goes back to the model within the turn."""
    later = [c for c in calls_of(t, "steps") if c.position]
    if not later:
        raise Untestable("The turn ended before the model was called again.")
    said = str(note(t, "words")[0])
    texts = [content_text(m.get("content")) for m in later[0].messages if m.get("role") in ("assistant", "model")]
    if not any(said in text for text in texts):
        yield Finding(expected=f"assistant text {shorten(said)}", got=shorten(texts), reply="steps", call=later[0].n)
