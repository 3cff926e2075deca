"""Attachments in two phases: registered, uploaded as the descriptor says, sent, deleted; and another user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Reply

NAME = "Ferns – 植物 (2).txt"
TEXT = b"Bracken grows where nobody looks: marmalade-4711."
"""The content of the file; its last word occurs nowhere else."""

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003860180b5a1d2a70000000049454e44ae426082"
)
"""A PNG of one pixel."""

NO_FILE = "atc_nowhere_4f1d9c"
"""An attachment id that no server ever generated."""


async def _upload(talk: Talk, made: Reply, content: bytes, label: str, user: str = "a") -> None:
    """Send the bytes as the upload descriptor says. The credentials go only to the server itself."""
    told = made.body.get("upload_descriptor") if isinstance(made.body, dict) else None
    url, method = (told.get("url"), told.get("method")) if isinstance(told, dict) else (None, None)
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or method not in ("PUT", "POST"):
        return
    headers = {str(k): str(v) for k, v in (told.get("headers") or {}).items()} if isinstance(told, dict) else {}
    own = urlsplit(url).netloc == urlsplit(talk.target.url).netloc
    await talk.raw(content, label=label, user=user if own else "", method=method, path=url, headers=headers)


def _id(made: Reply) -> str:
    id = made.body.get("id") if made.status == 200 and isinstance(made.body, dict) else None
    return id if isinstance(id, str) else ""


@exchange(capability="attachments")
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
    await _upload(talk, made, TEXT, "upload")
    picture = await talk.ask(
        "attachments.create", {"name": "dot.png", "size": len(PIXEL), "mime_type": "image/png"}, label="create-image"
    )
    await _upload(talk, picture, PIXEL, "upload-image")
    sent = [x for x in (id, _id(picture)) if x]
    talk.note("sent", sent)
    turn = await talk.create("What is in it?", reply("A fern."), label="turn", attachments=sent)
    if turn.thread_id:
        await talk.reload(turn.thread_id, label="reload")
    await talk.create("And in this?", reply("I cannot see it."), label="unknown", attachments=[NO_FILE])
    if orphan := talk.replies[-1].thread_id:
        await talk.ask("threads.get_by_id", {"thread_id": orphan}, label="orphan")
    spare = await talk.ask("attachments.create", file, label="create-spare")
    await _upload(talk, spare, TEXT, "upload-spare")
    if _id(spare):
        await talk.ask("attachments.delete", {"attachment_id": _id(spare)}, label="delete")
        await talk.create("And this?", reply("It is gone."), label="deleted", attachments=[_id(spare)])
    await talk.ask("attachments.delete", {"attachment_id": NO_FILE}, label="delete-unknown")
    if turn.thread_id:
        await talk.say(turn.thread_id, "Thank you.", reply("You are welcome."), label="next")


@exchange(capability="attachments")
async def foreign_attachments(talk: Talk) -> None:
    """User a registers and uploads a file; user b sends it, uploads over it and deletes it; user a sends it."""
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
    await _upload(talk, made, TEXT, "upload")
    # A signed address elsewhere is its own credential: only the server's own address can tell users apart.
    if urlsplit(str((made.body.get("upload_descriptor") or {}).get("url"))).netloc == urlsplit(talk.target.url).netloc:
        await _upload(talk, made, b"overwritten by another user", "b-upload", user="b")
    await talk.create("What is in it?", reply("I cannot tell."), label="b-turn", user="b", attachments=[id])
    await talk.ask("attachments.delete", {"attachment_id": id}, label="b-delete", user="b")
    await talk.create("What is in it?", reply("A fern."), label="turn", attachments=[id])
