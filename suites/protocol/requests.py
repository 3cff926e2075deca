"""The sixteen requests: each answered, in its kind; out of place without harm; more in them than anyone asked for."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.transcript import Reply, Transcript
from chatkit_conformance.wrong_requests.by_hand import EVERY

from ..clauses import HTTP_4XX, SPEC_FAULTS, SPEC_HISTORY, SPEC_SURVIVES, types
from ..evidence import (
    STREAMING,
    answer_text,
    answered,
    body,
    calls_of,
    content_text,
    left_standing,
    nonce,
    outcome,
    page,
    refused_as_wrong,
    reloaded,
    replies,
    reply,
    said_errors,
    says,
    shorten,
    text_of,
    turn,
    turned_away,
)
from ..exchanges.every_request import ABOUT_UNKNOWN_ITEMS, LONG, SPOKEN

UNHANDLED = (
    "The type is not handled, or the SDK raises on it (NotImplementedError, NotFoundError) and nothing catches that."
)
CATCH = "Pass every body to process(), and turn its exceptions into 4xx with a JSON body."


@check(
    "protocol.every-request-answered",
    level=MUST,
    on=("every_request",),
    clause=types("304-326") + ": the sixteen requests; RFC 9110 section 3.4: a server answers each request",
    cause="The handler waits for something that never comes, or drops the connection when it has no response.",
    fix=CATCH,
)
def every_request_answered(t: Transcript) -> Findings:
    """Each of the sixteen request types gets a complete HTTP response."""
    for type in EVERY:
        r = reply(t, type)
        if not r.status or r.ended == "deadline":
            yield Finding(expected="a complete HTTP response", got=f"{answered(r)}, ended {r.ended}", reply=type)


@check(
    "protocol.stream-or-json",
    level=MUST,
    clause=types("304-326") + ": six requests yield streams, ten yield an immediate answer",
    cause="One media type is set for all responses of the endpoint.",
    fix="Check the type that process() returned: a StreamingResult is a stream, a NonStreamingResult is JSON.",
)
def stream_or_json(t: Transcript) -> Findings:
    """Six of the request types are answered with an event stream, the other ten with JSON."""
    replies(t)
    for r in (a.reply for a in in_place(t)):
        if r.type in EVERY and r.accepted and r.streamed != (r.type in STREAMING):
            expected = "an event stream" if r.type in STREAMING else "JSON"
            yield Finding(expected=f"{expected} for {r.type}", got=answered(r), reply=r.label)


NOT_IMPLEMENTED = 501
"""What HTTP has for a feature that a server does not have (RFC 9110 section 15.6.2)."""


@check(
    "protocol.features-refused-cleanly",
    level=SHOULD,
    on=("every_request",),
    clause=HTTP_4XX + "; openai-chatkit 1.6.5 chatkit/server.py L296-303, L333-350: what a server may leave out",
    cause="An attachment store or transcribe() is missing, and the SDK's exception is answered with 500.",
    fix="Answer 4xx or 501 with a message for an unsupported feature.",
)
def features_refused_cleanly(t: Transcript) -> Findings:
    """An unsupported feature (attachments, feedback, transcription) is refused with 4xx or 501, and breaks nothing."""
    for type in ("attachments.create", "attachments.delete", "items.feedback", "input.transcribe"):
        r = reply(t, type)
        if not r.accepted and not r.refused and r.status != NOT_IMPLEMENTED:
            yield Finding(expected="HTTP 200, 4xx or 501", got=answered(r), reply=type)


@check(
    "protocol.unknown-item-refused",
    level=SHOULD,
    on=("every_request",),
    clause=HTTP_4XX + "; openai-chatkit 1.6.5 chatkit/server.py L572-589: such a request is an error",
    cause="The SDK raises after the stream has begun with 200, and the stream is cut without an error event.",
    fix="Look the call or item up before the stream begins and answer 4xx, or yield an `error` event.",
)
def unknown_item_refused(t: Transcript) -> Findings:
    """A request about a call or an item that the thread does not have gets 4xx or an error event."""
    for type in ABOUT_UNKNOWN_ITEMS:
        r = reply(t, type)
        if not turned_away(r):
            yield Finding(expected="4xx, or an `error` event", got=f"{answered(r)}, ended {r.ended}", reply=type)


@check(
    "protocol.unknown-item-harmless",
    level=MUST,
    on=("every_request",),
    clause=types("166-177") + ": a retry removes what follows its item; SC-005: what was shown persists",
    cause="An unknown item is treated as the thread's start or end, and what follows it is removed or answered.",
    fix="Load the item first, and change nothing if it does not exist.",
    criteria=("SC-005",),
)
def unknown_item_harmless(t: Transcript) -> Findings:
    """Requests about a call or an item that the thread does not have do not change the thread's messages."""
    first = left_standing(turn(t, "threads.create"), "user_message", "assistant_message")
    if not first:
        raise Untestable("The first turn finished no message.")
    now = {str(item.get("id")): text_of(item) for item in reloaded(t, "reload")}
    for item in first:
        if now.get(str(item.get("id"))) != text_of(item):
            got = f"{shorten(now.get(str(item.get('id'))))} among {len(now)} items"
            yield Finding(expected=f"{item.get('type')} {shorten(text_of(item))}", got=got, reply="reload")


@check(
    "protocol.unknown-item-then-next-turn",
    level=MUST,
    on=("every_request",),
    clause=SPEC_FAULTS + ", never a broken thread",
    cause="The failed request left a lock, a pending call or an unfinished item in the thread.",
    fix="Release everything in `finally`, and change the thread only once the request is known to be valid.",
    criteria=("SC-008",),
)
def unknown_item_then_next_turn(t: Transcript) -> Findings:
    """After requests about unknown calls and items, the thread's next message is answered."""
    turn(t, "threads.create")
    r = reply(t, "threads.add_user_message")
    if not says(t, r, "On we go."):
        yield Finding(expected="answer “On we go.”", got=outcome(r), reply=r.label)


@check(
    "protocol.unknown-fields-tolerated",
    level=SHOULD,
    on=("rich_requests",),
    clause=types("33-327") + ": the models ignore unknown fields; a client may be newer than its server",
    cause="The body is validated with unknown fields forbidden.",
    fix="Ignore unknown fields: pydantic's default, extra='ignore'.",
)
def unknown_fields_tolerated(t: Transcript) -> Findings:
    """Unknown fields, at any level of a request, are ignored."""
    r = reply(t, "future")
    if not says(t, r, "Understood."):
        yield Finding(expected="answer “Understood.”", got=outcome(r), reply="future")
    listed = next((r for r in t.replies if r.label == "future-list"), None)
    if listed is not None and not listed.accepted:
        yield Finding(expected="HTTP 200 with a page", got=answered(listed), reply="future-list")


@check(
    "protocol.metadata-accepted",
    level=MUST,
    on=("rich_requests",),
    clause=types("35-39") + ": metadata: dict[str, Any], arbitrary integration-specific metadata, on every request",
    cause="Requests are parsed with a custom model without metadata, or with strings only.",
    fix="Accept any JSON object as `metadata`.",
)
def metadata_accepted(t: Transcript) -> Findings:
    """A request may carry metadata of any shape, and is answered as if it had none."""
    get, said = reply(t, "metadata-get"), reply(t, "rich")
    if not get.accepted:
        yield Finding(expected="HTTP 200 with the thread", got=answered(get), reply=get.label)
    # Whether a later turn is answered at all is judged elsewhere: here it counts that the message was taken.
    if not said.items_done("user_message"):
        yield Finding(expected="the message accepted", got=answered(said), reply=said.label)


def _messages(t: Transcript, label: str) -> list[tuple[Reply, dict[str, object]]]:
    """The user's message of a turn, as its stream and as the reload tell it. Raises Untestable where neither does."""
    made, token = reply(t, label), nonce(t, label)
    rows = [(made, dict(e.item)) for e in made.items_done("user_message")]
    again = next((r for r in t.replies if r.label == "reload"), None)
    if again is not None and again.accepted:
        rows += [(again, i) for i in reloaded(t, "reload") if i.get("type") == "user_message" and token in text_of(i)]
    if not rows:
        raise Untestable(f"The user's message of {label} was never sent back: {answered(made)}.")
    return rows


@check(
    "protocol.long-message-kept",
    level=MUST,
    on=("rich_requests",),
    clause=types("846-850") + ": a text has no length limit; " + SPEC_SURVIVES,
    cause="A column or a buffer truncates the text, or a long text fails inside the server.",
    fix="Store text in an unbounded column; where messages have a greatest length, refuse longer ones with 413 or 422.",
)
def long_message_kept(t: Transcript) -> Findings:
    """A message of 40,000 characters comes back complete, in the stream and after a reload, or is refused."""
    made = reply(t, "long")
    if _too_long(made):
        return
    if not made.accepted:
        yield Finding(expected="a stream", got=answered(made), reply="long")
        return
    for r, item in _messages(t, "long"):
        if LONG not in text_of(item):
            got = f"{len(text_of(item))} characters ending {shorten(text_of(item)[-30:])}"
            yield Finding(expected=f"{len(LONG)} characters", got=got, reply=r.label)


def _too_long(r: Reply) -> bool:
    """Whether a long message was refused before anything was made of it: nobody is misled about what was kept."""
    return refused_as_wrong(r) and not r.items_done()


@check(
    "protocol.long-message-accepted",
    level=SHOULD,
    on=("rich_requests",),
    clause=types("846-850") + ": a text has no length limit; people paste whole documents",
    cause="Messages have a greatest length, or the limit of the body is below what people paste.",
    fix="Accept bodies of at least some 100 kB.",
)
def long_message_accepted(t: Transcript) -> Findings:
    """A message of 40,000 characters is accepted."""
    made = reply(t, "long")
    if _too_long(made):
        yield Finding(expected="a stream", got=answered(made), reply="long")


@check(
    "protocol.long-message-answered",
    level=SHOULD,
    needs=("model",),
    on=("rich_requests",),
    clause=types("846-850") + ": a text has no length limit; " + SPEC_HISTORY,
    cause="The history has a greatest length, and a message above it is left out or cut like any other.",
    fix="Send the newest message whole, whatever is left out before it; refuse what is too long before it is kept.",
)
def long_message_answered(t: Transcript) -> Findings:
    """A message of 40,000 characters that was taken is sent to the model whole, and answered."""
    made = reply(t, "long")
    if not made.items_done("user_message"):
        raise Untestable(f"The long message was not taken: {answered(made)}.")
    if not answer_text(made) or made.errors:
        yield Finding(expected="an answer to the message that was taken", got=said_errors(made), reply="long")
        return
    try:
        calls = calls_of(t, "long")
    except Untestable as why:
        raise Untestable(f"{why} If one was made, it lacks the message's two ends, where its mark is.") from why
    for call in calls:
        heard = " ".join(" ".join(content_text(m.get("content")) for m in call.messages).split())
        if LONG not in heard:
            got = f"a request of {len(heard)} characters without all of it"
            yield Finding(expected=f"{len(LONG)} characters", got=got, reply="long", call=call.n)


@check(
    "protocol.request-utf-8",
    level=MUST,
    on=("rich_requests",),
    clause="RFC 8259 section 8.1: JSON text is UTF-8; a browser sends letters as they are, not as escapes",
    cause="The body is decoded with another encoding, or as ASCII.",
    fix="Pass the body's bytes to process() unchanged.",
)
def request_utf_8(t: Transcript) -> Findings:
    """UTF-8 text in any script comes back unchanged."""
    for r, item in _messages(t, "spoken" if _too_long(reply(t, "long")) else "long"):
        if SPOKEN not in text_of(item):
            yield Finding(expected=shorten(SPOKEN), got=shorten(text_of(item)[: len(SPOKEN) + 10]), reply=r.label)


@check(
    "protocol.wrong-method-refused",
    level=SHOULD,
    on=("other_origin",),
    clause="RFC 9110 section 15.5.6: 405 for a method that the resource does not support, with an Allow header",
    cause="The route accepts every method, or passes an empty body on and fails.",
    fix="Route only POST (and OPTIONS for CORS); frameworks then answer 405 with Allow by themselves.",
)
def wrong_method_refused(t: Transcript) -> Findings:
    """GET and PUT at the ChatKit endpoint are refused with 4xx, and a 405 lists the allowed methods."""
    for label in ("get", "put"):
        r = reply(t, label)
        page_ = isinstance(r.body, dict) and isinstance(r.body.get("data"), list)
        if not r.status or r.status >= 500 or page_ or (label == "put" and r.status < 300):
            yield Finding(expected="HTTP 405, or another 4xx", got=answered(r), reply=label)
        elif r.status == 405 and "POST" not in r.headers.get("allow", ""):
            yield Finding(expected="Allow: POST", got=f"Allow: {r.headers.get('allow', 'none')}", reply=label)


@check(
    "protocol.json-charset-accepted",
    level=SHOULD,
    on=("other_origin",),
    clause="RFC 9110 section 8.3.1: a media type may have parameters; axios and others send charset=utf-8",
    cause="The content type is compared as a whole string.",
    fix="Compare the media type without its parameters.",
)
def json_charset_accepted(t: Transcript) -> Findings:
    """A request with content type application/json; charset=utf-8 is answered like any other."""
    page(body(reply(t, "plain")), "plain")
    r = reply(t, "charset")
    if not r.accepted:
        yield Finding(expected="HTTP 200 with a page", got=answered(r), reply="charset")


@check(
    "protocol.wrong-content-type",
    level=SHOULD,
    on=("other_origin",),
    clause=HTTP_4XX + "; section 15.5.16: 415 for a media type that is not supported",
    cause="A body parser raises on an unknown media type.",
    fix="Read the bytes whatever the content type, or answer 415.",
)
def wrong_content_type(t: Transcript) -> Findings:
    """A body sent with a text or form content type is answered normally or refused with 4xx, not with 5xx."""
    for label in ("text", "form"):
        r = reply(t, label)
        if not r.accepted and not r.refused:
            yield Finding(expected="HTTP 200 or 4xx", got=answered(r), reply=label)
