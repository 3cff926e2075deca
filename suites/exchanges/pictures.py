"""Pictures as people send them: as large as a phone makes them, and without a word."""

from __future__ import annotations

import random
import struct
import zlib
from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves.files import PIXEL, register
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import JSON

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

SIDE = 512
"""Pixels on a side of the large picture, in colours by chance, which no compression makes smaller: about 790 kB."""

CODE = "FERN-4711"
"""What the first message asks to remember."""


def large_png() -> bytes:
    """A valid PNG of SIDE by SIDE pixels, the same each time."""
    dots = random.Random(SIDE)
    rows = b"".join(b"\0" + dots.randbytes(3 * SIDE) for _ in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


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
