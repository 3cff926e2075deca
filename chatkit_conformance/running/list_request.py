"""The request that every ChatKit server answers, whatever it can do besides: the list of a user's threads."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from ..transcript import JSON

LIST = {"type": "threads.list", "params": {"limit": 1, "order": "desc"}}

LOCKED = (401, 403)
"""How who is not known is refused: there is a server behind it that asks who it is."""

SENT_ON = (307, 308)
"""How a browser is sent on with the same request."""

ASKED_S = 2.0
"""Seconds that an answer may take where it is only asked whether this is the server."""


def is_page(body: JSON) -> bool:
    """Whether a body is a page, as the list of threads is one."""
    return isinstance(body, dict) and isinstance(body.get("data"), list)


async def may_be_chatkit(url: str, headers: Mapping[str, str]) -> bool:
    """Whether the list of threads is answered at this URL with a page, or as to somebody who is not known."""
    async with httpx.AsyncClient(trust_env=False, timeout=ASKED_S) as http:
        try:
            answer = await http.post(url, json=LIST, headers=dict(headers))
            return answer.status_code in (*LOCKED, *SENT_ON) or (answer.is_success and is_page(answer.json()))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            return False
