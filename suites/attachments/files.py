"""One's own files, from the registration to the reload."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Reply, Transcript
from chatkit_conformance.wire.schema import problems_of_response

from ..clauses import HTTP_4XX, types
from ..evidence import (
    answer_text,
    answered,
    body,
    items_in,
    note,
    outcome,
    reloaded,
    replies,
    reply,
    says,
    shorten,
    turned_away,
)

BASE = types("883-943")
CAPABILITY = "attachments"


def first(t: Transcript) -> Reply:
    """The reply that registered the file the conversation is about: a text file, or a picture where none is taken."""
    return reply(t, str(t.notes.get("file", "create")))


def registered(t: Transcript) -> list[Reply]:
    """The replies that registered files to send; what a server refuses, such as text files, is its own choice."""
    asked = (first(t), reply(t, "create-image"))
    return [r for r in asked if not r.refused] or list(asked)


def _sent(item: dict[str, Any]) -> list[dict[str, Any]]:
    rows = item.get("attachments")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


@check(
    "attachments.create-answers",
    level=MUST,
    on=("attachments",),
    clause=types("208-222") + " and " + BASE + ": attachments.create is answered with the attachment",
    cause="create_attachment() fails, or its response was built by hand.",
    fix="Return a FileAttachment or an ImageAttachment, and let process() dump it.",
    capability=CAPABILITY,
)
def create_answers(t: Transcript) -> Findings:
    """A file or an image can be registered, and the response is an attachment that matches the schema."""
    for r in registered(t):
        if not r.accepted or not isinstance(r.body, dict):
            yield Finding(expected="HTTP 200 with the attachment", got=answered(r), reply=r.label)
            continue
        for problem in problems_of_response("attachments.create", r.body):
            if problem.level == MUST:
                yield Finding(expected=problem.belongs, got=problem.got, reply=r.label)


@check(
    "attachments.name-kept",
    level=MUST,
    on=("attachments",),
    clause=BASE + ": name and mime_type",
    cause="The name is sanitized for the file system and shown that way.",
    fix="Keep the original name, and store the bytes under the id.",
    capability=CAPABILITY,
)
def name_kept(t: Transcript) -> Findings:
    """A file keeps its name, in any script, and its media type."""
    made = body(first(t))
    want = (note(t, "name"), note(t, "mime_type"))
    if (made.get("name"), made.get("mime_type")) != want:
        yield Finding(expected=f"{want}", got=f"{(made.get('name'), made.get('mime_type'))}", reply=first(t).label)


@check(
    "attachments.ids-unique",
    level=MUST,
    on=("attachments",),
    clause=BASE + ": an attachment's id",
    cause="The id is derived from the name or the content.",
    fix="Give every registered file its own id: generate_attachment_id().",
    capability=CAPABILITY,
)
def ids_unique(t: Transcript) -> Findings:
    """Registering a file twice gives two ids."""
    made = {r.label: body(r).get("id") for r in (first(t), reply(t, "create-spare"))}
    if not all(isinstance(id, str) for id in made.values()):
        raise Untestable(f"its ids are no text: {made}")
    if len(set(made.values())) != len(made):
        yield Finding(expected="two ids", got=f"{made}", reply="create-spare")


def _descriptor(r: Reply) -> dict[str, Any]:
    descriptor = body(r).get("upload_descriptor")
    return descriptor if isinstance(descriptor, dict) else {}


@check(
    "attachments.descriptor-usable",
    level=MUST,
    on=("attachments",),
    clause=types("883-890") + ": upload_descriptor has an absolute url, and method POST or PUT",
    cause="The URL is relative, or the field is still called upload_url (its name before 1.5).",
    fix="Set upload_descriptor=AttachmentUploadDescriptor(url=<absolute>, method='PUT').",
    capability=CAPABILITY,
)
def descriptor_usable(t: Transcript) -> Findings:
    """A registered file has an upload descriptor with an absolute URL and an HTTP method."""
    for r in registered(t):
        descriptor = _descriptor(r)
        url, method = descriptor.get("url"), descriptor.get("method")
        if not (isinstance(url, str) and url.startswith(("http://", "https://")) and method in ("POST", "PUT")):
            got = f"upload_descriptor {shorten(descriptor or body(r))}"
            yield Finding(expected="an absolute url, method POST or PUT", got=got, reply=r.label)


@check(
    "attachments.upload-accepted",
    level=MUST,
    on=("attachments",),
    clause=types("883-890") + ": url and method are the instructions for the upload",
    cause="The route expects another method than the descriptor names, or a form instead of raw bytes.",
    fix="Serve the descriptor's method at its URL, and store the request's body as the file.",
    capability=CAPABILITY,
)
def upload_accepted(t: Transcript) -> Findings:
    """An upload that follows the upload descriptor is accepted."""
    for made in registered(t):
        if not _descriptor(made):
            raise Untestable(f"{made.label} was answered without an upload_descriptor.")
        r = reply(t, made.label.replace("create", "upload"))
        if not r.accepted:
            yield Finding(expected="HTTP 2xx", got=answered(r), reply=r.label)


@check(
    "attachments.message-shows-files",
    level=MUST,
    on=("attachments",),
    clause=types("648-655, 837-843") + ": a message names attachments by id, and its item carries them",
    cause="The input's attachments are dropped when the message is built, or load_attachment fails.",
    fix="Load each attachment and put it on the user_message item.",
    capability=CAPABILITY,
)
def message_shows_files(t: Transcript) -> Findings:
    """A message with attachments comes back with them and is answered."""
    r, wanted = reply(t, "turn"), list(note(t, "sent"))
    got = [row.get("id") for e in r.items_done("user_message") for row in _sent(e.item)]
    if got != wanted:
        yield Finding(expected=f"attachments {wanted}", got=f"{got}; {answered(r)}", reply="turn")
    if not says(t, r, "A fern."):
        yield Finding(expected="answer “A fern.”", got=f"answer {shorten(answer_text(r))}", reply="turn")


def _on_message(t: Transcript) -> list[dict[str, Any]]:
    rows = [row for i in reloaded(t, "reload") if i.get("type") == "user_message" for row in _sent(i)]
    if not reply(t, "turn").items_done("user_message"):
        raise Untestable(f"The message with attachments was not sent back: {answered(reply(t, 'turn'))}.")
    return rows


@check(
    "attachments.reload-keeps",
    level=MUST,
    on=("attachments",),
    clause=types("648-655") + "; SC-005: conversations persist over a page reload",
    cause="Only the message's text is stored.",
    fix="Store the attachments with the item, or their ids, and load them with it.",
    capability=CAPABILITY,
    criteria=("SC-005",),
)
def reload_keeps(t: Transcript) -> Findings:
    """After a reload, the message still has its attachments under their names."""
    rows = _on_message(t)
    wanted = list(note(t, "sent"))
    named = {row.get("id"): row.get("name") for row in rows}
    if list(named) != wanted or named.get(note(t, "id")) != note(t, "name"):
        yield Finding(
            expected=f"attachments {wanted}, the first named {t.notes['name']!r}", got=f"{named}", reply="reload"
        )


@check(
    "attachments.thread-saved",
    level=SHOULD,
    on=("attachments",),
    clause=types("901-905") + ": thread_id is added when the message that contains the attachment is saved",
    cause="The attachment is stored when it is registered and not updated later.",
    fix="Save the attachments of a message with the thread's id (server.py L823-825 does).",
    capability=CAPABILITY,
)
def thread_saved(t: Transcript) -> Findings:
    """An attachment sent with a message has the thread's id."""
    thread = reply(t, "turn").thread_id
    if not thread:
        raise Untestable(f"The thread that turn of {t.exchange} began was not told.")
    for row in _on_message(t):
        if row.get("thread_id") != thread:
            yield Finding(expected=f"thread_id {thread!r}", got=f"thread_id {row.get('thread_id')!r}", reply="reload")


@check(
    "attachments.metadata-private",
    level=MUST,
    on=("attachments",),
    clause=types("910-922") + ": an attachment's metadata is integration-only, and not returned in responses",
    cause="Attachments are dumped without the SDK's context, or a custom route returns them as stored.",
    fix='Dump with context={"exclude_metadata": True}.',
    capability=CAPABILITY,
)
def metadata_private(t: Transcript) -> Findings:
    """An attachment's metadata is in no response and no event."""
    for r in replies(t):
        own = [r.body] if isinstance(r.body, dict) and "mime_type" in r.body else []
        for row in (*own, *(row for item, _ in items_in(r) for row in _sent(item))):
            if row.get("metadata"):
                got = f"attachment {row.get('id')!r} with metadata {shorten(row['metadata'])}"
                yield Finding(expected="no metadata", got=got, reply=r.label)


@check(
    "attachments.unknown-refused",
    level=SHOULD,
    on=("attachments",),
    clause=HTTP_4XX + "; store.py L109-113: load_attachment by id",
    cause="load_attachment raises NotFoundError after the stream has begun, and the stream is cut.",
    fix="Look the attachments up before the stream begins, and answer 4xx.",
    capability=CAPABILITY,
)
def unknown_refused(t: Transcript) -> Findings:
    """Sending or deleting an unknown attachment is refused with 4xx or an error event."""
    for label in ("unknown", "delete-unknown"):
        r = reply(t, label)
        if not turned_away(r) and not (label == "delete-unknown" and r.accepted):
            yield Finding(expected="4xx, or an `error` event", got=f"{answered(r)}, ended {r.ended}", reply=label)


@check(
    "attachments.unknown-leaves-no-thread",
    level=SHOULD,
    on=("attachments",),
    clause=HTTP_4XX + "; server.py L551-564: the thread is saved before its attachments are looked up",
    cause="The SDK saves the thread and then fails on the attachment, which leaves an empty thread in the user's list.",
    fix="Look the attachments up before creating the thread.",
    capability=CAPABILITY,
)
def unknown_leaves_no_thread(t: Transcript) -> Findings:
    """A first message that is refused because of its attachment leaves no empty thread behind."""
    made = reply(t, "unknown")
    if made.items_done("user_message"):
        return
    orphan = next((r for r in t.replies if r.label == "orphan"), None)
    if orphan is not None and orphan.accepted:
        yield Finding(expected="no thread", got=f"thread {made.thread_id!r} without the message", reply="orphan")


@check(
    "attachments.delete-accepted",
    level=MUST,
    on=("attachments",),
    clause=types("195-205") + ": attachments.delete removes an attachment",
    cause="delete_attachment is missing in the attachment store or in the store.",
    fix="Delete the bytes and the record.",
    capability=CAPABILITY,
)
def delete_accepted(t: Transcript) -> Findings:
    """A registered file can be deleted."""
    r = reply(t, "delete")
    if not r.accepted:
        yield Finding(expected="HTTP 200", got=answered(r), reply="delete")


@check(
    "attachments.deleted-is-gone",
    level=MUST,
    on=("attachments",),
    clause=types("195-205") + ": attachments.delete removes an attachment",
    cause="Only the bytes are deleted and the record is still found, or nothing is deleted.",
    fix="Delete the bytes and the record.",
    capability=CAPABILITY,
)
def deleted_is_gone(t: Transcript) -> Findings:
    """A deleted file cannot be sent with a message."""
    if not (r := reply(t, "delete")).accepted:
        raise Untestable(f"The deletion was answered with {answered(r)}.")
    r = reply(t, "deleted")
    rows = [row.get("id") for e in r.items_done("user_message") for row in _sent(e.item)]
    if rows:
        yield Finding(expected="no message with the deleted file", got=f"attachments {rows}", reply="deleted")


@check(
    "attachments.next-turn-works",
    level=MUST,
    on=("attachments",),
    clause="user specification, features: multi-turn conversation; SC-008: never a broken thread",
    cause="A history with an attachment cannot be converted for the model again.",
    fix="Convert stored attachments like those of a new message, and leave out deleted ones.",
    capability=CAPABILITY,
    criteria=("SC-008",),
)
def next_turn_works(t: Transcript) -> Findings:
    """The turn after a message with attachments is answered."""
    r = reply(t, "next")
    if not says(t, r, "You are welcome."):
        yield Finding(expected="answer “You are welcome.”", got=outcome(r), reply="next")
