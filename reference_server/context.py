"""Who is calling: the one value that travels with a request through ChatKit into store and tools."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """The caller of one request.

    `user_id` is the `sub` of a verified token; every row that is read or written belongs to it.
    `origin` is the server's own address as the caller sees it ("http://127.0.0.1:8000"), for upload addresses.
    """

    user_id: str
    origin: str = ""
