"""Requests that another site's page makes a browser send: the user's cookie comes along, the user's will does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply

from .hostile import STRANGE_ORIGIN

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

OTHER_SCHEME = {"http": "https", "https": "http"}

FOREIGN: Mapping[str, Mapping[str, str]] = {
    "foreign-origin": {"origin": STRANGE_ORIGIN},
    "foreign-frame": {"origin": "null"},
    "basic-beside-cookie": {"origin": STRANGE_ORIGIN, "authorization": "Basic eDp5"},
    "unknown-beside-cookie": {"origin": STRANGE_ORIGIN, "authorization": "Nobody x"},
    "cross-site-fetch": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
    "plain-text": {"content-type": "text/plain"},
    "plain-text-charset": {"content-type": "text/plain;charset=UTF-8"},
}
"""What a foreign page's request carries beside the cookie, by the label of its reply."""

OWN = "own-page"
"""The label of what the server's own page sends."""

SCHEME = "other-scheme"
"""The label of the request from the server's own host by another scheme."""


def origins(url: str) -> tuple[str, str]:
    """The origin of a URL, and that of the same host and port by the other scheme."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", f"{OTHER_SCHEME[parts.scheme]}://{parts.netloc}"


@exchange(asks=1)
async def cross_site(talk: Talk) -> None:
    """A user's thread is renamed with the cookie: from the own page, then as foreign pages do; each time it is read.

    Of what the user sends, a foreign page has the cookie alone: it cannot know a token against forged requests.
    """
    user = talk.target.cookie_user or "a"
    made = await talk.create("Who may rename this?", reply("You alone."), label="turn-1", user=user)
    if not made.thread_id:
        return
    own, other = origins(talk.target.url)
    rows = {OWN: {"origin": own, "sec-fetch-site": "same-origin"}, **FOREIGN, SCHEME: {"origin": other}}
    unknown = dict.fromkeys(name for name in talk.user_headers(user) if name.lower() != "cookie")
    for label, headers in rows.items():
        title = f"Renamed by {label}"
        body = {"type": "threads.update", "params": {"thread_id": made.thread_id, "title": title}}
        known = headers if label == OWN else {**unknown, **headers}
        await talk.raw(json.dumps(body), label=label, user=user, headers=known)
        await talk.reload(made.thread_id, label=f"after-{label}", user=user)
