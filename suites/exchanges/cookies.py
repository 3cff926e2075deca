"""A message as a browser sends it from a page that shares its site with others: with the cookies of all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import JSON

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

OTHER_PAGE = "other_page_7f3a"
"""The name of a cookie that another page of the same site has set."""


@exchange()
async def cookies_along(talk: Talk) -> None:
    """A thread is begun by a request that carries a cookie of another page of the site."""
    own = {name.lower(): value for name, value in talk.user_headers("a").items()}.get("cookie", "")
    nonce = talk.new_nonce()
    await talk.script_again(nonce, reply("Noted."))
    said = {"type": "input_text", "text": f"Hello from a site of many pages. (ref {nonce})"}
    message: JSON = {"content": [said], "attachments": [], "quoted_text": None, "inference_options": {}}
    body = {"type": "threads.create", "params": {"input": message}}
    cookies = "; ".join(cookie for cookie in (own, f"{OTHER_PAGE}=1") if cookie)
    headers = {"cookie": cookies, "content-type": "application/json"}
    await talk.raw(json.dumps(body), label="with-cookie", headers=headers)
    await talk.calls(nonce, timeout_s=1.0)
