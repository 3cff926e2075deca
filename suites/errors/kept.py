"""What a broken turn leaves behind: in the thread, for the model, and after a retry."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_FAULTS, types
from ..evidence import (
    answer_text,
    answered,
    calls_of,
    note,
    outcome,
    reloaded,
    reply,
    said_errors,
    shorten,
    shown_text,
    text_of,
    turn,
)

RETRY = types("166-177") + ": threads.retry_after_item; " + SPEC_FAULTS


@check(
    "errors.retry-after-fault-answers",
    level=MUST,
    on=("fault_retried",),
    clause=RETRY,
    cause="The failed turn left something behind (half an item, a lock) that breaks the retry.",
    fix="Release the thread at the end of every turn, and remove everything after the message before the retry.",
    capability="retry",
    criteria=("SC-008",),
)
def retry_after_fault_answers(t: Transcript) -> Findings:
    """A turn in which the model failed can be retried, and is then answered."""
    r = reply(t, "retry")
    if str(note(t, "new")) not in answer_text(r):
        if str(note(t, "new")) in answer_text(reply(t, "fault")):
            raise Untestable("The server retried the model by itself, so there was nothing to retry.")
        yield Finding(expected=f"answer {shorten(note(t, 'new'))}", got=outcome(r), reply="retry")


@check(
    "errors.retry-after-fault-one-answer",
    level=MUST,
    on=("fault_retried",),
    clause=RETRY,
    cause="The partial answer was stored, and the retry does not remove it.",
    fix="Delete every item after the user's message, then answer.",
    capability="retry",
    criteria=("SC-005", "SC-008"),
)
def retry_after_fault_one_answer(t: Transcript) -> Findings:
    """After a retry, the thread has one answer and nothing of the failed one."""
    if not answer_text(turn(t, "retry")):
        raise Untestable("The retry gave no answer.")
    greeted = _done_before(reply(t, "fault"), str(note(t, "partial")))
    answers = [i for i in reloaded(t, "reload") if i.get("type") == "assistant_message" and i.get("id") not in greeted]
    texts = [text_of(item) for item in answers]
    if len([text for text in texts if text.strip()]) != 1:
        yield Finding(expected="one answer", got=f"{len(texts)}: {shorten(texts)}", reply="reload")


def _done_before(r: Reply, words: str) -> set[str]:
    """The answers that a turn had finished, such as a greeting, before the first of these words came."""
    began = (e.index for e in r.deltas if (said := str(e.update.get("delta")).strip()) and words.startswith(said))
    first = min(began, default=-1)
    return {e.item_id for e in r.items_done("assistant_message") if e.index < first}


@check(
    "errors.transient-fault-one-answer",
    level=MUST,
    on=("fault_passing",),
    clause=SPEC_FAULTS + "; an answer is shown once",
    cause="Each attempt's text is streamed as a separate item, or the run starts again on top of the first.",
    fix="Add an item only when the attempt that will be shown has begun to answer.",
    criteria=("SC-008",),
)
def transient_fault_one_answer(t: Transcript) -> Findings:
    """A transient failure ends in one answer or one error, never in two answers and never in silence."""
    r, said = reply(t, "fault"), str(note(t, "said"))
    times = shown_text(r).count(said)
    reported = bool(r.errors or r.of("notice")) or (not r.streamed and r.status >= 400) or bool(shown_text(r).strip())
    if times > 1 or not reported:
        got = f"the answer {times} times, {said_errors(r)}: {answered(r)}"
        yield Finding(expected="the answer once, or an error", got=got, reply="fault")


@check(
    "errors.transient-fault-recovered",
    level=SHOULD,
    needs=("model",),
    on=("fault_passing",),
    clause="Google AIP-194 and Gemini docs, Troubleshooting: repeat a request that was answered with 503",
    cause="The client library's retries are switched off.",
    fix="Retry once or twice after 429, 500 and 503, with a short wait.",
)
def transient_fault_recovered(t: Transcript) -> Findings:
    """The server recovers from a short failure of the model by itself."""
    r = reply(t, "fault")
    if str(note(t, "said")) not in answer_text(r):
        got = f"{said_errors(r)}, {len(calls_of(t, 'fault'))} requests to the model"
        yield Finding(expected=f"answer {shorten(note(t, 'said'))}", got=got, reply="fault")
