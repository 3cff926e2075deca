"""Files as they are registered, uploaded and shown with their message, in every conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import Asked, in_place
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import types
from ..evidence import answered, shorten
from .uploads import uploads

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


@check(
    "attachments.descriptor-cleared",
    level=SHOULD,
    clause=types("899-904") + ": upload_descriptor should be None after the upload is complete",
    cause="The attachment is stored when it is registered, and not saved again when its bytes are there.",
    fix="Set upload_descriptor to None in the handler of the upload, and save the attachment.",
    capability="attachments",
)
def descriptor_cleared(t: Transcript) -> Findings:
    """A message's file that was uploaded has no upload descriptor any more: who holds it could replace its bytes."""
    known = {id for id, file in uploads(t).items() if file.taken}
    judged = False
    for asked in in_place(t):
        for e in asked.reply.items_done("user_message"):
            for row in _carried(e.item):
                judged = judged or row.get("id") in known
                if row.get("id") in known and row.get("upload_descriptor"):
                    got = shorten(row["upload_descriptor"])
                    yield Finding(expected="upload_descriptor null", got=got, reply=asked.reply.label, event=e.index)
    if not judged:
        raise Untestable(f"no message of {t.exchange} came back with a file that was uploaded")


DELETE = "attachments.delete"

NOT_FOUND = (404, 410, 422, 400, 403)
"""How a server refuses a message for a file that it does not know (any more)."""


@check(
    "attachments.own-file-taken",
    level=MUST,
    clause=SHOWN + "; a file that its owner uploaded is there until its owner deletes it",
    cause="Something else takes it away: the deletion of a thread or of an equal file, a clean-up, a restart.",
    fix="Delete a file only when its owner deletes it, or long after its upload where no message ever carried it.",
    capability="attachments",
)
def own_file_taken(t: Transcript) -> Findings:
    """A message with files of its sender, uploaded and not deleted, is not refused, whatever was deleted meanwhile."""
    sent = [(a, frozenset(map(str, a.files))) for a in in_place(t) if a.files]
    known = {id: file for id, file in uploads(t).items() if file.taken}
    takes = {known[id].mime for a, files in sent if a.reply.accepted for id in files & known.keys()}
    if not takes:
        raise Untestable(f"no message of {t.exchange} with a file that its sender had uploaded was taken")
    deleted = {str(a.reply.params.get("attachment_id")): a.n for a in in_place(t) if a.reply.type == DELETE}
    for asked, files in sent:
        there = [known[id] for id in files & known.keys() if deleted.get(id, asked.n) >= asked.n]
        # Of several files a server may refuse some; of a kind that it takes nowhere, all.
        if len(there) == len(files) == 1 and there[0].mime in takes and asked.reply.status in NOT_FOUND:
            name, got = there[0].made.reply.params.get("name"), answered(asked.reply)
            yield Finding(expected=f"the message with {name} taken", got=got, reply=asked.reply.label)
