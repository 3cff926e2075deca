"""The request that every ChatKit server answers, whatever it can do besides: the list of a user's threads."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from ..http.client import Client
from ..http.pending_reply import Limits
from ..transcript import JSON

LIST = {"type": "threads.list", "params": {"limit": 1, "order": "desc"}}

LOCKED = (401, 403)
"""How who is not known is refused: there is a server behind it that asks who it is."""

SENT_ON = (307, 308)
"""How a browser is sent on with the same request."""

ASKED_S = 2.0
"""Seconds that an answer may take where it is only asked whether this is the server."""


LARGEST = 1024 * 1024
"""Bytes of an answer that is only asked for to see whether it is a page of one thread."""


def is_page(body: JSON) -> bool:
    """Whether a body is a page, as the list of threads is one."""
    return isinstance(body, dict) and isinstance(body.get("data"), list)


async def may_be_chatkit(url: str, headers: Mapping[str, str]) -> bool:
    """Whether the list of threads is answered at this URL with a page, or as to somebody who is not known."""
    base_url, path = address_of(url)
    async with Client(base_url, path, limits=Limits(deadline_s=ASKED_S, max_bytes=LARGEST)) as client:
        reply = await client.send(label="is-it", payload=LIST, headers=headers)
    return reply.status in (*LOCKED, *SENT_ON) or (200 <= reply.status < 300 and is_page(reply.body))


def address_of(url: str) -> tuple[str, str]:
    """A URL as a server's own and a path with its query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path + (f"?{parts.query}" if parts.query else "")
