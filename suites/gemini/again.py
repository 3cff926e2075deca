"""What the model is told of things that look like others: a picture without a word, calls whose ids come again."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.heard import heard_in
from chatkit_conformance.target.tool_result import tool_results
from chatkit_conformance.transcript import Transcript

from ..clauses import GEMINI_CALLING, SPEC_HISTORY, types
from ..evidence import answered, calls_of, reply, shorten

LAST = "then"


@check(
    "gemini.wordless-picture-told",
    level=SHOULD,
    needs=("model",),
    on=("pictures",),
    clause=types("870-943") + ": attachments are part of the message; " + SPEC_HISTORY,
    cause="A message without words is left out of the history as an empty one.",
    fix="Leave out a message only if it has neither words nor files.",
    capability="attachments",
)
def wordless_picture_told(t: Transcript) -> Findings:
    """A picture that was sent without a word, and was told to the model, is in the next turn's requests as well."""
    heard, sent = heard_in(t), reply(t, "wordless") if any(r.label == "wordless" for r in t.replies) else None
    seen = [heard[c.n].pictures for c in calls_of(t, "between") if sent is not None and c.at > sent.sent_at > 0]
    told = max(seen, default=0)
    for call in calls_of(t, LAST):
        if heard[call.n].pictures < told:
            got = f"{heard[call.n].pictures}"
            yield Finding(expected=f"{told} pictures", got=got, reply=LAST, call=call.n)


@check(
    "gemini.reused-call-ids",
    level=SHOULD,
    needs=("model",),
    on=("reused_call_ids",),
    clause=GEMINI_CALLING + "; " + SPEC_HISTORY,
    cause="Results of tools are looked up by the call's id over the whole thread, and some gateways count ids anew.",
    fix="Look for a call's result behind that call, before the next one with its id.",
    criteria=("SC-007",),
)
def reused_call_ids(t: Transcript) -> Findings:
    """Results of two calls with one id, made in two turns, are both told to the model, each once."""
    results = [result["content"] for label in ("made-1", "made-2") for result in _results(t, label)]
    if not results:
        raise Untestable("No tool returned a result.")
    if len(set(results)) < 2:
        raise NotJudged("The tool returns the same for each task.")
    for call in calls_of(t, LAST):
        text = heard_in(t)[call.n].text
        lost = [result for result in results if result not in text]
        doubled = [result for result in results if text.count(result) > 1]
        if lost and doubled:
            got = f"{shorten(doubled[0])} {text.count(doubled[0])} times"
            yield Finding(expected=f"{shorten(lost[0])}", got=got, reply=LAST, call=call.n)


def _results(t: Transcript, label: str) -> list[dict[str, str]]:
    """What the newest result was that a turn's last request told."""
    return tool_results(calls_of(t, label)[-1])[-1:]


@check(
    "attachments.deleted-not-told",
    level=SHOULD,
    needs=("model",),
    on=("pictures",),
    clause=types("195-205") + ": attachments.delete deletes an attachment",
    cause="What a file was told as is kept in memory by its id, and not dropped with the file.",
    fix="Read a file's bytes where the request is made, or drop what is kept of it when it is deleted.",
    capability="attachments",
)
def deleted_not_told(t: Transcript) -> Findings:
    """A picture that its user has deleted is not sent to the model any more."""
    if not reply(t, "delete").accepted:
        raise Untestable(f"The picture was not deleted: {answered(reply(t, 'delete'))}.")
    before = max((heard_in(t)[call.n].inline for call in calls_of(t, LAST)), default=0)
    for call in calls_of(t, "deleted"):
        now = heard_in(t)[call.n].inline
        if 0 < before <= now:
            expected = f"fewer than the {before} pictures of before"
            yield Finding(expected=expected, got=f"{now}", reply="deleted", call=call.n)
