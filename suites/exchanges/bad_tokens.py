"""Tokens that must not sign anybody in: signed by nobody, by another algorithm, for others, not yet, for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.target.bad_tokens import AS_GOOD, MUST_FAIL, TOKENS, bad_headers
from chatkit_conformance.wrong_requests.by_hand import message

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk


@exchange(asks=0)
async def bad_tokens(talk: Talk) -> None:
    """A list and a message with tokens unsigned, forged, by other algorithms, for others, not yet valid, for ever."""
    good, secret = talk.user_headers("a"), talk.target.jwt_secret
    listing: dict[str, Any] = {"type": "threads.list", "params": {"limit": 1}}
    writing: dict[str, Any] = {"type": "threads.create", "params": {"input": message("Anybody?")}}
    await talk.ask("threads.list", {"limit": 1}, label="good-token")
    for label in TOKENS:
        if (headers := bad_headers(label, good, user="a", secret=secret)) is None:
            continue
        await talk.raw(json.dumps(listing), label=label, user="", headers=headers)
        if label != AS_GOOD:
            await talk.raw(json.dumps(writing), label=f"{label}:write", user="", headers=headers)
    if "b" not in talk.target.users or _kinds(talk.user_headers("b")) == _kinds(good):
        return
    # A server that takes cookies beside headers, say, has two places in which it checks a token.
    theirs = talk.user_headers("b")
    await talk.ask("threads.list", {"limit": 1}, label=OTHER_WAY, user="b")
    for name in MUST_FAIL:
        if (headers := bad_headers(name, theirs, user="b", secret=secret)) is not None:
            await talk.raw(json.dumps(listing), label=f"{OTHER_WAY}:{name}", user="", headers=headers)


OTHER_WAY = "other-way"
"""The label of a good token sent where user b's are, if that is elsewhere than user a's; others begin with it."""


def _kinds(headers: Mapping[str, str]) -> set[str]:
    """Where credentials stand: the names of headers."""
    return {name.lower() for name in headers}
