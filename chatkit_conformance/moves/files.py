"""Files of a conversation: registered, and sent where and how their descriptor says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..http.pieces import Pieces
from ..transcript import Reply

if TYPE_CHECKING:
    from ..talk import Talk
    from .act import Act

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000"
    "000d49444154789c63f8c1c0f01f0004e401f8c9686c350000000049454e44ae426082"
)
"""A PNG of one pixel."""

GREY = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6338010000ca00c999ca5d7e0000000049454e44ae426082"
)
"""Another one."""

JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300281c1e231e19282321232d2b28303c64413c37373c7b585d49"
    "64918099968f808c8aa0b4e6c3a0aadaad8a8cc8ffcbdaeef5ffffff9bc1fffffffaffe6fdfff8ffc0000b08000800080101"
    "1100ffc40014000100000000000000000000000000000003ffc40017100003010000000000000000000000000000020461ff"
    "da0008010100003f0005830fffd9"
)
"""A JPEG of eight pixels by eight."""


BEGINNING = 80
"""Bytes by which a file is known again."""


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


async def upload_again(act: Act, id: str, content: bytes, user: str, *, suffix: str) -> None:
    """Send the bytes of a file once more where that is a PUT, which changes nothing then (RFC 9110 section 9.2.2)."""
    found = _made(act.talk, id)
    descriptor = found[0].body.get("upload_descriptor") if found and isinstance(found[0].body, dict) else None
    if found and isinstance(descriptor, dict) and descriptor.get("method") == "PUT":
        await upload(act.talk, found[0], content, label=act.label(suffix), user=user)


async def fetch_own(act: Act, id: str, user: str, content: bytes, *, suffix: str) -> None:
    """The owner asks for the bytes of a file at its upload address, as it was handed out, if it is the server's own."""
    found = _made(act.talk, id)
    if found is not None and (path := _upload_address(act.talk, found[0])):
        label = act.label(suffix)
        act.expect(label, own=content[:BEGINNING].decode(errors="ignore"), size=len(content), of=found[0].label)
        await act.talk.raw(b"", label=label, user=user, method="GET", path=path)


def _address(talk: Talk, made: Reply) -> str:
    """Where a file is uploaded to, or "" where that address is another host's or its own credential."""
    url = _upload_address(talk, made)
    return "" if urlsplit(url).query else url


def _upload_address(talk: Talk, made: Reply) -> str:
    """Where a file is uploaded to, or "" where that is another host's address."""
    descriptor = made.body.get("upload_descriptor") if isinstance(made.body, dict) else None
    return own_address(talk, descriptor.get("url") if isinstance(descriptor, dict) else None)


def own_address(talk: Talk, url: object) -> str:
    """An address if it is the server's own, else ""."""
    return url if isinstance(url, str) and urlsplit(url).netloc == urlsplit(talk.target.url).netloc else ""


def preview_of(talk: Talk, id: str) -> str:
    """Where the preview of a picture is, or "" where it has none of the server's own."""
    found = _made(talk, id)
    return own_address(talk, found[0].body.get("preview_url")) if found and isinstance(found[0].body, dict) else ""


async def fetch(
    act: Act, id: str, user: str, why: str, *, suffix: str, headers: Mapping[str, str] | None = None
) -> None:
    """Ask for the bytes of a file at its upload address, by somebody who is not to have them.

    An address of another host or with a query is its own credential, and is left alone.

    Args:
        user: whose credentials are sent; "" sends none. why: they are not to be given. headers: win over the user's.
    """
    found = _made(act.talk, id)
    if found is None or not (path := _address(act.talk, found[0])):
        return
    label = act.label(suffix)
    act.expect(label, bytes=found[1], why=why)
    await act.talk.raw(b"", label=label, user=user, method="GET", path=path, headers=headers)


async def upload(
    talk: Talk,
    made: Reply,
    content: bytes,
    *,
    label: str,
    user: str = "a",
    credentials: Mapping[str, str] | None = None,
    descriptor: Mapping[str, Any] | None = None,
    pieces: Pieces | None = None,
) -> None:
    """Send the bytes as the file's descriptor says, or another one; in pieces where these are given.

    The user's credentials, or these in their place, go only to the server itself.
    """
    scripted = descriptor or (made.body.get("upload_descriptor") if isinstance(made.body, dict) else None)
    url, method = (scripted.get("url"), scripted.get("method")) if isinstance(scripted, dict) else (None, None)
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or method not in ("PUT", "POST"):
        return
    headers = {str(k): str(v) for k, v in (scripted.get("headers") or {}).items()} if isinstance(scripted, dict) else {}
    own = urlsplit(url).netloc == urlsplit(talk.target.url).netloc
    if own and credentials:
        user, headers = "", {**headers, **credentials}
    sender = user if own else ""
    await talk.raw(content, label=label, user=sender, method=method, path=url, headers=headers, pieces=pieces)


async def guessed(talk: Talk, made: Reply, *, label: str, user: str) -> dict[str, Any] | None:
    """How another user would upload over a file of which only its id is known; None where that cannot be guessed.

    It is the descriptor of a file of their own with that id in it. What the owner was told may hold more, such as a
    signature, and who has it may upload: such an address is its own credential.
    """
    file: dict[str, Any] = {"name": "own.txt", "size": 28, "mime_type": made.params.get("mime_type", "text/plain")}
    own = await talk.ask("attachments.create", file, label=label, user=user)
    if not isinstance(made.body, dict) or not isinstance(own.body, dict):
        return None
    id, theirs = (json.dumps(str(body.get("id")))[1:-1] for body in (made.body, own.body))
    told = json.dumps(own.body.get("upload_descriptor"))
    put = re.sub(rf"(?<![A-Za-z0-9]){re.escape(theirs)}(?![A-Za-z0-9])", lambda _: id, told)
    found = json.loads(put) if put != told else None
    return found if isinstance(found, dict) else None
