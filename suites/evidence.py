"""What a transcript says, read for checks. Where it says nothing, these raise `Untestable` with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatkit_conformance.check import MODEL_NEEDS, NotJudged, Untestable
from chatkit_conformance.stream.model_chunks import has_words, tools_called
from chatkit_conformance.stream.reducer import reduce
from chatkit_conformance.stream.reload import UNSEEN
from chatkit_conformance.stream.timing import TurnTimes, times_of
from chatkit_conformance.transcript import ASKED_AGAIN, CUT_EARLY, IN_WORDS, UNASKED, Call, Reply, Transcript
from chatkit_conformance.wire.status import TOO_MANY

STREAMING = (
    "threads.create",
    "threads.add_user_message",
    "threads.add_client_tool_output",
    "threads.add_structured_input",
    "threads.retry_after_item",
    "threads.custom_action",
)
"""The request types that a server answers with a stream (types.py L304-312)."""

LIMITED = TOO_MANY
"""A server's own limit, which may be met in any conversation; checks of their own judge it."""

CONFLICT = 409
"""What a server answers that takes one thing at a time in a thread (RFC 9110 section 15.5.10)."""

OTHERS_FAIL = range(501, 505)
"""Not there, or somebody behind the server failed: what a gateway says, too."""

NO_CONTENT = 204
"""The status that says itself that there is no body (RFC 9110 section 15.3.5)."""

Item = Mapping[str, Any]


def shorten(value: object, most: int = 160) -> str:
    """A value as it stands in a finding: strings quoted, the rest as JSON, cut in the middle at `most` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 3 :]}"


def reply(t: Transcript, label: str) -> Reply:
    """The reply of that label. Raises Untestable where the exchange never came to it, NotJudged where it does not ask.

    Where it failed and a model that plays no script was asked again, the reply to that.
    """
    failed = {row["label"]: row.get("by") for row in t.notes.get(ASKED_AGAIN, ()) if row.get("failed")}
    while label in failed:
        label = str(failed[label])
    for made in t.replies:
        if made.label == label and made.trouble and made.trouble.startswith(CUT_EARLY):
            raise Untestable(f"{label} of {t.exchange} says nothing: {made.trouble}.")
        if made.label == label:
            return made
    if label in t.notes.get(UNASKED, ()):
        raise NotJudged(MODEL_NEEDS["script"])
    last = f"its last reply is {t.replies[-1].label!r}{_hangs(t.replies[-1])}" if t.replies else "it sent no request"
    raise Untestable(f"{t.exchange} ended before {label!r}: {last}.")


def note(t: Transcript, key: str) -> Any:
    """A fact that the exchange wrote down. Raises Untestable where it did not come so far."""
    if key not in t.notes:
        raise Untestable(f"{t.exchange} ended before it recorded {key!r}.")
    return t.notes[key]


def replies(t: Transcript) -> tuple[Reply, ...]:
    """All replies. Raises Untestable where no request was sent."""
    if not t.replies:
        raise Untestable(f"No request was sent in {t.exchange}.")
    return t.replies


def turn(t: Transcript, label: str) -> Reply:
    """The streamed reply of that label. Raises Untestable where it is missing or not a stream."""
    made = reply(t, label)
    if not made.streamed:
        raise Untestable(f"{label} of {t.exchange} was answered with {answered(made)}, not with a stream.")
    return made


def turns(t: Transcript) -> list[Reply]:
    """All streamed replies. Raises Untestable where there is none."""
    made = list(t.turns())
    if not made:
        raise Untestable(f"No request of {t.exchange} was answered with a stream.")
    return made


def labelled(t: Transcript, *starts: str) -> list[Reply]:
    """The replies whose labels start with one of these words. Raises Untestable where there is none."""
    made = [r for r in t.replies if r.label.startswith(starts)]
    if not made:
        raise Untestable(f"{t.exchange} ended before {' or '.join(starts)}.")
    return made


def answered(r: Reply) -> str:
    """How a reply was answered, in a few words."""
    if not r.status:
        return f"no answer{_hangs(r)}" if _hangs(r) else f"no answer ({r.trouble or r.ended})"
    kind = r.headers.get("content-type", "no content type")
    body = shorten(r.body if r.body is not None else r.text, 120) if not r.streamed else f"{len(r.events)} events"
    limit = "; it limits its users: --side-by-side 1 holds one conversation at a time" * (r.status == LIMITED)
    return f"HTTP {r.status}, {kind}, {body}{_hangs(r)}{limit}"


def _hangs(r: Reply) -> str:
    """That a request hangs, in words that follow others, or ""."""
    return f": it hangs ({r.trouble or 'not finished at its deadline'})" if r.ended == "deadline" else ""


def body(r: Reply) -> dict[str, Any]:
    """The JSON object that a reply carried. Raises Untestable where it carried none."""
    if not r.accepted or not isinstance(r.body, dict):
        raise Untestable(f"{r.label} was answered with {answered(r)}, not with a JSON object.")
    return r.body


def page(value: object, of: str) -> list[dict[str, Any]]:
    """The objects of a page. Raises Untestable where it is no object, or `data` no list of objects."""
    data = value.get("data") if isinstance(value, Mapping) else None
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise Untestable(f"{of} has no page of objects: {shorten(value)}")
    return data


def reloaded(t: Transcript, label: str) -> list[dict[str, Any]]:
    """All items of a reloaded thread, the further pages (`label-page-N`) too, in the order served."""
    first = body(reply(t, label))
    items = list(page(first.get("items") or {}, label))
    for more in (r for r in t.replies if r.label.startswith(f"{label}-page-")):
        items += page(body(more), more.label)
    return items


def same_title(given: object, shown: object) -> bool:
    """Whether a thread's title is the one that was given; blanks at its ends mean nothing."""
    texts = isinstance(given, str) and isinstance(shown, str)
    return given == shown or (texts and str(given).strip() == str(shown).strip())


def text_of(item: Item) -> str:
    """The text of a message item, its parts joined."""
    parts = item.get("content")
    texts = [p.get("text") for p in parts if isinstance(p, dict)] if isinstance(parts, list) else []
    return "".join(text for text in texts if isinstance(text, str))


def answers(r: Reply) -> list[dict[str, Any]]:
    """The assistant messages that were finished in a reply."""
    return [e.item for e in r.items_done("assistant_message")]


def answer_text(r: Reply) -> str:
    """The finished assistant text of a turn, its messages joined."""
    return "".join(text_of(item) for item in answers(r))


def tries(t: Transcript, label: str) -> list[Reply]:
    """The reply of that label, and those to the messages in which a model that plays no script was asked again."""
    found = [reply(t, label)]
    by = {row["label"]: row["by"] for row in t.notes.get(ASKED_AGAIN, ())}
    while found[-1].label in by:
        found.append(reply(t, by[found[-1].label]))
    return found


def says(t: Transcript, r: Reply, words: str) -> bool:
    """Whether a turn's answer holds the words that the model was told to say; of one that plays no script, any."""
    said = answer_text(r)
    return bool(said.strip()) if IN_WORDS in t.notes else words in said


def answer_of(t: Transcript, label: str, words: str) -> str:
    """What the model answered in that turn: the script's words; without one, what was shown.

    Raises:
        Untestable: there is no script, and nothing was shown.
    """
    if IN_WORDS not in t.notes:
        return words
    if not (said := answer_text(reply(t, label)).strip()):
        raise Untestable(f"{label} of {t.exchange} showed no answer.")
    return said


def said_errors(r: Reply) -> str:
    """The error events of a turn in a few words, for findings."""
    rows = [" ".join(str(e.data[k]) for k in ("code", "message") if e.data.get(k)) for e in r.errors if e.data]
    return f"error {'; '.join(rows)}" if rows else "no error event"


def outcome(r: Reply) -> str:
    """How a reply was answered, what it showed and what errors it told, for findings."""
    return f"{answered(r)}, answer {shorten(answer_text(r))}, {said_errors(r)}"


def shown_text(r: Reply) -> str:
    """All assistant text that a reply put on the screen: finished messages, and deltas of those never finished."""
    done = {str(item.get("id")) for item in answers(r)}
    loose = (e.update.get("delta") for e in r.deltas if e.item_id not in done)
    return answer_text(r) + "".join(text for text in loose if isinstance(text, str))


def left_standing(r: Reply, *types: str) -> list[dict[str, Any]]:
    """The items, of these types or of any, that a turn finished and left on the screen: no marks, none taken back."""
    view = reduce(r.events)
    rows = [dict(item) for item in view.items if item.get("id") in view.finished]
    return [item for item in rows if (item.get("type") in types if types else item.get("type") not in UNSEEN)]


def items_in(r: Reply) -> Iterator[tuple[dict[str, Any], int | None]]:
    """Every item that a reply carries, with its event's index: in events, threads, pages and answers."""
    for event in r.events:
        if event.item:
            yield event.item, event.index
        yield from ((row, event.index) for row in _rows((event.data or {}).get("thread")))
    yield from ((row, None) for row in _rows(r.body))


def _rows(value: object) -> list[dict[str, Any]]:
    """The items inside a thread, a page of items or a page of threads."""
    if not isinstance(value, dict):
        return []
    rows = [value.get("updated_item"), *_list(value.get("data"))]
    found = [row for row in rows if isinstance(row, dict) and "type" in row]
    nested = [value.get("items"), *(row for row in rows if isinstance(row, dict) and "items" in row)]
    return found + [item for part in nested for item in _rows(part)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def user_text(r: Reply) -> str:
    """The text that was sent as the user's message."""
    sent = r.params.get("input")
    return text_of(sent) if isinstance(sent, dict) else ""


def nonce(t: Transcript, label: str) -> str:
    """The nonce in the user's message of that reply. Raises Untestable where it has none."""
    words = (word.strip("().,:;!?") for word in user_text(reply(t, label)).split())
    for word in words:
        if len(word) == 12 and word.startswith("zq"):
            return word
    raise Untestable(f"{label} of {t.exchange} has no nonce, so its model requests cannot be found.")


def calls_of(t: Transcript, label: str) -> list[Call]:
    """The requests to the model that a turn led to, those outside the conversation left out.

    Raises Untestable where there is none.
    """
    token = nonce(t, label)
    made = [c for c in t.calls if c.nonce == token and not c.side]
    if not made:
        raise Untestable(f"{label} of {t.exchange} caused no request to the model: {answered(reply(t, label))}.")
    return made


def is_native(call: Call) -> bool:
    """Whether a request was made of Gemini's own API, generateContent, and not of its OpenAI-compatible endpoint."""
    path = call.path.split("?")[0]
    return "/models/" in path and path.rpartition(":")[2] in ("generateContent", "streamGenerateContent")


def answer_schema(call: Call) -> dict[str, Any] | None:
    """The JSON Schema that a request wants its answer to fit; {} where it only wants JSON, None for plain text."""
    body = call.body if isinstance(call.body, dict) else {}
    wanted, own = body.get("response_format"), body.get("generationConfig")
    if isinstance(wanted, dict) and wanted.get("type") in ("json_schema", "json_object"):
        named = wanted.get("json_schema")
        schema = named.get("schema") if isinstance(named, dict) else None
    elif isinstance(own, dict) and own.get("responseMimeType") == "application/json":
        schema = own.get("responseJsonSchema") or own.get("responseSchema")
    else:
        return None
    return schema if isinstance(schema, dict) else {}


def asks_json(call: Call) -> bool:
    """Whether a request wants JSON, which a server may well show otherwise than as it came."""
    return answer_schema(call) is not None


def model_calls(t: Transcript) -> list[Call]:
    """All requests to the model in this exchange. Raises Untestable where there is none."""
    if not t.calls:
        raise Untestable(f"No request to the model was made in {t.exchange}.")
    return list(t.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of tool calls as a request replays it to the model: what was called, and what came back.

    Args:
        calls: (id, name, arguments as text), in order. results: (call id, content as text), in order.
    """

    calls: tuple[tuple[str, str, str], ...]
    results: tuple[tuple[str, str], ...]


def rounds(call: Call) -> list[Round]:
    """The rounds of tool calls that stand after the last user message of a request."""
    messages = call.messages
    last = max((i for i, m in enumerate(messages) if m.get("role") == "user"), default=-1)
    made: list[Round] = []
    for message in messages[last + 1 :]:
        if message.get("tool_calls"):
            made.append(Round(calls=tuple(_called(message["tool_calls"])), results=()))
        elif message.get("role") == "tool" and made:
            result = (str(message.get("tool_call_id", "")), content_text(message.get("content")))
            made[-1] = Round(calls=made[-1].calls, results=(*made[-1].results, result))
    return made


def _called(value: object) -> Iterator[tuple[str, str, str]]:
    for row in value if isinstance(value, list) else []:
        function = row.get("function") if isinstance(row, dict) else None
        if isinstance(function, dict):
            yield str(row.get("id", "")), str(function.get("name", "")), str(function.get("arguments", ""))


def content_text(content: object) -> str:
    """A message's content as text: a string, or text parts joined."""
    if isinstance(content, list):
        return "".join(str(p.get("text", "")) for p in content if isinstance(p, dict))
    return content if isinstance(content, str) else ""


def last_rounds(calls: Iterable[Call]) -> list[Round]:
    """The rounds as the turn's last request tells them: the longest list there is."""
    return max((rounds(c) for c in calls), key=len, default=[])


def result_of(calls: Iterable[Call], name: str, nth: int = 0) -> str | None:
    """The nth result of the tool of that name that went back to the model in a turn, or None."""
    found: list[str] = []
    for made in last_rounds(calls):
        results = dict(made.results)
        found += [results[id] for id, called, _ in made.calls if called == name and id in results]
    return found[nth] if nth < len(found) else None


def led_to(t: Transcript, r: Reply) -> list[Call]:
    """The requests to the model that carry the nonce of a reply's user message, those outside the conversation too."""
    said = user_text(r)
    return [c for c in t.calls if c.nonce and c.nonce in said]


def times(t: Transcript, r: Reply) -> TurnTimes:
    """The measured times of a turn."""
    return times_of(r, led_to(t, r))


def called_tools(call: Call) -> bool:
    """Whether this answer of the model called a tool."""
    return any(tools_called(sent.data) for sent in call.sent)


def turned_away(r: Reply) -> bool:
    """Whether a request was refused: 4xx, or a stream that comes to its end with an error event."""
    return r.refused or (r.streamed and r.accepted and bool(r.errors) and r.ended == "closed")


def refused_as_wrong(r: Reply) -> bool:
    """Whether a request was refused as the client's own mistake: 4xx, or a stream whose only say is an error."""
    return turned_away(r) and not r.items_done("assistant_message")


def let_in(r: Reply) -> bool:
    """Whether a request was accepted: with an answer, or a stream that is more than an error."""
    reported = r.streamed and bool(r.errors) and not r.of("thread.created", "thread.item.done")
    return r.accepted and not reported


def went_on_at(calls: Iterable[Call], held_after: int) -> float | None:
    """When the model, which held after so many chunks with words, wrote the next one; None where it did not.

    An answer that was not asked for as a stream is written whole once the hold is over.
    """
    for call in calls:
        wrote = [sent.at for sent in call.sent if has_words(sent.data)]
        streamed = call.fields.get("stream") is True
        if not call.side and (later := wrote[held_after if streamed else 0 :]):
            return later[0]
    return None
