"""What else of a conversation reaches the model: old facts, quotations, tags, the words as they were written."""

from __future__ import annotations

from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.heard import as_read
from chatkit_conformance.stream.history import HistoryRequest, history_requests
from chatkit_conformance.target.task_reading import objects, parsed
from chatkit_conformance.transcript import Transcript

from ..clauses import GEMINI_OPENAI, SPEC_GEMINI, SPEC_HISTORY, types
from ..evidence import (
    answer_text,
    answered,
    calls_of,
    content_text,
    is_native,
    model_calls,
    note,
    said_errors,
    shorten,
    turn,
)

ROLES = ("system", "developer", "user", "assistant", "model", "tool")


def _texts(t: Transcript, label: str, *roles: str) -> list[str]:
    """The texts of the first request of a turn, of these roles or of all."""
    first = calls_of(t, label)[0]
    return [content_text(m.get("content")) for m in first.messages if not roles or m.get("role") in roles]


@check(
    "gemini.user-text-unchanged",
    level=MUST,
    needs=("model",),
    on=("other_scripts",),
    clause=SPEC_HISTORY + "; RFC 8259 section 7: JSON strings carry any character",
    cause="The text is transliterated, escaped for HTML, stripped of markup or truncated before it goes to the model.",
    fix="Send the text of the message as it is stored.",
)
def user_text_unchanged(t: Transcript) -> Findings:
    """The user's text reaches the model unchanged, in any script, alone or inside a text or an object of JSON."""
    c = calls_of(t, "scripts")[0]
    said, texts = str(note(t, "question")), _texts(t, "scripts", "user")
    if not any(as_read(said) in as_read(piece) for text in texts for piece in (text, *_enclosed(text))):
        yield Finding(expected=shorten(said), got=shorten(texts), reply="scripts", call=c.n)


@check(
    "gemini.quotation-reaches-model",
    level=MUST,
    needs=("model",),
    clause=types("837-843") + ": quoted_text is part of the user's message; " + SPEC_HISTORY,
    cause="Only the message's content is converted.",
    fix="Put the quotation before the text, as the SDK's converter does.",
)
def quotation_reaches_model(t: Transcript) -> Findings:
    """The text that the user quotes is in the request to the model."""
    quoting = [(request, text) for request in history_requests(t) if (text := _quoted(request))]
    if not quoting:
        raise Untestable(f"No message of {t.exchange} that quotes something was sent to the model.")
    for request, text in quoting:
        if not request.heard.has(text):
            got = f"{len(request.heard.messages)} messages without it"
            label = request.turn.asked.reply.label
            yield Finding(expected=shorten(text), got=got, reply=label, call=request.call.n)


def _enclosed(text: str) -> Iterator[str]:
    """The texts in the JSON that a text is, or has in it: a server may tell with each message where it comes from."""
    for row in objects(parsed(text)):
        yield from (value for value in row.values() if isinstance(value, str))


def _quoted(request: HistoryRequest) -> str:
    """What the message quotes that a request answers."""
    quoted = request.turn.asked.message.get("quoted_text")
    return quoted if isinstance(quoted, str) else ""


@check(
    "gemini.tag-reaches-model",
    level=SHOULD,
    needs=("model",),
    on=("richer_messages",),
    clause=types("853-861") + ": a tag is content of the user's message, with a text of its own",
    cause="tag_to_message_content is not implemented and raises, or only text parts are joined.",
    fix="Write the tag's text in its place, and say what the tag is.",
)
def tag_reaches_model(t: Transcript) -> Findings:
    """A tag's text reaches the model in its place within the message."""
    before, after = note(t, "around")
    try:
        texts = _texts(t, "tagged", "user")
    except Untestable:
        yield Finding(expected="a request to the model", got=said_errors(turn(t, "tagged")), reply="tagged")
        return
    tag = str(note(t, "tag"))
    for text in texts:
        start = text.find(before)
        if start >= 0 and start < text.find(tag, start) < text.find(after, start):
            return
    yield Finding(
        expected=f"{before} {tag} {after}", got=shorten(texts), reply="tagged", call=calls_of(t, "tagged")[0].n
    )


@check(
    "gemini.chosen-model-answers",
    level=SHOULD,
    on=("richer_messages",),
    clause=types("870-874") + ": inference_options.model",
    cause="The chosen model is passed on unchecked, or the option breaks the request.",
    fix="Use the chosen model if you support it, and your default model otherwise.",
)
def chosen_model_answers(t: Transcript) -> Findings:
    """A message for which the user chose a Gemini model is answered."""
    r = turn(t, "chosen")
    if not answer_text(r).strip():
        yield Finding(expected="an answer", got=f"{answered(r)}, {said_errors(r)}", reply="chosen")


@check(
    "gemini.non-gemini-model-not-requested",
    level=MUST,
    needs=("model",),
    on=("richer_messages",),
    clause=SPEC_GEMINI,
    cause="inference_options.model is passed on to the model's API unchecked: any client can request any model.",
    fix="Look the name up in a list of your models, and refuse or ignore others.",
    criteria=("SC-003",),
)
def non_gemini_model_not_requested(t: Transcript) -> Findings:
    """A client cannot make the server use a model that is not a Gemini model."""
    for c in model_calls(t):
        if not c.model.removeprefix("models/").startswith("gemini-"):
            yield Finding(expected="model gemini-*", got=f"model {c.model!r}", reply="foreign", call=c.n)


@check(
    "gemini.roles-known",
    level=MUST,
    needs=("model",),
    clause=GEMINI_OPENAI + ": messages of role system, user, assistant and tool",
    cause="A role of another API is used (function, ipython), or none.",
    fix="Send tool results with role tool, and everything else with role system, user or assistant.",
)
def roles_known(t: Transcript) -> Findings:
    """Every message to the model has a role that Gemini accepts."""
    for c in model_calls(t):
        for m in c.messages:
            if m.get("role") not in ROLES:
                yield Finding(expected=f"one of {', '.join(ROLES)}", got=f"role {shorten(m.get('role'))}", call=c.n)


@check(
    "gemini.key-sent",
    level=SHOULD,
    needs=("model",),
    clause="Gemini's OpenAI endpoint answers 400 “Missing or invalid Authorization header.”, to x-goog-api-key too",
    cause="The key is sent in a header or a parameter of Gemini's native API.",
    fix="Pass the key to AsyncOpenAI as api_key.",
)
def key_sent(t: Transcript) -> Findings:
    """Every request to the model carries the API key as its API wants it: a bearer token, or x-goog-api-key."""
    for c in model_calls(t):
        if not c.headers.get("authorization") and not is_native(c):
            yield Finding(expected="an Authorization header", got=f"headers {sorted(c.headers)}", call=c.n)
