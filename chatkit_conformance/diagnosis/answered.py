"""What the answer to a message tells: is it a stream, is it ChatKit's, is it whole, is it held up on its way?"""

from __future__ import annotations

from collections.abc import Sequence

from ..stream.recognized import not_chatkit
from ..transcript import Reply
from .diagnosis import Diagnosis
from .printed import ANSWERS, last_words, sign_in

AT_ONCE_S = 0.05
"""Seconds within which all events of a stream come that was kept back as a whole."""

STREAM = "text/event-stream"


def answered_wrongly(turn: Reply, printed: Sequence[str], *, which: str = "first") -> Diagnosis | None:
    """What is wrong with the answer to a message, or None.

    Args:
        turn: the reply. printed: what the server printed meanwhile. which: the turn's place, for the sentence.
    """
    if found := sign_in(printed, ANSWERS) if _failed(turn) else None:
        return found
    said = last_words(printed)
    behind = f" The last that it printed: {said}." if said else ""
    about = f"to the {which} message"
    if turn.status == 0 or (turn.accepted and turn.ended == "deadline" and not turn.events):
        return Diagnosis(
            id="hangs" if turn.ended == "deadline" else "breaks-off",
            says=f"The server gives no answer {about} ({turn.trouble or turn.ended}).{behind}",
            do="See in its log what it waits for.",
        )
    if not turn.accepted:
        return Diagnosis(
            id="refuses",
            says=f"The server answers HTTP {turn.status} {about}{_body(turn)}.{behind}",
            do="Raise its limit: a run sends hundreds of messages."
            if turn.status == 429
            else "See its log for the reason, and mend that first.",
        )
    return _no_stream(turn, about) or _wrong_stream(turn, about, behind)


def _failed(turn: Reply) -> bool:
    return not turn.accepted or bool(turn.errors) or turn.ended != "closed"


def _body(turn: Reply) -> str:
    text = str(turn.body) if turn.body is not None else " ".join(turn.text.split())
    return f" ({text[:160]})" if text else ""


def _no_stream(turn: Reply, about: str) -> Diagnosis | None:
    if turn.streamed:
        return None
    kind = turn.headers.get("content-type") or "no content type"
    if turn.text.lstrip().startswith(("data:", "event:", ":", "id:")):
        return Diagnosis(
            id="content-type",
            says=f"The server answers {about} with an event stream, but calls it {kind}.",
            do=f"Send content-type: {STREAM} with it.",
        )
    return Diagnosis(
        id="no-stream",
        says=f"The server answers {about} with {kind}{_body(turn)}, where ChatKit's client reads an event stream.",
        do=f'Stream `data: {{"type": ...}}` and an empty line for each event, with content-type: {STREAM}.',
    )


def _wrong_stream(turn: Reply, about: str, behind: str) -> Diagnosis | None:
    if why := not_chatkit(turn.events):
        return Diagnosis(id="not-chatkit", says=f"This is not ChatKit: {why}.", do="Answer with ChatKit's events.")
    if bad := next((event for event in turn.events if event.problem), None):
        return Diagnosis(
            id="frames",
            says=f"Event {bad.index} of the answer {about} cannot be read: {bad.problem} ({bad.raw[:120]!r}).",
            do='Write each event as one line `data: {"type": ...}` and an empty line, with nothing else between.',
        )
    if turn.errors:
        told = "; ".join(str((e.data or {}).get("message") or (e.data or {}).get("code") or e.raw) for e in turn.errors)
        return Diagnosis(
            id="error",
            says=f"The server answers {about} with an error: {told[:200]}.{behind}",
            do="Mend that first: see the server's log.",
        )
    if turn.ended == "deadline":
        return Diagnosis(
            id="never-ends",
            says=f"The answer {about} does not end ({turn.trouble}).{behind}",
            do="End the response after the last event: ChatKit's client waits for its end.",
        )
    if turn.ended != "closed":
        return Diagnosis(
            id="breaks-off",
            says=f"The answer {about} breaks off ({turn.trouble or turn.ended}).{behind}",
            do="See the server's log for the reason.",
        )
    if not said_by(turn):
        came = ", ".join(dict.fromkeys(event.type for event in turn.events)) or "nothing"
        return Diagnosis(
            id="no-answer",
            says=f"The answer {about} ends without a word for the user (it held {came}).{behind}",
            do="See the server's log for the reason.",
        )
    return None


def said_by(turn: Reply) -> bool:
    """Whether anything for the user came: words, or an item that is not their own message."""
    return bool(turn.deltas) or any(event.item.get("type") != "user_message" for event in turn.items_done())


def held_back(turn: Reply, opened_at: float | None) -> Diagnosis | None:
    """Whether the answer was kept back as a whole on its way, or None.

    Args:
        opened_at: when the model, which had said its first words, was let go on, in monotonic seconds; None where it
            was not held. A server that answers in one piece still sends the user's message before.
    """
    if opened_at is None or not turn.streamed or len(turn.events) < 2 or turn.headers_at is None:
        return None
    first, last = turn.events[0].at, turn.events[-1].at
    if first < opened_at or last - first > AT_ONCE_S:
        return None
    waited = first - turn.sent_at
    return Diagnosis(
        id="buffered",
        says=f"The stream is buffered: its first byte came after {waited:.1f} s together with its last, although the "
        f"model had begun to answer{_front(turn)}.",
        do=_unbuffer(turn),
    )


def _front(turn: Reply) -> str:
    told = [f"{name}: {turn.headers[name]}" for name in ("server", "via", "content-encoding") if name in turn.headers]
    return f" ({', '.join(told)})" if told else ""


def _unbuffer(turn: Reply) -> str:
    if encoding := turn.headers.get("content-encoding"):
        return f"Leave {STREAM} out of what is compressed ({encoding}), or flush after each event."
    if "content-length" in turn.headers:
        return "Something reads the whole answer before it sends it on (it has a content-length): pass each piece on."
    return (
        "Send X-Accel-Buffering: no with the stream, or write proxy_buffering off for nginx; and in the server, await "
        "nothing between the model's words and the response."
    )
