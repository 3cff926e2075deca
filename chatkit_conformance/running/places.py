"""Where a server answers ChatKit, if not where it was asked: the usual paths, and those that it lists itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from ..http.client import Client
from ..transcript import Reply
from .list_request import ASKED_S, LIST, LOCKED, is_page

PLACES = (
    "/chatkit",
    "/api/chatkit",
    "/chatkit/api",
    "/api/v1/chatkit",
    "/v1/chatkit",
    "/support/chatkit",
    "/langgraph/chatkit",
    "/api/chat",
)
"""Where endpoints are found in practice."""

LISTS = ("/openapi.json",)
"""Where frameworks list the paths of a server: FastAPI does without being asked."""

MOST = 12
"""Paths of a server's own list that are tried, those that speak of a chat first."""


async def place_of(client: Client, headers: Mapping[str, str]) -> str:
    """The path, other than the client's, that answers as ChatKit does, or "". All are asked at once."""
    usual = [place for place in PLACES if place != client.endpoint_path]
    if found := await _first_of(client, headers, usual):
        return found
    tried = {client.endpoint_path, *usual}
    return await _first_of(client, headers, [place for place in await _listed(client, headers) if place not in tried])


async def _first_of(client: Client, headers: Mapping[str, str], places: Sequence[str]) -> str:
    answers = await asyncio.gather(*(_answers(client, headers, place) for place in places))
    return next((place for place, good in zip(places, answers, strict=True) if good), "")


async def _answers(client: Client, headers: Mapping[str, str], place: str) -> bool:
    reply = await client.send(label="elsewhere", payload=LIST, headers=headers, path=place, deadline_s=ASKED_S)
    return is_page(reply.body) or reply.status in LOCKED


async def _listed(client: Client, headers: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for path in LISTS:
        reply = await client.send(label="paths", method="GET", headers=headers, path=path, deadline_s=ASKED_S)
        found += _posted(reply)
    return sorted(dict.fromkeys(found), key=lambda path: "chat" not in path.lower())[:MOST]


def _posted(reply: Reply) -> list[str]:
    """The paths without parameters that a list says are posted to."""
    paths = reply.body.get("paths") if reply.status == 200 and isinstance(reply.body, dict) else None
    rows = paths.items() if isinstance(paths, dict) else ()
    return [path for path, methods in rows if isinstance(methods, dict) and "post" in methods and "{" not in path]
