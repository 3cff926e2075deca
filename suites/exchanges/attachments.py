"""Attachments in two phases: registered, uploaded as the descriptor says, sent, deleted; and another user's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves.files import GREY, PIXEL, guessed, upload
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """A file to register: its name, bytes and media type."""

    name: str
    content: bytes
    mime: str

    @property
    def params(self) -> dict[str, Any]:
        """What attachments.create is asked with."""
        return {"name": self.name, "size": len(self.content), "mime_type": self.mime}


SAMPLES = {
    "create": _Sample(name=NAME, content=TEXT, mime="text/plain"),
    "create-picture": _Sample(name="Ferns – 植物 (2).png", content=GREY, mime="image/png"),
}
"""A text file, and a picture for a server that takes no text files, by the label of its registration."""


async def _register(talk: Talk) -> tuple[Reply, _Sample]:
    """Register the first of the samples that the server does not refuse, and upload it. Notes which it was."""
    for label, sample in SAMPLES.items():
        made = await talk.ask("attachments.create", sample.params, label=label)
        if not made.refused:
            break
    for key, value in (("file", label), ("name", sample.name), ("mime_type", sample.mime), ("id", _id(made))):
        if value:
            talk.note(key, value)
    if _id(made):
        await upload(talk, made, sample.content, label=label.replace("create", "upload"))
    return made, sample


def _id(made: Reply) -> str:
    id = made.body.get("id") if made.accepted and isinstance(made.body, dict) else None
    return id if isinstance(id, str) else ""


@exchange(capability="attachments", asks=2)
async def attachments(talk: Talk) -> None:
    """A text file and an image are registered, uploaded and sent; reload; one is deleted; an unknown one is sent."""
    made, sample = await _register(talk)
    id = _id(made)
    if not id:
        return
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
    spare = await talk.ask("attachments.create", sample.params, label="create-spare")
    await upload(talk, spare, sample.content, label="upload-spare")
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
    made, _ = await _register(talk)
    id = _id(made)
    if not id:
        return
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
