"""More changes of the wire that no client notices: other defaults, other pieces, more requests to the model."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Call, Reply, Sent, Transcript
from tests.suites.build import Data
from tests.suites.harmless import Change, in_calls, in_messages, in_replies, in_streams, in_text

ASIDE = 100_000
"""What is added to the place of a request in the journal for the place of one beside it."""

DELTA = "assistant_message.content_part.text_delta"


def _turned(node: Any) -> Any:
    """Every object with its fields in the opposite order."""
    if isinstance(node, list):
        return [_turned(one) for one in node]
    if isinstance(node, dict):
        return {key: _turned(node[key]) for key in reversed(list(node))}
    return node


def _each(node: Any, change: Any) -> Any:
    """Every object of a JSON value changed, the inner ones first."""
    if isinstance(node, list):
        return [_each(one, change) for one in node]
    if isinstance(node, dict):
        return change({key: _each(value, change) for key, value in node.items()})
    return node


def _in_objects(change: Any) -> Change:
    return in_text(lambda text: json.dumps(_each(json.loads(text), change)))


def _without_empty(node: Data) -> Data:
    return {key: value for key, value in node.items() if not (key == "annotations" and value == [])}


def _without_nulls(node: Data) -> Data:
    own = "thread_id" in node or "created_at" in node
    return {key: value for key, value in node.items() if value is not None} if own else node


def _is_thread(node: Data) -> bool:
    return "status" in node and "created_at" in node and "type" not in node


def _named_from_the_start(node: Data) -> Data:
    return {**node, "title": "New chat"} if _is_thread(node) and not node.get("title") else node


def _with_metadata(node: Data) -> Data:
    return {**node, "metadata": {**(node.get("metadata") or {}), "channel": "web"}} if _is_thread(node) else node


def _with_cursor_at_end(node: Data) -> Data:
    rows = node.get("data")
    last = isinstance(rows, list) and rows and node.get("has_more") is False and isinstance(rows[-1], dict)
    return {**node, "after": rows[-1].get("id")} if last and isinstance(rows, list) else node


def _done_said(r: Reply) -> Reply:
    return replace(r, body={"success": True}) if r.body == {} else r


def _more_headers(r: Reply) -> Reply:
    more = {"server": "nginx", "via": "1.1 edge", "x-request-id": "4711", "x-accel-buffering": "no"}
    return replace(r, headers={**r.headers, **more}) if r.headers else r


def _without_options(_: Reply, datas: list[Data]) -> Iterable[Data]:
    return [d for d in datas if d.get("type") != "stream_options"]


def _noticed_first(_: Reply, datas: list[Data]) -> Iterable[Data]:
    """Each turn tells that an assistant answers, once the user's message stands."""
    place = next((n for n, d in enumerate(datas) if d.get("type") == "thread.item.done"), None)
    if place is None or any(d.get("type") == "error" for d in datas):
        return datas
    said = {"type": "notice", "level": "info", "message": "You are talking to an assistant."}
    return [*datas[: place + 1], said, *datas[place + 1 :]]


def _told_twice(_: Reply, datas: list[Data]) -> Iterable[Data]:
    """The thread is told again at the end of the turn that made it."""
    made = [d["thread"] for d in datas if d.get("type") in ("thread.created", "thread.updated")]
    return [*datas, {"type": "thread.updated", "thread": made[-1]}] if made else datas


def _delta(data: Data, text: str) -> Data:
    return {**data, "update": {**data["update"], "delta": text}}


def _halved(_: Reply, datas: list[Data]) -> Iterable[Data]:
    """Each delta in two, an empty one before them."""
    for d in datas:
        words = d.get("update", {}).get("delta")
        if d.get("update", {}).get("type") == DELTA and isinstance(words, str) and len(words) > 1:
            middle = len(words) // 2
            yield from (_delta(d, ""), _delta(d, words[:middle]), _delta(d, words[middle:]))
        else:
            yield d


def _renamed(id: Any) -> Any:
    return f"call_{hashlib.sha256(id.encode()).hexdigest()[:24]}" if isinstance(id, str) and id else id


def _own_call_ids(message: Data) -> Data:
    """Each call under an id of the server's own, and its result under the same."""
    made = message.get("tool_calls")
    if isinstance(made, list):
        return {**message, "tool_calls": [{**c, "id": _renamed(c.get("id"))} for c in made]}
    if "tool_call_id" in message:
        return {**message, "tool_call_id": _renamed(message["tool_call_id"])}
    return message


def _composed(node: Data) -> Data:
    """What the user said, with its letters composed and no blanks at its ends, as it is shown and stored."""
    words = "".join(str(part.get("text")) for part in node.get("content") or () if isinstance(part, dict))
    one = node.get("type") == "user_message" and len(node["content"]) == 1
    made = {**node["content"][0], "text": unicodedata.normalize("NFC", words).strip()} if one else None
    return {**node, "content": [made]} if made and node["content"][0].get("type") == "input_text" else node


def _in_json(message: Data) -> Data:
    words = message.get("content")
    told = isinstance(words, str) and message.get("role") == "user"
    return {**message, "content": json.dumps({"channel": "web", "said": words})} if told else message


def _line_after_result(message: Data) -> Data:
    words = message.get("content")
    ended = message.get("role") == "tool" and isinstance(words, str)
    return {**message, "content": f"{words}\n"} if ended else message


def _aside(call: Call, asked: str, answer: str, *, title: bool) -> Call:
    """A request beside the conversation, made as the call was."""
    words = json.dumps([m.get("content") for m in call.messages if m.get("role") == "user"][-1:], ensure_ascii=False)
    messages = [{"role": "system", "content": asked}, {"role": "user", "content": words}]
    body = {"model": call.model, "messages": messages, "stream": False}
    said = {"choices": [{"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}]}
    at = call.finished_at if title and call.finished_at is not None else call.at
    sent = (Sent(at=at, data=json.dumps(said)),)
    made = replace(call, side=True, title=title, body=body, sent=sent, at=at, finished_at=at, gone_at=None)
    return replace(made, n=ASIDE + call.n, status=200, fault="", fault_at=None, complaints=())


def _guarded(t: Transcript) -> Transcript:
    """Before each request of a conversation another one, which judges the message."""
    asked = "Is this message harmless? Answer yes or no."
    rows = [
        made
        for call in t.calls
        for made in ([_aside(call, asked, "yes", title=False), call] if call.messages and not call.position else [call])
    ]
    return replace(t, calls=tuple(rows))


def _titled(t: Transcript) -> Transcript:
    """After each answer a request for a title."""
    asked = "Give this conversation a title of at most five words."
    rows = [
        made
        for call in t.calls
        for made in ([call, _aside(call, asked, "About tasks", title=True)] if call.messages else [call])
    ]
    return replace(t, calls=tuple(rows))


HARMLESS_MORE: Mapping[str, Change] = {
    "fields stand in another order": in_text(lambda text: json.dumps(_turned(json.loads(text)))),
    "what is empty of annotations says nothing of them": _in_objects(_without_empty),
    "what is null is left out": _in_objects(_without_nulls),
    "a thread has a title from the start": _in_objects(_named_from_the_start),
    "a thread has metadata of the server's own": _in_objects(_with_metadata),
    "the last page has a cursor, too": _in_objects(_with_cursor_at_end),
    "what has nothing to tell says that it went well": in_replies(_done_said),
    "answers have a proxy's headers": in_replies(_more_headers),
    "no stream tells its options": in_streams(_without_options),
    "each turn begins with a notice": in_streams(_noticed_first),
    "a thread is told once more at the end of its first turn": in_streams(_told_twice),
    "each delta comes in two": in_streams(_halved),
    "calls are replayed under ids of the server's own": in_messages(_own_call_ids),
    "the user's words are composed and trimmed": _in_objects(_composed),
    "what the user says goes to the model in JSON": in_messages(_in_json),
    "a result ends with a line break": in_messages(_line_after_result),
    "each message is judged by another request first": _guarded,
    "each answer is followed by a request for a title": _titled,
    "seeds and penalties are asked for": in_calls(lambda body: {**body, "seed": 7, "reasoning_effort": "low"}),
}
"""What is changed, in words, and how."""
