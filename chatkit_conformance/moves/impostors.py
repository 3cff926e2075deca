"""The move of somebody who comes as a thread's owner, without credentials or with some that must sign nobody in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..target.bad_tokens import MUST_FAIL, bad_headers
from ..wrong_requests.by_hand import EVERY, message
from .move import MoveKind
from .reading import THREADS, USERS, read_thread
from .scripted_turn import plainly

if TYPE_CHECKING:
    from .act import Act
    from .state import Thread


async def _come(act: Act) -> None:
    """Each of the sixteen requests about the thread, with bad credentials; then the owner reads it."""
    thread, owner, name = act.thread, act.person, act.arg("credentials")
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
    await read_thread(act, thread, owner, "after")


def _about(thread: Thread, nonce: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a request about nothing asks for, about this thread; what it says is a message of its own."""
    own = {"thread_id": thread.id} if "thread_id" in params else {}
    said = {"input": message(f"Is it I? (ref {nonce})")} if "content" in params.get("input", {}) else {}
    return {**params, **own, **said}


IMPOSTOR = MoveKind(
    name="impostor",
    does="somebody comes to thread {thread} of user {user} with credentials that sign nobody in ({credentials})",
    play=_come,
    who="stranger",
    args={"user": USERS, "thread": THREADS, "credentials": MUST_FAIL},
    wants=("thread",),
)
"""The kind."""
