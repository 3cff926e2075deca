"""Files of a conversation: registered, and sent where and how their descriptor says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..transcript import Reply

if TYPE_CHECKING:
    from ..talk import Talk
    from .act import Act

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003860180b5a1d2a70000000049454e44ae426082"
)
"""A PNG of one pixel."""

GREY = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6338010000ca00c999ca5d7e0000000049454e44ae426082"
)
"""Another one."""


async def register(talk: Talk, name: str, content: bytes, mime: str, *, label: str, user: str) -> str:
    """Register a file and send its bytes; its id, or "" where the server refuses it. The upload is `label`-upload."""
    file: dict[str, Any] = {"name": name, "size": len(content), "mime_type": mime}
    made = await talk.ask("attachments.create", file, label=label, user=user)
    id = made.body.get("id") if made.accepted and isinstance(made.body, dict) else None
    if not isinstance(id, str):
        return ""
    await upload(talk, made, content, label=f"{label}-upload", user=user)
    return id


def _made(talk: Talk, id: str) -> tuple[Reply, str] | None:
    """The reply that registered a file, and what was sent of it."""
    for made in talk.replies:
        if made.type == "attachments.create" and isinstance(made.body, dict) and made.body.get("id") == id:
            sent = (r.request for r in talk.replies if r.label == f"{made.label}-upload")
            return made, str(next(sent, ""))
    return None


async def fetch(
    act: Act, id: str, user: str, why: str, *, suffix: str, headers: Mapping[str, str] | None = None
) -> None:
    """Ask for the bytes of a file at its upload address, by somebody who is not to have them.

    An address of another host or with a query is its own credential, and is left alone.

    Args:
        user: whose credentials are sent; "" sends none. why: they are not to be given. headers: win over the user's.
    """
    found = _made(act.talk, id)
    descriptor = found[0].body.get("upload_descriptor") if found else None
    url = urlsplit(str(descriptor.get("url")) if isinstance(descriptor, dict) else "")
    if found is None or url.netloc != urlsplit(act.talk.target.url).netloc or url.query:
        return
    label = act.label(suffix)
    act.expect(label, bytes=found[1], why=why)
    await act.talk.raw(b"", label=label, user=user, method="GET", path=url.geturl(), headers=headers)


async def upload(talk: Talk, made: Reply, content: bytes, *, label: str, user: str = "a") -> None:
    """Send the bytes as the descriptor says. The user's credentials go only to the server itself."""
    scripted = made.body.get("upload_descriptor") if isinstance(made.body, dict) else None
    url, method = (scripted.get("url"), scripted.get("method")) if isinstance(scripted, dict) else (None, None)
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or method not in ("PUT", "POST"):
        return
    headers = {str(k): str(v) for k, v in (scripted.get("headers") or {}).items()} if isinstance(scripted, dict) else {}
    own = urlsplit(url).netloc == urlsplit(talk.target.url).netloc
    await talk.raw(content, label=label, user=user if own else "", method=method, path=url, headers=headers)
