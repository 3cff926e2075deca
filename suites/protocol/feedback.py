"""Feedback on messages, and speech that is to become text."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.transcript import Transcript

from ..before import unchanged
from ..clauses import HTTP_4XX, types
from ..evidence import NO_CONTENT, OTHERS_FAIL, answered, refused_as_wrong, reply

WRONG = ("unknown-item", "unknown-thread", "unknown-kind")
ALSO_WRONG = ("unknown-beside", "anothers-item")
"""Labels of feedback that is about nothing in the thread: alone; beside an answer of it, and of another user."""

NOT_STORED = "add_feedback() raises, or its table allows only one row for each item."


def _accepted(t: Transcript, *labels: str) -> Findings:
    for label in labels:
        r = reply(t, label)
        if not r.accepted or (r.status != NO_CONTENT and not isinstance(r.body, dict)):
            yield Finding(expected="HTTP 2xx with a JSON object", got=answered(r), reply=label)


@check(
    "protocol.feedback-accepted",
    level=MUST,
    on=("feedback",),
    clause=types("180-192") + ": items.feedback, kind positive or negative",
    cause=NOT_STORED,
    fix="Store the latest feedback for each item: upsert by thread and item.",
    capability="feedback",
)
def feedback_accepted(t: Transcript) -> Findings:
    """Positive and negative feedback on an answer is accepted."""
    yield from _accepted(t, "positive", "negative")


@check(
    "protocol.feedback-never-fails",
    level=MUST,
    clause=types("180-192") + ": items.feedback, on any item of the thread, at any time",
    cause=NOT_STORED,
    fix="Store the latest feedback for each item: upsert by thread and item.",
    capability="feedback",
)
def feedback_never_fails(t: Transcript) -> Findings:
    """No feedback on an item of the user's own thread fails inside the server, whatever happened before."""
    given = [a.reply for a in in_place(t) if a.reply.type == "items.feedback"]
    if not given:
        raise Untestable(f"No feedback was given in {t.exchange}.")
    for r in given:
        if r.status >= 500 and r.status not in OTHERS_FAIL:
            yield Finding(expected="HTTP 2xx", got=answered(r), reply=r.label)


@check(
    "protocol.feedback-repeated",
    level=MUST,
    on=("feedback",),
    clause=types("180-192") + ": item_ids is a list; nothing limits feedback to once",
    cause=NOT_STORED,
    fix="Store the latest feedback for each item: upsert by thread and item.",
    capability="feedback",
)
def feedback_repeated(t: Transcript) -> Findings:
    """Feedback can be given again, and on several items at once.

    The items are an answer and the user's own message: that may be refused, since a page has no thumbs beside it.
    """
    taken = [] if refused_as_wrong(reply(t, "several")) else ["several"]
    yield from _accepted(t, "again", *taken)


@check(
    "protocol.feedback-keeps-items",
    level=MUST,
    on=("feedback",),
    clause=types("180-192") + ": feedback is not an item of the thread; SC-005: what was shown persists",
    cause="Feedback is stored as an item, or in a field of the item that the protocol does not have.",
    fix="Keep feedback in a table of its own.",
    capability="feedback",
    criteria=("SC-005",),
)
def feedback_keeps_items(t: Transcript) -> Findings:
    """Feedback does not change the thread's items."""
    yield from unchanged(t, "before", "reload")


@check(
    "protocol.feedback-refused",
    level=SHOULD,
    on=("feedback",),
    clause=HTTP_4XX + "; the SDK passes ids and kind on unchecked (server.py L472-479)",
    cause="add_feedback() stores whatever ids it is given.",
    fix="Load the thread and the items first, and answer 404 if one is missing.",
    capability="feedback",
)
def feedback_refused(t: Transcript) -> Findings:
    """Feedback on an item that the thread does not have, in an unknown thread or of an unknown kind gets 4xx."""
    for r in (*(reply(t, label) for label in WRONG), *(r for r in t.replies if r.label in ALSO_WRONG)):
        label = r.label
        if not r.refused:
            yield Finding(expected="HTTP 4xx", got=answered(r), reply=label)


@check(
    "protocol.transcription-answers",
    level=MUST,
    on=("transcription",),
    clause=types("225-263") + ": input.transcribe is answered with {text}",
    cause="transcribe() returns something else than a TranscriptionResult, or accepts only one exact media type.",
    fix="Return TranscriptionResult(text=...), and compare the media type without its parameters.",
    capability="transcription",
)
def transcription_answers(t: Transcript) -> Findings:
    """An audio recording is answered with its text, whether its media type has parameters or not."""
    for label in ("recorded", "plain-type"):
        r = reply(t, label)
        if not r.accepted or not isinstance(r.body, dict) or not isinstance(r.body.get("text"), str):
            yield Finding(expected="{text: string}", got=answered(r), reply=label)


@check(
    "protocol.transcription-bad-audio",
    level=SHOULD,
    on=("transcription",),
    clause=HTTP_4XX + "; types.py L232-239: audio_base64",
    cause="b64decode raises (or silently drops invalid characters), and nothing catches it.",
    fix="Decode with validate=True, and answer 4xx.",
    capability="transcription",
)
def transcription_bad_audio(t: Transcript) -> Findings:
    """A recording that is not valid base64 is refused with 4xx."""
    r = reply(t, "not-base64")
    if not r.refused:
        yield Finding(expected="HTTP 4xx", got=answered(r), reply="not-base64")
