"""What a stranger tries who comes as the owner, without credentials or with some that must sign nobody in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..target.bad_tokens import MUST_FAIL, bad_headers
from ..wrong_requests.by_hand import EVERY, message
from .scripted_turn import plainly

if TYPE_CHECKING:
    from .act import Act
    from .state import Person, Thread

AS = "come with credentials: "
"""How these things are called that a stranger tries, with the name of the credentials behind it."""

IMPOSTURES = tuple(f"{AS}{name}" for name in MUST_FAIL)


async def come_as(act: Act, thread: Thread, owner: Person, what: str) -> None:
    """Each of the sixteen requests about the thread, with bad credentials."""
    name = what.removeprefix(AS)
    good, secret = act.talk.user_headers(owner.user), act.talk.target.jwt_secret
    headers = bad_headers(name, good, user=owner.user, secret=secret)
    act.talk.require(headers is not None, f"no such credentials can be made: {name}")
    nonce = act.talk.new_nonce()
    await act.talk.script_again(nonce, *plainly(act.n)(nonce).steps)
    for type, params in EVERY.items():
        label = act.label(type)
        act.expect(label, refused=f"credentials that sign nobody in ({name})", impostor=name, nonce=nonce)
        body = json.dumps({"type": type, "params": _about(thread, nonce, params)})
        await act.talk.raw(body, label=label, user="", headers=headers)


def _about(thread: Thread, nonce: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a request about nothing asks for, about this thread; what it says is a message of its own."""
    own = {"thread_id": thread.id} if "thread_id" in params else {}
    said = {"input": message(f"Is it I? (ref {nonce})")} if "content" in params.get("input", {}) else {}
    return {**params, **own, **said}
