"""What few clients send, and rightly: a scheme in small letters, a message of a tag alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import JSON

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

SCHEME = "Bearer "


@exchange()
async def spelled_otherwise(talk: Talk) -> None:
    """The list is read with the scheme in small letters; a thread is begun with a tag and no other word."""
    headers = {name.lower(): value for name, value in talk.user_headers("a").items()}
    if (token := headers.get("authorization", "")).startswith(SCHEME):
        small = {"authorization": SCHEME.lower() + token.removeprefix(SCHEME), "content-type": "application/json"}
        await talk.raw('{"type": "threads.list", "params": {}}', label="small-scheme", headers=small)
    nonce = talk.new_nonce()
    await talk.script_again(nonce, reply("A fern."))
    tag = {"type": "input_tag", "id": "plant-1", "text": f"Boston fern (ref {nonce})", "data": {}, "interactive": False}
    message: JSON = {"content": [tag], "attachments": [], "quoted_text": None, "inference_options": {}}
    await talk.ask("threads.create", {"input": message}, label="tag-alone")
