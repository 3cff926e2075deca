"""Structured input: the questions that wait, the answers, and what becomes of those that are skipped or not asked."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import HTTP_4XX, SPEC_HISTORY, SPEC_OWNER, SPEC_SURVIVES, server, types
from ..evidence import (
    answer_text,
    answered,
    calls_of,
    content_text,
    note,
    outcome,
    refused_as_wrong,
    reloaded,
    reply,
    said_errors,
    shorten,
    turn,
)
from .calls import pending, stored

ITEM = types("750-755") + ": a structured_input item, pending, answered or skipped"
ANSWERED = types("111-141") + ": threads.add_structured_input submits answers by question id"
CAPABILITY = "structured_input"


def _answers(item: object) -> dict[str, object]:
    """The answers in a structured_input item, by question id."""
    inputs = item.get("inputs") if isinstance(item, dict) else None
    rows = inputs if isinstance(inputs, list) else []
    return {str(q.get("id")): q.get("answer") for q in rows if isinstance(q, dict)}


@check(
    "client-tools.questions-shown",
    level=MUST,
    on=("structured_input",),
    clause=ITEM,
    cause="The questions are asked as text, or without ids.",
    fix="Yield a StructuredInputItem with an id for each question.",
    capability=CAPABILITY,
)
def questions_shown(t: Transcript) -> Findings:
    """Questions are sent as a pending structured_input item, each with its own id and its text."""
    item = pending(t, "ask", "structured_input")
    inputs = item.get("inputs")
    rows = [q for q in inputs if isinstance(q, dict)] if isinstance(inputs, list) else []
    ids = [q.get("id") for q in rows]
    if item.get("status", "pending") != "pending" or not rows or len(set(map(str, ids))) != len(ids):
        yield Finding(expected="pending questions with different ids", got=shorten(item), reply="ask")
    elif not all(str(q.get("question") or "").strip() for q in rows):
        yield Finding(expected="a question with text", got=shorten(rows), reply="ask")


@check(
    "client-tools.questions-end-turn",
    level=MUST,
    on=("structured_input",),
    clause=ITEM + "; server.py L624-657: the turn goes on when the answers come",
    cause="The agent loop continues with a placeholder result instead of waiting for the user.",
    fix="Stop the run at the tool: tool_use_behavior=StopAtTools(stop_at_tool_names=[...]).",
    capability=CAPABILITY,
)
def questions_end_turn(t: Transcript) -> Findings:
    """The turn ends with the questions: there is no answer before the user has answered them."""
    pending(t, "ask", "structured_input")
    if said := answer_text(turn(t, "ask")):
        yield Finding(expected="no answer yet", got=f"answer {shorten(said)}", reply="ask")


@check(
    "client-tools.answers-recorded",
    level=MUST,
    on=("structured_input",),
    clause=ANSWERED + "; server.py L758-798",
    cause="Answers are stored outside the item, or by position instead of by id.",
    fix="Replace the item by one with status answered and the answers in its questions.",
    capability=CAPABILITY,
)
def answers_recorded(t: Transcript) -> Findings:
    """Submitted answers are stored in the item with status answered, in the stream and after a reload."""
    pending(t, "ask", "structured_input")
    finished = next(
        (
            e.item
            for e in turn(t, "answer").of("thread.item.replaced", "thread.item.done")
            if e.item_id == note(t, "item")
        ),
        None,
    )
    for item, label in ((finished, "answer"), (stored(t, "answered"), "answered")):
        if not isinstance(item, dict) or item.get("status") != "answered":
            yield Finding(expected="the item with status answered", got=shorten(item), reply=label)
            continue
        for id, values in note(t, "answers").items():
            got = _answers(item).get(id)
            if not isinstance(got, dict) or got.get("values") != values:
                yield Finding(expected=f"{id!r} answered {shorten(values)}", got=shorten(got), reply=label)


@check(
    "client-tools.answers-continue",
    level=MUST,
    on=("structured_input",),
    clause=ANSWERED,
    cause="The item is replaced and respond() is not called, or fails on the item.",
    fix="Call respond() once the answers are stored.",
    capability=CAPABILITY,
)
def answers_continue(t: Transcript) -> Findings:
    """After the answers the turn continues, and the model's answer is shown."""
    pending(t, "ask", "structured_input")
    r = reply(t, "answer")
    if str(note(t, "said")) not in answer_text(r):
        yield Finding(expected=f"answer {shorten(note(t, 'said'))}", got=outcome(r), reply="answer")


@check(
    "client-tools.answers-reach-model",
    level=MUST,
    needs=("model",),
    on=("structured_input",),
    clause=SPEC_HISTORY,
    cause="Structured input is left out of the history.",
    fix="Send the model the questions and answers as text, or as the result of the tool that asked.",
    capability=CAPABILITY,
)
def answers_reach_model(t: Transcript) -> Findings:
    """The user's answers are in the next request to the model."""
    began = reply(t, "answer").sent_at
    later = [c for c in calls_of(t, "ask") if c.at >= began]
    if not later:
        raise Untestable("The model was not asked again after the answers.")
    texts = "\n".join(content_text(m.get("content")) for m in later[0].messages)
    for values in note(t, "answers").values():
        if not all(str(value) in texts for value in values):
            got = f"{len(later[0].messages)} messages without it"
            yield Finding(expected=f"{shorten(values)} in a message", got=got, reply="answer", call=later[0].n)


@check(
    "client-tools.unexpected-answers-harmless",
    level=MUST,
    on=("structured_input",),
    clause=types("120-126") + ": answers are keyed by question id; server.py L773-777: unknown ids are ignored",
    cause="Every submitted id is looked up among the questions, and an unknown id raises.",
    fix="Iterate over the questions, and read the answer of each.",
    capability=CAPABILITY,
)
def unexpected_answers_harmless(t: Transcript) -> Findings:
    """An answer to a question that was not asked is not stored, and a question that was not answered has no answer."""
    pending(t, "ask-stray", "structured_input")
    r = reply(t, "stray")
    if not 200 <= r.status < 500 or r.ended != "closed":
        yield Finding(expected="an answer or a refusal", got=f"{answered(r)}, ended {r.ended}", reply="stray")
    items = [i for i in reloaded(t, "after-stray") if i.get("type") == "structured_input"]
    if any("q_nobody_asked" in _answers(item) for item in items):
        yield Finding(expected="the questions that were asked", got=shorten(items), reply="after-stray")
    submitted = r.params.get("input", {}).get("answers", {})
    for item in items:
        for id, answer in _answers(item).items():
            if id not in submitted and isinstance(answer, dict) and answer.get("values"):
                yield Finding(expected=f"no answer to {id!r}", got=shorten(answer), reply="after-stray")


@check(
    "client-tools.single-answer-kept",
    level=SHOULD,
    on=("structured_input",),
    clause=server("793") + ": a question that takes one value keeps the first",
    cause="The submission is stored as it came.",
    fix="Keep the first value of a question without `multiple`, or refuse the submission.",
    capability=CAPABILITY,
)
def single_answer_kept(t: Transcript) -> Findings:
    """Of two answers to a question that takes one, one is kept at most."""
    if "item" in t.notes and "single" not in t.notes:
        raise NotJudged("No question of the form offers several answers and takes one.")
    single = note(t, "single")
    for item in (i for i in reloaded(t, "after-two") if i.get("type") == "structured_input"):
        for id, answer in _answers(item).items():
            values = answer.get("values") if isinstance(answer, dict) else None
            if id in single and isinstance(values, list) and len(values) > 1:
                yield Finding(expected="one value", got=shorten(values), reply="after-two")


@check(
    "client-tools.questions-skipped",
    level=MUST,
    on=("structured_input",),
    clause=types("120-126") + ": status skipped",
    cause="A submission without answers is treated as an error.",
    fix="Set status skipped, mark each question as skipped, and call respond().",
    capability=CAPABILITY,
)
def questions_skipped(t: Transcript) -> Findings:
    """Questions can be skipped: the item is then stored as skipped, and the turn continues."""
    r = turn(t, "skip")
    item = next((i for i in reloaded(t, "after-skip") if i.get("type") == "structured_input"), {})
    if item.get("status") != "skipped":
        yield Finding(expected="status skipped", got=shorten(item), reply="after-skip")
    if not answer_text(r).strip() and not r.of("notice"):
        yield Finding(expected="an answer", got=f"{answered(r)}, {said_errors(r)}", reply="skip")


@check(
    "client-tools.other-user-cannot-answer",
    level=MUST,
    on=("structured_input",),
    clause=SPEC_OWNER,
    cause="The item is looked up by id only.",
    fix="Look threads and items up by owner and id.",
    capability=CAPABILITY,
    needs=("users",),
)
def other_user_cannot_answer(t: Transcript) -> Findings:
    """Another user cannot answer the questions."""
    if not any(r.label == "foreign" for r in t.replies):
        raise Untestable("The target file names only one user: add [users.b].")
    r = reply(t, "foreign")
    if r.of("thread.item.replaced") or answer_text(r):
        yield Finding(expected="a refusal", got=outcome(r), reply="foreign")


@check(
    "client-tools.answers-once",
    level=SHOULD,
    on=("structured_input",),
    clause=HTTP_4XX + "; server.py L763-764: an item that is not pending takes no answers",
    cause="The status is not checked before the stream begins.",
    fix="Answer 409 if the item is not pending.",
    capability=CAPABILITY,
)
def answers_once(t: Transcript) -> Findings:
    """Answers to questions that were already answered are refused."""
    r = reply(t, "again")
    if not refused_as_wrong(r):
        yield Finding(expected="4xx, or an `error` event", got=f"{answered(r)}, ended {r.ended}", reply="again")


@check(
    "client-tools.turn-after-questions-works",
    level=MUST,
    on=("structured_input",),
    clause=SPEC_SURVIVES + "; user specification, features: multi-turn conversation",
    cause="The stored questions cannot be converted to model input.",
    fix="Convert the item to text: question, answer.",
    capability=CAPABILITY,
)
def turn_after_questions_works(t: Transcript) -> Findings:
    """The turn after answered questions is answered."""
    r = reply(t, "after")
    if "You are welcome." not in answer_text(r):
        yield Finding(expected="answer “You are welcome.”", got=outcome(r), reply="after")
