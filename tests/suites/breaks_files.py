"""Files in any conversation, and pages behind a row of another list: what breaks the checks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.breaks_pressed import picture_gone
from tests.suites.build import (
    Data,
    answer,
    ask,
    asked,
    called,
    create,
    edit,
    events_of,
    noted,
    restream,
    said,
    transcript,
)
from tests.suites.edits import CRASH, spoken

WORDS = {"one": "Bracken grows where nobody looks: marmalade.", "two": "Moss grows where nobody looks: quince."}
WAY = {"url": "http://127.0.0.1:1/one", "method": "PUT", "headers": {}}
ONE = {"id": "one", "name": "one", "type": "file", "mime_type": "text/plain"}
DOT: Data = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


def _file(label: str, mime: str, words: str) -> list[Reply]:
    way = {"url": f"http://127.0.0.1:1/{label}", "method": "PUT", "headers": {}}
    made = {"id": label, "name": label, "mime_type": mime, "type": "file", "upload_descriptor": way}
    params = {"name": label, "size": 9, "mime_type": mime}
    sent = Reply(label=f"{label}-upload", request=words, status=200, raw=True)
    return [ask(label, "attachments.create", params, made), sent]


def with_files(r: Reply, *files: str) -> Reply:
    """The message, with these files; it comes back with them."""
    given = {**r.params["input"], "attachments": list(files)}
    rows = [{"id": id, "name": id, "type": "file", "mime_type": "text/plain"} for id in files]
    shown = [_carrying(e.data or {}, rows) for e in r.events]
    return replace(r, request={**r.request, "params": {**r.params, "input": given}}, events=events_of(shown))


def _carrying(data: Data, rows: list[Data]) -> Data:
    """An event, with these files where it shows the user's message."""
    item = data.get("item") or {}
    return {**data, "item": {**item, "attachments": rows}} if item.get("type") == "user_message" else data


def _text(label: str, *parts: Data) -> Data:
    return {"role": "user", "content": [{"type": "text", "text": asked("Look.", label)}, *parts]}


def files(*, pictures: int = 2, second: str = "", bytes: int = 404) -> Transcript:
    """A message with a text file and one with two pictures; then somebody asks for the bytes of the text file.

    Args:
        pictures: how many reach the model. second: which text is sent with a second text file, if there is one.
        bytes: the status of the answer to whom asks.
    """
    texts = list(WORDS)[: 1 + bool(second)]
    made = [r for n in texts for r in _file(n, "text/plain", WORDS[n])]
    made += [r for n in ("dot-1", "dot-2") for r in _file(n, "image/png", "")]
    carried: list[tuple[tuple[str, ...], list[Data]]] = [(("one",), [_words("one")])]
    carried += [(("two",), [_words(second)])] if second else []
    carried.append((("dot-1", "dot-2"), [DOT] * pictures))
    turns, calls = [], []
    for n, (ids, parts) in enumerate(carried):
        said_then = answer(f"a-{n}", "I see.", f"thr_{n}")
        turns.append(with_files(create(f"turn-{n}", "Look.", said_then, id=f"thr_{n}"), *ids))
        calls.append(called(f"turn-{n}", [_text(f"turn-{n}", *parts)], n=n))
    text = WORDS["one"] if bytes == 200 else ""
    fetched = Reply(label="fetched", user="b", request="", status=bytes, raw=True, text=text)
    expected = {"fetched": {"bytes": WORDS["one"], "why": "to another user"}}
    return transcript("files", [*made, *turns, fetched], calls, expected=expected)


def _words(name: str) -> Data:
    return {"type": "text", "text": WORDS[name]}


def pages(found: Any = ()) -> Transcript:
    """Two threads; the items of the second are asked for behind an item of the first."""
    turns = [create(f"t{n}", "Hello.", answer(f"a{n}", "Hello to you.", f"thr_{n}"), id=f"thr_{n}") for n in (1, 2)]
    params = {"thread_id": "thr_2", "after": "a1", "limit": 50, "order": "asc"}
    return transcript("pages", [*turns, ask("behind", "items.list", params, {"data": list(found), "has_more": False})])


def sound_files() -> list[Transcript]:
    """Files that reach whom they are for, and a cursor that leads nowhere."""
    return [files(), pages()]


def odd_files() -> list[Transcript]:
    """No picture and no text of a file is sent at all."""
    return [noted(files(pictures=0), expected={})]


def _registered(**changes: Any) -> Transcript:
    """The first file is registered otherwise than asked."""
    return edit(files(), "one", body={**files().reply("one").body, **changes})


def _without(t: Transcript, words: str) -> Transcript:
    """No request to the model has a part with these words."""
    return spoken(t, lambda old: [{**m, "content": [p for p in m["content"] if words not in str(p)]} for m in old])


BREAKS: Mapping[str, list[Transcript]] = {
    "attachments.served-each-time": [edit(files(), "dot-2", **CRASH), edit(files(), "dot-1-upload", status=500)],
    "attachments.registered-as-asked": [
        _registered(name="????.txt"),
        _registered(mime_type="application/octet-stream"),
        _registered(id="dot-1"),
        _registered(upload_descriptor=None, upload_url="/files/one"),
        _registered(upload_descriptor={"url": "/files/one", "method": "PUT"}),
        _registered(metadata={"path": "/var/files"}),
        edit(files(), "one-upload", status=405),
    ],
    "attachments.own-file-taken": [edit(files(second="two"), "turn-1", status=404, events=(), body={"no": "file"})],
    "attachments.shown-as-sent": [
        restream(files(), "turn-0", lambda old: [_carrying(data, []) for data in old]),
        restream(files(), "turn-1", lambda old: [_carrying(data, [{"id": "dot-2", "name": "dot-2"}]) for data in old]),
    ],
    "attachments.descriptor-cleared": [
        restream(files(), "turn-0", lambda old: [_carrying(data, [{**ONE, "upload_descriptor": WAY}]) for data in old])
    ],
    "gemini.every-picture-sent": [files(pictures=1)],
    "attachments.reaches-model": [
        _without(files(), "marmalade"),
        _without(files(second="one"), "marmalade"),
    ],
    "gemini.own-file-sent": [files(second="one")],
    "attachments.bytes-guarded": [files(bytes=200), picture_gone(200)],
    "protocol.foreign-cursor": [pages([said("a2", "Hello to you.", "thr_2")])],
}
