"""Other users' files: not to be read, written, sent or deleted."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_OWNER
from ..evidence import answer_text, answered, body, calls_of, note, outcome, reloaded, reply
from .files import first

BY_ID = "Attachments are looked up by id only, as in the official sample store."
OWNER = "Filter every query for attachments by user id, and answer as for an unknown attachment."
CAPABILITY = "attachments"


def _whole(t: Transcript) -> None:
    """Raises Untestable where the file never came to be whole: then it is refused to everybody, its owner too."""
    made = first(t)
    body(made)
    sent = made.label.replace("create", "upload")
    failed = next((r for r in t.replies if r.label == sent and not r.accepted), None)
    if failed:
        raise Untestable(f"The owner's own upload was answered with {answered(failed)}.")


@check(
    "attachments.other-user-cannot-send",
    level=MUST,
    on=("foreign_attachments",),
    needs=("users",),
    clause=SPEC_OWNER + "; load_attachment gets the user's context",
    cause=BY_ID,
    fix=OWNER,
    capability=CAPABILITY,
)
def other_user_cannot_send(t: Transcript) -> Findings:
    """A user cannot send another user's file with a message, neither before its owner has sent it nor afterwards."""
    _whole(t)
    for r in (reply(t, "b-turn"), *(r for r in t.replies if r.label == "b-turn-later")):
        if str(note(t, "id")) in "".join(e.raw for e in r.items_done("user_message")) or answer_text(r):
            yield Finding(expected="a refusal", got=outcome(r), reply=r.label)


@check(
    "attachments.other-user-cannot-overwrite",
    level=MUST,
    on=("foreign_attachments",),
    needs=("users", "model"),
    clause=SPEC_OWNER,
    cause="The upload route checks only the id, or no credentials at all.",
    fix="Check in the upload route that the attachment belongs to the caller, or sign the URL.",
    capability=CAPABILITY,
)
def other_user_cannot_overwrite(t: Transcript) -> Findings:
    """A user cannot upload over another user's file."""
    _whole(t)
    uploads = [r for r in t.replies if r.label == "b-upload"]
    reply(t, "b-turn")
    for r in uploads:
        if r.accepted:
            yield Finding(expected="HTTP 4xx", got=answered(r), reply="b-upload")
    calls = calls_of(t, "turn") if reply(t, "turn").streamed else []
    for c in calls:
        if "overwritten by another user" in str(c.body):
            yield Finding(expected="the owner's own bytes", got="the other user's", reply="turn", call=c.n)


@check(
    "attachments.other-user-cannot-delete",
    level=MUST,
    on=("foreign_attachments",),
    needs=("users",),
    clause=SPEC_OWNER,
    cause=BY_ID,
    fix=OWNER,
    capability=CAPABILITY,
)
def other_user_cannot_delete(t: Transcript) -> Findings:
    """A user cannot delete another user's file: its owner can still send it, and reads it back once it was sent."""
    _whole(t)
    reply(t, "b-delete")
    r = reply(t, "turn")
    rows = [a.get("id") for e in r.items_done("user_message") for a in e.item.get("attachments") or ()]
    if note(t, "id") not in rows:
        yield Finding(expected=f"a message with file {t.notes['id']!r}", got=answered(r), reply="turn")
        return
    for read in (r for r in t.replies if r.label == "later" and r.accepted):
        kept = [a.get("id") for item in reloaded(t, "later") for a in item.get("attachments") or ()]
        if note(t, "id") not in kept:
            got = f"a reload with the files {kept}"
            yield Finding(expected=f"a message with file {t.notes['id']!r}", got=got, reply=read.label)
