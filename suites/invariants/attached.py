"""Files as they are registered, uploaded and shown with their message, in every conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import Asked, in_place
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import types
from ..evidence import answered, shorten

REGISTERED = types("208-222") + " and " + types("870-943") + ": what attachments.create is answered with"
SHOWN = types("648-655, 837-843") + ": a message names attachments by id, and its item carries them"


def _made(t: Transcript) -> list[Asked]:
    """The files that somebody registered as a right client does. Raises Untestable where none was accepted."""
    found = [asked for asked in in_place(t) if asked.reply.type == "attachments.create" and asked.reply.accepted]
    if not found:
        raise Untestable(f"no file was registered in {t.exchange}")
    return found


def _told(r: Reply) -> Mapping[str, Any]:
    return r.body if isinstance(r.body, dict) else {}


@check(
    "attachments.registered-as-asked",
    level=MUST,
    clause=REGISTERED,
    cause="The response is built by hand, names are sanitized, or ids are made from names or contents.",
    fix="Return the name and media type as asked, an id of its own, and a usable upload descriptor.",
    capability="attachments",
)
def registered_as_asked(t: Transcript) -> Findings:
    """Each file is registered under its name and media type, with an id of its own and an address to upload it to.

    A server need not take every kind of file: one that is refused says nothing.
    """
    seen: dict[str, str] = {}
    for asked in _made(t):
        r, told = asked.reply, _told(asked.reply)
        for key in ("name", "mime_type"):
            if told.get(key) != r.params.get(key):
                expected, got = f"{key} {r.params.get(key)!r}", f"{told.get(key)!r}"
                yield Finding(expected=expected, got=got, reply=r.label)
        if (id := str(told.get("id"))) in seen:
            yield Finding(expected="an id of its own", got=f"{id!r}, as in {seen[id]}", reply=r.label)
        seen[id] = r.label
        if told.get("metadata"):
            yield Finding(expected="no metadata", got=shorten(told["metadata"]), reply=r.label)
        yield from _upload(t, r, told)


def _upload(t: Transcript, r: Reply, told: Mapping[str, Any]) -> Findings:
    """The address to upload to, and the upload that followed it."""
    way = told.get("upload_descriptor")
    url, method = (way.get("url"), way.get("method")) if isinstance(way, dict) else (None, None)
    if not (isinstance(url, str) and url.startswith(("http://", "https://")) and method in ("POST", "PUT")):
        expected = "an upload_descriptor with an absolute url, method POST or PUT"
        yield Finding(expected=expected, got=shorten(way or dict(told)), reply=r.label)
        return
    sent = next((s for s in t.replies if s.label == f"{r.label}-upload"), None)
    if sent is not None and sent.status and not sent.accepted:
        yield Finding(expected=f"HTTP 2xx for {method} {url}", got=answered(sent), reply=sent.label)


def _carried(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    rows = item.get("attachments")
    yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


@check(
    "attachments.shown-as-sent",
    level=MUST,
    clause=SHOWN,
    cause="The input's attachments are dropped when the message is built, or other files are put in their place.",
    fix="Load each attachment by its id and its owner, and put it on the user_message item.",
    capability="attachments",
)
def shown_as_sent(t: Transcript) -> Findings:
    """A message with files comes back with these files, under the names with which they were registered."""
    names = {str(_told(a.reply).get("id")): a.reply.params.get("name") for a in _made(t)}
    judged = False
    for asked in in_place(t):
        sent = asked.files
        if not sent or not set(sent) <= set(names):
            continue
        for e in asked.reply.items_done("user_message"):
            judged = True
            got = [(str(row.get("id")), row.get("name")) for row in _carried(e.item)]
            if got != [(id, names[id]) for id in sent]:
                expected = f"files {[(id, names[id]) for id in sent]}"
                yield Finding(expected=expected, got=f"{got}", reply=asked.reply.label, event=e.index)
            if private := [row["metadata"] for row in _carried(e.item) if row.get("metadata")]:
                yield Finding(expected="no metadata", got=shorten(private), reply=asked.reply.label, event=e.index)
    if not judged:
        raise Untestable(f"no message of {t.exchange} that carries files came back")
