"""Pictures as people send them: as large as a phone makes them, and without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves.files import PIXEL, register, upload
from chatkit_conformance.moves.leaving import HALF
from chatkit_conformance.moves.marks import mark
from chatkit_conformance.moves.picture import BROKEN, large_png, picture
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import JSON

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Reply

CODE = "FERN-4711"
"""What the first message asks to remember."""


@exchange(capability="attachments")
async def pictures(talk: Talk) -> None:
    """Something is said, a large picture is sent with words, a small one without any, and more is said."""
    first = await talk.create(f"Remember {CODE}.", reply("I do."), label="first")
    talk.require(first.thread_id, "no thread was begun")
    large = await register(talk, "garden.png", large_png(), "image/png", label="large", user="a")
    talk.require(large, "the server did not register a picture of 790 kB")
    await talk.say(first.thread_id, "What is this?", reply("A garden."), label="garden", attachments=[large])
    nonce = talk.new_nonce()
    # What comes without a word has no mark: the model's side takes it for one more try of the message before.
    await talk.script_again(nonce, {"attempts": [reply("Behind a house."), reply("And a dot.")]})
    await talk.say(first.thread_id, "And where?", label="between", nonce=nonce)
    if small := await register(talk, "dot.png", PIXEL, "image/png", label="small", user="a"):
        sent: JSON = {"content": [], "attachments": [small], "quoted_text": None, "inference_options": {}}
        await talk.ask("threads.add_user_message", {"thread_id": first.thread_id, "input": sent}, label="wordless")
    await talk.say(first.thread_id, "Which pictures were there?", reply("A garden and a dot."), label="then")
    await talk.ask("attachments.delete", {"attachment_id": large}, label="delete")
    await talk.say(first.thread_id, "And now?", reply("A dot."), label="deleted")


@exchange(capability="attachments")
async def broken_uploads(talk: Talk) -> None:
    """The uploads of two files break off half-way, one is made again; a third is uploaded twice. All are sent."""
    broken, seed = large_png(BROKEN), talk.new_nonce()
    first, last = (picture(mark(seed, "file", n)) for n in (1, 2))
    made = {
        label: await _registered(talk, label, content)
        for label, content in {"left": broken, "mended": broken, "changed": last}.items()
    }
    for label in ("left", "mended"):
        await upload(talk, made[label], broken, label=f"{label}-half", pieces=HALF)
    await upload(talk, made["mended"], broken, label="mended-upload")
    await upload(talk, made["changed"], first, label="changed-first")
    await upload(talk, made["changed"], last, label="changed-upload")
    for label, answer in made.items():
        id = answer.body.get("id") if isinstance(answer.body, dict) else None
        await talk.create("What is this?", reply("A garden."), label=f"{label}-sent", attachments=[id])


async def _registered(talk: Talk, label: str, content: bytes) -> Reply:
    file: JSON = {"name": f"{label}.png", "size": len(content), "mime_type": "image/png"}
    made = await talk.ask("attachments.create", file, label=label)
    talk.require(made.accepted, f"the server did not register a picture of {len(content)} bytes")
    return made
