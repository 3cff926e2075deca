"""A user's own file: its owner gets all of it back, and can delete it."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED, LEFT_OUT
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import types
from ..evidence import LIMITED, answered


def _told(t: Transcript, key: str) -> list[tuple[Reply, str]]:
    """The replies of which this is expected, and what."""
    told = t.notes.get(EXPECTED, {})
    found = [(r, str(told[r.label][key])) for r in t.replies if key in told.get(r.label, ()) and r.status != LIMITED]
    if not found:
        if why := t.notes.get(LEFT_OUT, {}).get("file-alone"):
            raise NotJudged(why)
        raise Untestable(
            f"no file of {t.exchange} was registered, and then asked for at the address of its upload or preview"
        )
    return found


@check(
    "attachments.own-file-deleted",
    level=MUST,
    clause=types("195-205") + ": attachments.delete removes an attachment",
    cause="delete_attachment is missing in the store, or fails for this file.",
    fix="Delete the bytes and the record.",
    capability="attachments",
)
def own_file_deleted(t: Transcript) -> Findings:
    """A file that its owner registered and has not sent can be deleted by its owner, in any conversation."""
    for r, id in _told(t, "deletes"):
        if not r.accepted:
            yield Finding(expected=f"HTTP 200: file {id!r} deleted by its owner", got=answered(r), reply=r.label)


@check(
    "attachments.own-bytes-whole",
    level=SHOULD,
    clause=types("883-890") + ": the file's bytes are uploaded to the address of its descriptor",
    cause="The body is read in part: one piece of it, or up to a number of bytes, and what follows is dropped unsaid.",
    fix="Read the whole body, and refuse with 413 what is too large.",
    capability="attachments",
)
def own_bytes_whole(t: Transcript) -> Findings:
    """Where a file's owner is given its bytes at the address of the upload, these are all that was uploaded."""
    told = t.notes.get(EXPECTED, {})
    taken = {r.label.removesuffix("-upload") for r in t.replies if r.label.endswith("-upload") and r.accepted}
    given = [r for r, begins in _told(t, "own") if r.status == 200 and r.text.startswith(begins)]
    judged = [(r, n) for r in given if told[r.label]["of"] in taken and (n := _bytes(r)) is not None]
    if not judged:
        raise NotJudged(f"no owner of a file was given its bytes in {t.exchange}")
    for r, n in judged:
        if n != (size := told[r.label]["size"]):
            yield Finding(expected=f"the {size} bytes that were uploaded", got=f"{n} bytes", reply=r.label)


@check(
    "attachments.deleted-with-thread",
    level=SHOULD,
    clause=types("75-80, 870-943") + ": threads.delete removes a thread; files are part of its messages",
    cause="Deleting a thread deletes its items, and leaves the files that they carry; or a second upload cut them off.",
    fix="Delete the files of a thread with it, those that were uploaded twice, too.",
    capability="attachments",
)
def deleted_with_thread(t: Transcript) -> Findings:
    """A picture that was sent in one thread alone is not given any more once its user has deleted the thread."""
    told = t.notes.get(EXPECTED, {})
    asked = [r for r in t.replies if "thread_gone" in told.get(r.label, ())]
    if not asked:
        raise NotJudged(f"no preview of a picture was asked for in {t.exchange} after its thread was deleted.")
    for r in asked:
        if r.status == 200 and r.headers.get("content-type", "").startswith("image/"):
            expected = f"no picture {told[r.label]['thread_gone']!r}, whose thread is deleted"
            yield Finding(expected=expected, got=answered(r), reply=r.label)


def _bytes(r: Reply) -> int | None:
    """How many bytes an answer has, as it says itself; None where it does not say so of these bytes as they are."""
    said = r.headers.get("content-length", "")
    return int(said) if said.isdecimal() and r.headers.get("content-encoding", "identity") == "identity" else None
