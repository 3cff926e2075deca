"""Changes of the wire that no client notices: right servers differ by them, and each must leave every verdict alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Call, Event, Reply, Transcript
from tests.suites.build import Data, events_of

Change = Callable[[Transcript], Transcript]

NAIVE = re.compile(r'("created_at": "[0-9T:.-]+)(")')
"""A time without a zone, as the SDK's own types write it."""


def in_replies(change: Callable[[Reply], Reply]) -> Change:
    """Every reply changed."""
    return lambda t: replace(t, replies=tuple(change(r) for r in t.replies))


def in_calls(change: Callable[[Data], Data]) -> Change:
    """The body of every request to the model changed."""

    def changed(call: Call) -> Call:
        return replace(call, body=change(call.body)) if isinstance(call.body, dict) else call

    return lambda t: replace(t, calls=tuple(changed(call) for call in t.calls))


def in_messages(change: Callable[[Data], Data]) -> Change:
    """Every message that is sent to the model changed."""
    return in_calls(lambda body: {**body, "messages": [change(m) for m in body.get("messages", ())]})


def in_streams(change: Callable[[Reply, list[Data]], Iterable[Data]]) -> Change:
    """The events of every whole stream changed; what came broken stays as it is."""

    def changed(r: Reply) -> Reply:
        datas = [e.data for e in r.events]
        whole = r.streamed and r.ended == "closed" and datas and all(datas)
        if not whole:
            return r
        made = events_of(change(r, [dict(d) for d in datas if d]))
        times = [e.at for e in r.events]
        return replace(r, events=tuple(replace(e, at=times[min(n, len(times) - 1)]) for n, e in enumerate(made)))

    return in_replies(changed)


def in_text(change: Callable[[str], str]) -> Change:
    """All that came from the server as JSON, changed as text."""

    def of(value: Any) -> Any:
        return json.loads(change(json.dumps(value)))

    def event(e: Event) -> Event:
        return replace(e, data=of(e.data), raw=json.dumps(of(e.data))) if e.data else e

    return in_replies(lambda r: replace(r, events=tuple(map(event, r.events)), body=of(r.body)))


def _created(r: Reply) -> Reply:
    return replace(r, status=201) if r.status == 200 else r


def _named(value: str) -> Callable[[Reply], Reply]:
    def changed(r: Reply) -> Reply:
        type = r.headers.get("content-type")
        return replace(r, headers={**r.headers, "content-type": f"{type}{value}"}) if type else r

    return changed


def _refused(r: Reply) -> Reply:
    """The refusal as problem details, in another language, and as another of the statuses that say so."""
    said = {401: 401, 403: 404, 404: 403, 400: 422, 422: 400}.get(r.status)
    return replace(r, status=said, body={"type": "about:blank", "title": "Nicht gefunden"}) if said else r


def _marked(r: Reply, datas: list[Data]) -> Iterable[Data]:
    """A mark at the end of each turn, which nobody sees and which need not be stored."""
    own = [d for d in datas if d.get("type") == "thread.item.done"]
    if not own or any(d.get("type") == "error" for d in datas):
        return datas
    at = {key: own[-1]["item"].get(key) for key in ("thread_id", "created_at")}
    return [*datas, {"type": "thread.item.done", "item": {"id": f"eot-{r.label}", "type": "end_of_turn", **at}}]


def _more(node: Any) -> Any:
    """Every object with a field more, which no type names: a client takes no notice."""
    if isinstance(node, list):
        return [_more(one) for one in node]
    if isinstance(node, dict):
        inner = {key: _more(value) for key, value in node.items()}
        return {**inner, "x_trace": "4711"} if "type" in node or "data" in node else inner
    return node


def _as_developer(message: Data) -> Data:
    return {**message, "role": "developer"} if message.get("role") == "system" else message


def _in_parts(message: Data) -> Data:
    words = message.get("content")
    told = isinstance(words, str) and message.get("role") in ("system", "user")
    return {**message, "content": [{"type": "text", "text": words}]} if told else message


def _in_german(body: Data) -> Data:
    return {**body, "messages": [{"role": "system", "content": "Answer in German."}, *body.get("messages", ())]}


def _in_one_piece(_: Reply, datas: list[Data]) -> Iterable[Data]:
    """Each answer comes with its `done`, without deltas."""
    return [d for d in datas if "text_delta" not in str(d.get("update", {}).get("type"))]


def _with_placeholder(r: Reply, datas: list[Data]) -> Iterable[Data]:
    """Something stands in the answer's place while the model thinks, and is taken away when its words come."""
    place = next((n for n, d in enumerate(datas) if _begins_answer(d)), None)
    if place is None:
        return datas
    id, real = f"wait-{r.label}", datas[place]["item"]
    item = {**real, "id": id, "content": []}
    gone = {"type": "thread.item.removed", "item_id": id}
    return [*datas[:place], {"type": "thread.item.added", "item": item}, gone, *datas[place:]]


def _begins_answer(data: Data) -> bool:
    return data.get("type") == "thread.item.added" and data["item"].get("type") == "assistant_message"


def _with_progress(_: Reply, datas: list[Data]) -> Iterable[Data]:
    """Each answer begins with a line of progress."""
    place = next((n for n, d in enumerate(datas) if _begins_answer(d)), len(datas))
    if place == len(datas):
        return datas
    return [*datas[:place], {"type": "progress_update", "text": "Thinking…", "icon": None}, *datas[place:]]


def _in_other_words(_: Reply, datas: list[Data]) -> Iterable[Data]:
    """Errors are told in German, under a code of the server's own."""
    said = {"code": "modell.gestoert", "message": "Das Modell antwortet gerade nicht. Bitte versuche es noch einmal."}
    return [{**d, **said} if d.get("type") == "error" else d for d in datas]


def _without_body(r: Reply) -> Reply:
    """Where there is nothing to tell, nothing is told: 204."""
    return replace(r, status=204, body=None, headers={}) if r.status == 200 and r.body == {} else r


def _odd_lines(r: Reply) -> Reply:
    return replace(r, events=tuple(replace(e, oddity="event: message") for e in r.events))


HARMLESS: Mapping[str, Change] = {
    "every success is 201": in_replies(_created),
    "the content type names its charset": in_replies(_named("; charset=utf-8")),
    "refusals are problem details, with a status of the same kind": in_replies(_refused),
    "each event has an event line": in_replies(_odd_lines),
    "each turn ends with a mark": in_streams(_marked),
    "answers come in one piece": in_streams(_in_one_piece),
    "something stands in the answer's place until it comes": in_streams(_with_placeholder),
    "each answer begins with a line of progress": in_streams(_with_progress),
    "errors are told in the server's own words": in_streams(_in_other_words),
    "what has nothing to tell is 204": in_replies(_without_body),
    "times name their zone": in_text(lambda text: NAIVE.sub(r"\1+00:00\2", text)),
    "times are in UTC, said by a letter": in_text(lambda text: NAIVE.sub(r"\1Z\2", text)),
    "every object has a field more": in_text(lambda text: json.dumps(_more(json.loads(text)))),
    "instructions are the developer's": in_messages(_as_developer),
    "messages are sent as parts": in_messages(_in_parts),
    "the model's name has its prefix": in_calls(
        lambda body: {**body, "model": f"models/{str(body.get('model')).removeprefix('models/')}"}
    ),
    "a temperature is asked for": in_calls(lambda body: {**body, "temperature": 0.7, "top_p": 0.95}),
    "a language is asked for, too": in_calls(_in_german),
    "the model is told how many words it may say": in_calls(lambda body: {**body, "max_tokens": 4096}),
}
"""What is changed, in words, and how."""
