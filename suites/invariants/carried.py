"""What a message carries beside its words, and what was shown beside the answer, stays known to the model."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.stream.heard import picture_urls
from chatkit_conformance.stream.history import NEAR, HistoryRequest, history_requests
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_HISTORY, types
from ..evidence import shorten
from .earlier import earlier, facts, lost, near

SHORT = 12
"""Characters below which a text may well stand there by chance."""


@check(
    "gemini.history-quotations",
    level=SHOULD,  # the SDK's own converter tells a quotation with the newest message alone (agents.py L1104)
    needs=("model",),
    clause=types("648-655, 837-868") + ": quoted_text and tags are part of the message; " + SPEC_HISTORY,
    cause="Quotations and tags are only added to the newest message, and earlier messages are reduced to their text.",
    fix="Convert earlier messages with the same function as the newest one.",
)
def history_quotations(t: Transcript) -> Findings:
    """A quotation or tag that was sent to the model once is in each later request of that thread."""
    carried = {
        (request.turn.nonce, text)
        for request in history_requests(t)
        for text in request.quoted
        if request.heard.has(text)
    }
    if not carried:
        raise Untestable("No quotation or tag reached the model.")
    close = near(earlier(t, "quotation", "tag"))
    yield from lost(t, [(request, f) for request, f in close if (f.nonce, f.text) in carried], "the quotation or tag")
    for request in history_requests(t):
        for text in request.quoted:
            if (request.turn.nonce, text) in carried and not request.heard.has(text):
                expected = f"{shorten(text)} in every request of its turn"
                got = f"a request of {len(request.heard.messages)} messages without it"
                yield Finding(expected=expected, got=got, reply=request.turn.asked.reply.label, call=request.call.n)


def _tag_data(request: HistoryRequest) -> list[tuple[str, str]]:
    """The tags of a request's own message whose data nobody else's has: their texts, and that."""
    content = request.turn.asked.message.get("content")
    tags = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    data = [(str(tag.get("text")), tag.get("data")) for tag in tags if tag.get("type") == "input_tag"]
    return [(text, str(own["ref"])) for text, own in data if isinstance(own, dict) and own.get("ref")]


@check(
    "gemini.tag-own-data",
    level=SHOULD,
    needs=("model",),
    clause=types("853-861") + ": input_tag, with an id and data of its own",
    cause="Tags are looked up by their text, in the message or in a cache, so that namesakes are taken for one.",
    fix="Tell the model of each tag by its own id and data.",
)
def tag_own_data(t: Transcript) -> Findings:
    """Where the data of tags reaches the model, each tag's does, though others have the same text."""
    first = {request.turn.asked.n: request for request in reversed(history_requests(t))}
    tags = [(request, text, own) for request in first.values() for text, own in _tag_data(request)]
    if not tags:
        raise Untestable(f"No message of {t.exchange} has a tag with data of its own.")
    told = any(own in request.heard.text for request, _, own in tags)
    for request, text, own in tags if told else ():
        if own not in request.heard.text:
            label, expected = request.turn.asked.reply.label, f"{own!r} of the tag {text!r}"
            got = f"a request of {len(request.heard.messages)} messages without it"
            yield Finding(expected=expected, got=got, reply=label, call=request.call.n)


@check(
    "gemini.history-tag-data",
    level=SHOULD,
    needs=("model",),
    clause=types("853-861") + ": input_tag, with data of its own; " + SPEC_HISTORY,
    cause="What tags stand for is told with the newest message alone, and earlier messages are reduced to their texts.",
    fix="Convert earlier messages with the same function as the newest one.",
)
def history_tag_data(t: Transcript) -> Findings:
    """Where a tag's data is told to the model in the turn of its message, it is told in the next turn, too."""
    if not any(_tag_data(request) for request in history_requests(t)):
        raise Untestable(f"No message of {t.exchange} has a tag with data of its own.")
    for own, later_ones in _with_later(t):
        told = [(text, data) for text, data in _tag_data(own) if data in own.heard.text]
        for later in later_ones:
            for text, data in told:
                if data not in later.heard.text:
                    got = f"a request of {len(later.heard.messages)} messages without it"
                    label, expected = later.turn.asked.reply.label, f"{data!r} of the tag {text!r}"
                    yield Finding(expected=expected, got=got, reply=label, call=later.call.n)


def _with_later(t: Transcript) -> Iterator[tuple[HistoryRequest, list[HistoryRequest]]]:
    """The first request of each message, and what must know it, too: the turn's others, the first of the next turn."""
    by_turn: dict[tuple[str, str], list[HistoryRequest]] = {}
    for request in history_requests(t):
        by_turn.setdefault((request.turn.asked.thread_id, request.turn.nonce), []).append(request)
    for (thread, _), own in by_turn.items():
        next_turn = next((r for (id, _), r in by_turn.items() if id == thread and r[0].call.n > own[-1].call.n), [])
        # What a retry of an earlier message took away is not told any more.
        yield own[0], [r for r in (*own[1:], *next_turn[:1]) if own[0].turn.nonce in r.nonces]


@check(
    "gemini.history-files",
    level=SHOULD,
    needs=("model",),
    clause=types("870-943") + ": attachments are part of the message; " + SPEC_HISTORY,
    cause="Files are only added to the newest message.",
    fix="Convert the attachments of earlier messages, too, at least of the latest ones.",
    capability="attachments",
)
def history_files(t: Transcript) -> Findings:
    """An image or file that was sent to the model is also in the requests of the next turn."""
    words = [
        words
        for a in asked_in(t)
        if a.reply.raw and a.reply.accepted and isinstance(a.reply.request, str)
        for words in [a.reply.request.strip()]
        if len(words) >= SHORT
    ]
    judged = 0
    gone = {str(a.reply.params.get("attachment_id")) for a in asked_in(t) if a.reply.type == "attachments.delete"}
    for own, later_ones in _with_later(t):
        files = own.turn.asked.message.get("attachments")
        if not files or gone & {str(file) for file in files}:
            continue
        judged += bool(later_ones)
        for later in later_ones:
            yield from _without_files(own, later, words)
    if not judged:
        raise Untestable(f"No request came after the first one with a file in {t.exchange}.")


def _addresses(request: HistoryRequest) -> list[str]:
    """The addresses of pictures in a request that nobody but this machine can reach."""
    return [url for url in picture_urls(request.call) if urlsplit(url).hostname in NEARBY]


NEARBY = ("127.0.0.1", "localhost", "::1")
"""Hosts that Gemini cannot ask for a picture."""


def _without_files(first: HistoryRequest, later: HistoryRequest, words: list[str]) -> Findings:
    """What the first request of a message with files has, and a later one has not."""
    label = later.turn.asked.reply.label
    if first.heard.pictures > later.heard.pictures:
        got = f"{later.heard.pictures} in a later request"
        yield Finding(expected=f"{first.heard.pictures} pictures", got=got, reply=label, call=later.call.n)
    elif first.heard.inline > later.heard.inline and (addresses := _addresses(later)):
        got = f"in a later request the address {shorten(addresses[0])}"
        yield Finding(expected="the picture's bytes, as at first", got=got, reply=label, call=later.call.n)
    for text in words:
        if first.heard.has(text) and not later.heard.has(text):
            got = f"a request of {len(later.heard.messages)} messages without it"
            yield Finding(expected=f"the file {shorten(text)}", got=got, reply=label, call=later.call.n)


@check(
    "gemini.history-shown",
    level=SHOULD,
    needs=("model",),
    clause="openai-chatkit 1.6.5 chatkit/agents.py, ThreadItemConverter: workflows, tasks and widgets are told, too",
    cause="Items that are not messages are left out of the history.",
    fix="Describe to the model what was shown, as the SDK's converter does.",
)
def history_shown(t: Transcript) -> Findings:
    """What a task or a widget showed in an earlier turn is sent to the model in each later turn."""
    yield from lost(t, near(facts(t, "shown")), "the task or widget")


@check(
    "gemini.history-partial",
    level=SHOULD,
    needs=("model",),
    clause="openai-chatkit 1.6.5 chatkit/server.py L387-412: what was pending of a cancelled answer is kept; "
    + SPEC_HISTORY,
    cause="Only finished answers are converted.",
    fix="Convert a stored partial answer like any other answer.",
)
def history_partial(t: Transcript) -> Findings:
    """A partial answer that a reload still shows is sent to the model in each later turn."""
    close = [(request, fact) for request, fact in facts(t, "partial") if fact.back <= NEAR]
    yield from lost(t, close, "the partial answer")
