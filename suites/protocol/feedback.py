"""Feedback on messages, and speech that is to become text."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import HTTP_4XX, types
from ..evidence import answered, reloaded, reply, text_of, turn

NOT_STORED = "add_feedback() raises, or its table has no room for a second opinion on the same item."


def _accepted(t: Transcript, *labels: str) -> Findings:
    for label in labels:
        r = reply(t, label)
        if r.status != 200 or not isinstance(r.body, dict):
            yield Finding(expected="HTTP 200 with a JSON object", got=answered(r), reply=label)


@check(
    "protocol.feedback-accepted",
    level=MUST,
    on=("feedback",),
    clause=types("180-192") + ": items.feedback, kind positive or negative",
    cause=NOT_STORED,
    fix="Store the newest opinion for each item: upsert by thread and item.",
    capability="feedback",
)
def feedback_accepted(t: Transcript) -> Findings:
    """Both kinds of feedback on an answer are accepted."""
    yield from _accepted(t, "positive", "negative")


@check(
    "protocol.feedback-repeated",
    level=MUST,
    on=("feedback",),
    clause=types("180-192") + ": item_ids is a list; nothing says that an opinion is given once",
    cause=NOT_STORED,
    fix="Store the newest opinion for each item: upsert by thread and item.",
    capability="feedback",
)
def feedback_again(t: Transcript) -> Findings:
    """An opinion can be given again, and on several items at once."""
    yield from _accepted(t, "again", "several")


@check(
    "protocol.feedback-keeps-items",
    level=MUST,
    on=("feedback",),
    clause=types("180-192") + ": feedback is no item of the thread; SC-005: what was shown persists",
    cause="The opinion is stored as an item, or on the item in a way that the wire does not know.",
    fix="Keep feedback in a table of its own.",
    capability="feedback",
    criteria=("SC-005",),
)
def feedback_leaves_thread(t: Transcript) -> Findings:
    """Feedback leaves the thread's items as they were."""
    kinds = ("user_message", "assistant_message")
    first = [e.item for e in turn(t, "turn-1").of("thread.item.done") if e.item.get("type") in kinds]
    if not first:
        raise Untestable("The turn finished no message.")
    was = [(i.get("id"), text_of(i)) for i in first]
    now = [(i.get("id"), text_of(i)) for i in reloaded(t, "reload") if i.get("type") in kinds]
    if was != now:
        yield Finding(expected=f"{was}", got=f"{now}", reply="reload")


@check(
    "protocol.feedback-refused",
    level=SHOULD,
    on=("feedback",),
    clause=HTTP_4XX + "; the SDK hands ids and kind on without a look (server.py L472-479)",
    cause="add_feedback() stores whatever ids it is given.",
    fix="Load thread and items first, and answer 404 where one is missing.",
    capability="feedback",
)
def feedback_refused(t: Transcript) -> Findings:
    """Feedback on an unknown item, in an unknown thread or of an unknown kind is refused with 4xx."""
    for label in ("unknown-item", "unknown-thread", "unknown-kind"):
        r = reply(t, label)
        if not 400 <= r.status < 500:
            yield Finding(expected="HTTP 4xx", got=answered(r), reply=label)


@check(
    "protocol.transcription-answers",
    level=MUST,
    on=("transcription",),
    clause=types("225-263") + ": input.transcribe is answered with {text}",
    cause="transcribe() answers with something else than a TranscriptionResult, or wants one media type to the letter.",
    fix="Return TranscriptionResult(text=...), and look at the media type without its parameters.",
    capability="transcription",
)
def transcription_answers(t: Transcript) -> Findings:
    """A recording is answered with its text, whether its media type has parameters or not."""
    for label in ("recorded", "plain-type"):
        r = reply(t, label)
        if r.status != 200 or not isinstance(r.body, dict) or not isinstance(r.body.get("text"), str):
            yield Finding(expected="{text: string}", got=answered(r), reply=label)


@check(
    "protocol.transcription-bad-audio",
    level=SHOULD,
    on=("transcription",),
    clause=HTTP_4XX + "; types.py L232-239: audio_base64",
    cause="b64decode raises (or silently drops what it does not know), and nothing catches it.",
    fix="Decode with validate=True, and answer 4xx.",
    capability="transcription",
)
def transcription_bad_audio(t: Transcript) -> Findings:
    """A recording that is no base64 is refused with 4xx."""
    r = reply(t, "not-base64")
    if not 400 <= r.status < 500:
        yield Finding(expected="HTTP 4xx", got=answered(r), reply="not-base64")
