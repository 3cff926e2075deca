"""Files of a conversation: what was registered, and what was uploaded of it."""

from __future__ import annotations

from dataclasses import dataclass

from chatkit_conformance.stream.asked import Asked, asked_in
from chatkit_conformance.stream.once import once
from chatkit_conformance.transcript import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """A file: its registration, and the request that sent its bytes, None where none did."""

    made: Asked
    sent: Asked | None

    @property
    def taken(self) -> bool:
        """Whether the server has its bytes as they were sent by its owner."""
        return not self.made.wrong and self.sent is not None and self.sent.reply.accepted

    @property
    def mime(self) -> str:
        """Its media type."""
        return str(self.made.reply.params.get("mime_type"))

    @property
    def bytes(self) -> str:
        """What was sent of it, "" where nothing was; of bytes that are no text, what a text can hold of them."""
        return str(self.sent.reply.request) if self.sent is not None else ""

    @property
    def words(self) -> str:
        """Its words, where it is a text that the server has; else ""."""
        return self.bytes.strip() if self.taken and self.mime.startswith("text/") else ""


@once
def uploads(t: Transcript) -> dict[str, Uploaded]:
    """The files that the server has registered, by id.

    The upload of what is registered as `x` is labelled `x-upload`; of `create`, with whatever follows it, `upload`.
    """
    asked = {a.reply.label: a for a in asked_in(t)}
    return {
        str(a.reply.body.get("id")): Uploaded(made=a, sent=asked.get(_upload_of(label)))
        for label, a in asked.items()
        if a.reply.type == "attachments.create" and isinstance(a.reply.body, dict)
    }


def _upload_of(label: str) -> str:
    return label.replace("create", "upload", 1) if label.startswith("create") else f"{label}-upload"
