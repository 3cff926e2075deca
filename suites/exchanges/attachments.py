"""Attachments in two phases: registered, uploaded as the descriptor says, sent, deleted; and another user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves.files import PIXEL, guessed, upload
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import IN_WORDS

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Reply

NAME = "Ferns – 植物 (2).txt"
TEXT = b"Bracken grows where nobody looks: marmalade-4711."
"""The content of the file; its last word occurs nowhere else."""

NO_FILE = "atc_nowhere_4f1d9c"
"""An attachment id that no server ever generated."""


def _id(made: Reply) -> str:
    id = made.body.get("id") if made.accepted and isinstance(made.body, dict) else None
    return id if isinstance(id, str) else ""


@exchange(capability="attachments", asks=2)
async def attachments(talk: Talk) -> None:
    """A text file and an image are registered, uploaded and sent; reload; one is deleted; an unknown one is sent."""
    talk.note("name", NAME)
    talk.note("word", "marmalade-4711")
    file = {"name": NAME, "size": len(TEXT), "mime_type": "text/plain"}
    made = await talk.ask("attachments.create", file, label="create")
    id = _id(made)
    if not id:
        return
    talk.note("id", id)
    await upload(talk, made, TEXT, label="upload")
    picture = await talk.ask(
        "attachments.create", {"name": "dot.png", "size": len(PIXEL), "mime_type": "image/png"}, label="create-image"
    )
    await upload(talk, picture, PIXEL, label="upload-image")
    sent = [x for x in (id, _id(picture)) if x]
    talk.note("sent", sent)
    turn = await talk.create("What is in it?", reply("A fern."), label="turn", attachments=sent)
    if turn.thread_id:
        await talk.reload(turn.thread_id, label="reload")
    await talk.create("And in this?", reply("I cannot see it."), label="unknown", attachments=[NO_FILE])
    if orphan := talk.replies[-1].thread_id:
        await talk.ask("threads.get_by_id", {"thread_id": orphan}, label="orphan")
    spare = await talk.ask("attachments.create", file, label="create-spare")
    await upload(talk, spare, TEXT, label="upload-spare")
    if _id(spare):
        await talk.ask("attachments.delete", {"attachment_id": _id(spare)}, label="delete")
        await talk.create("And this?", reply("It is gone."), label="deleted", attachments=[_id(spare)])
    await talk.ask("attachments.delete", {"attachment_id": NO_FILE}, label="delete-unknown")
    if turn.thread_id:
        await talk.say(turn.thread_id, "Thank you.", reply("You are welcome."), label="next")


@exchange(capability="attachments", asks=1, two_users=True)
async def foreign_attachments(talk: Talk) -> None:
    """User a registers and uploads a file; user b sends it, uploads over it, deletes it; user a sends it; b again."""
    talk.require(
        talk.user_headers("a") != talk.user_headers("b"),
        "the target file names only one user: give [users.a] and [users.b] their own credentials in it.",
    )
    talk.note("word", "marmalade-4711")
    file: dict[str, Any] = {"name": "safe.txt", "size": len(TEXT), "mime_type": "text/plain"}
    made = await talk.ask("attachments.create", file, label="create")
    id = _id(made)
    if not id:
        return
    talk.note("id", id)
    await upload(talk, made, TEXT, label="upload")
    # A signed address elsewhere is its own credential: only the server's own address can tell users apart.
    if urlsplit(str((made.body.get("upload_descriptor") or {}).get("url"))).netloc == urlsplit(talk.target.url).netloc:
        way = await guessed(talk, made, label="b-create", user="b")
        if way is not None:
            await upload(talk, made, b"overwritten by another user", label="b-upload", user="b", descriptor=way)
    await talk.create("What is in it?", reply("I cannot tell."), label="b-turn", user="b", attachments=[id])
    await talk.ask("attachments.delete", {"attachment_id": id}, label="b-delete", user="b")
    sent = await talk.create("What is in it?", reply("A fern."), label="turn", attachments=[id])
    if sent.thread_id and IN_WORDS not in talk.notes:  # once it is in a thread, it is its owner's all the same
        await talk.create("And now?", reply("I cannot tell."), label="b-turn-later", user="b", attachments=[id])
        await talk.ask("attachments.delete", {"attachment_id": id}, label="b-delete-later", user="b")
        await talk.reload(sent.thread_id, label="later")
